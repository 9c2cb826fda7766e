using Agora.Core.Access;
using Agora.Crypto.Tokens;
using Agora.Outbound;
using Microsoft.Extensions.Logging;

namespace Agora.Hosting;

/// <summary>
/// The keys of one issuer, as its discovery document and JWK Set say them, <see cref="Fetched{T}"/>. They are asked for again when a token names one that is not among them, for issuers change their keys.
/// </summary>
public sealed partial class IssuerKeys : IDisposable
{
    private readonly IssuerCalls _calls;
    private readonly Fetched<VerifyingKeys> _keys;
    private readonly ILogger<IssuerKeys> _log;

    public IssuerKeys(TrustedIssuer issuer, IOutbound outbound, TimeProvider time, ILogger<IssuerKeys> log)
    {
        (Issuer, _calls, _log) = (issuer, new(issuer, outbound, log), log);
        _keys = new(Read, time);
    }

    public TrustedIssuer Issuer { get; }

    /// <summary>As services are called, by the same guard: what is not public https has to be let through by AGORA_OUTBOUND_ALLOW.</summary>
    public static IssuerKeys Of(AgoraSettings settings, TrustedIssuer issuer, TimeProvider time, ILogger<IssuerKeys> log) => new(issuer, new HttpOutbound(OutboundRules.Of(settings), time), time, log);

    /// <summary>Those that a token of this header may be signed with; null: none are known, and the issuer is out of reach.</summary>
    public async Task<IReadOnlyList<VerifyingKey>?> Of(SignedToken token)
    {
        if (await _keys.Known() is not { } known) return null;

        var keys = known.Of(token.Algorithm, token.KeyId);
        return keys.Count > 0 || await _keys.Ask() is not { } newer ? keys : newer.Of(token.Algorithm, token.KeyId);
    }

    public void Dispose() => _calls.Dispose();

    private async Task<VerifyingKeys?> Read()
    {
        if ((Issuer.KeysAt ?? await Discovered()) is not { } address || await _calls.Get(address) is not { } json) return null;
        if (VerifyingKeys.Parse(json) is { Count: > 0 } keys) return keys;

        NoKeys(_log, Issuer.Name, address.ToString());
        return null;
    }

    private async Task<Uri?> Discovered()
    {
        if (await _calls.Discover() is not { } document) return null;
        if (document.Keys is null)
        {
            NoAddress(_log, Issuer.Name);
        }

        return document.Keys;
    }

    [LoggerMessage(EventId = 3, Level = LogLevel.Warning, Message = "Issuer {Issuer}: {Address} has no key of RS256, ES256 or EdDSA")]
    private static partial void NoKeys(ILogger log, string issuer, string address);

    [LoggerMessage(EventId = 4, Level = LogLevel.Warning, Message = "Issuer {Issuer}: its discovery document has no address of keys (jwks_uri)")]
    private static partial void NoAddress(ILogger log, string issuer);
}
