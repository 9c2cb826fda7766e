using System.Globalization;
using Agora.Core.Access;
using Agora.Core.Kernel;

namespace Agora.Core.Sessions;

/// <summary>Why a session refuses, in order of precedence (design: order of refusals).</summary>
public static class SessionRejection
{
    public static readonly Rejection Unknown = new(Codes.Unauthorized, "There is no such session. Authenticate with POST /agent/auth.");

    /// <summary>To an operator.</summary>
    public static readonly Rejection NotFound = new(Codes.NotFound, "There is no such session.");

    public static readonly Rejection Revoked = AccessRejection.Revoked;

    /// <summary>A session above was ended, and all below it with it; null: this very one.</summary>
    public static Rejection Ended(string? by) => by is null
        ? Revoked
        : AtNode(new(Codes.SessionRevoked, "A session above this one was ended, and this one with it."), by);

    /// <summary>To its user's stream, which asks for one that it has forgotten to begin again.</summary>
    public static readonly Rejection OverAlready = new(Codes.Unavailable, "The session was over before its opening was answered; try again.", Retry: true);

    public static readonly Rejection Expired = AccessRejection.Expired;

    public static readonly Rejection TooManyRuns = new(
        Codes.Unavailable, "Too many runs of this session are under way. Wait for one to finish.", RetryAfterSeconds: 1, Retry: true);

    public static readonly Rejection TooManyTasks = new(
        Codes.Unavailable, "Too much of this session is under way. Wait for it to finish.", RetryAfterSeconds: 1, Retry: true);

    public static readonly Rejection ServiceDisabled = new(
        Codes.Unavailable, "The service failed for several users in a row and rests; it is tried again by itself.", RetryAfterSeconds: 60, Retry: true);

    public static readonly Rejection Unreachable = new(
        Codes.Unavailable, "The run could not be reserved in time; nothing was spent. Try again.", RetryAfterSeconds: 1, Retry: true);

    public static readonly Rejection ServiceOutOfReach = new(
        Codes.Unavailable, "The service could not be looked up in time and was not called; nothing was spent. Try again.", RetryAfterSeconds: 1, Retry: true);

    public static readonly Rejection TaskUnreachable = new(
        Codes.Unavailable, "The task could not be recorded in time; nothing was recorded. Try again.", RetryAfterSeconds: 1, Retry: true);

    public static readonly Rejection NotBelow = new(Codes.ScopeViolation, "A sub-session withdraws no consent; the session at its root may withdraw what was given below it.");

    public static readonly Rejection CampaignNotOpen = new(Codes.NotEligible, "The campaign is not open now.");

    public static readonly Rejection ClaimUnreachable = new(
        Codes.Unavailable, "The claim was not answered in time. Try again; a claim that was made is named then.", RetryAfterSeconds: 1, Retry: true);

    public static readonly Rejection RelatedSponsor = new(Codes.NotEligible, "The campaign does not pay for services of its own owner.");

