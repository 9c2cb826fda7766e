using System.Text.Json;
using Agora.Core.Access;
using Agora.Core.Kernel;
using Agora.Crypto;
using Agora.Crypto.Tokens;
using Agora.Hosting;

namespace Agora.Web.Identity;

/// <summary>Whom a token names: its issuer, and claims that hold; or why it is refused.</summary>
internal readonly record struct Identified(TrustedIssuer? Issuer, JsonElement Claims, Rejection? Refusal)
{
    public static Identified No(Rejection refusal) => new(null, default, refusal);
}

/// <summary>
/// Knows people and platforms by tokens that an issuer of theirs has signed. The token says which issuer it is of; nothing else of it counts before its signature was verified with a key
/// of that issuer, by the algorithm that the key says.
/// </summary>
internal sealed class Identities
{
    private static readonly Rejection Malformed = Unauthorized("It is no signed token of access: three parts in base64url.");
    private static readonly Rejection Foreign = Unauthorized("The token is of an issuer that is not believed here.");
    private static readonly Rejection ManyKeys = Unauthorized("Its issuer has several keys that could have signed the token, so none of them counts: each needs an id of its own, and the token names one.");
    private static readonly Rejection Forged = Unauthorized("The token's signature is wrong.");
    private static readonly Rejection OutOfReach = new(Codes.Unavailable, "The issuer of the token cannot be asked for its keys. Try again in a moment.", RetryAfterSeconds: 1, Retry: true);

    private readonly IReadOnlyList<IssuerKeys> _issuers;
    private readonly TimeProvider _time;

    public Identities(IEnumerable<IssuerKeys> issuers, TimeProvider time) => (_issuers, _time) = ([.. issuers], time);

    /// <summary>It may be a token of an issuer. No key of ours looks like one.</summary>
    public bool IsToken(string presented) => _issuers.Count > 0 && SignedToken.Looks(presented);

    public async Task<Identified> Identify(string presented, TokenHolders holders)
    {
        if (SignedToken.Parse(presented) is not { } token) return Identified.No(Malformed);

        var said = token.Claims.TextOf("iss");
        var candidates = _issuers.Where(one => one.Issuer.Issuer == said && one.Issuer.For == holders).ToList();
        if (candidates.Count == 0) return Identified.No(Foreign);

        // An issuer may be believed for several audiences, each of its own tenant: the one whose audience it is.
        var (now, refused) = (_time.GetUtcNow(), (string?)null);
        foreach (var candidate in candidates)
        {
            refused = TokenRules.Refusal(candidate.Issuer, token.Claims, now);
            if (refused is null) return await Verify(candidate, token);
        }

        // What it says may be shown before it is believed: whoever sent it has written it, or can read it.
        return Identified.No(Unauthorized(refused!));
    }

    /// <summary>Whether a token was signed with a key of this issuer. What it says the caller has looked at.</summary>
    public Task<Identified> Verify(TrustedIssuer issuer, SignedToken token) => Verify(_issuers.First(one => one.Issuer.Name == issuer.Name), token);

    private static async Task<Identified> Verify(IssuerKeys keys, SignedToken token) => await keys.Of(token) switch
    {
        null => Identified.No(OutOfReach),
        [] => Identified.No(VerifyingKey.Algorithms.Contains(token.Algorithm) ? NoKey(token.Algorithm) : NoAlgorithm(token.Algorithm)),
        [var key] => token.IsSignedBy(key) ? new(keys.Issuer, token.Claims, null) : Identified.No(Forged),
        _ => Identified.No(ManyKeys),
    };

    private static Rejection NoKey(string algorithm) => Unauthorized($"The issuer has no key with this id for {algorithm}, the token's algorithm.");

    /// <summary>The caller writes the token's header, so the message repeats only registered names of algorithms (RFC 7518 section 3.1, RFC 8812, RFC 9864).</summary>
    private static Rejection NoAlgorithm(string algorithm) =>
        Unauthorized($"The token is signed with {(OtherAlgorithms.Contains(algorithm) ? algorithm : "an unknown algorithm")}; the algorithms taken are {string.Join(", ", VerifyingKey.Algorithms)} and Ed25519.");

    private static readonly string[] OtherAlgorithms = ["none", "HS256", "HS384", "HS512", "ES256K", "ES512", "Ed448"];

    private static Rejection Unauthorized(string why) => new(Codes.Unauthorized, why);
}
