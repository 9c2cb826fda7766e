using System.ComponentModel;
using System.Diagnostics;

namespace Agora.Clients.Tests;

/// <summary>A program of a client: in its language, below <c>clients/</c>.</summary>
internal static class ClientProgram
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(10);

    /// <summary>A name on the PATH alone may lead to no version of it.</summary>
    public static bool IsHere(string program) => Can(program, "--version");

    /// <summary>It ends with 0 when it is called so.</summary>
    public static bool Can(string program, params string[] arguments)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
            process.WaitForExit();
            return process.ExitCode == 0;
        }
        catch (Win32Exception)
        {
            return false;
        }
    }

    /// <returns>What it said; where it ended with another code than 0 the test fails with that.</returns>
    public static async Task<string> Run(string folder, IReadOnlyDictionary<string, string> settings, params string[] command)
    {
        using var process = Process.Start(Of(folder, settings, command))!;
        try
        {
            var (output, errors) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
            await process.WaitForExitAsync().WaitAsync(Patience);
            Assert.True(process.ExitCode == 0, $"{string.Join(' ', command)} ended with {process.ExitCode}:\n{Failed(await output)}{await errors}{await output}");
            return await output;
        }
        finally
        {
            process.Kill(entireProcessTree: true);
        }
    }

    /// <summary>The parts of a TAP report about failed tests. They come first in the message, because a summary shows only its beginning.</summary>
    private static string Failed(string output) =>
        string.Concat(output.Split("\n# Subtest: ").Where(static test => test.Contains("\nnot ok ", StringComparison.Ordinal)).Select(static test => $"{test}\n"));

    /// <summary>One that goes on; ready when it has said something.</summary>
    public static async Task<Process> Begin(string folder, IReadOnlyDictionary<string, string> settings, params string[] command)
    {
        var process = Process.Start(Of(folder, settings, command))!;
        var errors = process.StandardError.ReadToEndAsync();
        if (await process.StandardOutput.ReadLineAsync().WaitAsync(Patience) is not null) return process;

        throw new InvalidOperationException($"{string.Join(' ', command)} ended: {await errors}");
    }

    private static ProcessStartInfo Of(string folder, IReadOnlyDictionary<string, string> settings, string[] command)
    {
        var start = new ProcessStartInfo(command[0], command[1..]) { WorkingDirectory = Repository.File(folder), RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var (name, value) in settings)
        {
            start.Environment[name] = value;
        }

        start.Environment["PYTHONDONTWRITEBYTECODE"] = "1";
        return start;
    }
}

/// <summary>Skipped by name where the interpreter is missing.</summary>
public sealed class InterpreterFactAttribute : FactAttribute
{
    public InterpreterFactAttribute(string program) => Skip = ClientProgram.IsHere(program) ? null : $"{program} is not here";
}
