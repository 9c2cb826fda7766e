using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
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

    private static readonly HttpRequestOptionsKey<DateTimeOffset> SignedAt = new("Agora.SignedAt");

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
        var message = HttpMessage.To(request.Method.Method, request.RequestUri!, name => request.Headers.TryGetValues(name, out var values) ? [.. values] : []);
        var (signatureInput, signature) = HttpSignature.Sign(message, input, Label, key);
        request.Headers.TryAddWithoutValidation("Signature-Input", signatureInput);
        request.Headers.TryAddWithoutValidation("Signature", signature);
        request.Options.Set(SignedAt, DateTimeOffset.FromUnixTimeSeconds(now.ToUnixTimeSeconds()));
    }

    /// <summary>What was wrong with a signature, in a word; null: it was not refused.</summary>
    public static string? FaultOf(string code, JsonElement? details) =>
        code == "signature_refused" && details is { ValueKind: JsonValueKind.Object } facts && facts.TryGetProperty("fault", out var fault) ? fault.GetString() : null;

    /// <summary>Of a request that was signed at another time than the server has: by how much this clock is off.</summary>
    public static Refusal Explained(Refusal refusal, HttpRequestMessage request, HttpResponseMessage response)
    {
        var isStale = FaultOf(refusal.Code, refusal.Details) == "stale";
        if (!isStale || response.Headers.Date is not { } there || !request.Options.TryGetValue(SignedAt, out var here)) return refusal;

        var (apart, way) = (Math.Abs((here - there).TotalSeconds), here > there ? "ahead" : "behind");
        return refusal with { Message = string.Create(CultureInfo.InvariantCulture, $"{refusal.Message} This clock was at {here:yyyy-MM-dd'T'HH:mm:ss'Z'}, the server's at {there:yyyy-MM-dd'T'HH:mm:ss'Z'}: it is {apart} s {way}.") };
    }
}
