using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Text.Json.Nodes;

namespace Agora.Proof.Tests.Calls;

/// <summary>A verifier of HTTP Message Signatures that others wrote, on Node.</summary>
internal static class PublicVerifier
{
    /// <summary>Why it cannot be asked here; null when it can.</summary>
    public static string? Missing { get; } =
        !(Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Any(d => File.Exists(Path.Combine(d, "node"))) ? "Node is not on the PATH"
        : Directory.Exists(Path.Combine(Folder(), "node_modules")) ? null
        : "the npm packages of tests/Proof.Tests are not here: npm ci --prefix tests/Proof.Tests";

    /// <param name="request">method, url, headers, and the key as a JWK.</param>
    public static async Task<string> Verify(JsonObject request)
    {
        using var process = Process.Start(new ProcessStartInfo("node", ["verify.mjs"])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = Folder(),
        })!;
        var errors = process.StandardError.ReadToEndAsync();
        await process.StandardInput.WriteAsync(request.ToJsonString());
        process.StandardInput.Close();
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        Assert.True(process.ExitCode == 0, $"verify.mjs ended with {process.ExitCode}: {await errors}{output}");
        return output.Trim();
    }

    private static string Folder([CallerFilePath] string file = "") => Path.GetDirectoryName(Path.GetDirectoryName(file))!;
}

/// <summary>Where Node or the package is missing the test is skipped by name.</summary>
public sealed class PublicVerifierFactAttribute : FactAttribute
{
    public PublicVerifierFactAttribute() => Skip = PublicVerifier.Missing;
}
