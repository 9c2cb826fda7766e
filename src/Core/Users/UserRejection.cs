using System.Globalization;
using System.Text.Json;
using Agora.Core.Kernel;

namespace Agora.Core.Users;

/// <summary>Every refusal of a user's stream, in order of precedence within its theme. Server text and ids only, no personal value.</summary>
public static class UserRejection
{
    public static readonly Rejection NotFound = new(Codes.NotFound, "There is no such user.");

    // What is put.

    public static readonly Rejection Erased = Invalid("", "erased", "This user's personal data were erased; the id cannot be used again.");
    public static readonly Rejection AmountOutOfRange = Invalid("", "range", "An amount of money is negative or too large.");
    public static readonly Rejection LiveSessionsOutOfRange = Invalid("/max_live_sessions", "range", $"max_live_sessions must be from 1 to {Limits.MaxLiveSessions}.");
    public static readonly Rejection UnknownTimeZone = Invalid("/time_zone", "format", "time_zone must be the name of an IANA time zone.");

    public static readonly Rejection RaisesNothing = Invalid("", "minProperties", "Say daily_cap_cents, monthly_cap_cents or both.");
    public static readonly Rejection RaiseOutOfTime =
        Invalid("/until", "range", string.Create(CultureInfo.InvariantCulture, $"until must be later than now, and at most {Limits.RaiseAtMost.TotalDays} days from now."));

    public static readonly Rejection NoRaise = new(Codes.NotFound, "No raise is in force.");

    public static Rejection NothingToRaise(string member) => Invalid($"/{member}", "minimum", "There is no such cap: nothing is to be raised.");

    public static Rejection NotAbove(string member, long capMicros) => Invalid($"/{member}", "minimum", $"A raise must be above the cap, which is {Money.FormatCents(capMicros)} cents.");

    // Sessions.

    public static readonly Rejection NoSuchGrant = new(Codes.NotFound, "This user has given this agent no grant.");
    public static readonly Rejection NoGrant = new(Codes.GrantExceeded, "This user has given this agent no grant.", RetryWith: RetryWith.SameKey);
    public static readonly Rejection ExpiryOutOfRange = Invalid("/expires_in_seconds", "range", $"expires_in_seconds must be from 1 to {Limits.SessionMaxAge.TotalSeconds}.");
    public static readonly Rejection BudgetRequired = Invalid("/scopes/budget_limit_cents", "required", "Without a grant, budget_limit_cents is required.");
    public static readonly Rejection GrantExpired = new(Codes.GrantExceeded, "The grant of this user to this agent has expired.", RetryWith: RetryWith.SameKey);

    public static Rejection BeyondScope(string list, string value) =>
        new Rejection(Codes.GrantExceeded, $"The grant does not cover all of {list}; ask for less, or leave it out to get all of the grant.").With("exceeded", list).With("value", value);

    public static Rejection BeyondBudget(long grantedMicros) =>
        Cents(new Rejection(Codes.GrantExceeded, "budget_limit_cents is above what the grant allows a session.").With("exceeded", "budget_limit_cents"), "granted_cents", grantedMicros);

    public static Rejection TooManySessions(int most) => Raw(
        new Rejection(Codes.GrantExceeded, $"This agent already has {most} live sessions for this user, the most that are allowed; end one, or send end_oldest.", RetryWith: RetryWith.SameKey)
            .With("exceeded", Exceeded.MaxLiveSessions).AtMost(Exceeded.MaxLiveSessions, most),
        "max_live_sessions",
        most.ToString(CultureInfo.InvariantCulture));

    public static Rejection TooManyOpenings(int limit, int resetSeconds) => new Rejection(
        Codes.RateLimited,
        string.Create(CultureInfo.InvariantCulture, $"This agent has asked for more than {limit} sessions of this user in a minute. Wait {resetSeconds} s, or use a session that is open."),
        RetryAfterSeconds: resetSeconds,
        Retry: true).AtMost("sessions_opened_per_minute", limit);

    public static readonly Rejection NobodyActs = new(Codes.NotFound, "This user's personal data were erased: no agent can act for the user any more.");

    public static readonly Rejection ParentEnded = new(Codes.SessionRevoked, "The session that delegates has ended or expired.");

    public static readonly Rejection TooManyDelegations =
        new Rejection(Codes.GrantExceeded, $"This user has {Limits.LiveDelegations} live sub-sessions, the most that are allowed; end one first.", RetryWith: RetryWith.SameKey)
            .With("exceeded", "live_delegations").AtMost("live_delegations", Limits.LiveDelegations);