    public static Rejection Suspended(DateTimeOffset? until, DateTimeOffset now) => until is { } end
        ? new Rejection(
            Codes.SessionSuspended,
            "Too many attempts out of scope, requests far above the rate, or an operator, suspended this agent for this user until the time in resume_at.",
            RetryAfterSeconds: Math.Max(1, (long)Math.Ceiling((end - now).TotalSeconds))).With("resume_at", end.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture))
        : new Rejection(Codes.SessionSuspended, "This agent may not act for this user until an operator resumes the session or, where the user is paused, the user.");

    public static Rejection RateLimited(int limit, int resetSeconds) => new(
        Codes.RateLimited,
        string.Create(CultureInfo.InvariantCulture, $"More than {limit} requests in a minute. Wait {resetSeconds} s."),
        RetryAfterSeconds: resetSeconds,
        Retry: true);

    public static Rejection ServiceNotFound(string id) => new(Codes.NotFound, $"There is no active service '{id}'.");

    public static Rejection CampaignNotFound(string id) => new(Codes.NotFound, $"There is no campaign '{id}'.");

    /// <param name="what">Server text.</param>
    /// <param name="value">A sponsor or a provider chose it: a fact, which no sentence of ours repeats.</param>
    public static Rejection OutOfScope(string what, string value) => new Rejection(
        Codes.ScopeViolation, $"The session's scopes do not allow the {what} that details names. Repeated attempts suspend the agent.").With(Fact.OutOfScope, value);

    public static Rejection Invalid(IReadOnlyList<Detail> details) => new(
        Codes.ValidationFailed, "The request's content does not satisfy its schema; see details.", Details: details);

    public static Rejection Duplicate(Guid runId, int windowSeconds) => new Rejection(
        Codes.DuplicateRequest,
        string.Create(CultureInfo.InvariantCulture, $"The same service was run with the same input less than {windowSeconds} s ago. Send an Idempotency-Key to run it again on purpose."))
        .With("run_id", runId.ToString("D"));

    public static Rejection OverBudget(string sessionId, long price, long remaining) => AtNode(
        new(
            Codes.BudgetExceeded,
            $"The run costs {Money.FormatCents(price)} cents and the session's budget has {Money.FormatCents(remaining)} cents left.",
            Facts: [new("limit", "session"), new("remaining_cents", Money.FormatCents(remaining), Raw: true)]),
        sessionId,
        "session");

    /// <summary>Which node of the tree refused; and, where one of its limits did, which.</summary>
    internal static Rejection AtNode(this Rejection rejection, string sessionId, string? limit = null) => rejection.AtNode("session", sessionId, limit);

    // The tree.

    public static readonly Rejection Cycle = Beyond("The agent already stands on the path from the root to this session: it cannot be delegated to again.", "cycle");

    public static readonly Rejection TooDeep = Beyond($"The path would have more than {Limits.TreeDepth} sessions.", "depth");

    public static readonly Rejection TooManyChildren = Beyond($"This session has {Limits.LiveChildren} live sub-sessions, the most that it may have; end one first.", "children");

    public static readonly Rejection BranchEnded = new(Codes.SessionRevoked, "The sub-session through which the run comes has ended or expired.");

    public static Rejection BeyondScope(string list, string value) =>
        Beyond($"This session's own {list} do not cover that; ask for less, or leave the list out to pass all of it on.", list).With("value", value);

    public static Rejection BeyondBudget(long limitMicros) => Beyond("budget_limit_cents is above this session's own.", "budget_limit_cents")
        .WithRaw("granted_cents", Money.FormatCents(limitMicros));

    public static Rejection BeyondExpiry(int seconds) => Beyond("A sub-session may not outlive this session.", "expires_in_seconds")
        .WithRaw("granted_seconds", seconds.ToString(CultureInfo.InvariantCulture));

    public static readonly Rejection HoldIsDecided = new(Codes.Unavailable, "The run's hold was already decided.", Retry: true);

    public static readonly Rejection HoldTooLate = new(Codes.Unavailable, "The run's hold came too late.", Retry: true);

    public static readonly Rejection HoldAhead = new(Codes.Unavailable, "The run's hold is from the future: clocks disagree.", Retry: true);

    // Approvals.

    /// <summary>What becomes of a run that waited and was not approved. Nothing was held for it.</summary>
    /// <param name="grantee">The agent whose grant wants the approval.</param>
    public static Rejection NotApproved(string grantee, ApprovalState approval) => new Rejection(
        Codes.BudgetExceeded,
        approval switch
        {
            ApprovalState.Denied => "The run needed the user's approval, which was denied; nothing was spent.",
            ApprovalState.Expired => "The run needed the user's approval, which did not come in time; nothing was spent.",
            _ => "The session ended before the user approved the run; nothing was spent.",
        }).With("limit", ApprovalLimit).With(ApprovalLimit, approval.Name()).AtNode("grant", grantee, ApprovalLimit);

    public static readonly Rejection NoApproval = new(Codes.NotFound, "No run of this id waits, or waited, for approval.");

    public static Rejection ApprovalIsDecided(ApprovalState approval) => new Rejection(
        Codes.ApprovalDecided,
        approval switch
        {
            ApprovalState.Approved => "The run was approved before; that cannot be taken back.",
            ApprovalState.Denied => "The run was denied before; the agent may ask for a new one.",
            ApprovalState.Expired => "The run waited for approval as long as it could; the agent may ask for a new one.",
            _ => "The session ended while the run waited for approval.",
        }).With(ApprovalLimit, approval.Name());

    public static readonly Rejection TooManyApprovals = new(
        Codes.Unavailable, "Too many runs of this session wait for the user's approval, or waited for it. Wait for one to be decided, or authenticate anew.", RetryAfterSeconds: 60, Retry: true);

    /// <summary>The user's personal data were erased, and the input with them.</summary>
    public static readonly Rejection InputIsGone = new(Codes.NotEligible, "The run's input was erased with the user's personal data.");

    private const string ApprovalLimit = "approval";

    private static Rejection Beyond(string message, string exceeded) => new Rejection(Codes.GrantExceeded, message).With("exceeded", exceeded);

    public static Rejection AboveMaxPrice(long price, long max) => new(
        Codes.PaymentRequired, $"The run costs {Money.FormatCents(price)} cents, more than the request's max_price_cents of {Money.FormatCents(max)}.");

    public static Rejection RunFailed(Guid runId, string code, string message) => new Rejection(code, message, Retry: true).With("run_id", runId.ToString("D"));
}
