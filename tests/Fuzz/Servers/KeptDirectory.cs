namespace Agora.Fuzz.Servers;

/// <summary>A data directory that outlives the servers on it.</summary>
public sealed class KeptDirectory : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("agora-fuzz-").FullName;

    public string Database => System.IO.Path.Combine(Path, "agora.db");

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
