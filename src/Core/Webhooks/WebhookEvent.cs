using System.Text.Json.Serialization;
using Agora.Core.Kernel;

namespace Agora.Core.Webhooks;

/// <summary>Closed union of what happens to an endpoint that is told what happens.</summary>
public abstract record WebhookEvent
{
    private WebhookEvent()
    {
    }

    /// <param name="From">Where the feed is followed from; null: it is followed already.</param>
    public sealed record DefinitionPut(WebhookView View, string? From = null) : WebhookEvent;

    /// <summary>It is told nothing more, and its secrets sign nothing more.</summary>
    public sealed record Deleted(string WebhookId) : WebhookEvent;

    /// <param name="FormerUntil">The one that it replaces signs until then; null: there was none, or it signs no more.</param>
    public sealed record SecretIssued(WebhookSecretView Secret, DateTimeOffset? FormerUntil = null) : WebhookEvent
    {
        [JsonIgnore]
        public Personal? Seed { get; init; }
    }

    /// <summary>What was told, and what of it was not taken; one row for all that was told together.</summary>
    /// <param name="Cursor">All before it was taken, or waits. Null: as it was.</param>
    /// <param name="Waits">Subjects that wait from here on, or wait otherwise.</param>
    /// <param name="Freed">Streams of subjects that wait no more.</param>
    public sealed record Told(string? Cursor, IReadOnlyList<Delivery> Deliveries, IReadOnlyList<WaitingSubject>? Waits = null, IReadOnlyList<string>? Freed = null) : WebhookEvent;

    /// <summary>For as long as an event is tried it took nothing: it is told nothing more until an operator puts it again. What waits goes on waiting.</summary>
    public sealed record Disabled(WebhookDisabled Why) : WebhookEvent;

    /// <summary>An operator wants something sent: a test, or an event of before.</summary>
    public sealed record SendAsked(PendingSend Send) : WebhookEvent;

    /// <summary>Answers the command that asked for it.</summary>
    public sealed record Sent(Guid CommandId, Delivery Delivery) : WebhookEvent;

    /// <summary>What happened in a span is told again, in order; then the feed is followed from where it was.</summary>
    public sealed record ReplayBegun(WebhookReplay Replay) : WebhookEvent;

    public sealed record ReplayEnded : WebhookEvent;

    /// <summary>An agent wants its inbox told to it.</summary>
    /// <param name="By">The credential it came with, with which this ends.</param>
    /// <param name="From">Where the inbox is told from; null: from where it is.</param>
    /// <param name="Secret">Null: the one that it has goes on signing.</param>
    public sealed record InboxPut(WebhookView View, string By, string? From = null, WebhookSecretView? Secret = null) : WebhookEvent
    {
        [JsonIgnore]
        public Personal? Seed { get; init; }
    }

    /// <summary>A page of an inbox is to be told: before its first try, and after each that failed.</summary>
    public sealed record PageWaits(PendingPage Page) : WebhookEvent;

    /// <summary>The page that was to be told was taken: the next one begins behind it.</summary>
    public sealed record PageTaken(string EventId, DateTimeOffset SentAt) : WebhookEvent;

    /// <summary>A fail-over has cut off the place where the feed was followed: it is read anew, from the first row whose time is not before this.</summary>
    public sealed record Rewound(DateTimeOffset From) : WebhookEvent;
}
