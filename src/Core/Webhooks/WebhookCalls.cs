using Agora.Core.Kernel;

namespace Agora.Core.Webhooks;

/// <summary>Reads what is new in the feed, and tells the endpoint what it wants of it.</summary>
/// <param name="Reads">False: nothing new is read, for too much waits.</param>
/// <param name="Cursor">Null: from the first row on.</param>
/// <param name="NotBefore">Rows of before are passed over; null: none is.</param>
/// <param name="NotAfter">Of a span that is told again: rows of later are passed over, and it ends well behind it; null: there is no end.</param>
/// <param name="Waiting">Subjects that wait: none of their events from their places on is told.</param>
/// <param name="Pause">Before anything.</param>
/// <param name="Patience">How long it waits for something to tell.</param>
public sealed record WebhookWindow(
    WebhookDefinition Definition, bool Reads, string? Cursor, DateTimeOffset? NotBefore, IReadOnlyDictionary<string, Place> Waiting, TimeSpan Pause, TimeSpan Patience, DateTimeOffset? NotAfter = null) : OutsideCall
{
    public static readonly OutsideKind Outside = new("webhook_window", Limits.WebhookWindowAtMost);

    public override OutsideKind Kind => Outside;
}

/// <summary>Tells the endpoint what has waited of one subject, in order, until it takes one not.</summary>
public sealed record WebhookSubject(WebhookDefinition Definition, WaitingSubject Subject) : OutsideCall
{
    /// <summary>Each of its tries may hang.</summary>
    public static readonly OutsideKind Outside = new("webhook_subject", (Limits.WebhookCatchUp + 1) * Limits.WebhookTimeout);

    public override OutsideKind Kind => Outside;
}

/// <summary>Sends one message because an operator asked.</summary>
public sealed record WebhookSend(PendingSend Send) : OutsideCall
{
    public static readonly OutsideKind Outside = new("webhook_send", 2 * Limits.WebhookTimeout);

    public override OutsideKind Kind => Outside;
}

/// <summary>Looks for what an agent's inbox tells behind a place, or tells the page that was found there.</summary>
/// <param name="By">The credential with which the agent asked for it.</param>
/// <param name="After">Where it looks from.</param>
/// <param name="Page">The one that is to be told; null: there is none yet.</param>
/// <param name="IsDue">False: the time of the page's next try comes later than the pause ends.</param>
/// <param name="Pause">Before anything.</param>
public sealed record WebhookInbox(string By, string After, PendingPage? Page, bool IsDue, TimeSpan Pause) : OutsideCall
{
    /// <summary>A pause, a look, or a try that hangs; and as much again for what is looked up before.</summary>
    public static readonly OutsideKind Outside = new("webhook_inbox", 2 * (Limits.WebhookPatience + Limits.WebhookTimeout + Limits.GrainCallTimeout));

    public override OutsideKind Kind => Outside;
}

/// <summary>Closed: what came of telling.</summary>
public abstract record WebhookOutcome : StepOutcome
{
    private WebhookOutcome()
    {
    }

    /// <param name="Cursor">Up to which was read; null: nothing was.</param>
    /// <param name="IsCutOff">The place from which it was to be read is gone.</param>
    /// <param name="Passed">Rows that were looked at, but for endpoints' own.</param>
    /// <param name="Deliveries">In the order in which they ended.</param>
    /// <param name="IsOver">All that was to be told again has been met.</param>
    /// <param name="Left">What was met and not taken, or not told: a subject each.</param>
    public sealed record Window(string? Cursor, bool IsCutOff, int Passed, IReadOnlyList<Delivery> Deliveries, IReadOnlyList<LeftSubject> Left, bool IsOver = false) : WebhookOutcome;

    public sealed record Sent(Delivery Delivery) : WebhookOutcome;

    /// <summary>Of an inbox.</summary>
    /// <param name="Cursor">Up to which was looked.</param>
    /// <param name="IsPage">Something is told up to there.</param>
    public sealed record Looked(string Cursor, bool IsPage) : WebhookOutcome;

    /// <param name="Status">Null: there was no answer.</param>
    /// <param name="Error">One of <see cref="DeliveryErrors"/>; null: the page was taken.</param>
    public sealed record PageSent(DateTimeOffset SentAt, int? Status, string? Error) : WebhookOutcome;

    /// <summary>The agent is told nothing more, until it asks for it again.</summary>
    public sealed record InboxOver(string Reason) : WebhookOutcome;

    /// <param name="Next">From where it goes on; null: all up to the last row was taken.</param>
    public sealed record Subject(IReadOnlyList<Delivery> Deliveries, Place? Next) : WebhookOutcome;
}

/// <param name="From">The first event that was not taken.</param>
/// <param name="UpTo">The last of its rows that was met.</param>
/// <param name="Tried">It was told, and not taken.</param>
public sealed record LeftSubject(string Stream, Place From, long UpTo, bool Tried);
