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

    /// <param name="Next">From where it goes on; null: all up to the last row was taken.</param>
    public sealed record Subject(IReadOnlyList<Delivery> Deliveries, Place? Next) : WebhookOutcome;
}

/// <param name="From">The first event that was not taken.</param>
/// <param name="UpTo">The last of its rows that was met.</param>
/// <param name="Tried">It was told, and not taken.</param>
public sealed record LeftSubject(string Stream, Place From, long UpTo, bool Tried);
