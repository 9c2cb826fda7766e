namespace Agora.Core.Webhooks;

/// <summary>Ids of webhooks that tell agents' inboxes: an agent has one at most. Nobody can name one as an operator's, for ids that are chosen begin with a letter or a digit.</summary>
public static class InboxWebhooks
{
    private const char Mark = '~';

    public static string IdOf(string agentId) => $"{Mark}{agentId}";

    public static bool IsOfAgent(string webhookId) => webhookId.StartsWith(Mark);

    public static string AgentOf(string webhookId) => webhookId[1..];
}

/// <summary>
/// What of an agent's inbox is told in one message, as it was decided before it was told: whatever happens, each try has the same entries under the same id.
/// Places are the inbox's own: to Core they are words.
/// </summary>
/// <param name="EventId">The message's, with each try.</param>
/// <param name="From">Behind this place.</param>
/// <param name="UpTo">And up to this one.</param>
/// <param name="Attempts">That failed.</param>
/// <param name="Since">When the first of them did; before that, when it was found.</param>
/// <param name="Error">Of the last one: one of <see cref="DeliveryErrors"/>; null: none has failed.</param>
public sealed record PendingPage(string EventId, string From, string UpTo, int Attempts, DateTimeOffset Since, DateTimeOffset NextAt, string? Error = null, int? Status = null)
{
    /// <summary>It has as long again.</summary>
    internal PendingPage Anew(DateTimeOffset at) => this with { Attempts = 0, Since = at, NextAt = at, Error = null, Status = null };
}

/// <param name="Cursor">All before it was taken.</param>
/// <param name="Page">What is being told behind it; null: nothing.</param>
public sealed record InboxProgress(string Cursor, PendingPage? Page);
