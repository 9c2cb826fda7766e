using System.Text.Json.Nodes;
using Agora.Testing;

namespace Agora.Proof.Tests.Calls;

/// <summary>A verifier of HTTP Message Signatures that others wrote, on Node.</summary>
internal static class PublicVerifier
{
    private const string Project = "tests/Proof.Tests";

    /// <summary>Why it cannot be asked here; null when it can.</summary>
    public static string? Missing { get; } = NodeProgram.Missing(Project);

    /// <param name="request">method, url, headers, and the key as a JWK.</param>
    public static async Task<string> Verify(JsonObject request) => (await NodeProgram.Run(Project, request.ToJsonString(), "verify.mjs")).Trim();
}

/// <summary>Where Node or the package is missing the test is skipped by name.</summary>
public sealed class PublicVerifierFactAttribute : FactAttribute
{
    public PublicVerifierFactAttribute() => Skip = PublicVerifier.Missing;
}
