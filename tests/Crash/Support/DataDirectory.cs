namespace Agora.Crash.Support;

/// <summary>A data directory that outlives every process that uses it, but not the test (AGORA_CRASH_KEEP=1 keeps it, to look at what a failure left).</summary>
/// <param name="below">Where it is made; null: where temporary files are.</param>
internal sealed class DataDirectory(string? below = null) : IDisposable
{
    public string Path { get; } = below is null ? Directory.CreateTempSubdirectory("agora-crash-").FullName : Directory.CreateDirectory(System.IO.Path.Combine(below, "data")).FullName;

    public string Database => System.IO.Path.Combine(Path, "agora.db");

    public void Dispose()
    {
        if (Environment.GetEnvironmentVariable("AGORA_CRASH_KEEP") != "1")
        {
            Directory.Delete(Path, recursive: true);
        }
    }
}
