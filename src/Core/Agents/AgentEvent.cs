using System.Text.Json.Serialization;

namespace Agora.Core.Agents;

/// <summary>Closed union of what happens to an agent and its keys.</summary>
public abstract record AgentEvent
{
    private AgentEvent()
    {
    }

    public sealed record AgentPut(AgentView View) : AgentEvent;

    /// <param name="UserId">The only user for whom it opens sessions; null: any.</param>
    public sealed record KeyIssued(string KeyId, string Hash, DateTimeOffset? ExpiresAt, string? UserId = null) : AgentEvent;

    /// <param name="CommandId">Whose answer waits until what the key opened has ended; none in rows of earlier releases, which told nobody.</param>
    public sealed record KeyRevoked(
        string KeyId, DateTimeOffset RevokedAt, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] Guid CommandId = default) : AgentEvent;

    /// <param name="Card">As it stands with it.</param>
    public sealed record CardPut(AgentCard Card) : AgentEvent;

    /// <param name="CommandId">Whose answer waits until what the card opened has ended; none where another word stands in place of one.</param>
    public sealed record CardRevoked(AgentCard Card, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] Guid CommandId = default) : AgentEvent;

    public sealed record LeaseTaken(AgentLease Lease) : AgentEvent;

    /// <summary>Signed requests of these seconds are admitted by whoever wrote this, and by nobody else.</summary>
    /// <param name="Until">The last of them, in seconds of Unix time.</param>
    public sealed record SecondsTaken(long Until) : AgentEvent;

    public sealed record PeerBlocked(string AgentId, DateTimeOffset Since) : AgentEvent;

    public sealed record PeerUnblocked(string AgentId) : AgentEvent;

    public sealed record InvitationsNoted(Guid By, string ConversationId, IReadOnlyList<string> Agents) : AgentEvent;

    public sealed record InvitationsEnded(IReadOnlyList<Invitation> Ended, IReadOnlyList<string> Answered) : AgentEvent;

    public sealed record Reported(Report Report) : AgentEvent;

    public sealed record ReportEnded(ReportResolved Resolved) : AgentEvent;

    /// <param name="Revision">Rises with each change; a stop that was asked again has that of the stop which stands.</param>
    public sealed record Stopped(Guid CommandId, string Reason, long Revision) : AgentEvent;

    public sealed record Started(Guid CommandId, string Reason, long Revision) : AgentEvent;

    /// <summary>Every user at whom the agent had live sessions was told, or tried: answers the command that changed it.</summary>
    /// <param name="Key">What was told of; null: the agent's standing, or its card.</param>
    /// <param name="Card">What was told of; null: its standing, or a key.</param>
    /// <param name="Missed">One of them was out of reach, and is told again with the alarm; nobody waits for that.</param>
    public sealed record UsersTold(
        Guid CommandId,
        Agents.KeyRevoked? Key,
        AgentView? View,
        [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] bool Missed = false,
        AgentCard? Card = null) : AgentEvent;
}
