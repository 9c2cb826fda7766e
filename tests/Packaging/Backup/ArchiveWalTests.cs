namespace Agora.Packaging.Backup;

/// <summary>deploy/backup/archive-wal where a file of the name is there already.</summary>
public sealed class ArchiveWalTests : IDisposable
{
    private const string Name = "000000010000000000000001";
    private readonly string _directory = Directory.CreateTempSubdirectory("agora-wal-").FullName;

    [Fact]
    public void A_file_that_is_there_with_the_same_content_counts_as_archived() => Assert.Equal((0, "same"), Archived(there: "same", sent: "same"));

    [Fact]
    public void A_file_that_is_there_with_another_content_is_refused_and_stays_as_it_is() => Assert.Equal((1, "former"), Archived(there: "former", sent: "latter"));

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    private (int ExitCode, string Content) Archived(string there, string sent)
    {
        var (archive, path) = (Directory.CreateDirectory(Path.Combine(_directory, "wal")).FullName, Path.Combine(_directory, Name));
        File.WriteAllText(Path.Combine(archive, Name), there);
        File.WriteAllText(path, sent);
        using var process = System.Diagnostics.Process.Start(new System.Diagnostics.ProcessStartInfo(Repository.File("deploy/backup/archive-wal"), [archive, path, Name]) { RedirectStandardError = true })!;
        process.StandardError.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, File.ReadAllText(Path.Combine(archive, Name)));
    }
}
