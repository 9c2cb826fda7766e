using System.Net.Http.Headers;
using System.Text;
using Agora.Crypto;
using Agora.Crypto.Http;

namespace Agora.Clients.Tests.CSharp;

/// <summary>A call of a service, as Agora signs it.</summary>
internal static class SignedCall
{
    /// <param name="body">Null: the run is taken back.</param>
    /// <param name="signedFor">What is signed for, if that is another.</param>
    /// <param name="without">What the signature leaves out.</param>
    public static HttpRequestMessage Of(Uri endpoint, string? body, string run, Ed25519PrivateKey key, string? maxCost = null, DateTimeOffset? at = null, string tag = "agora-service-call", Uri? signedFor = null, string? without = null)
    {
        var request = new HttpRequestMessage(body is null ? HttpMethod.Delete : HttpMethod.Post, endpoint);
        request.Headers.Add("Idempotency-Key", run);
        List<string> covered = ["@method", "@target-uri", "idempotency-key"];
        if (body is not null)
        {
            var bytes = Encoding.UTF8.GetBytes(body);
            request.Content = new ByteArrayContent(bytes) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } };
            request.Headers.Add("Content-Digest", ContentDigest.Of(bytes));
            covered.AddRange(["content-type", "content-digest"]);
        }

        if (maxCost is not null)
        {
            request.Headers.Add("Agora-Max-Cost-Cents", maxCost);
            covered.Add("agora-max-cost-cents");
        }

        covered.RemoveAll(name => name == without);
        IReadOnlyList<string?> Lines(string name) => name == "content-type" ? [.. request.Content!.Headers.GetValues(name)] : request.Headers.TryGetValues(name, out var values) ? [values.Single()] : [];
        var (input, signature) = HttpSignature.Sign(
            HttpMessage.To(request.Method.Method, signedFor ?? endpoint, Lines), new(covered, at ?? DateTimeOffset.UtcNow, new Jwk(key.PublicKey).KeyId, "nonce", tag), "agora", key);
        request.Headers.TryAddWithoutValidation("Signature-Input", input);
        request.Headers.TryAddWithoutValidation("Signature", signature);
        return request;
    }
}
