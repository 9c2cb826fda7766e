using System.Globalization;

namespace Agora.Crash.Support;

/// <summary>The time of day as one process has it, moved by libfaketime while it runs. What measures how long something takes is not moved, as with a clock that is set.</summary>
internal sealed class MovedClock : IDisposable
{
    private static readonly string? Library = Directory.Exists("/usr/lib") ? Directory.EnumerateFiles("/usr/lib", "libfaketimeMT.so.1", new EnumerationOptions { RecurseSubdirectories = true, MaxRecursionDepth = 2 }).FirstOrDefault() : null;
    private readonly DataDirectory _directory = new();

    public MovedClock() => Ahead(TimeSpan.Zero);

    /// <summary>What is missing to move it; null: nothing.</summary>
    public static string? Missing => Library is null ? "libfaketime is not installed: it moves a process's clock" : null;

    public IReadOnlyDictionary<string, string> Settings => new Dictionary<string, string>
    {
        ["LD_PRELOAD"] = Library!, ["FAKETIME_TIMESTAMP_FILE"] = Offset, ["FAKETIME_NO_CACHE"] = "1", ["FAKETIME_DONT_FAKE_MONOTONIC"] = "1",
        ["FAKETIME_FORCE_MONOTONIC_FIX"] = "0", // with it each wait ends at once
    };

    private string Offset => Path.Combine(_directory.Path, "offset");

    /// <summary>From now on the process is so much ahead of everybody else; less than zero: behind.</summary>
    public void Ahead(TimeSpan by)
    {
        var next = Offset + ".next";
        File.WriteAllText(next, string.Create(CultureInfo.InvariantCulture, $"{(long)by.TotalSeconds:+0;-0;+0}s\n"));
        File.Move(next, Offset, overwrite: true);
    }

    public void Dispose() => _directory.Dispose();
}
