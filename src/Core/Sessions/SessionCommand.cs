using System.Text.Json.Serialization;
using Agora.Core.Access;
using Agora.Core.Campaigns;
using Agora.Core.Kernel;
using Agora.Core.Nodes;
using Agora.Core.Users;
using Agora.Core.Wallets;

namespace Agora.Core.Sessions;

/// <summary>What a run needs to know of its service.</summary>
/// <param name="PriceMicros">The most that a run costs; what it costs, unless <paramref name="Metered"/>.</param>
public sealed record ServiceTerms(string ServiceId, string Category, long PriceMicros, string Provider, string? Owner, bool Disabled, bool Metered = false)
{
    /// <summary>What a metered run may cost is the service's to bound, and the request's.</summary>
    public long HeldFor(long? maxPriceMicros) => Metered && maxPriceMicros < PriceMicros ? maxPriceMicros.Value : PriceMicros;
}

/// <summary>What a completion needs to know of its campaign.</summary>
public sealed record TaskTerms(string CampaignId, string Type, IReadOnlyList<string> DataTypes, IReadOnlyList<string> Consents, IReadOnlyList<TargetingRule> Targeting, bool Open);

/// <summary>Limits of the process that decide at the session (settings).</summary>
/// <param name="FeeBasisPoints">What the platform keeps of a run's price.</param>
/// <param name="FloodFactor">More than so many times the rate in one minute is a flood; 0: nothing is.</param>
/// <param name="FloodMinutes">Minutes of flood in a row that suspend.</param>
public sealed record SessionPolicy(
    int RateLimitPerMinute, int DuplicateWindowSeconds, int AnomalyLimit = 5, int AnomalyWindowMinutes = 5, int FeeBasisPoints = 0, int FloodFactor = 0, int FloodMinutes = 0)
{
    [JsonIgnore]
    public RateRule Rate => new(RateLimitPerMinute, FloodFactor, FloodMinutes);
}

/// <summary>Who is to pay for a run. Not said: sponsors and, where the request names the most that it may cost, the agent's wallet after them.</summary>
public enum PayWith
{
    Sponsor = 1,
    Wallet = 2,
    X402 = 3,
}

/// <summary>What every request of an agent brings along.</summary>
/// <param name="Operation">The action's name, as audited: find_services, do_task, run_service …</param>
/// <param name="Endpoint">Method and route template.</param>
/// <param name="Summary">No secret and no personal value.</param>
/// <param name="Violations">What is wrong with the request's content: refused after scope, before everything later in the order.</param>
/// <param name="Taken">Of a delegated session: this request has been counted at the root, whose rate it shares, and so the window stands there now.</param>
public sealed record RequestInfo(
    string Operation,
    string Endpoint,
    string Summary,
    SessionPolicy Policy,
    IReadOnlyList<Detail>? Violations = null,
    Rejection? Malformed = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] RateWindow? Taken = null);

