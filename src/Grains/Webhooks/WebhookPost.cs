using System.Globalization;
using System.Text;
using Agora.Core.Kernel;
using Agora.Core.Webhooks;
using Agora.Crypto.Webhooks;
using Agora.Outbound;

namespace Agora.Grains.Webhooks;

/// <summary>By HTTP, signed, through the outbound guard. Any 2xx says that it was taken; nothing is redirected.</summary>
public sealed class WebhookPost(IOutbound outbound, TimeProvider time) : IWebhookPost
{
    public async Task<WebhookAnswer> Post(WebhookMessage message, CancellationToken cancel)
    {
        var at = time.GetUtcNow().ToUnixTimeSeconds();
        var call = new OutboundCall
        {
            ServiceId = message.Endpoint.ToString(),
            Endpoint = new Uri(message.Url),
            Caller = new(message.Endpoint.ToString(), message.Endpoint.ToString(), message.Endpoint.Tenant),
            Body = message.Body,
            IdempotencyKey = message.Id,
            Headers = [new("webhook-id", message.Id), new("webhook-timestamp", at.ToString(CultureInfo.InvariantCulture)), new("webhook-signature", Signatures(message, at))],
            OnceForBytes = Limits.WebhookAnswerBytes,
            AttemptTimeout = Limits.WebhookTimeout,
        };
        return await outbound.Call(call, cancel) switch
        {
            OutboundResult.Answered { Status: >= 200 and < 300 } taken => new(taken.Status, null, Said(taken.Head)),
            OutboundResult.Answered answered => new(answered.Status, answered.Status is >= 300 and < 400 ? DeliveryErrors.Redirect : DeliveryErrors.Status, Said(answered.Head)),
            OutboundResult.Failed failed => new(null, ErrorOf(failed.Kind), null),
            var other => throw new System.Diagnostics.UnreachableException(other.GetType().Name),
        };
    }

    private static string Signatures(WebhookMessage message, long at) => string.Join(' ', message.Seeds.Select(seed =>
    {
        using var key = new WebhookKey(Convert.FromBase64String(seed.Read<string>()!));
        return key.Sign(message.Id, at, message.Body.Span);
    }));

    /// <summary>Whatever bytes these are: what is no text is left out, so that it can be kept and shown.</summary>
    private static string? Said(ReadOnlyMemory<byte> head) =>
        string.Concat(Encoding.UTF8.GetString(head.Span).EnumerateRunes().Where(static rune => rune != Rune.ReplacementChar && !IsHidden(rune))) is { Length: > 0 } said ? said : null;

    // What stands in no line of its own, or turns one around, would be read as ours where it is shown.
    private static bool IsHidden(Rune rune) => Rune.GetUnicodeCategory(rune) is UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator;

    private static string ErrorOf(OutboundFailure kind) => kind switch
    {
        OutboundFailure.Refused => DeliveryErrors.Refused,
        OutboundFailure.Timeout => DeliveryErrors.Timeout,
        OutboundFailure.Tls => DeliveryErrors.Tls,
        OutboundFailure.TooLarge or OutboundFailure.Malformed => DeliveryErrors.Malformed,
        _ => DeliveryErrors.Connection,
    };
}
