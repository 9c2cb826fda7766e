using System.Diagnostics;

namespace Agora.Crash.Support;

/// <summary>Mounts and file attributes are root's on Linux; elsewhere the test is skipped by name.</summary>
public sealed class RootFactAttribute : FactAttribute
{
    public RootFactAttribute()
    {
        if (!OperatingSystem.IsLinux() || Environment.UserName != "root")
        {
            Skip = "needs root on Linux, to fill and to lock a file system of its own";
        }
    }
}

/// <summary>What only the operating system's own programs do.</summary>
internal static class Tool
{
    public static void Run(string program, params string[] arguments)
    {
        using var process = Process.Start(program, arguments);
        process.WaitForExit();
        Assert.Equal(0, process.ExitCode);
    }
}