    public static readonly Rejection TooManyDelegationsOfAgent = new Rejection(
        Codes.GrantExceeded,
        $"The agent that authenticated for this user has {Limits.LiveDelegationsOfAgent} live sub-sessions below its sessions, the most that one agent may have; end one first.",
        RetryWith: RetryWith.SameKey)
        .With("exceeded", "live_delegations_of_agent").AtMost("live_delegations_of_agent", Limits.LiveDelegationsOfAgent);

    public static readonly Rejection OpeningUndecided = new(Codes.Unavailable, "The session is being begun; ask again.", RetryAfterSeconds: 1, Retry: true);

    public static readonly Rejection OpeningLost = new(Codes.Unavailable, "The session could not be begun; try again.", Retry: true);

    // Standing.

    public static Rejection Suspended(Pair pair, DateTimeOffset now) => pair.Stopped ? Stopped : pair.Suspension?.Until is { } until
        ? new Rejection(Codes.SessionSuspended, "This agent is suspended for this user after attempts out of scope, or requests far above the rate.", RetryAfterSeconds: Seconds.Left(until, now), Retry: true)
            .With("resume_at", Time(until))
        : SuspendedByOperator;

    public static readonly Rejection SuspendedByOperator = new(Codes.SessionSuspended, "This agent is suspended for this user until an operator resumes it.");

    public static readonly Rejection Paused = new(Codes.SessionSuspended, "This user is paused: no agent acts for the user until who paused it, or an operator, resumes it.");

    public static readonly Rejection Stopped = new(Codes.SessionSuspended, "An operator has stopped this agent; it acts for nobody until it is started again.");

    public static readonly Rejection SessionOver = new(Codes.SessionRevoked, "The session is over: it was ended, or it has expired. Authenticate again with POST /agent/auth.");

    public static readonly Rejection Behind = new(Codes.Unavailable, "What this session may do has changed, and it is being told; ask again.", RetryAfterSeconds: 1, Retry: true);

    // Tasks and consents.

    public static readonly Rejection TaskIsVoided = new(Codes.Unavailable, "The completion was given up before it was decided; try again.", Retry: true);
    public static readonly Rejection TaskUndecided = new(Codes.Unavailable, "The completion is being decided; ask again.", RetryAfterSeconds: 1, Retry: true);
    public static readonly Rejection TaskTooLate = new(Codes.Unavailable, "The completion came too late to be decided; try again.", Retry: true);
    public static readonly Rejection TaskAhead = new(Codes.Unavailable, "The completion's id is from the future: clocks disagree; try again.", Retry: true);
    public static readonly Rejection OutputCannotBeKept = new(Codes.NotEligible, "This user's personal data were erased, so no output of a task can be kept.");
    public static readonly Rejection CompletingElsewhere = new(Codes.TaskAlreadyCompleted, "The task is being completed by another session.", RetryAfterSeconds: 1, Retry: true);
    public static readonly Rejection NotTargeted = new(Codes.NotEligible, "The campaign is not meant for this user.");
    public static readonly Rejection NoSuchConsent = new(Codes.NotFound, "This user has given no such consent.");

    public static readonly Rejection AnothersConsent = new(Codes.ScopeViolation, "Another agent gave this consent: that agent, or an operator, may withdraw it.");

    // Rewards.

    public static readonly Rejection ClaimIsOver = new(Codes.Unavailable, "The claim was not decided in time; try again.", Retry: true);
    public static readonly Rejection ClaimUndecided = new(Codes.Unavailable, "The task's reward is being claimed; ask again.", RetryAfterSeconds: 1, Retry: true);

    public static readonly Rejection TooManyClaims = new Rejection(
        Codes.Unavailable, $"This user has {Limits.LiveClaims} live claims, the most that are allowed; do one of the tasks first.", RetryAfterSeconds: 60, Retry: true).AtMost("live_claims", Limits.LiveClaims);

    public static Rejection AlreadyClaimed(RewardClaim claim) =>
        new Rejection(Codes.DuplicateRequest, "The reward is claimed for this user already; complete the task to earn it.")
            .With("claim_id", claim.ClaimId.ToString("D")).With("expires_at", Time(claim.ExpiresAt));

    public static Rejection AlreadyCompleted(Guid completionId) =>
        new Rejection(Codes.TaskAlreadyCompleted, "This user has completed the task before; it counts for every agent and session.").With("completion_id", completionId.ToString());

