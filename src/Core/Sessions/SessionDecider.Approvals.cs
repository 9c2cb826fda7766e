using Agora.Core.Access;
using Agora.Core.Kernel;
using Agora.Core.Nodes;
using Agora.X402;
using SessionDecision = Agora.Core.Kernel.Decision<Agora.Core.Sessions.SessionState, Agora.Core.Sessions.SessionEvent>;

namespace Agora.Core.Sessions;

/// <summary>
/// A run that may cost more than the grant lets an agent spend unasked. The user's stream says so when everything else would let it
/// begin; then this stream gives back what is held and keeps the request. Approved, the run begins anew under its own id: all limits
/// and funds decide as they stand by then, at the price that the user was shown. A refusal is its outcome then, and it is never
/// asked for again.
/// <para>Approved here and nowhere else, by <see cref="SessionEvent.RunApproved"/>, and at most once (<see cref="SessionState"/>).</para>
/// </summary>
public sealed partial class SessionDecider
{
    /// <summary>The answer to a request whose run is known by its command's id; null: it is new.</summary>
    private static SessionDecision? Repeated(SessionState state, Context context)
    {
        if (state.Pending.ContainsKey(context.CommandId))
        {
            return SessionDecision.Later(); // in an activation that took the run over: it shares the run's outcome
        }

        return state.Awaiting.TryGetValue(context.CommandId, out var awaiting) ? SessionDecision.Accept(AwaitingView(state, awaiting, context.Now))
            : state.Waited.ContainsKey(context.CommandId) ? SessionDecision.Accept(View(state, context.Now))
            : null;
    }

    private static SessionDecision AwaitApproval(SessionState state, PendingRun run, ReserveTerms.OfUser asked, Personal input, PresentedPayment? paid, Context context)
    {
        Invariant.Check(run.ApprovedAt is null, "approved_is_not_asked_again");
        if (state.RevokedAt is not null || context.Now >= state.ExpiresAt)
        {
            return RefuseRun(state, run, state.RevokedAt is null ? SessionRejection.Expired : SessionRejection.Ended(state.EndedBy));
        }

        if (state.Awaiting.Count >= Limits.ApprovalsWaiting || state.Awaiting.Count + state.Waited.Count >= Limits.ApprovalsRemembered)
        {
            return RefuseRun(state, run, SessionRejection.TooManyApprovals);
        }

        var expires = context.Now + Limits.ApprovalWait;
        var waiting = new AwaitingRun(
            run.RunId, run.ServiceId, run.Provider, run.Owner, new(run.PriceMicros, run.RequestedAt, expires < state.ExpiresAt ? expires : state.ExpiresAt), run.Line,
            asked.Candidates, asked.Named, run.Metered, run.OwnFund, run.FeeBasisPoints, run.Memo, paid, run.Category);
        var awaits = new SessionEvent.RunAwaitsApproval(waiting) { Input = input };
        return SessionDecision.Did(awaits)
            .Answering(run.RunId, Answer.Of(AwaitingView(state.Evolve(awaits, context.Now), waiting, context.Now)))
            .Then(Tell(state.FollowersOf(run, posted: false, 0)));
    }

    private static SessionDecision DecideApproval(SessionState state, SessionCommand.DecideApproval c, Context context)
    {
        if (state.Waited.TryGetValue(c.RunId, out var decided))
        {
            return decided == (c.Approve ? ApprovalState.Approved : ApprovalState.Denied)
                ? SessionDecision.Accept(new ApprovalGiven(c.RunId, decided))
                : SessionDecision.Reject(SessionRejection.ApprovalIsDecided(decided));
        }

        if (!state.Awaiting.TryGetValue(c.RunId, out var run))
        {
            return SessionDecision.Reject(SessionRejection.NoApproval);
        }

        return Overdue(state, run, context.Now) is { } over ? EndWait(state, run, over, NotApproved(state, over), SessionDecision.Reject(SessionRejection.ApprovalIsDecided(over)))
            : !c.Approve ? EndWait(state, run, ApprovalState.Denied, NotApproved(state, ApprovalState.Denied), Answered(run, ApprovalState.Denied), c)
            : ApproveRejection(state, run, context.Now) is { } refused ? SessionDecision.Reject(refused)
            : OutOfScope(state.Scopes, run) is { } beyond ? EndWait(state, run, ApprovalState.Approved, beyond, Answered(run, ApprovalState.Approved), c)
            : !state.Budget.CanReserve(run.Waiting.MaxMicros) ? EndWait(state, run, ApprovalState.Approved, OverBudget(state, run), Answered(run, ApprovalState.Approved), c)
            : Approve(state, run, c, context);
    }

