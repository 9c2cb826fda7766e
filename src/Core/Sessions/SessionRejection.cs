using System.Globalization;
using Agora.Core.Kernel;

namespace Agora.Core.Sessions;

/// <summary>Why a session refuses, in order of precedence (design: order of refusals).</summary>
public static class SessionRejection
{
    public static readonly Rejection Unknown = new(Codes.Unauthorized, "There is no such session. Authenticate with POST /agent/auth.");

    /// <summary>To an operator.</summary>
    public static readonly Rejection NotFound = new(Codes.NotFound, "There is no such session.");

    /// <summary>To its user's stream, which asks for one that it has forgotten to begin again.</summary>
    public static readonly Rejection OverAlready = new(Codes.Unavailable, "The session was over before its opening was answered; try again.", Retry: true);

    public static readonly Rejection CallInFlight = new(
        Codes.IdempotencyInFlight, "The first request under this key is calling the model. What it writes goes to whoever sent that one; repeat this one for its outcome.", RetryAfterSeconds: 5, Retry: true);

    public static readonly Rejection TooManyTasks = new(
        Codes.Unavailable, "Too much of this session is under way. Wait for it to finish.", RetryAfterSeconds: 1, Retry: true);

    public static readonly Rejection TaskUnreachable = new(
        Codes.Unavailable, "The task could not be recorded in time; nothing was recorded. Try again.", RetryAfterSeconds: 1, Retry: true);

    public static readonly Rejection NotBelow = new(Codes.ScopeViolation, "A sub-session withdraws no consent; the session at its root may withdraw what was given below it.");

    public static readonly Rejection CampaignNotOpen = new(Codes.NotEligible, "The campaign is not open now.");

    public static readonly Rejection ClaimUnreachable = new(
        Codes.Unavailable, "The claim was not answered in time. Try again; a claim that was made is named then.", RetryAfterSeconds: 1, Retry: true);

    public static Rejection RateLimited(int limit, int resetSeconds) => new Rejection(
        Codes.RateLimited,
        string.Create(CultureInfo.InvariantCulture, $"More than {limit} requests in a minute. Wait {resetSeconds} s."),
        RetryAfterSeconds: resetSeconds,
        Retry: true).AtMost("requests_per_minute", limit);

    // The tree.

    public static readonly Rejection Cycle = Beyond("The agent already stands on the path from the root to this session: it cannot be delegated to again.", "cycle");

    public static readonly Rejection TooDeep = Beyond($"The path would have more than {Limits.TreeDepth} sessions.", "depth").AtMost("depth", Limits.TreeDepth);

    public static readonly Rejection TooManyChildren = Beyond($"This session has {Limits.LiveChildren} live sub-sessions, the most that it may have; end one first.", "children").AtMost("children", Limits.LiveChildren) with
    {
        RetryWith = RetryWith.SameKey,
    };

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

    private static Rejection Beyond(string message, string exceeded) => new Rejection(Codes.GrantExceeded, message).With("exceeded", exceeded);
}
