using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Text.Json.Nodes;

namespace Agora.Payments.Tests;

/// <summary>Pays with @x402/fetch on Node, with a key that is the tests' alone.</summary>
internal static class PublicClient
{
    /// <summary>Why it cannot be asked here; null when it can.</summary>
    public static string? Missing { get; } =
        !(Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Any(d => File.Exists(Path.Combine(d, "node"))) ? "Node is not on the PATH"
        : Directory.Exists(Path.Combine(Folder(), "node_modules")) ? null
        : "the npm packages of tests/Payments.Tests are not here: npm ci --prefix tests/Payments.Tests";

    /// <returns>status, body, settled (PAYMENT-RESPONSE, decoded), sent (the payment's header), payer.</returns>
    public static async Task<JsonNode> Pay(Uri url, int version, string? paymentId = null)
    {
        var start = new ProcessStartInfo("node") { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = Folder() };
        foreach (var argument in new[] { "pay.mjs", url.AbsoluteUri, $"{version}", paymentId }.OfType<string>())
        {
            start.ArgumentList.Add(argument);
        }

        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync();
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        Assert.True(process.ExitCode == 0, $"The client ended with {process.ExitCode}: {await errors}{output}");
        return JsonNode.Parse(output)!;
    }

    private static string Folder([CallerFilePath] string file = "") => Path.GetDirectoryName(file)!;
}

/// <summary>Where Node or the packages are missing the test is skipped by name.</summary>
public sealed class PublicClientTheoryAttribute : TheoryAttribute
{
    public PublicClientTheoryAttribute() => Skip = PublicClient.Missing;
}

public sealed class PublicClientFactAttribute : FactAttribute
{
    public PublicClientFactAttribute() => Skip = PublicClient.Missing;
}
