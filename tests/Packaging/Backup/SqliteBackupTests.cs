namespace Agora.Packaging.Backup;

/// <summary>deploy/backup/sqlite where copies of other days are.</summary>
public sealed class SqliteBackupTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("agora-sqlite-").FullName;

    [SqliteFact]
    public void A_copy_of_more_than_14_days_goes_and_a_later_one_and_what_is_no_copy_stay()
    {
        var (data, copies) = (Directory.CreateDirectory(Path.Combine(_directory, "data")).FullName, Directory.CreateDirectory(Path.Combine(_directory, "copies")).FullName);
        Checks.Run("sqlite3", Path.Combine(data, "agora.db"), "CREATE TABLE kept (id INTEGER)");
        foreach (var (name, days) in new[] { ("agora-old.db", 15), ("agora-late.db", 1), ("notes.db", 15) })
        {
            File.WriteAllText(Path.Combine(copies, name), "");
            File.SetLastWriteTimeUtc(Path.Combine(copies, name), DateTime.UtcNow.AddDays(-days).AddHours(-1)); // find counts whole days
        }

        var made = Checks.Run(Repository.File("deploy/backup/sqlite"), data, copies);

        Assert.Equal([.. new[] { "agora-late.db", "notes.db", Path.GetFileName(made) }.Order(StringComparer.Ordinal)], Directory.EnumerateFiles(copies).Select(Path.GetFileName).Order(StringComparer.Ordinal));
    }

    public void Dispose() => Directory.Delete(_directory, recursive: true);
}

/// <summary>Where sqlite3 is missing the test is skipped by name.</summary>
public sealed class SqliteFactAttribute : FactAttribute
{
    public SqliteFactAttribute() => Skip = Programs.Find("sqlite3") is null ? "sqlite3 is not on the PATH" : null;
}