/// <summary>
/// Closed union. Every agent's request passes its session: it checks revocation, expiry, suspension and rate, and audits.
/// Answers: Begin → <see cref="SessionView"/>. Visit → <see cref="SessionView"/>. CompleteTask → <see cref="Completed"/>. ClaimTask → <see cref="TaskClaim"/>. Transfer → <see cref="RunView"/> without output. RunService → <see cref="RunView"/>
/// (a run that failed is a rejection upstream_failed, upstream_timeout or unavailable, with its run_id; one that waits for approval is a RunView, and asked for again after a decision it may be a
/// <see cref="SessionView"/>: what was decided is in the tables). GetRun → <see cref="RunView"/> of a pending run, else <see cref="SessionView"/>: what was decided is in the tables.
/// GetRuns → <see cref="PendingRuns"/>. WithdrawConsent → <see cref="ConsentWithdrawn"/>. Revoke, EndByOperator → <see cref="SessionEnded"/>. SetStanding → <see cref="StandingTaken"/>.
/// Peek → <see cref="SessionView"/> (operators; no audit, no rate).
/// Delegate → <see cref="SessionOpened"/>, or grant_exceeded (what is exceeded). TakeRate → <see cref="RateTaken"/>.
/// Node.Reserve → <see cref="SessionReserved"/>, or budget_exceeded (node, remaining_cents), session_revoked, session_expired, session_suspended, unavailable.
/// DecideApproval → <see cref="ApprovalGiven"/>, also when it was decided the same way before; or approval_decided (approval), not_found, session_suspended, unavailable.
/// EndAbove, CloseChild → nothing.
/// </summary>
public abstract record SessionCommand
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
    public sealed record Visit(RequestInfo Request, Rejection? Refused = null) : SessionCommand;

    /// <param name="Task">Null: no such campaign.</param>
    /// <param name="AgentOwner">Who is behind the agent; empty: nobody says. Null: not looked up, for the campaign pays no reward or has no owner.</param>
    public sealed record CompleteTask(RequestInfo Request, string CampaignId, TaskTerms? Task, IReadOnlyList<ConsentGiven> Consents, Personal Output, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] string? AgentOwner = null) : SessionCommand;

    /// <summary>The task's reward is to be held until it is done.</summary>
    /// <param name="Task">Null: no such campaign.</param>
    /// <param name="AgentOwner">As in <see cref="CompleteTask"/>.</param>
    public sealed record ClaimTask(RequestInfo Request, string CampaignId, TaskTerms? Task, string? AgentOwner) : SessionCommand;

    /// <param name="Service">Null: no such service (or not active).</param>
    /// <param name="NamedCampaignId">The campaign that must pay; <paramref name="NamedFound"/> says whether it exists.</param>
    /// <param name="NamedRelated">It has the service's owner, and pays no such service.</param>
    /// <param name="PayWith">Wallet: no campaign is a candidate.</param>
    /// <param name="Candidates">Campaigns that cover the service, cheapest knowledge first; the user's stream orders and filters them.</param>
    /// <param name="Paid">By x402, whoever else might pay; there are no candidates then.</param>
    /// <param name="Unpaid">It is to be paid by x402, and this is why it is not: refused when nothing earlier in the order refuses.</param>
    /// <param name="InputHash">SHA-256 hex of the canonical input: what a duplicate is.</param>
    public sealed record RunService(
        RequestInfo Request,
        string ServiceId,
        ServiceTerms? Service,
        Personal Input,
        string InputHash,
        string? NamedCampaignId,
        bool NamedFound,
        long? MaxPriceMicros,
        IReadOnlyList<Candidate> Candidates,
        bool Keyed,
        PayWith? PayWith = null,
        [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] bool NamedRelated = false,
        [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] X402.PresentedPayment? Paid = null,
        [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] Rejection? Unpaid = null) : SessionCommand;

    /// <summary>Pays another wallet out of the agent's own, within all limits.</summary>
    /// <param name="PayeeKnown">The edge found that something has happened to the payee's wallet.</param>
    public sealed record Transfer(RequestInfo Request, string To, long AmountMicros, string Memo, bool PayeeKnown) : SessionCommand;

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

    /// <summary>The user's decision about a run that waits for it.</summary>
    /// <param name="By">Who said so: an operator by name, or whoever had the link.</param>
    public sealed record DecideApproval(Guid RunId, bool Approve, string By, string? Reason) : SessionCommand;

    // Own commands: outcomes of steps. Nobody outside can send them: they have no codec.
    /// <param name="Asked">What the user's stream was asked first; null: for the next fund.</param>
    internal sealed record UserAnswered(Guid RunId, Guid HoldId, StepOutcome Outcome, Personal Input, ReserveTerms.OfUser? Asked = null, X402.PresentedPayment? Paid = null) : SessionCommand;

    /// <param name="Place">Of the ancestor on the path.</param>
    internal sealed record AncestorAnswered(Guid RunId, Guid HoldId, int Place, StepOutcome Outcome, Personal Input) : SessionCommand;

    internal sealed record FundAnswered(Guid RunId, Guid HoldId, StepOutcome Outcome, Personal Input) : SessionCommand;

    /// <param name="SchemaHash">As of <see cref="PendingRun"/>.</param>
    internal sealed record ServiceAnswered(Guid RunId, StepOutcome Outcome, string? SchemaHash) : SessionCommand;

    /// <summary>The payer's wallet says how the settlement ended.</summary>
    internal sealed record PaymentEnded(Guid RunId, PaymentEnd End) : SessionCommand;

    internal sealed record NodeTold(Guid RunId, Guid HoldId) : SessionCommand;

    /// <summary>A restart, or the deadline, left a run without anybody working on it.</summary>
    internal sealed record RunAbandoned(Guid RunId) : SessionCommand;

    /// <summary>A run has waited for its approval as long as it may, or its session has ended.</summary>
    internal sealed record EndApproval(Guid RunId) : SessionCommand;

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

