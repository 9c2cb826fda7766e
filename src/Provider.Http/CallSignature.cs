using Agora.Crypto;
using Agora.Crypto.Http;

namespace Agora.Provider.Http;

/// <summary>Finds Agora's public key by its name; null: there is none.</summary>
public delegate Task<byte[]?> FindKey(string keyId, CancellationToken cancel);

/// <summary>Who calls a service: HTTP Message Signatures (RFC 9421) by Ed25519, as docs/services.md has them.</summary>
internal static class CallSignature
{
    /// <summary>Also the answer if the signature is good for another address.</summary>
    public const string NotSigned = "The signature is not Agora's.";

    private const string Tag = "agora-service-call";
    private static readonly string[] Always = ["@method", "@target-uri", "idempotency-key"];
    private static readonly string[] WithBody = ["content-type", ContentDigest.Field];
    private static readonly string[] AtTimes = ["agora-max-cost-cents", "agora-try"];

    /// <summary>Null: Agora has called. Else a sentence that says why that is not known.</summary>
    /// <param name="endpoint">As it was registered: the header Host is the caller's choice and proves nothing.</param>
    /// <param name="header">A header by its name; null: it is not there.</param>
    public static async Task<string?> WhyNot(string method, Uri endpoint, Func<string, string?> header, ReadOnlyMemory<byte> body, FindKey find, DateTimeOffset now, CancellationToken cancel)
    {
        var policy = new SignaturePolicy([.. Always, .. method == "POST" ? WithBody : [], .. AtTimes.Where(name => header(name) is not null)], Tag);
        var verdict = await HttpSignature.Verify(
            HttpMessage.To(method, endpoint, name => header(name) is { } value ? [value] : []), body, policy, async keyId => await find(keyId, cancel) is { } key ? new Jwk(key) : null, now);
        return verdict.Fault switch
        {
            null => null,
            SignatureFault.Missing or SignatureFault.Malformed => "There is no signature of Agora's.",
            SignatureFault.CoversTooLittle => "The signature does not cover what it has to.",
            SignatureFault.NotOne or SignatureFault.Algorithm => "The signature is of another kind.",
            SignatureFault.Stale or SignatureFault.Expired => "The signature was made at another time.",
            SignatureFault.Digest => "The digest is not the body's.",
            SignatureFault.UnknownKey => "The signature's key is not known.",
            _ => NotSigned,
        };
    }
}
