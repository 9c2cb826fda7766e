using Agora.Testing;
using Agora.Testing.Postgres;

namespace Agora.Crash.Support;

/// <summary>A file system of its own that can be filled.</summary>
internal sealed class SmallDisk : IDisposable
{
    /// <param name="size">As mount says it.</param>
    public SmallDisk(string size)
    {
        Tool.Run("mount", "-t", "tmpfs", "-o", $"size={size},mode=0777", "tmpfs", Path);
    }

    public string Path { get; } = Directory.CreateTempSubdirectory("agora-disk-").FullName;

    private string Ballast => System.IO.Path.Combine(Path, "ballast");

    /// <summary>To the last byte.</summary>
    public void Fill()
    {
        using var ballast = new FileStream(Ballast, FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 0);
        var block = new byte[4096];
        try
        {
            while (true) ballast.Write(block);
        }
        catch (IOException)
        {
            // Full.
        }
    }

    public void Free() => File.Delete(Ballast);

    /// <summary>At once for whoever looks, and in truth when nobody has a file open any more.</summary>
    public void Dispose()
    {
        Tool.Run("umount", "-l", Path);
        Directory.Delete(Path);
    }
}

/// <summary>Takes long and needs root: skipped in <c>./test</c>.</summary>
public sealed class LongRootFactAttribute : FactAttribute
{
    public LongRootFactAttribute() => Skip = new RootFactAttribute().Skip ?? Length.Skip;
}

/// <summary>Root, and a PostgreSQL.</summary>
public sealed class RootPostgresFactAttribute : FactAttribute
{
    public RootPostgresFactAttribute() => Skip = PostgresServer.Missing ?? new RootFactAttribute().Skip ?? Length.Skip;
}

/// <summary>What takes more than half a minute: run where AGORA_CRASH_KILLS asks for the long form.</summary>
public sealed class LongFormFactAttribute : FactAttribute
{
    public LongFormFactAttribute() =>
        Skip = PostgresServer.Missing ?? (Environment.GetEnvironmentVariable("AGORA_CRASH_KILLS") is { Length: > 0 } ? null : "part of the long form: AGORA_CRASH_KILLS=50");
}

/// <summary>Part of the long form too, where a process's clock can be moved.</summary>
public sealed class MovedClockFactAttribute : FactAttribute
{
    public MovedClockFactAttribute() => Skip = MovedClock.Missing ?? new LongFormFactAttribute().Skip;
}
