using System.Text.Json.Serialization;
using Agora.Core.Access;
using Agora.Core.Campaigns;
using Agora.Core.Kernel;
using Agora.Core.Nodes;
using Agora.Core.Runs;
using Agora.Core.Users;

namespace Agora.Core.Sessions;

/// <summary>What a completion needs to know of its campaign.</summary>
public sealed record TaskTerms(string CampaignId, string Type, IReadOnlyList<string> DataTypes, IReadOnlyList<string> Consents, IReadOnlyList<TargetingRule> Targeting, bool Open);

/// <summary>
/// Closed union. Every agent's request passes its session: it checks revocation, expiry, suspension and rate, and audits.
/// Answers: Begin → <see cref="SessionView"/>. Visit → <see cref="SessionView"/>. CompleteTask → <see cref="Completed"/>. ClaimTask → <see cref="TaskClaim"/>.
/// GetRun, and a <see cref="RunCommand"/> that is repeated after its approval was decided → <see cref="RunView"/> of a run that has no outcome yet, else <see cref="SessionView"/>: what
/// was decided is in the tables.
/// GetRuns → <see cref="PendingRuns"/>. WithdrawConsent → <see cref="ConsentWithdrawn"/>. Revoke, EndByOperator → <see cref="SessionEnded"/>. SetStanding → <see cref="StandingTaken"/>.
/// Peek → <see cref="SessionView"/> (operators; no audit, no rate).
/// Delegate → <see cref="SessionOpened"/>, or grant_exceeded (what is exceeded). TakeRate → <see cref="RateTaken"/>.
/// Node.Reserve → <see cref="SessionReserved"/>, or budget_exceeded (node, remaining_cents), session_revoked, session_expired, session_suspended, unavailable.
/// EndAbove, CloseChild → nothing.
/// </summary>
public abstract record SessionCommand : LeafCommand
{
    private SessionCommand()
    {
    }

    public static implicit operator SessionCommand(AccessCommand told) => new Access(told);

    public static implicit operator SessionCommand(NodeCommand asked) => new Node(asked);

    /// <summary>From the user's stream.</summary>
    public sealed record Access(AccessCommand Told) : SessionCommand;

    /// <summary>As a limit for runs below, and as the owner of its runs' holds.</summary>
    public sealed record Node(NodeCommand Asked) : SessionCommand;

    /// <summary>A read, a malformed request or one refused at the edge: passes the same checks, counts against the rate, is audited.</summary>
    /// <param name="Refused">The edge's own refusal (not_found, say), given when nothing earlier in the order refuses.</param>
    /// <param name="Peers">Agents whom it is to talk to, and it must be allowed to talk to some; null: it talks to none.</param>
    public sealed record Visit(RequestInfo Request, Rejection? Refused = null, IReadOnlyList<string>? Peers = null) : SessionCommand;

    /// <param name="Task">Null: no such campaign.</param>
    /// <param name="AgentOwner">Who is behind the agent; empty: nobody says. Null: not looked up, for the campaign pays no reward or has no owner.</param>
    public sealed record CompleteTask(RequestInfo Request, string CampaignId, TaskTerms? Task, IReadOnlyList<ConsentGiven> Consents, Personal Output, string? AgentOwner = null, TaskOutline? Outline = null) : SessionCommand;

    /// <summary>The task's reward is to be held until it is done.</summary>
    /// <param name="Task">Null: no such campaign.</param>
    /// <param name="AgentOwner">As in <see cref="CompleteTask"/>.</param>
    public sealed record ClaimTask(RequestInfo Request, string CampaignId, TaskTerms? Task, string? AgentOwner) : SessionCommand;

    public sealed record GetRun(RequestInfo Request, Guid RunId) : SessionCommand;

    public sealed record GetRuns(RequestInfo Request) : SessionCommand;

    public sealed record WithdrawConsent(RequestInfo Request, string ConsentId) : SessionCommand;

    public sealed record Revoke(RequestInfo Request) : SessionCommand;

    /// <summary>An operator ends it, and all below it.</summary>
    /// <param name="Endpoint">As audited.</param>
    public sealed record EndByOperator(string Endpoint, string By, string Reason) : SessionCommand;

