using System.Globalization;
using Agora.Core.Kernel;

namespace Agora.Core.Webhooks;

/// <summary>Endpoints, and the deliveries that are remembered of each.</summary>
public static class WebhookTables
{
    public static readonly Table Webhooks = new("webhooks", 2, "tenant", "webhook_id", "url", "description", "types", "active", "delivers", "deleted", "disabled_at", "disabled_reason", "updated_at");

    /// <summary>Of agents that have their inboxes told to them.</summary>
    public static readonly Table Inboxes = new("inbox_webhooks", 2, "tenant", "webhook_id", "url", "delivers", "updated_at");

    /// <summary>A place is taken anew by a later delivery. What the endpoint said stands in the journal.</summary>
    public static readonly Table Deliveries = new(
        "webhook_deliveries", 2, "tenant", "place", "webhook_id", "event_id", "type", "subject", "event_stream", "event_seq", "event_index", "happened_at", "sent_at", "attempt", "status", "took_ms", "error", "state");

    public static IEnumerable<Row> Rows(WebhookState state, WebhookEvent happened, DateTimeOffset at) => happened switch
    {
        WebhookEvent.Told e => e.Deliveries.Select((delivery, i) => Row(state, delivery, state.Number - e.Deliveries.Count + i)),
        WebhookEvent.Sent e => [Row(state, e.Delivery, state.Number - 1)],
        WebhookEvent.SendAsked or WebhookEvent.PageWaits or WebhookEvent.PageTaken => [],
        _ when state.IsOfAgent => [Inboxes.Row(state.Stream.Tenant, state.Stream.Id, state.Definition?.Url ?? "", state.Delivers ? 1L : 0L, at.ToMicros())],
        _ => [Row(state, at)],
    };

    private static Row Row(WebhookState state, DateTimeOffset at) => Webhooks.Row(
        state.Stream.Tenant,
        state.Stream.Id,
        state.Definition?.Url ?? "",
        state.Definition?.Description,
        state.Definition?.Types is { } types ? string.Join(' ', types) : null,
        state.Definition is { Active: true } ? 1L : 0L,
        state.Delivers ? 1L : 0L,
        state.Definition is null ? 1L : 0L,
        state.Disabled?.At.ToMicros(),
        state.Disabled?.Reason,
        at.ToMicros());

    private static Row Row(WebhookState state, Delivery delivery, long number) => Deliveries.Row(
        state.Stream.Tenant,
        string.Create(CultureInfo.InvariantCulture, $"{state.Stream.Id}/{number % Limits.WebhookDeliveries:D4}"),
        state.Stream.Id,
        delivery.EventId,
        delivery.Type,
        Subject(StreamId.Parse(delivery.Stream)),
        delivery.Stream,
        delivery.Place.Seq,
        (long)delivery.Place.Index,
        delivery.HappenedAt.ToMicros(),
        delivery.SentAt.ToMicros(),
        (long)delivery.Attempt,
        delivery.Status is { } status ? (long)status : null,
        (long)delivery.TookMs,
        delivery.Error,
        State(delivery));

    public static string State(Delivery delivery) => delivery.IsTaken ? "taken" : delivery.GivenUp ? "given_up" : "failed";

    /// <summary>As it is told: whose event it is, without the tenant.</summary>
    public static string Subject(StreamId stream) => $"{stream.Kind}/{stream.Id}";
}