    // In order of precedence. The run goes on waiting.
    private static Rejection? ApproveRejection(SessionState state, AwaitingRun run, DateTimeOffset now)
    {
        if (state.IsSuspended(now)) return SessionRejection.Suspended(state.SuspendedUntil, now);
        if (run.Input is null) return SessionRejection.InputIsGone;
        return state.IsCrowded ? SessionRejection.TooManyRuns : null;
    }

    // No fund is guessed: the user's stream names one, unless only the agent's own wallet, or the payment that the request brought, can pay.
    private static SessionDecision Approve(SessionState state, AwaitingRun run, SessionCommand.DecideApproval c, Context context)
    {
        var wallet = run.OwnFund && run.Candidates.Count == 0 && run.Waiting.MaxMicros > 0 ? run.Paid?.Identity.WalletId ?? state.OwnWallet : null;
        var requested = new SessionEvent.RunRequested(
            run.RunId, context.NewId(1), run.ServiceId, run.Waiting.MaxMicros, run.Provider, run.Owner, InputHash: "", context.Now + Limits.RunVoidedAfter, run.Line,
            wallet is null ? null : context.NewId(2), Guess: null, run.Metered, wallet, run.OwnFund, run.FeeBasisPoints, run.Memo, HoldsAbove: HoldsAbove(state, context));
        var approved = new SessionEvent.RunApproved(requested, run.Waiting, c.By, c.Reason);
        return Ask(SessionDecision.Accept(new ApprovalGiven(run.RunId, ApprovalState.Approved), approved), state, requested, run.Candidates, run.Named, run.Input!, context, approved: true, run.Paid);
    }

    private static SessionDecision EndApproval(SessionState state, Guid runId, DateTimeOffset now) =>
        state.Awaiting.TryGetValue(runId, out var run) && Overdue(state, run, now) is { } over ? EndWait(state, run, over, NotApproved(state, over), Done) : Done;

    private static ApprovalState? Overdue(SessionState state, AwaitingRun run, DateTimeOffset now) =>
        state.RevokedAt is not null ? ApprovalState.Ended
        : now >= run.Waiting.ExpiresAt ? ApprovalState.Expired
        : null;

    private static Rejection NotApproved(SessionState state, ApprovalState approval) =>
        SessionRejection.NotApproved(state.Grantee, approval);

    // The grant may have been narrowed while the run waited: what the user says now is no wider grant.
    private static Rejection? OutOfScope(Scopes scopes, AwaitingRun run) =>
        run.IsTransfer ? scopes.AdmitsPayee(run.Provider) ? null : SessionRejection.OutOfScope("payee", run.Provider)
        : run.Category is not { } category || scopes.AdmitsCategory(category) ? null : SessionRejection.OutOfScope("category", category);

    private static Rejection OverBudget(SessionState state, AwaitingRun run) => SessionRejection.OverBudget(state.SessionId, run.Waiting.MaxMicros, state.Budget.Remaining);

    private static SessionDecision Answered(AwaitingRun run, ApprovalState approval) =>
        SessionDecision.Accept(new ApprovalGiven(run.RunId, approval), new SessionEvent.ApprovalAnswered(run.RunId, approval));

    /// <param name="by">Null: nobody decided.</param>
    private static SessionDecision EndWait(SessionState state, AwaitingRun run, ApprovalState approval, Rejection outcome, SessionDecision answer, SessionCommand.DecideApproval? by = null)
    {
        var ended = new SessionEvent.WaitEnded(
            run.RunId, new(run.ServiceId, run.Provider, run.Waiting.RequestedAt, run.Line), run.Waiting, approval, outcome, by?.By, by?.Reason);
        return answer.And(ended).Answering(run.RunId, RefusedOf(run.RunId, outcome));
    }

    private static Answer RefusedOf(Guid runId, Rejection reason) => Answer.No(reason.With("run_id", runId.ToString("D")));

    // Each by a command of its own, as of runs that are overdue.
    private static IEnumerable<Step> EndApprovals(SessionState state, DateTimeOffset now) =>
        state.Awaiting.Values.Where(run => Overdue(state, run, now) is not null).Select(EndApproval);

    private static Step EndApproval(AwaitingRun run) => new(Phase.AfterCommit, new StepTarget.Self(), _ => new SessionCommand.EndApproval(run.RunId));

    private static RunView AwaitingView(SessionState state, AwaitingRun run, DateTimeOffset now) => new(
        run.RunId, run.ServiceId, RunState.AwaitingApproval, null, null, state.BudgetView, null, RateOf(state, now), ApprovalUntil: run.Waiting.ExpiresAt);

    private static IEnumerable<RunSummary> AwaitingSummaries(SessionState state) => state.Awaiting.Values.Where(r => !r.IsTransfer).Reverse()
        .Select(Awaiting);

    private static RunSummary Awaiting(AwaitingRun run) => new(run.RunId, run.ServiceId, RunState.AwaitingApproval, run.Waiting.MaxMicros, null, null, run.Waiting.RequestedAt, null);
}
