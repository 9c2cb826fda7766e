namespace Agora.Crash.Support;

/// <summary>A data directory that outlives every process that uses it, but not the test (AGORA_CRASH_KEEP=1 keeps it, to look at what a failure left).</summary>
internal sealed class DataDirectory : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("agora-crash-").FullName;

    public string Database => System.IO.Path.Combine(Path, "agora.db");

    public void Dispose()
    {
        if (Environment.GetEnvironmentVariable("AGORA_CRASH_KEEP") != "1")
        {
            Directory.Delete(Path, recursive: true);
        }
    }
}
