using Agora.Core.Campaigns;
using Agora.Core.Kernel;
using Agora.Core.Users;

namespace Agora.Core.Sessions;

/// <summary>What a session may touch. An empty list allows nothing of its kind, <c>["*"]</c> all.</summary>
public sealed record Scopes(
    IReadOnlyList<string> TaskTypes,
    IReadOnlyList<string> DataTypes,
    IReadOnlyList<string> Categories,
    IReadOnlyList<string> Consents);

/// <summary>As requested at auth: a null list asks for all of the grant.</summary>
public sealed record RequestedScopes(
    IReadOnlyList<string>? TaskTypes,
    IReadOnlyList<string>? DataTypes,
    IReadOnlyList<string>? Categories,
    IReadOnlyList<string>? Consents);

/// <summary>What a run needs to know of its service.</summary>
/// <param name="PriceMicros">The most that a run costs; what it costs, unless <paramref name="Metered"/>.</param>
public sealed record ServiceTerms(string ServiceId, string Category, long PriceMicros, string Provider, string? Owner, bool Disabled, bool Metered = false);

/// <summary>What a completion needs to know of its campaign.</summary>
public sealed record TaskTerms(string CampaignId, string Type, IReadOnlyList<string> DataTypes, IReadOnlyList<string> Consents, IReadOnlyList<TargetingRule> Targeting, bool Open);

/// <summary>Limits of the process that decide at the session (settings).</summary>
public sealed record SessionPolicy(int RateLimitPerMinute, int DuplicateWindowSeconds, int AnomalyLimit = 5, int AnomalyWindowMinutes = 5);

/// <summary>What every request of an agent brings along.</summary>
/// <param name="Operation">The action's name, as audited: find_services, do_task, run_service …</param>
/// <param name="Endpoint">Method and route template.</param>
/// <param name="Summary">No secret and no personal value.</param>
/// <param name="Violations">What is wrong with the request's content: refused after scope, before everything later in the order.</param>
public sealed record RequestInfo(string Operation, string Endpoint, string Summary, SessionPolicy Policy, IReadOnlyList<Detail>? Violations = null, Rejection? Malformed = null);

/// <summary>
/// Closed union. Every agent's request passes its session: it checks revocation, expiry, suspension and rate, and audits.
/// Answers: Begin → <see cref="SessionView"/>. Visit → <see cref="SessionView"/>. CompleteTask → <see cref="Completed"/>. RunService → <see cref="RunView"/>
/// (a run that failed is a rejection upstream_failed, upstream_timeout or unavailable, with its run_id). GetRun → <see cref="RunView"/> of a pending run, else <see cref="SessionView"/>: what was decided is in the tables.
/// GetRuns → <see cref="PendingRuns"/>. WithdrawConsent → <see cref="ConsentWithdrawn"/>. Revoke → <see cref="SessionEnded"/>. SetStanding → <see cref="StandingTaken"/>.
/// Inquire → <see cref="Inquired"/>. Peek → <see cref="SessionView"/> (operators; no audit, no rate).
/// </summary>
public abstract record SessionCommand
{
    private SessionCommand()
    {
    }

    /// <summary>From the user's stream, which has decided what the session may do.</summary>
    public sealed record Begin(string AgentId, string UserId, Scopes Scopes, long BudgetLimitMicros, int ExpiresInSeconds) : SessionCommand;

    /// <summary>A read, a malformed request or one refused at the edge: passes the same checks, counts against the rate, is audited.</summary>
    /// <param name="Refused">The edge's own refusal (not_found, say), given when nothing earlier in the order refuses.</param>
    public sealed record Visit(RequestInfo Request, Rejection? Refused = null) : SessionCommand;

    /// <param name="Task">Null: no such campaign.</param>
    public sealed record CompleteTask(RequestInfo Request, string CampaignId, TaskTerms? Task, IReadOnlyList<ConsentGiven> Consents, Personal Output) : SessionCommand;

