using System.Text;
using System.Text.Json;
using Agora.Core.Access;
using Agora.Core.Kernel;
using Agora.Crypto;
using Agora.Outbound;
using Microsoft.Extensions.Logging;

namespace Agora.Hosting;

/// <summary>What a discovery document says (OpenID Connect Discovery 1.0 section 3). Null: it says none that could be called.</summary>
/// <param name="NamesItself">Its answers at our address say whose they are (RFC 9207 section 3).</param>
internal sealed record IssuerDocument(Uri? Keys, Uri? Authorization, Uri? Token, bool NamesItself);

/// <summary>How an issuer is asked: as services are called, by the same guard, within <see cref="Limits.IssuerWait"/>.</summary>
internal sealed partial class IssuerCalls(TrustedIssuer issuer, IOutbound outbound, ILogger log) : IDisposable
{
    private const string Form = "application/x-www-form-urlencoded";

    /// <returns>Null: it cannot be reached, or what is there is not of this issuer.</returns>
    public async Task<IssuerDocument?> Discover()
    {
        var address = new Uri($"{issuer.Issuer.TrimEnd('/')}/.well-known/openid-configuration");
        if (await Get(address) is not { } json) return null;

        try
        {
            using var document = JsonDocument.Parse(json);
            if (document.RootElement is { ValueKind: JsonValueKind.Object } root && root.TextOf("issuer") == issuer.Issuer) // section 4.3: else it is another's
            {
                return new(
                    AddressOf(root, "jwks_uri"),
                    AddressOf(root, "authorization_endpoint"),
                    AddressOf(root, "token_endpoint"),
                    root.TryGetProperty("authorization_response_iss_parameter_supported", out var names) && names.ValueKind == JsonValueKind.True);
            }
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // As with any other document that says nothing.
        }

        NoDiscovery(log, issuer.Name, address.ToString());
        return null;
    }

    public async Task<ReadOnlyMemory<byte>?> Get(Uri address)
    {
        // Whoever asked first may be gone while others wait.
        var result = await outbound.Call(Call(address, null, "keys", OutboundLimits.MaxAttempts), CancellationToken.None);
        if (result is OutboundResult.Succeeded ok) return ok.Body;

        OutOfReach(log, issuer.Name, address.ToString(), (result as OutboundResult.Failed)?.Kind.ToString() ?? "");
        return null;
    }

    /// <summary>Once: what is posted to an issuer counts once (RFC 6749 section 4.1.2). A 4xx is an answer.</summary>
    /// <param name="authorization">Null: nothing proves who posts it.</param>
    public async Task<OutboundResult.Succeeded?> Post(Uri address, string form, string? authorization)
    {
        var result = await outbound.Call(Call(address, form, Guid.NewGuid().ToString("N"), 1, authorization), CancellationToken.None);
        if (result is OutboundResult.Succeeded ok) return ok;

        OutOfReach(log, issuer.Name, address.ToString(), (result as OutboundResult.Failed)?.Kind.ToString() ?? "");
        return null;
    }

    public void Dispose() => (outbound as IDisposable)?.Dispose();

    private OutboundCall Call(Uri address, string? form, string key, int attempts, string? authorization = null) => new()
    {
        ServiceId = $"issuer:{issuer.Name}:{address.AbsolutePath}",
        Endpoint = address,
        Body = form is null ? default(ReadOnlyMemory<byte>?) : Encoding.ASCII.GetBytes(form), // a null of bytes would be an empty body
        BodyType = Form,
        Auth = authorization is null ? null : new("Authorization", authorization),
        ReadsRefusals = form is not null,
        MaxResponseBytes = form is null ? OutboundLimits.MaxResponseBytes : Limits.IssuerTokenBytes,
        MaxAttempts = attempts,
        IdempotencyKey = key,
        AttemptTimeout = form is null ? Limits.IssuerWait / 2 : Limits.IssuerWait,
        Deadline = Limits.IssuerWait,
    };

    private static Uri? AddressOf(JsonElement root, string name) => root.TextOf(name) is { } text && EndpointRules.Check(text) is null ? new(text) : null;

    [LoggerMessage(EventId = 1, Level = LogLevel.Warning, Message = "Issuer {Issuer} cannot be asked at {Address}: {Kind}")]
    private static partial void OutOfReach(ILogger log, string issuer, string address, string kind);

    [LoggerMessage(EventId = 2, Level = LogLevel.Warning, Message = "Issuer {Issuer}: {Address} is no discovery document of this issuer")]
    private static partial void NoDiscovery(ILogger log, string issuer, string address);
}
