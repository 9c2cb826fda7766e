using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Text.Json;

namespace Agora.Api.Tests.Support;

/// <summary>How long a reply is to a model: tokens of o200k_base, counted by gpt-tokenizer on Node.</summary>
internal static class Tokens
{
    /// <summary>Why they cannot be counted here; null when they can.</summary>
    public static string? Missing { get; } =
        !(Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Any(d => File.Exists(Path.Combine(d, "node"))) ? "Node is not on the PATH"
        : Directory.Exists(Path.Combine(Folder(), "node_modules")) ? null
        : "the npm packages of tests/Api.Tests are not here: npm ci --prefix tests/Api.Tests";

    public static async Task<int[]> Of(IEnumerable<string> texts)
    {
        using var process = Process.Start(new ProcessStartInfo("node", "count.mjs") { RedirectStandardInput = true, RedirectStandardOutput = true, WorkingDirectory = Folder() })!;
        await process.StandardInput.WriteAsync(JsonSerializer.Serialize(texts));
        process.StandardInput.Close();
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        Assert.Equal(0, process.ExitCode);
        return JsonSerializer.Deserialize<int[]>(output)!;
    }

    private static string Folder([CallerFilePath] string file = "") => Path.GetDirectoryName(Path.GetDirectoryName(file))!;
}

/// <summary>Where Node or the package is missing the test is skipped by name.</summary>
public sealed class TokensFactAttribute : FactAttribute
{
    public TokensFactAttribute() => Skip = Tokens.Missing;
}
