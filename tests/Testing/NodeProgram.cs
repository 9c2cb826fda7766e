using System.Diagnostics;

namespace Agora.Testing;

/// <summary>Programs of others, on Node, with the npm packages of a folder.</summary>
public static class NodeProgram
{
    /// <summary>Why none can be run with these packages; null when they can.</summary>
    /// <param name="folder">Below the repository.</param>
    /// <param name="packages">Paths in its <c>node_modules</c>; none: it is enough that it is there.</param>
    public static string? Missing(string folder, params IEnumerable<string> packages)
    {
        var modules = Path.Combine(Repository.File(folder), "node_modules");
        return Programs.Find("node") is null ? "Node is not on the PATH"
            : Directory.Exists(modules) && packages.All(package => Path.Exists(Path.Combine(modules, package))) ? null
            : $"the npm packages of {folder} are not here: npm ci --prefix {folder}";
    }

    /// <param name="folder">Below the repository: where it runs.</param>
    /// <param name="script">With its arguments.</param>
    public static Task<(int ExitCode, string Output, string Errors)> Ended(string folder, string input, IEnumerable<string> script, params ReadOnlySpan<(string Name, string Value)> settings) =>
        Ended(folder, "node", input, script, settings);

    /// <param name="node">Which Node: a path, or what is on the PATH.</param>
    /// <inheritdoc cref="Ended(string, string, IEnumerable{string}, ReadOnlySpan{ValueTuple{string, string}})"/>
    public static Task<(int ExitCode, string Output, string Errors)> Ended(string folder, string node, string input, IEnumerable<string> script, params ReadOnlySpan<(string Name, string Value)> settings) =>
        Ended(Start(folder, node, script, settings), input);

    /// <returns>What it said on standard output.</returns>
    /// <exception cref="InvalidOperationException">It ended with another code than 0.</exception>
    public static async Task<string> Run(string folder, string input, params string[] script)
    {
        var (exitCode, output, errors) = await Ended(folder, input, script);
        return exitCode == 0 ? output : throw new InvalidOperationException($"{script[0]} ended with {exitCode}: {errors}{output}");
    }

    private static Process Start(string folder, string node, IEnumerable<string> script, ReadOnlySpan<(string Name, string Value)> settings)
    {
        var start = new ProcessStartInfo(node, script) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = Repository.File(folder) };
        foreach (var (name, value) in settings)
        {
            start.Environment[name] = value;
        }

        return Process.Start(start)!;
    }

    private static async Task<(int ExitCode, string Output, string Errors)> Ended(Process started, string input)
    {
        using var process = started;
        var (output, errors) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.StandardInput.WriteAsync(input);
        process.StandardInput.Close();
        await process.WaitForExitAsync();
        return (process.ExitCode, await output, await errors);
    }
}
