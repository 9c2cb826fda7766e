using Agora.Contracts;
using Agora.Core.Access;
using Agora.Core.Kernel;
using Agora.Crypto;
using Agora.Crypto.Tokens;
using Agora.Grains.Kernel;
using Agora.Hosting;
using Agora.Web;
using Agora.Web.Identity;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace Agora.Api.Desk;

/// <summary>Why nobody is signed in.</summary>
/// <param name="Why">A sentence in English, by which it is found in other languages; <c>{0}</c> and <c>{1}</c> stand for <paramref name="About"/>.</param>
public sealed record SignInRefusal(int Status, string Why, params string[] About)
{
    /// <summary>When to try again; null if the refusal does not say it.</summary>
    public long? RetryAfterSeconds { get; init; }

    /// <summary>The same refusal as a page shows it, with the status that the API has for its code.</summary>
    internal static SignInRefusal Of(Rejection refused) => new(Codes.StatusOf(refused.Code), refused.Message) { RetryAfterSeconds = refused.RetryAfterSeconds };
}

/// <summary>Where a browser goes to sign in.</summary>
/// <param name="Flow">The value of <see cref="OpenIdSignIns.Cookie"/>.</param>
public sealed record SignInBegun(string Issuer, string Address, string Flow);

/// <summary>Who has signed in.</summary>
/// <param name="Cookie">The value of <see cref="OperatorDesk.Cookie"/>.</param>
/// <param name="Back">The page that was wanted.</param>
public sealed record SignInDone(string Cookie, string Back);

/// <summary>
/// Signs people in by an issuer of the settings: the authorization code flow (OpenID Connect Core 1.0 section 3.1) with PKCE by S256 (RFC 7636), as RFC 9700 section 2.1 has it.
/// <para>Invariants: an answer counts in the browser that began (<c>state</c> in its cookie), a code for who holds the verifier, a token for this sign-in (<c>nonce</c>) and this console (<c>aud</c>). Who comes is
/// who the token names by the same rules as one that is sent with a request, and stays until it ends.</para>
/// <para>A process redeems the code of an answer once, and an issuer takes a code once. Few codes of one address are redeemed at a time, and wrong codes are slowed as wrong keys are, so no caller can make this server ask an issuer many times.
/// Addresses without an earlier sign-in cannot take the places of addresses that have one.</para>
/// </summary>
public sealed class OpenIdSignIns
{
    /// <summary>Of a sign-in that is under way.</summary>
    public const string Cookie = "__Host-agora-flow";

    /// <summary>Where issuers send browsers back to, behind the public address: to be registered with each.</summary>
    public const string ReturnPath = "/console/sign-in/back";

    private readonly ApiOptions _options;
    private readonly IReadOnlyList<IssuerSignIn> _issuers;
    private readonly Identities _identities;
    private readonly SignInFlows _flows;
    private readonly DeskSignIns _signIns;
    private readonly WrongKeys _wrongKeys;
    private readonly TimeProvider _time;
    private readonly Remembered<string, bool> _taken = new(Limits.IssuerAnswersTaken);
    private readonly FairPlaces _known = new(Limits.IssuerCodesAtOnce, ofTenant: Limits.IssuerCodesOfOne);
    private readonly FairPlaces _strangers = new(Limits.IssuerCodesAtOnce, ofTenant: Limits.IssuerCodesOfOne);
    private readonly SignedInBefore _before;

    internal OpenIdSignIns(ApiOptions options, IEnumerable<IssuerSignIn> issuers, Identities identities, SignInFlows flows, DeskSignIns signIns, WrongKeys wrongKeys, SignedInBefore before, TimeProvider time) =>
        (_options, _issuers, _identities, _flows, _signIns, _wrongKeys, _before, _time) = (options, [.. issuers], identities, flows, signIns, wrongKeys, before, time);

    /// <summary>Names of those by which people sign in, in the order of the settings.</summary>
    public IEnumerable<string> Issuers => _issuers.Select(static issuer => issuer.Issuer.Name);

    /// <param name="back">A page of the console.</param>
    public async Task<(SignInBegun? Begun, SignInRefusal? Refused)> Begin(HttpRequest request, string issuer, string back)
    {
        if (Find(issuer) is not { } with) return (null, new(StatusCodes.Status404NotFound, "Nobody signs in with {0} here.", issuer));
        if (await with.Addresses() is not { } at) return (null, Away(with));

        var flow = SignInFlow.Begin(issuer, back);
        var query = QueryString.Create(
        [
            KeyValuePair.Create<string, string?>("response_type", "code"),
            new("client_id", with.Client.ClientId),
            new("redirect_uri", Redirect(request)),
            new("scope", with.Client.Scopes),
            new("state", flow.State),
            new("nonce", flow.Nonce),
            new("code_challenge", flow.Challenge),
            new("code_challenge_method", "S256"),
        ]);

        // RFC 6749 section 3.1: a query that the address has stays.
        var address = at.Authorization.Query.Length > 1 ? $"{at.Authorization.AbsoluteUri}&{query.Value![1..]}" : $"{at.Authorization.GetLeftPart(UriPartial.Path)}{query.Value}";
        return (new(issuer, address, _flows.Seal(flow)), null);
    }

