using System.Diagnostics;

namespace Agora.Api.Tests.Cli;

/// <summary>Runs the command line as a user that is not root, who may read any file. Where such a user cannot read the program, or there is no setpriv, the test is skipped by name.</summary>
internal sealed class OtherUserFactAttribute : FactAttribute
{
    /// <summary>The command line's file.</summary>
    public static readonly string Program = Path.Combine(AppContext.BaseDirectory, "agora.dll");

    /// <summary>What a command begins with that runs as such a user.</summary>
    public static readonly string[] As = Environment.UserName == "root" ? ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"] : ["env"];

    private static readonly bool IsReadable = Try([.. As, "dotnet", Program, "--version"]);

    public OtherUserFactAttribute() => Skip = IsReadable ? null : $"{As[0]} cannot run {Path.GetFileName(Program)} as another user here";

    private static bool Try(string[] command)
    {
        try
        {
            using var tried = Process.Start(new ProcessStartInfo(command[0], command[1..]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
            return tried.WaitForExit(TimeSpan.FromMinutes(1)) && tried.ExitCode == 0;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return false;
        }
    }
}
