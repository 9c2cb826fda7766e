using System.Text;
using System.Text.Json.Nodes;
using Agora.Testing;

namespace Agora.Payments.Tests;

/// <summary>The other side as others wrote it, on Node: pays with @x402/fetch, with a key that is the tests' alone, and verifies with @x402/core.</summary>
internal static class PublicClient
{
    private const string Project = "tests/Payments.Tests";

    /// <summary>Why it cannot be asked here; null when it can.</summary>
    public static string? Missing { get; } = NodeProgram.Missing(Project);

    /// <returns>status, body, settled (PAYMENT-RESPONSE, decoded), sent (the payment's header), payer.</returns>
    public static Task<JsonNode> Pay(Uri url, int version, string? paymentId = null) => Run("pay.mjs", "", [url.AbsoluteUri, $"{version}", .. paymentId is null ? (string[])[] : [paymentId]]);

    /// <summary>As an agent, whose body and token these are.</summary>
    public static Task<JsonNode> Pay(Uri url, int version, JsonNode body, string token) =>
        Run("pay.mjs", new JsonObject { ["body"] = body, ["token"] = token }.ToJsonString(), [url.AbsoluteUri, $"{version}"]);

    /// <summary>What the reference facilitator says to the body of a POST /verify.</summary>
    public static Task<JsonNode> Verify(byte[] body) => Run("facilitate.mjs", Encoding.UTF8.GetString(body), []);

    private static async Task<JsonNode> Run(string script, string input, string[] arguments) => JsonNode.Parse(await NodeProgram.Run(Project, input, [script, .. arguments]))!;
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