public sealed record Budget(long LimitMicros, long SpentMicros, long ReservedMicros, long RemainingMicros);

/// <summary>Requests of the current minute; the limit is the asking process's own setting.</summary>
public sealed record RateStanding(int Used, int ResetSeconds);

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
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] IReadOnlyList<PathNode>? Path = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] IReadOnlyList<string>? Children = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] bool Capped = false,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] string? KeyId = null)
{
    /// <summary>Sessions from the root to this one.</summary>
    [JsonIgnore]
    public int Depth => 1 + (Path?.Count ?? 0);

    [JsonIgnore]
    public string? ParentSessionId => Path is { Count: > 0 } ? Path[^1].SessionId : null;

    /// <summary>The agent under whose grant this session spends.</summary>
    [JsonIgnore]
    public string Grantee => Path is { Count: > 0 } ? Path[0].AgentId : AgentId;
}

public enum RunState
{
    Pending = 1,
    AwaitingApproval = 2,
    Succeeded = 3,
    Failed = 4,
}

public sealed record RunSummary(Guid RunId, string ServiceId, RunState State, long AmountMicros, string? CampaignId, string? FailureCode, DateTimeOffset RequestedAt, [property: JsonPropertyName("settled_at")] DateTimeOffset? ConcludedAt);

/// <summary>Who paid, and why. <paramref name="Source"/>: sponsor, wallet, x402, free. <paramref name="Status"/>: posted, voided.</summary>
/// <param name="RelatedParty">Sponsor and provider have the same owner.</param>
/// <param name="FeeMicros">Of the amount, what the platform keeps.</param>
/// <param name="Nodes">Every limit that bound it, and every sum that a limit to come will bind, from the leaf up, parted by spaces: <c>session/{id}</c>, <c>user/{id}/{account}</c>; null: this session's only.</param>
/// <param name="SchemaHash">Of a sponsor's: SHA-256 of its task's schema, base64url.</param>
/// <param name="Settlement">Of a payment by x402: what moved.</param>
public sealed record Payment(
    Guid PaymentId,
    long AmountMicros,
    string Payer,
    string Source,
    string Status,
    string PayerKind,
    string PayerId,
    string Why,
    bool RelatedParty,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] long FeeMicros = 0,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] string? Nodes = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] string? SchemaHash = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] X402.PaymentSettlement? Settlement = null);

/// <param name="Rate">As it was when the run was decided; null when the outcome comes from the journal, which knows nothing of rates.</param>
/// <param name="AboveMicros">The least that was left above this session when the run was reserved; null: no limit there, or not known.</param>
/// <param name="ApprovalUntil">Of a run that waits for approval: how long.</param>
public sealed record RunView(
    Guid RunId,
    string ServiceId,
    RunState State,
    Personal? Output,
    Payment? Payment,
    Budget Budget,
    Rejection? Failure,
    RateStanding? Rate = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] long? AboveMicros = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] DateTimeOffset? ApprovalUntil = null);

public sealed record PendingRuns(SessionView Session, IReadOnlyList<RunSummary> Runs);

public sealed record Completed(Guid CompletionId, string CampaignId, string GrantedVia, IReadOnlyList<ConsentRecorded> Consents, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] TaskReward? Reward = null);

/// <summary>What a completion earns its agent.</summary>
/// <param name="PaysAt">Null: nothing is paid, and <paramref name="WhyNot"/> says why.</param>
public sealed record TaskReward(long AmountMicros, DateTimeOffset? PaysAt, string? WhyNot);

public sealed record SessionEnded(string SessionId, DateTimeOffset RevokedAt);

public sealed record StandingTaken(string SessionId, long Revision);
