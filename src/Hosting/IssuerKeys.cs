using System.Text.Json;
using Agora.Core.Access;
using Agora.Core.Kernel;
using Agora.Crypto;
using Agora.Crypto.Tokens;
using Agora.Outbound;
using Microsoft.Extensions.Logging;

namespace Agora.Hosting;

/// <summary>
/// The keys of one issuer, as its discovery document and JWK Set say them. They are asked for again when they are older than <see cref="Limits.IssuerKeysFresh"/>, and when a token names one
/// that is not among them, for issuers change their keys; but within <see cref="Limits.IssuerAskedAgain"/> only once, so made-up names cost the issuer nothing. While it
/// cannot be reached those that were known last count, for <see cref="Limits.IssuerKeysKept"/>.
/// </summary>
public sealed partial class IssuerKeys(TrustedIssuer issuer, IOutbound outbound, TimeProvider time, ILogger<IssuerKeys> log) : IDisposable
{
    private readonly Lock _gate = new();
    private Known? _known;
    private Task<Known?>? _asking;
    private long _askedAt;
    private bool _asked;

    private sealed record Known(VerifyingKeys Keys, long At);

    public TrustedIssuer Issuer => issuer;

    /// <summary>As services are called, by the same guard: what is not public https has to be let through by AGORA_OUTBOUND_ALLOW.</summary>
    public static IssuerKeys Of(AgoraSettings settings, TrustedIssuer issuer, TimeProvider time, ILogger<IssuerKeys> log) => new(issuer, new HttpOutbound(OutboundRules.Of(settings), time), time, log);

    /// <summary>Those that a token of this header may be signed with; null: none are known, and the issuer is out of reach.</summary>
    public async Task<IReadOnlyList<VerifyingKey>?> Of(SignedToken token)
    {
        var known = IsFresh(_known) ? _known : await Ask() ?? Kept();
        if (known is null) return null;

        var keys = known.Keys.Of(token.Algorithm, token.KeyId);
        return keys.Count > 0 || await Ask() is not { } newer ? keys : newer.Keys.Of(token.Algorithm, token.KeyId);
    }

    public void Dispose() => (outbound as IDisposable)?.Dispose();

    private bool IsFresh(Known? known) => known is not null && time.GetElapsedTime(known.At) < Limits.IssuerKeysFresh;

    private Known? Kept() => _known is { } known && time.GetElapsedTime(known.At) < Limits.IssuerKeysKept ? known : null;

    /// <summary>Whoever comes while it is asked waits for the same answer.</summary>
    /// <returns>Null: there is no new answer.</returns>
    private Task<Known?> Ask()
    {
        lock (_gate)
        {
            if (_asking is { IsCompleted: false } asking) return asking;
            if (_asked && time.GetElapsedTime(_askedAt) < Limits.IssuerAskedAgain) return Task.FromResult<Known?>(null);

            (_asked, _askedAt) = (true, time.GetTimestamp());
            return _asking = Read();
        }
    }

    private async Task<Known?> Read()
    {
        if ((issuer.KeysAt ?? await Discovered()) is not { } address || await Get(address) is not { } json) return null;

        if (VerifyingKeys.Parse(json) is not { Count: > 0 } keys)
        {
            NoKeys(log, issuer.Name, address.ToString());
            return null;
        }

        return _known = new(keys, time.GetTimestamp());
    }

    private async Task<Uri?> Discovered()
    {
        var address = new Uri($"{issuer.Issuer.TrimEnd('/')}/.well-known/openid-configuration");
        if (await Get(address) is not { } json) return null;

        try
        {
            using var document = JsonDocument.Parse(json);
            if (document.RootElement is { ValueKind: JsonValueKind.Object } root
                && root.TextOf("issuer") == issuer.Issuer // section 4.3: else it is another's
                && root.TextOf("jwks_uri") is { } uri && EndpointRules.Check(uri) is null)
            {
                return new(uri);
            }
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // As with any other document that says nothing.
        }

        NoDiscovery(log, issuer.Name, address.ToString());
        return null;
    }

    private async Task<ReadOnlyMemory<byte>?> Get(Uri address)
    {
        var result = await outbound.Call(
            new()
            {
                ServiceId = $"issuer:{issuer.Name}:{address.AbsolutePath}",
                Endpoint = address,
                Body = null,
                IdempotencyKey = "keys",
                AttemptTimeout = Limits.IssuerWait / 2,
                Deadline = Limits.IssuerWait,
            },
            CancellationToken.None); // whoever asked first may be gone while others wait
        if (result is OutboundResult.Succeeded ok) return ok.Body;

        OutOfReach(log, issuer.Name, address.ToString(), (result as OutboundResult.Failed)?.Kind.ToString() ?? "");
        return null;
    }

    [LoggerMessage(EventId = 1, Level = LogLevel.Warning, Message = "The keys of issuer {Issuer} could not be read from {Address}: {Kind}")]
    private static partial void OutOfReach(ILogger log, string issuer, string address, string kind);

    [LoggerMessage(EventId = 2, Level = LogLevel.Warning, Message = "Issuer {Issuer}: {Address} is no discovery document of this issuer with an address of keys")]
    private static partial void NoDiscovery(ILogger log, string issuer, string address);

    [LoggerMessage(EventId = 3, Level = LogLevel.Warning, Message = "Issuer {Issuer}: {Address} has no key of RS256, ES256 or EdDSA")]
    private static partial void NoKeys(ILogger log, string issuer, string address);
}
