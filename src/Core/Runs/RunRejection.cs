using System.Globalization;
using System.Text;
using Agora.Core.Access;
using Agora.Core.Kernel;

namespace Agora.Core.Runs;

/// <summary>Why a run is not begun, not held or not served; and what is said of its approval.</summary>
public static class RunRejection
{
    public static Rejection ServiceNotFound(string id) => new(Codes.NotFound, $"There is no active service '{id}'.");

    public static Rejection CampaignNotFound(string id) => new(Codes.NotFound, $"There is no campaign '{id}'.");

    public static readonly Rejection ServiceDisabled = new(
        Codes.Unavailable, "The service failed for several users in a row and rests; it is tried again by itself.", RetryAfterSeconds: 60, Retry: true);

    public static readonly Rejection AgentAbove = new Rejection(
        Codes.GrantExceeded, "The service is an agent on whose behalf the session acts, or the one that asks: nothing was held, and it is not asked.").With("exceeded", "cycle");

    public static Rejection Duplicate(Guid runId, int windowSeconds) => new Rejection(
        Codes.DuplicateRequest,
        string.Create(CultureInfo.InvariantCulture, $"The same service was run with the same input less than {windowSeconds} s ago. Send an Idempotency-Key to run it again on purpose."),
        RetryWith: RetryWith.NewKey)
        .With("run_id", runId.ToString("D"));

    public static readonly Rejection RelatedSponsor = new(Codes.NotEligible, "The campaign does not pay for services of its own owner.");

    public static Rejection OverBudget(string sessionId, long price, long remaining) => new Rejection(
        Codes.BudgetExceeded,
        $"The run costs {Money.FormatCents(price)} cents and the session's budget has {Money.FormatCents(remaining)} cents left.",
        Facts: [new("limit", "session"), new("remaining_cents", Money.FormatCents(remaining), Raw: true)]).AtNode(sessionId, "session").Beyond(price, remaining);

    /// <summary>As of <see cref="OverBudget"/>, and nobody is asked again.</summary>
    public static Rejection NotRaised(string sessionId, long price, long remaining) => (OverBudget(sessionId, price, remaining) with
    {
        Message = $"The run costs {Money.FormatCents(price)} cents, the session's budget has {Money.FormatCents(remaining)} cents left, and its user, who was asked to raise it, said no.",
    }).With(ApprovalLimit, ApprovalState.Denied.Name());

    public static Rejection AboveMaxPrice(long price, long max) => new(
        Codes.PaymentRequired, $"The run costs {Money.FormatCents(price)} cents, more than the request's max_price_cents of {Money.FormatCents(max)}.");

    public static readonly Rejection TooManyRuns = new Rejection(
        Codes.Unavailable, "Too many runs of this session are under way. Wait for one to finish.", RetryAfterSeconds: 1, Retry: true).AtMost("runs_in_flight", Limits.RunsInFlight);

    public static readonly Rejection Unreachable = new(
        Codes.Unavailable, "The run could not be reserved in time; nothing was spent. Try again.", RetryAfterSeconds: 1, Retry: true);

    public static readonly Rejection ServiceOutOfReach = new(
        Codes.Unavailable, "The service could not be looked up in time and was not called; nothing was spent. Try again.", RetryAfterSeconds: 1, Retry: true);

    /// <param name="said">The tool's own words about the failure, as a JSON string; null if there are none or they were erased.</param>
    /// <param name="isOfInput">The service refused the input, so the same request would fail again.</param>
    public static Rejection RunFailed(Guid runId, string code, string message, Personal? said = null, bool isOfInput = false)
    {
        var failed = new Rejection(code, message, Retry: !isOfInput, RetryWith: isOfInput ? RetryWith.Never : RetryWith.NewKey).With("run_id", runId.ToString("D"));
        return said is null ? failed : failed.WithRaw(Fact.Said, Encoding.UTF8.GetString(said.Utf8.Span));
    }

    // Models.

    public static readonly Rejection IsAModel = new(Codes.NotEligible, "The service is a model: it is called by its dialects, POST /openai/v1/chat/completions, say.");

    public static readonly Rejection IsNoModel = new(Codes.NotFound, "There is no active model of this name.");

    public static readonly Rejection NoCall = new(Codes.NotFound, "No call of a model is under way for this run.");

    public static Rejection AboveCallPrice(long price, long max) => new Rejection(
        Codes.BudgetExceeded, $"The call costs at most {Money.FormatCents(price)} cents, and one call of this model may cost {Money.FormatCents(max)} cents.",
        Facts: [new("limit", "call"), new("remaining_cents", Money.FormatCents(max), Raw: true)]).Beyond(price, max);

    public static Rejection NoCallsLeft(string sessionId, long most) => Within(sessionId, new(
        Codes.BudgetExceeded, string.Create(CultureInfo.InvariantCulture, $"The session may call models {most} times, and has done so or is about to."), Facts: [new("limit", ModelCallsLimit)]));

    public static Rejection OverTokens(string sessionId, long tokens, long free) => Within(sessionId, new(
        Codes.BudgetExceeded, string.Create(CultureInfo.InvariantCulture, $"The call may read and write up to {tokens} tokens, and the session has {free} of them free."),
        Facts: [new("limit", ModelTokensLimit), new("asked_tokens", Number(tokens), Raw: true), new("free_tokens", Number(free), Raw: true)]));

