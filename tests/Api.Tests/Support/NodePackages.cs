using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace Agora.Api.Tests.Support;

/// <summary>Programs of package.json, on Node.</summary>
internal static class NodePackages
{
    /// <summary>Where they are installed.</summary>
    public static string Folder { get; } = Path.GetDirectoryName(ThisFolder())!;

    /// <summary>Why they cannot be run here; null when they can.</summary>
    public static string? Missing { get; } =
        !(Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Any(d => File.Exists(Path.Combine(d, "node"))) ? "Node is not on the PATH"
        : File.Exists(Program("redocly")) && File.Exists(Program("openapi-typescript")) && File.Exists(Program("tsc")) && Directory.Exists(Path.Combine(Folder, "node_modules", "gpt-tokenizer")) ? null
        : "the npm packages of tests/Api.Tests are not here: npm ci --prefix tests/Api.Tests";

    public static string Program(string name) => Path.Combine(Folder, "node_modules", ".bin", name);

    /// <returns>What it said on standard output, where it succeeded.</returns>
    public static async Task<string> Run(string input, params string[] script)
    {
        var (exitCode, output, errors) = await Ended(input, script);
        Assert.True(exitCode == 0, $"{script[0]} ended with {exitCode}: {errors}{output}");
        return output;
    }

    public static async Task<(int ExitCode, string Output, string Errors)> Ended(string input, params string[] script)
    {
        var start = new ProcessStartInfo("node", script) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = Folder };
        (start.Environment["REDOCLY_TELEMETRY"], start.Environment["REDOCLY_SUPPRESS_UPDATE_NOTICE"], start.Environment["NO_COLOR"]) = ("off", "true", "1");
        using var process = Process.Start(start)!;
        var (output, errors) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.StandardInput.WriteAsync(input);
        process.StandardInput.Close();
        await process.WaitForExitAsync();
        return (process.ExitCode, await output, await errors);
    }

    private static string ThisFolder([CallerFilePath] string file = "") => Path.GetDirectoryName(file)!;
}

/// <summary>Where Node or a package is missing the test is skipped by name.</summary>
public sealed class NodePackagesFactAttribute : FactAttribute
{
    public NodePackagesFactAttribute() => Skip = NodePackages.Missing;
}
