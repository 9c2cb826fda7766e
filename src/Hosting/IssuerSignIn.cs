using System.Text;
using System.Text.Json;
using Agora.Core.Access;
using Agora.Core.Kernel;
using Agora.Crypto;
using Agora.Outbound;
using Microsoft.Extensions.Logging;

namespace Agora.Hosting;

/// <summary>Where people sign in at an issuer, and where what they bring back is redeemed.</summary>
/// <param name="NamesItself">Its answers say whose they are (RFC 9207 section 3), so one that does not is none of its own.</param>
public sealed record SignInAddresses(Uri Authorization, Uri Token, bool NamesItself);

/// <summary>What became of a code.</summary>
public enum Redemption
{
    /// <summary>There is a token.</summary>
    Redeemed = 1,

    /// <summary>The code is used up, or too old, or was given to another sign-in.</summary>
    CodeRefused = 2,

    /// <summary>The issuer does not take the client's id or secret.</summary>
    ClientRefused = 3,

    OutOfReach = 4,

    /// <summary>It answered what is no token.</summary>
    NotUnderstood = 5,
}

/// <summary>The part of an issuer by which people sign in (OpenID Connect Core 1.0 section 3.1): its addresses, <see cref="Fetched{T}"/>, and its token endpoint.</summary>
public sealed partial class IssuerSignIn : IDisposable
{
    private readonly IssuerCalls _calls;
    private readonly Fetched<SignInAddresses> _addresses;
    private readonly ILogger<IssuerSignIn> _log;

    public IssuerSignIn(TrustedIssuer issuer, IOutbound outbound, TimeProvider time, ILogger<IssuerSignIn> log)
    {
        (Issuer, Client, _calls, _log) = (issuer, issuer.SignIn ?? throw new ArgumentException("Nobody signs in by this issuer.", nameof(issuer)), new(issuer, outbound, log), log);
        _addresses = new(Read, time);
    }

    public TrustedIssuer Issuer { get; }

    public SignInClient Client { get; }

    /// <summary>By the same guard as its keys are asked for.</summary>
    public static IssuerSignIn Of(AgoraSettings settings, TrustedIssuer issuer, TimeProvider time, ILogger<IssuerSignIn> log) => new(issuer, new HttpOutbound(OutboundRules.Of(settings), time), time, log);

    /// <summary>An error's code that may be shown and logged.</summary>
    public static bool IsErrorName(string error) => error.Length is > 0 and <= Limits.IssuerErrorLength && error.All(static c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-' or '.');

    /// <returns>Null: they are not known, and the issuer is out of reach.</returns>
    public Task<SignInAddresses?> Addresses() => _addresses.Known();

    /// <summary>Exchanges a code for the token that names who signed in (RFC 6749 section 4.1.3, RFC 7636 section 4.5).</summary>
    /// <param name="redirect">As the authorization was asked for.</param>
    /// <returns>The token only where it was redeemed; nothing of it is verified.</returns>
    public async Task<(Redemption Became, string? IdToken)> Redeem(SignInAddresses at, string code, string verifier, string redirect)
    {
        var answer = await _calls.Post(at.Token, FormOf(code, verifier, redirect), Basic());
        return answer is null ? (Redemption.OutOfReach, null) : Understood(answer);
    }

    public void Dispose() => _calls.Dispose();

    private async Task<SignInAddresses?> Read()
    {
        if (await _calls.Discover() is not { } document) return null;
        if (document is { Authorization: { } authorization, Token: { } token } && IsAsSafe(authorization) && IsAsSafe(token))
        {
            return new(authorization, token, document.NamesItself);
        }

        NoAddresses(_log, Issuer.Name);
        return null;
    }

    /// <summary>ASCII, as it goes into a header; and RFC 6749 sections 3.1 and 3.2: both are https. Only an issuer whose own name is http, on a network that is let through, may have others.</summary>
    private bool IsAsSafe(Uri address) => Ascii.IsValid(address.AbsoluteUri) && (address.Scheme == Uri.UriSchemeHttps || Issuer.Issuer.StartsWith("http:", StringComparison.OrdinalIgnoreCase));

    private string FormOf(string code, string verifier, string redirect)
    {
        var form = $"grant_type=authorization_code&code={Uri.EscapeDataString(code)}&redirect_uri={Uri.EscapeDataString(redirect)}&code_verifier={Uri.EscapeDataString(verifier)}";
        return Client.ClientSecret is null ? $"{form}&client_id={Uri.EscapeDataString(Client.ClientId)}" : form;
    }

    /// <summary>RFC 6749 section 2.3.1: both parts are written as in a form before they are joined.</summary>
    private string? Basic() => Client.ClientSecret is not { } secret ? null
        : $"Basic {Convert.ToBase64String(Encoding.ASCII.GetBytes($"{Uri.EscapeDataString(Client.ClientId)}:{Uri.EscapeDataString(secret)}"))}";

    private (Redemption, string?) Understood(OutboundResult.Succeeded answer)
    {
        try
        {
            using var document = JsonDocument.Parse(answer.Body, new() { AllowDuplicateProperties = false });
            if (document.RootElement is { ValueKind: JsonValueKind.Object } root)
            {
                if (answer.Status < 400) return root.TextOf("id_token") is { } token ? (Redemption.Redeemed, token) : NoToken();

                // RFC 6749 section 5.2. What it says besides is for nobody's eyes but the issuer's.
                var error = root.TextOf("error") ?? "";
                Refused(_log, Issuer.Name, answer.Status, IsErrorName(error) ? error : "");
                return (error == "invalid_grant" ? Redemption.CodeRefused : error is "invalid_client" or "unauthorized_client" ? Redemption.ClientRefused : Redemption.NotUnderstood, null);
            }
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // As with any other answer that is no token.
        }

        return NoToken();
    }

    private (Redemption, string?) NoToken()
    {
        NotUnderstood(_log, Issuer.Name);
        return (Redemption.NotUnderstood, null);
    }

    [LoggerMessage(EventId = 5, Level = LogLevel.Warning, Message = "Issuer {Issuer}: its discovery document has no authorization_endpoint and token_endpoint by https")]
    private static partial void NoAddresses(ILogger log, string issuer);

    [LoggerMessage(EventId = 6, Level = LogLevel.Warning, Message = "Issuer {Issuer} refused a code with {Status} {Error}")]
    private static partial void Refused(ILogger log, string issuer, int status, string error);

    [LoggerMessage(EventId = 7, Level = LogLevel.Warning, Message = "Issuer {Issuer} answered a code with no id_token")]
    private static partial void NotUnderstood(ILogger log, string issuer);
}
