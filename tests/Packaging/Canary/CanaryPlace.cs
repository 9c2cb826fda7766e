using System.Diagnostics;

namespace Agora.Packaging.Canary;

/// <summary>Runs a script of the repository as whoever releases does, with settings that make steps short.</summary>
internal static class CanaryPlace
{
    private static readonly TimeSpan Patience = Hang.Timeout;

    public static (int ExitCode, string Output, string Errors) Run(string script, IEnumerable<(string Name, string Value)> settings, params string[] arguments) =>
        RunAsync(script, settings, arguments).GetAwaiter().GetResult();

    public static async Task<(int ExitCode, string Output, string Errors)> RunAsync(string script, IEnumerable<(string Name, string Value)> settings, params string[] arguments)
    {
        var start = new ProcessStartInfo(Repository.File(script), arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var (name, value) in settings)
        {
            start.Environment[name] = value;
        }

        using var process = Process.Start(start)!;
        var (output, errors) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync().WaitAsync(Patience);
        return (process.ExitCode, await output, await errors);
    }
}