    public static Rejection TooManyCalls(string sessionId, long most, int seconds) => Within(sessionId, new(
        Codes.RateLimited, string.Create(CultureInfo.InvariantCulture, $"The session may begin {most} calls of models in a minute, and has begun them."), RetryAfterSeconds: seconds, Retry: true, Facts: [new("limit", ModelCallsLimit)]));

    public static Rejection TooManyTokens(string sessionId, long most, int seconds) => Within(sessionId, new(
        Codes.RateLimited, string.Create(CultureInfo.InvariantCulture, $"The session's calls of models may read and write {most} tokens in a minute, and with this one might have more."), RetryAfterSeconds: seconds, Retry: true, Facts: [new("limit", ModelTokensLimit)]));

    private const string ModelCallsLimit = "model_calls";
    private const string ModelTokensLimit = "model_tokens";

    private static Rejection Within(string sessionId, Rejection refused) => refused.AtNode(sessionId, "session");

    private static string Number(long number) => number.ToString(CultureInfo.InvariantCulture);

    /// <summary>Nobody would be there to call the model when it is approved.</summary>
    public static Rejection ModelNeedsApproval(string grantee, long price) => new Rejection(
        Codes.BudgetExceeded, $"The call costs at most {Money.FormatCents(price)} cents, for which the grant wants the user's approval: a call with a lower bound on its output may go on.")
        .With("limit", ApprovalLimit).AtNode("grant", grantee, ApprovalLimit);

    public static Rejection IsCalled(Guid runId) => new Rejection(
        Codes.RunDecided, "The model is being called: the run ends with its answer, or when whoever calls it is gone, and cannot be cancelled.").With("run_id", runId.ToString("D")).With("state", "calling");

    // Cancelled runs.

    public static readonly Rejection Cancelled = new(Codes.RunCancelled, "The run was cancelled; nothing was spent. Ask for another one under a new Idempotency-Key.");

    /// <param name="state">As replies name it.</param>
    public static Rejection Decided(Guid runId, string state) => new Rejection(
        Codes.RunDecided,
        state == Settling ? "The run has its output, and its payment is being settled: it cannot be cancelled any more." : "The run has its outcome: it cannot be cancelled any more.")
        .With("run_id", runId.ToString("D")).With("state", state);

    internal const string Settling = "settling";

    public static Rejection IsAsked(Guid runId) => new Rejection(
        Codes.RunDecided, "An agent is asked for it: the run ends with its reply, or at the deadline, and cannot be cancelled.").With("run_id", runId.ToString("D")).With("state", "asked");

    // Approvals.

    public static readonly Rejection TooManyApprovals = new(
        Codes.Unavailable, "Too many runs of this session wait for the user's approval, or waited for it. Wait for one to be decided, or authenticate anew.", RetryAfterSeconds: 60, Retry: true);

    public static readonly Rejection NoApproval = new(Codes.NotFound, "No run of this id waits, or waited, for approval.");

    public static Rejection ApprovalIsDecided(ApprovalState approval) => new Rejection(
        Codes.ApprovalDecided,
        approval switch
        {
            ApprovalState.Approved => "The run was approved before; that cannot be taken back.",
            ApprovalState.Denied => "The run was denied before; the agent may ask for a new one.",
            ApprovalState.Expired => "The run waited for approval as long as it could; the agent may ask for a new one.",
            _ => "The session ended while the run waited for approval, or the run was cancelled.",
        }).With(ApprovalLimit, approval.Name());

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

    /// <summary>What becomes of a model's call that its user was asked about, and agreed to: nobody would be there to make it.</summary>
    public static Rejection BudgetRaised(Guid runId) => new Rejection(
        Codes.BudgetExceeded, "The session's budget had no room for the call; the user was asked, and has raised it. Ask anew.", Retry: true, RetryWith: RetryWith.NewKey)
        .With("run_id", runId.ToString("D")).With("limit", ApprovalLimit).With(ApprovalLimit, ApprovalState.Approved.Name());

    /// <summary>It is that, also where a journal tells it.</summary>
    public static bool IsRaised(Rejection refused) => refused.Code == Codes.BudgetExceeded && refused.FactOf(ApprovalLimit) == ApprovalState.Approved.Name();

    /// <summary>The budget has no room for a model's call, and the user has not answered yet.</summary>
    public static Rejection UserIsAsked(Guid runId, DateTimeOffset until) => new Rejection(
        Codes.BudgetExceeded, "The session's budget has no room for the call, and the user is asked to raise it. Ask anew when that is done.", RetryAfterSeconds: Limits.RaiseRetrySeconds)
        .With("run_id", runId.ToString("D")).With("limit", ApprovalLimit).With(ApprovalLimit, ApprovalState.Pending.Name())
        .With("expires_at", until.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture));

    /// <summary>The user's personal data were erased, and the input with them.</summary>
    public static readonly Rejection InputIsGone = new(Codes.NotEligible, "The run's input was erased with the user's personal data.");

    public static readonly Rejection ServiceChanged = new(
        Codes.NotEligible, "The service's provider, owner, category or price changed while the run waited for the user's approval; nothing was spent. Ask for a new run.");

    private const string ApprovalLimit = "approval";
}
