using System.Text.Json.Serialization;
using Agora.Core.Access;
using Agora.Core.Kernel;
using Agora.Core.Nodes;
using Agora.Core.Runs;
using Agora.Core.Users;

namespace Agora.Core.Sessions;

/// <summary>What a session may do under the grant of the day on which its user's stream said so.</summary>
/// <param name="BudgetLimitMicros">With what the user has raised it by.</param>
/// <param name="RaisedMicros">That; 0 where the grant's own was lowered since.</param>
public sealed record TermsInForce(Scopes Scopes, long BudgetLimitMicros, DateTimeOffset ExpiresAt, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] long RaisedMicros = 0);

/// <summary>What has happened to a session besides its runs. Closed; stored names stand in <see cref="SessionCodec"/>.</summary>
public abstract record SessionEvent : LeafEvent
{
    private SessionEvent()
    {
    }

    public sealed record Begun(
        string AgentId,
        string UserId,
        Scopes Scopes,
        long BudgetLimitMicros,
        DateTimeOffset ExpiresAt,
        IReadOnlyList<PathNode>? Path = null,
        string? KeyId = null,
        [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] long Revision = 0) : SessionEvent;

    /// <summary>A read that was answered, or a request that was refused and changed nothing.</summary>
    /// <param name="Cancelled">Of a request that took a run back: its answer. Null: any other.</param>
    public sealed record Audited(AuditLine Line, RefusedRun? Run = null, CancelledRun? Cancelled = null) : SessionEvent;

    /// <summary>Requests above the rate in one window; the row of the window is replaced as the count grows.</summary>
    public sealed record RateExceeded(AuditLine Line, long Count) : SessionEvent;

    /// <param name="Terms">What the session may do from here on; null: as before.</param>
    public sealed record StandingChanged(
        bool Suspended,
        DateTimeOffset? Until,
        long Revision,
        TermsInForce? Terms = null) : SessionEvent;

    public sealed record Revoked(SessionEnded Ended, AuditLine Line) : SessionEvent;

    /// <summary>Ended by an operator, or by the user's stream, which took from it what it was opened with.</summary>
    /// <param name="By">An operator; null: the user's stream.</param>
    /// <param name="Reason">The operator's, or one of <see cref="EndReasons"/>.</param>
    /// <param name="Revision">As of <see cref="StandingChanged"/>; 0: an operator did it.</param>
    public sealed record EndedFor(SessionEnded Ended, AuditLine Line, string? By, string Reason, long Revision) : SessionEvent;

    /// <summary>The user's stream counts this session as closed.</summary>
    public sealed record CloseCounted : SessionEvent;

    // The tree.

    /// <summary>The user's stream is being asked to open a sub-session; until that is answered its branch may spend nothing that this stream does not see.</summary>
    public sealed record Delegated(Child Child) : SessionEvent;

    /// <summary>Answers the command that asked for it.</summary>
    public sealed record DelegationBegun(Guid CommandId, SessionOpened Session, AuditLine Line) : SessionEvent;

    public sealed record DelegationRefused(Guid CommandId, string SessionId, Rejection Refused, AuditLine Line) : SessionEvent;

    public sealed record ChildEnded(string SessionId) : SessionEvent;

    /// <param name="By">The session above that was ended.</param>
    public sealed record EndedAbove(string By, DateTimeOffset At) : SessionEvent;

    public sealed record ParentTold : SessionEvent;

    /// <summary>The price of a run below is held here.</summary>
    public sealed record HoldReserved(Guid HoldId, string Owner, Guid RunId, long AmountMicros, long RemainingMicros, NearLimit? Near = null, long? Tokens = null) : SessionEvent;

    /// <param name="Tokens">That a model's call read and wrote.</param>
    public sealed record HoldPosted(Guid HoldId, long AmountMicros, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] long Tokens = 0, NearLimit? Near = null, Guid? RunId = null) : SessionEvent;

    /// <summary>Also of a hold that had not come yet: it never will.</summary>
    public sealed record HoldVoided(Guid HoldId) : SessionEvent;

    /// <summary>So much less was spent here; the id is remembered until it is released.</summary>
    public sealed record RefundTaken(Guid TellId, Guid RunId, long AmountMicros) : SessionEvent;

    public sealed record RefundReleased(Guid TellId) : SessionEvent;

    // Tasks.

    public sealed record TaskSubmitted(Guid CompletionId, Guid CommandId, string CampaignId, AuditLine Line) : SessionEvent;

    /// <param name="GrantedVia">Null: agent.</param>
    public sealed record TaskRecorded(
        Guid CompletionId,
        Guid CommandId,
        string CampaignId,
        IReadOnlyList<ConsentRecorded> Consents,
        AuditLine Line,
        TaskReward? Reward = null,
        string? GrantedVia = null) : SessionEvent;

    public sealed record TaskRefused(Guid CompletionId, Rejection Reason, AuditLine Line) : SessionEvent;

    public sealed record ClaimRecorded(Guid CommandId, TaskClaim Claim, AuditLine Line) : SessionEvent;

    public sealed record ConsentWithdrawalRecorded(Guid CommandId, ConsentWithdrawn Withdrawn, AuditLine Line) : SessionEvent;
}