    /// <summary>A sub-session for another agent, within this one's scopes, limit and time. Nothing is reserved for it: this session's budget binds it.</summary>
    /// <param name="BudgetLimitMicros">Null: this session's.</param>
    /// <param name="ExpiresInSeconds">Null: when this session does.</param>
    public sealed record Delegate(RequestInfo Request, string AgentId, RequestedScopes Requested, long? BudgetLimitMicros, int? ExpiresInSeconds) : SessionCommand;

    /// <summary>One request of a session below, counted here, at the root. No event: as soft as the window itself.</summary>
    public sealed record TakeRate : SessionCommand;

    /// <summary>From the parent: a session above was ended, and with it this one.</summary>
    public sealed record EndAbove(string SessionId) : SessionCommand;

    /// <summary>From a child: it was ended by whoever holds it.</summary>
    public sealed record CloseChild(string SessionId) : SessionCommand;

    /// <param name="UnderWay">Of the runs only this one is shown, a transfer too, and only while it is under way or waits for approval.</param>
    public sealed record Peek(Guid? UnderWay = null) : SessionCommand;

    // Own commands: outcomes of steps. Nobody outside can send them: they have no codec.
    internal sealed record TaskAnswered(Guid CompletionId, StepOutcome Outcome) : SessionCommand;

    internal sealed record ClaimAnswered(Guid CommandId, RequestInfo Request, StepOutcome Outcome) : SessionCommand;

    internal sealed record ViolationReported(Guid CommandId, Rejection Refusal) : SessionCommand;

    internal sealed record WithdrawalAnswered(Guid CommandId, RequestInfo Request, StepOutcome Outcome) : SessionCommand;

    internal sealed record CloseReported : SessionCommand;

    internal sealed record ParentTold : SessionCommand;

    internal sealed record ChildTold(string SessionId) : SessionCommand;

    internal sealed record DelegationAnswered(string SessionId, Answer Answer) : SessionCommand;

    /// <summary>What came of this stream's own questions about what it holds for runs below. Own command.</summary>
    internal sealed record Learned(NodeOutcome Outcome) : SessionCommand;

    public sealed record Tick : SessionCommand;
}

/// <summary>The window at the root, with this request in it.</summary>
public sealed record RateTaken(RateWindow Window);

/// <param name="Runs">The last ten, newest first.</param>
/// <param name="Path">Of a delegated session: those above it, root first.</param>
/// <param name="Children">Delegated by this session and not known to have ended; null: none.</param>
/// <param name="KeyId">As of <see cref="SessionOpened"/>.</param>
/// <param name="Capped">The user's stream has lately named a limit that binds this session too.</param>
public sealed record SessionView(
    string SessionId,
    string AgentId,
    string UserId,
    Scopes Scopes,
    Budget Budget,
    RateStanding Rate,
    DateTimeOffset CreatedAt,
    DateTimeOffset ExpiresAt,
    DateTimeOffset? RevokedAt,
    bool Suspended,
    DateTimeOffset? ResumeAt,
    IReadOnlyList<RunSummary> Runs,
    IReadOnlyList<PathNode>? Path = null,
    IReadOnlyList<string>? Children = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] bool Capped = false,
    string? KeyId = null,
    ModelUse? ModelUse = null)
{
    /// <summary>Why it opens nothing any more; null: it does.</summary>
    public Rejection? Refusal(DateTimeOffset now) => RevokedAt is not null ? AccessRejection.Revoked : ExpiresAt <= now ? AccessRejection.Expired : Suspended ? UserRejection.SuspendedByOperator : null;

    /// <summary>Sessions from the root to this one.</summary>
    public int Depth => 1 + (Path?.Count ?? 0);

    public string? ParentSessionId => Path is { Count: > 0 } ? Path[^1].SessionId : null;

    /// <summary>The agent under whose grant this session spends.</summary>
    public string Grantee => Path is { Count: > 0 } ? Path[0].AgentId : AgentId;
}

public sealed record PendingRuns(SessionView Session, IReadOnlyList<RunSummary> Runs);

public sealed record Completed(Guid CompletionId, string CampaignId, string GrantedVia, IReadOnlyList<ConsentRecorded> Consents, TaskReward? Reward = null);

/// <summary>What a completion earns its agent.</summary>
/// <param name="PaysAt">Null: nothing is paid, and <paramref name="WhyNot"/> says why.</param>
public sealed record TaskReward(long AmountMicros, DateTimeOffset? PaysAt, string? WhyNot);

public sealed record SessionEnded(string SessionId, DateTimeOffset RevokedAt);

public sealed record StandingTaken(string SessionId, long Revision);