    /// <summary>Takes the answer of an issuer. It ends the cookie of the sign-in, except with 503: then the same answer can be sent again.</summary>
    public async Task<(SignInDone? Done, SignInRefusal? Refused)> End(HttpRequest request)
    {
        var query = request.Query;
        if (_flows.Open(request.Cookies[Cookie]) is not { } flow || Find(flow.Issuer) is not { } with || One(query["state"]) is not { } state || !FixedTime.AreEqual(state, flow.State) || _taken.Has(state))
        {
            return (null, NotBegun);
        }

        if (await with.Addresses() is not { } at) return (null, Away(with));

        // RFC 9207 section 2.4: before anything else of the answer is looked at, an error too.
        if ((query.ContainsKey("iss") || at.NamesItself) && One(query["iss"]) != with.Issuer.Issuer)
        {
            return (null, new(StatusCodes.Status400BadRequest, "The answer is of another issuer than {0}. Begin again.", flow.Issuer));
        }

        if (query.ContainsKey("error"))
        {
            return (null, new(StatusCodes.Status401Unauthorized, "{0} did not sign you in: {1}.", flow.Issuer, One(query["error"]) is { } error && IssuerSignIn.IsErrorName(error) ? error : "error"));
        }

        if (One(query["code"]) is not { Length: > 0 and <= Limits.IssuerCodeLength } code)
        {
            return (null, new(StatusCodes.Status400BadRequest, "{0} sent you back without a code. Begin again.", flow.Issuer));
        }

        var from = request.HttpContext.Connection.RemoteIpAddress;
        using var place = (_before.Knows(from) ? _known : _strangers).Take(new($"{ClientAddress.NetworkOf(from)}"));
        if (place is null) return (null, SignInRefusal.Of(Passwords.Busy));
        if (!_taken.Add(state, true)) return (null, NotBegun);

        var (became, token) = await with.Redeem(at, code, flow.Verifier, Redirect(request));
        if (token is not null)
        {
            var (done, wrong) = await Verified(with, flow, token);
            if (done is not null)
            {
                _before.Keep(from);
            }

            return (done, wrong);
        }

        if (became == Redemption.OutOfReach)
        {
            _taken.Forget(state); // the page can be opened again; an issuer that has taken the code refuses it then
        }

        if (became != Redemption.CodeRefused) return (null, Refused(with, became));

        var refused = await _wrongKeys.Refuse(new ReceivedRequest(request.HttpContext), "issuer's", WrongCode);
        return (null, refused == WrongCode ? Refused(with, became) : SignInRefusal.Of(refused));
    }

    private async Task<(SignInDone?, SignInRefusal?)> Verified(IssuerSignIn with, SignInFlow flow, string presented)
    {
        if (SignedToken.Parse(presented) is not { } token) return (null, Refused(with, Redemption.NotUnderstood));

        var (issuer, claims) = (with.Issuer, token.Claims);
        if (IdTokenRules.Refusal(issuer, claims, flow.Nonce, _time.GetUtcNow()) is { } wrong)
        {
            return (null, new(StatusCodes.Status401Unauthorized, wrong));
        }

        if ((await _identities.Verify(issuer, token)).Refusal is { } forged)
        {
            return (null, new(forged.Code == Codes.Unavailable ? StatusCodes.Status503ServiceUnavailable : StatusCodes.Status401Unauthorized, forged.Message));
        }

        var roles = TokenRules.RolesOf(issuer, claims);
        return roles == Role.None
            ? (null, new(StatusCodes.Status403Forbidden, "Your account has no role here: the claim “{0}” of the token of {1} names none that is known.", issuer.RolesClaim, issuer.Name))
            : (new(await _signIns.Open(new(issuer.Tenant, TokenRules.NameOf(issuer, claims), roles, TokenRules.OwnerOf(issuer, claims)), TokenRules.EndOf(claims)), flow.Back), null);
    }

    private static SignInRefusal Refused(IssuerSignIn with, Redemption became) => became switch
    {
        Redemption.CodeRefused => new(StatusCodes.Status401Unauthorized, "{0} does not take the code, or not any more. Begin again.", with.Issuer.Name),
        Redemption.ClientRefused => new(StatusCodes.Status502BadGateway, "{0} does not take the client_id or client_secret of this server: whoever runs it has to look at AGORA_ISSUERS.", with.Issuer.Name),
        Redemption.OutOfReach => Away(with),
        _ => new(StatusCodes.Status502BadGateway, "{0} answered what is not understood here.", with.Issuer.Name),
    };

    private static readonly Rejection WrongCode = new(Codes.Unauthorized, "The issuer does not take the code.");

    private static readonly SignInRefusal NotBegun = new(StatusCodes.Status400BadRequest, "This sign-in was not begun in this browser, or more than ten minutes ago. Begin again.");

    private static SignInRefusal Away(IssuerSignIn with) => new(StatusCodes.Status503ServiceUnavailable, "{0} cannot be reached. Try again in a moment.", with.Issuer.Name);

    private IssuerSignIn? Find(string name) => _issuers.FirstOrDefault(issuer => issuer.Issuer.Name == name);

    /// <summary>The same when a code is redeemed as when it was asked for (RFC 6749 section 4.1.3): the cookie in between is this host's alone.</summary>
    private string Redirect(HttpRequest request) => $"{_options.PublicUrl ?? $"{request.Scheme}://{request.Host.ToUriComponent()}"}{ReturnPath}";

    /// <summary>RFC 6749 section 3.1: none stands there twice.</summary>
    private static string? One(StringValues values) => values is [{ } one] ? one : null;
}
