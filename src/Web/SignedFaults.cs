using System.Globalization;
using Agora.Core.Agents;
using Agora.Core.Kernel;
using Agora.Crypto.Http;
using Microsoft.AspNetCore.Http;

namespace Agora.Web;

/// <summary>What is wrong with a signed request: a word that never changes, and a sentence.</summary>
internal static class SignedFaults
{
    public const string CoversTooLittle = "covers_too_little";
    public const string NoSessionHere = "no_session";
    public const string OthersSession = "other_session";

    public static readonly Rejection TwoCredentials = SignatureRejection.Of("two_credentials", "A request is signed, or has the header Authorization; not both.");
    public static readonly Rejection NoNonce = SignatureRejection.Of("no_nonce", string.Create(CultureInfo.InvariantCulture, $"A signature has a nonce of 1 to {Limits.NonceCharacters} characters, another for each request."));
    public static readonly Rejection NoDigest = SignatureRejection.Of(CoversTooLittle, "The request has a body: the signature must cover \"content-digest\" (RFC 9530).");
    public static readonly Rejection NoSession = SignatureRejection.Of(OthersSession, $"{SignedRequests.SessionHeader} names no session of this agent.");
    public static readonly Rejection SessionWanted = SignatureRejection.Of(NoSessionHere, $"This is done within a session: name one of the agent's in the header {SignedRequests.SessionHeader}, and sign it.");

    public static readonly Rejection Elsewhere = SignatureRejection.Of("other_address", "The request was not signed for an address of this server. AGORA_PUBLIC_URL lists the server's addresses; if it is not set, only loopback addresses count.");

    public static readonly Rejection NotWithin = SignatureRejection.Of(NoSessionHere, $"A session is opened by the agent itself, and not within another: the request is signed without {SignedRequests.SessionHeader}.");

    private static readonly Rejection NoTarget = SignatureRejection.Of(CoversTooLittle, "The signature must cover \"@target-uri\"; or \"@authority\" and \"@request-target\"; or \"@authority\", \"@path\" and, where there is one, \"@query\".");

    public static Rejection Of(SignatureFault fault) => fault switch
    {
        SignatureFault.Missing => SignatureRejection.Of("missing", "A signed request has both fields Signature-Input and Signature, with one label."),
        SignatureFault.Malformed => SignatureRejection.Of("malformed", string.Create(CultureInfo.InvariantCulture, $"Signature-Input or Signature is not of its form (RFC 9421 section 4), has something twice or that is not known here, or more than {HttpSignature.MaxFieldCharacters} characters.")),
        SignatureFault.NotOne => SignatureRejection.Of("not_one", $"Exactly one signature must have the tag {SignedRequests.Tag}; others are not looked at."),
        SignatureFault.CoversTooLittle => SignatureRejection.Of(CoversTooLittle, "The signature must cover \"@method\", and all that it covers must be there, in ASCII."),
        SignatureFault.Algorithm => SignatureRejection.Of("algorithm", "Signatures are by ed25519."),
        SignatureFault.UnknownKey => SignatureRejection.Of(SignatureRejection.UnknownKey),
        SignatureFault.Stale => SignatureRejection.Of("stale", string.Create(CultureInfo.InvariantCulture, $"\"created\" is missing, or more than {Limits.SignedApart.TotalSeconds} s from this server's clock, which the header Date tells.")),
        SignatureFault.Expired => SignatureRejection.Of("expired", "\"expires\" has passed."),
        SignatureFault.Digest => SignatureRejection.Of("digest", "Content-Digest is not that of the body which came, by sha-256 or sha-512."),
        SignatureFault.Wrong => SignatureRejection.Of("wrong", "The signature is not this key's over this request: method, address, fields and parameters as they came."),
        _ => throw new ArgumentOutOfRangeException(nameof(fault), fault, "There is no such fault."),
    };

    /// <summary>What a good signature leaves open, so that it could be moved to another request; null: nothing.</summary>
    public static Rejection? Uncovered(SignatureInput input, HttpRequest request)
    {
        var isTarget = Has("@target-uri") || (Has("@authority") && (Has("@request-target") || (Has("@path") && (Has("@query") || !request.QueryString.HasValue))));
        if (!isTarget) return NoTarget;

        return SignedRequests.DecidingIn(request).FirstOrDefault(field => !Has(field)) is { } unsigned
            ? SignatureRejection.Of(CoversTooLittle, $"The signature must cover \"{unsigned}\", for this header was sent.") : null;

        bool Has(string name) => input.Components.Contains(name);
    }
}