    /// <param name="Service">Null: no such service (or not active).</param>
    /// <param name="NamedCampaignId">The campaign that must pay; <paramref name="NamedFound"/> says whether it exists.</param>
    /// <param name="Candidates">Campaigns that cover the service, cheapest knowledge first; the user's stream orders and filters them.</param>
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
        bool Keyed) : SessionCommand;

    public sealed record GetRun(RequestInfo Request, Guid RunId) : SessionCommand;

    public sealed record GetRuns(RequestInfo Request) : SessionCommand;

    public sealed record WithdrawConsent(RequestInfo Request, string ConsentId) : SessionCommand;

    public sealed record Revoke(RequestInfo Request) : SessionCommand;

    /// <summary>From the user's stream: the pair's suspension (ForSeconds null with Suspended: until resumed). Revisions only rise.</summary>
    public sealed record SetStanding(bool Suspended, long? ForSeconds, long Revision) : SessionCommand;

    /// <summary>From a node with an overdue hold. Void is answered only after a fenced append here.</summary>
    public sealed record Inquire(Guid RunId, Guid HoldId) : SessionCommand;

    public sealed record Peek : SessionCommand;

    // Own commands: outcomes of steps. Nobody outside can send them: they have no codec.
    internal sealed record UserAnswered(Guid RunId, Guid HoldId, StepOutcome Outcome, Personal Input) : SessionCommand;

    internal sealed record FundAnswered(Guid RunId, Guid HoldId, StepOutcome Outcome, Personal Input) : SessionCommand;

    internal sealed record ServiceAnswered(Guid RunId, StepOutcome Outcome) : SessionCommand;

    internal sealed record NodeTold(Guid RunId, Guid HoldId) : SessionCommand;

    /// <summary>A restart, or the deadline, left a run without anybody working on it.</summary>
    internal sealed record RunAbandoned(Guid RunId) : SessionCommand;

    internal sealed record TaskAnswered(Guid CompletionId, StepOutcome Outcome) : SessionCommand;

    internal sealed record ViolationReported(Guid CommandId, Rejection Refusal, StepOutcome Outcome) : SessionCommand;

    internal sealed record WithdrawalAnswered(Guid CommandId, RequestInfo Request, StepOutcome Outcome) : SessionCommand;

    internal sealed record CloseReported : SessionCommand;

    public sealed record Tick : SessionCommand;
}

public sealed record Budget(long LimitMicros, long SpentMicros, long ReservedMicros, long RemainingMicros);

/// <summary>Requests of the current minute; the limit is the asking process's own setting.</summary>
public sealed record RateStanding(int Used, int ResetSeconds);

/// <param name="Runs">The last ten, newest first.</param>
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
    IReadOnlyList<RunSummary> Runs);

public enum RunState
{
    Pending = 1,
    AwaitingApproval = 2,
    Succeeded = 3,
    Failed = 4,
}

public sealed record RunSummary(Guid RunId, string ServiceId, RunState State, long AmountMicros, string? CampaignId, string? FailureCode, DateTimeOffset RequestedAt, DateTimeOffset? SettledAt);

/// <summary>Who paid, and why. <paramref name="Source"/>: sponsor, free. <paramref name="Status"/>: posted, voided.</summary>
/// <param name="RelatedParty">Sponsor and provider have the same owner.</param>
public sealed record Payment(Guid PaymentId, long AmountMicros, string Payer, string Source, string Status, string PayerKind, string PayerId, string Why, bool RelatedParty);

/// <summary>What may pay for a run.</summary>
public static class PayerKinds
{
    public const string Campaign = "campaign";
    public const string Nobody = "none";
}

/// <param name="Rate">As it was when the run was decided; null when the outcome comes from the journal, which knows nothing of rates.</param>
public sealed record RunView(
    Guid RunId, string ServiceId, RunState State, Personal? Output, Payment? Payment, Budget Budget, Rejection? Failure, RateStanding? Rate = null);

public sealed record PendingRuns(SessionView Session, IReadOnlyList<RunSummary> Runs);

public sealed record Completed(Guid CompletionId, string CampaignId, string GrantedVia, IReadOnlyList<ConsentRecorded> Consents);

public sealed record SessionEnded(string SessionId, DateTimeOffset RevokedAt);

public sealed record StandingTaken(string SessionId, long Revision);

/// <summary>How a run stands for the node that asked.</summary>
/// <param name="Open">Still under way: ask again later; nothing may follow from it.</param>
public sealed record Inquired(Guid RunId, Guid HoldId, bool Open, bool Posted, long AmountMicros);
