using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Agora.Application.Calls;
using Agora.Application.Catalogue;
using Agora.Application.Sessions;
using Agora.Application.Values;
using Agora.Contracts;
using Agora.Core.Agents;
using Agora.Core.Clocks;
using Agora.Core.Kernel;
using Agora.Core.Users;
using Agora.Crypto.Http;
using Agora.Grains.Clocks;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace Agora.Web;

/// <summary>Who signed a request, and with it whatever is asked over the connection that it opened.</summary>
/// <param name="SessionId">Of the agent's own, within which it is made; null: it is the agent's own.</param>
/// <param name="Key">By which it was signed, 32 bytes in base64url.</param>
/// <param name="Revision">Of the agent's standing: it runs, as its stream said.</param>
internal sealed record Signer(Tenant Tenant, string AgentId, string? SessionId, string Key, long Revision)
{
    public KeyHolder Holder => new(Tenant, $"agent:{AgentId}:{Openers.Card}", AgentId, Openers.Card, AgentRevision: Revision);
}

/// <summary>
/// HTTP Message Signatures (RFC 9421, Ed25519) with Content-Digest (RFC 9530), in place of a bearer token: by the key of the agent's card. What is not signed by it dies here, by arithmetic and
/// by what this process knows of cards: nothing comes to life for it. What is goes to the agent's stream, which admits it once (<see cref="SignedSeconds"/>).
/// </summary>
internal sealed class SignedRequests(IEntities entities, Catalogues catalogues, SessionOwners owners, ApiOptions options, TenantTimes times)
{
    public const string Tag = "agora-request";
    public const string WantedHeader = "Accept-Signature";
    public const string SessionHeader = "Agora-Session";
    private const string Input = "Signature-Input";
    private const string Signature = "Signature";

    /// <summary>Fields that decide what is done, in lower case: each is signed where it is sent, or whoever stands between could have it done otherwise, or twice. How the answer comes is none of it: that can be withheld anyway.</summary>
    private static readonly IReadOnlyList<string> Deciding =
        [.. ((string[])[SessionHeader, IdempotencyKeys.Header, PaymentHeader.Signature, PaymentHeader.XPayment, .. StreamHeaders.Heard]).Select(static header => header.ToLowerInvariant())];

    private static readonly SignaturePolicy Policy = new(["@method"], Tag) { Apart = Limits.SignedApart };

    /// <summary>Those of a request that have to be signed. An upgrade makes of a look a connection that speaks, and a stream takes its content for what the type says.</summary>
    public static IReadOnlyList<string> DecidingIn(HttpRequest request) =>
    [
        .. Deciding.Where(request.Headers.ContainsKey),
        .. request.HttpContext.WebSockets.IsWebSocketRequest ? (string[])["upgrade"] : [],
        .. request.Headers.ContentType.Count > 0 && request.Path.StartsWithSegments(StreamHeaders.Root) ? (string[])["content-type"] : [],
    ];

    /// <summary>The request means to be taken by its signature; one of a proxy's, say, beside a bearer token is none of ours.</summary>
    public static bool IsMeant(Request request) => request.Signer is not null || (request.Header(HeaderNames.Authorization).Count == 0
        ? request.Header(Input).Count > 0 || request.Header(Signature).Count > 0 || request.Header(SessionHeader).Count > 0
        : request.Header(Input).ToString().Contains(Tag, StringComparison.Ordinal));

    /// <summary>The agent means one of its sessions.</summary>
    public static bool IsInSession(Request request) => request.Signer is { } signer ? signer.SessionId is not null : request.Header(SessionHeader).Count > 0;

    /// <summary>What a signature must cover (RFC 9421 section 5.1).</summary>
    public static (string Name, string Value) Wanted(HttpContext http) => (
        WantedHeader,
        $"""agora=("@method" "@target-uri"{(Body.IsSent(http) ? $" \"{ContentDigest.Field}\"" : "")}{string.Concat(DecidingIn(http.Request).Select(field => $" \"{field}\""))});created;alg="{HttpSignature.Algorithm}";tag="{Tag}" """.TrimEnd());

    /// <summary>Once a request; behind that, and over the connection that it opened, whether what signed it still stands.</summary>
    /// <param name="bodyBytes">The most that the route takes.</param>
    /// <returns>Whose request it is, admitted; or why it is refused.</returns>
    public Task<(Signer? Signer, Rejection? Refused)> Verify(Request request, int bodyBytes = Limits.BodyBytes) =>
        request.Signer is { } known ? Standing(known) : request is ReceivedRequest { Http: var http } ? Admit(http, bodyBytes) : throw new InvalidOperationException("What is asked within this process is signed by whom it is asked for.");

    private async Task<(Signer? Signer, Rejection? Refused)> Standing(Signer known)
    {
        if (await times.Current(known.Tenant) is null) return (null, ClockRejection.Over);

        var answer = await entities.In(known.Tenant).Agent(known.AgentId).Send(new AgentCommand.VerifyCard(known.Key), Commands.Fresh(times.Of(known.Tenant)));
        return answer.Reply is KeyAccepted accepted ? (known with { Revision = accepted.Revision }, null) : (null, answer.Rejection);
    }

