using System.Globalization;
using Agora.Core.Kernel;

namespace Agora.Core.Sessions;

/// <summary>Why a session refuses, in order of precedence (design: order of refusals).</summary>
public static class SessionRejection
{
    public static readonly Rejection Unknown = new(Codes.Unauthorized, "There is no such session. Authenticate with POST /agent/auth.");

    public static readonly Rejection Revoked = new(Codes.SessionRevoked, "The session was ended. Authenticate again with POST /agent/auth.");

    public static readonly Rejection Expired = new(Codes.SessionExpired, "The session has expired. Authenticate again with POST /agent/auth.");

    public static readonly Rejection TooManyRuns = new(
        Codes.Unavailable, "Too many runs of this session are under way. Wait for one to finish.", RetryAfterSeconds: 1, Retry: true);

    public static readonly Rejection TooManyTasks = new(
        Codes.Unavailable, "Too much of this session is under way. Wait for it to finish.", RetryAfterSeconds: 1, Retry: true);

    public static readonly Rejection ServiceDisabled = new(
        Codes.Unavailable, "The service failed ten runs in a row and is disabled until an operator looks at it.", RetryAfterSeconds: 300, Retry: true);

    public static readonly Rejection Unreachable = new(
        Codes.Unavailable, "The run could not be reserved in time; nothing was spent. Try again.", RetryAfterSeconds: 1, Retry: true);

    public static readonly Rejection TaskUnreachable = new(
        Codes.Unavailable, "The task could not be recorded in time; nothing was recorded. Try again.", RetryAfterSeconds: 1, Retry: true);

    public static readonly Rejection CampaignNotOpen = new(Codes.NotEligible, "The campaign is not open now.");

    public static Rejection Suspended(DateTimeOffset? until, DateTimeOffset now) => until is { } end
        ? new Rejection(
            Codes.SessionSuspended,
            "Too many attempts out of scope, or an operator, suspended this agent for this user until the time in resume_at.",
            RetryAfterSeconds: Math.Max(1, (long)Math.Ceiling((end - now).TotalSeconds))).With("resume_at", end.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture))
        : new Rejection(Codes.SessionSuspended, "This agent is suspended for this user until an operator resumes it.");

    public static Rejection RateLimited(int limit, int resetSeconds) => new(
        Codes.RateLimited,
        string.Create(CultureInfo.InvariantCulture, $"More than {limit} requests in a minute. Wait {resetSeconds} s."),
        RetryAfterSeconds: resetSeconds,
        Retry: true);

    public static Rejection ServiceNotFound(string id) => new(Codes.NotFound, $"There is no active service '{id}'.");

    public static Rejection CampaignNotFound(string id) => new(Codes.NotFound, $"There is no campaign '{id}'.");

    public static Rejection OutOfScope(string what, string value) => new(
        Codes.ScopeViolation, $"The session's scopes do not allow the {what} '{value}'. Repeated attempts suspend the agent.");

    public static Rejection Invalid(IReadOnlyList<Detail> details) => new(
        Codes.ValidationFailed, "The request's content does not satisfy its schema; see details.", Details: details);

    public static Rejection Duplicate(Guid runId, int windowSeconds) => new Rejection(
        Codes.DuplicateRequest,
        string.Create(CultureInfo.InvariantCulture, $"The same service was run with the same input less than {windowSeconds} s ago. Send an Idempotency-Key to run it again on purpose."))
        .With("run_id", runId.ToString("D"));

    public static Rejection OverBudget(long price, long remaining) => new(
        Codes.BudgetExceeded,
        $"The run costs {Money.FormatCents(price)} cents and the session's budget has {Money.FormatCents(remaining)} cents left.",
        Facts: [new("limit", "session"), new("remaining_cents", Money.FormatCents(remaining), Raw: true)]);

    public static Rejection AboveMaxPrice(long price, long max) => new(
        Codes.PaymentRequired, $"The run costs {Money.FormatCents(price)} cents, more than the request's max_price_cents of {Money.FormatCents(max)}.");

    public static Rejection RunFailed(Guid runId, string code, string message) => new Rejection(code, message, Retry: true).With("run_id", runId.ToString("D"));
}