    // Runs.

    public static readonly Rejection HoldIsDecided = new(Codes.Unavailable, "The run's hold was already decided.", Retry: true);
    public static readonly Rejection HoldTooLate = new(Codes.Unavailable, "The run's hold came too late.", Retry: true);
    public static readonly Rejection HoldAhead = new(Codes.Unavailable, "The run's hold is from the future: clocks disagree.", Retry: true);
    public static readonly Rejection NoSponsor = new(Codes.PaymentRequired, "No sponsor pays for this service.");
    public static readonly Rejection UsedUp = new(Codes.PaymentRequired, "The runs that sponsors pay for this user are used up.");
    public static readonly Rejection ConsentsWithdrawn = new(Codes.PaymentRequired, "The consents that the sponsored runs were given for were withdrawn.");

    internal const string GrantTotal = "grant_total";
    internal const string DailyCap = "daily_cap";
    internal const string MonthlyCap = "monthly_cap";

    /// <summary>Of a limit, by its account's key.</summary>
    internal static string NameOf(string key) => AccountKeys.IsGrant(key) ? GrantTotal
        : AccountKeys.PartOf(key) is { } part ? $"{PartCap.KindOf(part)}_{(AccountKeys.IsPartOfDay(key) ? DailyCap : MonthlyCap)}"
        : AccountKeys.IsDay(key) ? DailyCap : MonthlyCap;

    /// <param name="limit">grant_total, daily_cap or monthly_cap.</param>
    /// <param name="id">The grant's agent, or the user.</param>
    /// <param name="askedMicros">What was to be held.</param>
    /// <param name="seconds">Until days or months are over, and no limit refuses any more; null: waiting would not help.</param>
    public static Rejection OverLimit(string limit, long remainingMicros, string id, long askedMicros, long? seconds = null) =>
        Cents(new Rejection(Codes.BudgetExceeded, $"The price is above what is left of {limit}.", RetryAfterSeconds: seconds).With("limit", limit), "remaining_cents", remainingMicros)
            .AtNode(limit == GrantTotal ? "grant" : "user", id, limit).Beyond(askedMicros, remainingMicros);

    /// <summary>By the cap of a service or a category.</summary>
    /// <param name="key">Its account.</param>
    /// <param name="seconds">As of <see cref="OverLimit"/>.</param>
    public static Rejection OverPart(string key, string userId, long remainingMicros, long askedMicros, long? seconds = null)
    {
        var (limit, part) = (NameOf(key), AccountKeys.PartOf(key)!);
        var refused = new Rejection(Codes.BudgetExceeded, $"The price is above what is left of {limit} for {PartCap.NameOf(part)}.", RetryAfterSeconds: seconds)
            .With("limit", limit).With(PartCap.KindOf(part) == PartCap.OfService ? "service_id" : PartCap.OfCategory, PartCap.NameOf(part));
        return Cents(refused, "remaining_cents", remainingMicros).AtNode("user", userId, limit).Beyond(askedMicros, remainingMicros);
    }

    public static Rejection TasksNotDone(IEnumerable<string> campaignIds) =>
        Raw(new(Codes.PaymentRequired, "A sponsor would pay for this service once its task is completed."), "campaign_ids", JsonSerializer.Serialize(campaignIds, StoredJson.Options));

    /// <param name="refused">Code of the last one's refusal.</param>
    /// <param name="limit">Of the campaign's, by which it refused; its amounts are the sponsor's business. Null: none did.</param>
    public static Rejection SponsorsRefused(string campaignId, string refused, string? limit)
    {
        var all = new Rejection(Codes.PaymentRequired, "No sponsor whose task is completed could pay for this run.").With("campaign_id", campaignId).With("refused", refused);
        return limit is null ? all : all.With("limit", limit).AtNode("campaign", campaignId, limit);
    }

    private static string Time(DateTimeOffset at) => at.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", CultureInfo.InvariantCulture);

    private static Rejection Invalid(string path, string keyword, string message) => new(Codes.ValidationFailed, message, [new(path, keyword, message)]);

    private static Rejection Cents(Rejection rejection, string name, long micros) => Raw(rejection, name, Money.FormatCents(micros));

    private static Rejection Raw(Rejection rejection, string name, string json) => rejection with { Facts = [.. rejection.Facts ?? [], new(name, json, Raw: true)] };
}