    private async Task<(Signer? Signer, Rejection? Refused)> Admit(HttpContext http, int bodyBytes)
    {
        if (http.Request.Headers.Authorization.Count > 0) return (null, SignedFaults.TwoCredentials);
        if (http.Request.Headers[SessionHeader] is { Count: > 1 }) return (null, SignedFaults.NoSession);

        var asked = new Asked(catalogues);
        var (message, verdict) = Verdict(http.Request, asked);
        if (asked.Refused is { } unknown) return (null, unknown);
        if (message is null) return (null, SignedFaults.Elsewhere);
        if (verdict.Input is not { } input) return (null, SignedFaults.Of(verdict.Fault!.Value));
        if (SignedFaults.Uncovered(input, http.Request) is { } uncovered) return (null, uncovered);
        if (input.Nonce is not { Length: > 0 and <= Limits.NonceCharacters } nonce) return (null, SignedFaults.NoNonce);

        var (tenant, agentId) = (asked.Id!.Tenant, asked.Id.AgentId);
        RequestOwners.Set(http, PlaceOwners.Of(tenant, agentId));
        if (await Digested(http, message, input, bodyBytes) is { } other) return (null, other);
        if (await times.Current(tenant) is null) return (null, ClockRejection.Over);

        var admit = new AgentCommand.Admit(asked.Card!.Key, input.Created!.Value, HashOf(nonce));
        var admitted = await entities.In(tenant).Agent(agentId).Send(admit, Commands.Fresh(times.Of(tenant)));
        if (admitted.Rejection is { } refused) return (null, refused);

        var session = http.Request.Headers[SessionHeader].SingleOrDefault();
        if (session is not null && !await owners.IsOf(tenant, session, agentId, http.RequestAborted)) return (null, SignedFaults.NoSession);

        var signer = new Signer(tenant, agentId, session, admit.Key, ((RequestAdmitted)admitted.Reply!).Revision);
        http.Features.Set(signer);
        return (signer, null);
    }

    /// <summary>
    /// Verifies the signature against the server's own addresses. The caller chooses the header Host, so a request that was signed for another server can arrive with that server's name (RFC 9421 section 7.2).
    /// </summary>
    /// <returns>A null message if the signature is valid for an address that is not this server's, or if this server does not know its addresses.</returns>
    private (HttpMessage? Message, SignatureVerdict Verdict) Verdict(HttpRequest request, Asked asked)
    {
        var now = times.World.GetUtcNow();
        var own = Own(request).ToList();
        foreach (var message in own)
        {
            var verdict = HttpSignature.Verify(message, Policy, asked.Key, now);
            if (verdict.Fault != SignatureFault.Wrong) return (message, verdict);
        }

        var received = SignedMessage.Of(request);
        var elsewhere = HttpSignature.Verify(received, Policy, asked.Key, now);
        return elsewhere.Fault is null || (elsewhere.Fault == SignatureFault.Wrong && own.Count == 0) ? (null, elsewhere) : (received, elsewhere);
    }

    /// <summary>The request as it was sent to each of this server's addresses: those of AGORA_PUBLIC_URL and, over loopback, the loopback name and port that were called.</summary>
    private IEnumerable<HttpMessage> Own(HttpRequest request)
    {
        if (HostNames.IsCalledByLoopback(request.HttpContext))
        {
            yield return SignedMessage.Of(request);
        }

        foreach (var address in options.PublicUrls) yield return SignedMessage.Of(request, new(address));
    }

    private static async Task<Rejection?> Digested(HttpContext http, HttpMessage message, SignatureInput input, int bodyBytes)
    {
        var isCovered = input.Components.Contains(ContentDigest.Field);
        if (!isCovered && Body.IsSent(http) && http.Request.ContentLength is not 0) return SignedFaults.NoDigest;
        if (!isCovered) return null;

        var (bytes, refused) = Body.IsSent(http) ? await Body.Peek(http, bodyBytes) : (ReadOnlyMemory<byte>.Empty, null);
        if (bytes is not { } sent) return refused; // refused here, because a later reader would find the rest of the body, which is not signed

        return HttpSignature.IsOf(message, input, sent.Span) ? null : SignedFaults.Of(SignatureFault.Digest);
    }

    private static Guid HashOf(string nonce) => new(SHA256.HashData(Encoding.ASCII.GetBytes(nonce)).AsSpan(0, 16));

    /// <summary>Which key a signature names, and what is wrong with that.</summary>
    private sealed class Asked(Catalogues catalogues)
    {
        public SignedKeyId? Id { get; private set; }

        public SigningCard? Card { get; private set; }

        public Rejection? Refused { get; private set; }

        public Crypto.Jwk? Key(string keyId)
        {
            Id = SignedKeyId.Parse(keyId);
            Card = Id is null ? null : catalogues.SigningCard(Id.Tenant, Id.AgentId);
            Refused = Card is null ? SignatureRejection.Of(SignatureRejection.UnknownKey)
                : Card.IsRevoked ? SignatureRejection.Of(SignatureRejection.RevokedKey)
                : Card.SigningKey.KeyId != Id!.Thumbprint ? SignatureRejection.Of(SignatureRejection.OtherKey)
                : null;
            return Refused is null ? Card!.SigningKey : null;
        }
    }
}

/// <summary>How a signature names its key: <c>tenant.agent#thumbprint</c> (RFC 7638). A tenant's name has no dot, an agent's id no '#'.</summary>
internal sealed record SignedKeyId(Tenant Tenant, string AgentId, string Thumbprint)
{
    private const int ThumbprintCharacters = 43;

    public static SignedKeyId? Parse(string text)
    {
        var (dot, mark) = (text.IndexOf('.', StringComparison.Ordinal), text.IndexOf('#', StringComparison.Ordinal));
        return dot > 0 && mark > dot + 1 && text.Length == mark + 1 + ThumbprintCharacters && Base64Url.IsValid(text.AsSpan(mark + 1))
            && Tenant.Parse(text.AsSpan(0, dot)) is { } tenant && DisplayText.IsId(text.AsSpan(dot + 1, mark - dot - 1))
            ? new(tenant, text[(dot + 1)..mark], text[(mark + 1)..]) : null;
    }
}
