using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json.Nodes;

namespace Agora.Payments.Tests;

/// <summary>The other side as others wrote it, on Node: pays with @x402/fetch, with a key that is the tests' alone, and verifies with @x402/core.</summary>
internal static class PublicClient
{
    /// <summary>Why it cannot be asked here; null when it can.</summary>
    public static string? Missing { get; } =
        !(Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Any(d => File.Exists(Path.Combine(d, "node"))) ? "Node is not on the PATH"
        : Directory.Exists(Path.Combine(Folder(), "node_modules")) ? null
        : "the npm packages of tests/Payments.Tests are not here: npm ci --prefix tests/Payments.Tests";

    /// <returns>status, body, settled (PAYMENT-RESPONSE, decoded), sent (the payment's header), payer.</returns>
    public static Task<JsonNode> Pay(Uri url, int version, string? paymentId = null) => Run("pay.mjs", "", [url.AbsoluteUri, $"{version}", .. paymentId is null ? (string[])[] : [paymentId]]);

    /// <summary>As an agent, whose body and token these are.</summary>
    public static Task<JsonNode> Pay(Uri url, int version, JsonNode body, string token) =>
        Run("pay.mjs", new JsonObject { ["body"] = body, ["token"] = token }.ToJsonString(), [url.AbsoluteUri, $"{version}"]);

    /// <summary>What the reference facilitator says to the body of a POST /verify.</summary>
    public static Task<JsonNode> Verify(byte[] body) => Run("facilitate.mjs", Encoding.UTF8.GetString(body), []);

    private static async Task<JsonNode> Run(string script, string input, string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo("node", [script, .. arguments])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = Folder(),
        })!;
        var errors = process.StandardError.ReadToEndAsync();
        await process.StandardInput.WriteAsync(input);
        process.StandardInput.Close();
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        Assert.True(process.ExitCode == 0, $"{script} ended with {process.ExitCode}: {await errors}{output}");
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
