using System.Globalization;
using System.Security.Cryptography;
using Agora.Crypto;
using Agora.Crypto.Http;

namespace Agora.Client.Http.Sealing;

/// <summary>Signs requests by an agent's key (RFC 9421), as docs/signed-requests.md has them.</summary>
internal static class RequestSigner
{
    public const string SessionHeader = "Agora-Session";
    private const string DigestHeader = "Content-Digest";
    private const string Tag = "agora-request";
    private const string Label = "agora";
    private const int NonceBytes = 16;

    /// <summary>Fields that decide what is done: each is signed where it is sent.</summary>
    private static readonly IReadOnlyList<string> Deciding = ["agora-session", "idempotency-key", "payment-signature", "x-payment", "stream-closed", "stream-seq", "producer-id", "producer-epoch", "producer-seq"];

    /// <param name="session">Of the agent's own; null: the request is the agent's own.</param>
    public static void Sign(HttpRequestMessage request, ReadOnlySpan<byte> body, string agent, string? session, string tenant, Ed25519PrivateKey key, DateTimeOffset now)
    {
        List<string> covered = ["@method", "@target-uri"];
        if (request.Content is not null)
        {
            request.Headers.TryAddWithoutValidation(DigestHeader, ContentDigest.Of(body));
            covered.Add(ContentDigest.Field);
        }

        if (session is not null)
        {
            request.Headers.TryAddWithoutValidation(SessionHeader, session);
        }

        covered.AddRange(Deciding.Where(request.Headers.Contains));
        var keyId = string.Create(CultureInfo.InvariantCulture, $"{tenant}.{agent}#{new Jwk(key.PublicKey).KeyId}");
        var input = new SignatureInput(covered, now, keyId, Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(NonceBytes)), Tag);
        var message = HttpMessage.To(request.Method.Method, request.RequestUri!, name => request.Headers.TryGetValues(name, out var values) ? string.Join(", ", values) : null);
        var (signatureInput, signature) = HttpSignature.Sign(message, input, Label, key);
        request.Headers.TryAddWithoutValidation("Signature-Input", signatureInput);
        request.Headers.TryAddWithoutValidation("Signature", signature);
    }
}
