using System.Net.Http.Headers;
using System.Text;
using Agora.Api.Tests.Peers;
using Agora.Crypto;
using Agora.Crypto.Http;
using Agora.Web;

namespace Agora.Api.Tests.Signed;

/// <summary>Signs requests by an agent's key, each part of which a test may have otherwise.</summary>
internal sealed record SignedBy(AgentKey Key, Uri Server, string Agent = "agent-1", string Tenant = "default")
{
    private int _nonces;

    public string KeyId { get; init; } = $"{Tenant}.{Agent}#{new Jwk(Key.Private.PublicKey).KeyId}";

    public string? Session { get; init; }

    public DateTimeOffset? Created { get; init; }

    public DateTimeOffset? Expires { get; init; }

    public string? Tag { get; init; } = SignedRequests.Tag;

    /// <summary>Null: one for each request.</summary>
    public string? Nonce { get; init; }

    public bool HasNonce { get; init; } = true;

    /// <summary>Headers that it has besides.</summary>
    public IReadOnlyList<(string Name, string Value)> Sent { get; init; } = [];

    /// <summary>Null: what is asked for.</summary>
    public IReadOnlyList<string>? Components { get; init; }

    public HttpRequestMessage Request(HttpMethod method, string path, string? json = null, Action<HttpRequestMessage>? after = null, string? digest = null)
    {
        var request = new HttpRequestMessage(method, path);
        var body = json is null ? null : Encoding.UTF8.GetBytes(json);
        if (body is not null)
        {
            request.Content = new ByteArrayContent(body) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } };
            request.Headers.Add("Content-Digest", digest ?? ContentDigest.Of(body));
        }

        if (Session is not null)
        {
            request.Headers.Add(SignedRequests.SessionHeader, Session);
        }

        foreach (var (name, value) in Sent)
        {
            request.Headers.TryAddWithoutValidation(name, value); // a type of content stays with the content
        }

        string[] components = ["@method", "@target-uri", .. body is null ? [] : (string[])["content-digest"], .. Session is null ? [] : (string[])["agora-session"], .. Sent.Select(header => header.Name.ToLowerInvariant())];
        var nonce = !HasNonce ? null : Nonce ?? $"nonce-{Interlocked.Increment(ref _nonces)}-{Guid.NewGuid():N}";
        var input = new SignatureInput(Components ?? components, Created ?? DateTimeOffset.UtcNow, KeyId, nonce, Tag, Expires);
        var message = HttpMessage.To(method.Method, new(Server, path), name => request.Headers.TryGetValues(name, out var values) ? [string.Join(", ", values)] : name == "content-type" && request.Content is { } content ? [.. content.Headers.GetValues(name)] : []);
        var (signatureInput, signature) = HttpSignature.Sign(message, input, "sig", Key.Private);
        request.Headers.TryAddWithoutValidation("Signature-Input", signatureInput);
        request.Headers.TryAddWithoutValidation("Signature", signature);
        after?.Invoke(request);
        return request;
    }
}
