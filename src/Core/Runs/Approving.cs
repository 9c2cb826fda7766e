using Agora.Core.Access;
using Agora.Core.Kernel;
using Agora.Core.Nodes;
using Agora.X402;
using RunDecision = Agora.Core.Kernel.Decision<Agora.Core.Runs.Leaf, Agora.Core.Runs.LeafEvent>;

namespace Agora.Core.Runs;

/// <summary>
/// A run that may cost more than the grant lets an agent spend unasked. The user's stream says so when everything else would let it
/// begin; then this stream gives back what is held and keeps the request. Approved, the run begins anew under its own id: all limits
/// and funds decide as they stand by then, at the price that the user was shown. A refusal is its outcome then, and it is never
/// asked for again.
/// <para>Approved here and nowhere else, by <see cref="RunEvent.Approved"/>, and at most once (<see cref="Leaf"/>).</para>
/// </summary>
internal static class Approving
{
    public static RunDecision Await(Leaf leaf, PendingRun run, ReserveTerms.OfUser asked, Personal input, PresentedPayment? paid, Context context)
    {
        Invariant.Check(run.ApprovedAt is null, "approved_is_not_asked_again");
        if (leaf.RevokedAt is not null || context.Now >= leaf.ExpiresAt)
        {
            return Concluding.Refuse(leaf, run, leaf.RevokedAt is null ? AccessRejection.Expired : AccessRejection.Ended(leaf.EndedBy), context);
        }

        if (!HasRoom(leaf)) return Concluding.Refuse(leaf, run, RunRejection.TooManyApprovals, context);

        var waiting = new AwaitingRun(
            run.RunId, run.ServiceId, run.Provider, run.Owner, Facts(leaf, run.PriceMicros, run.RequestedAt, context), run.Line,
            asked.Candidates, asked.Named, run.Metered, run.OwnFund, run.FeeBasisPoints, run.Memo, paid, run.Category, run.Asked);
        var awaits = new RunEvent.AwaitsApproval(waiting) { Input = input };
        return RunDecision.Did(awaits)
            .Answering(run.RunId, Answer.Of(RunViews.Of(leaf.After(awaits, context.Now), waiting, context.Now)))
            .Then(Telling.Tell(RunHolds.FollowersOf(leaf, run, posted: false, 0)));
    }

    /// <summary>The budget has no room for the run. Null: its user is asked; not where there is room when what is under way has ended.</summary>
    public static Rejection? RefusalBeyond(Leaf leaf, RunCommand.RunService c, long held)
    {
        if (!leaf.Scopes.AskWhenSpent || leaf.RaiseDenied || !leaf.Path.IsEmpty || c is { Model: not null, Ask: false } || !CanRaise(leaf, held) || (leaf.Budget with { Held = 0 }).CanReserve(held))
        {
            return leaf.RaiseDenied ? RunRejection.NotRaised(leaf.SessionId, held, leaf.Budget.Remaining) : RunRejection.OverBudget(leaf.SessionId, held, leaf.Budget.Remaining);
        }

        if (Asked(leaf, c) is { } first) return c.Model is null ? RunRejection.Duplicate(first.RunId, (int)Limits.ApprovalWait.TotalSeconds) : null;

        return HasRoom(leaf) ? null : RunRejection.TooManyApprovals;
    }

    /// <summary>Nothing is held, and nobody else is asked: that comes when the run begins anew. Of calls of models one at a time waits, whichever it is, for its approval makes room for others as well.</summary>
    public static RunDecision AskBeyond(Leaf leaf, RunCommand.RunService c, bool own, Context context)
    {
        if (Asked(leaf, c) is { } first) return RunDecision.Accept(RunViews.Of(leaf, first, context.Now)).WithSoft(leaf);

        var service = c.Service!;
        var waiting = new AwaitingRun(
            context.CommandId, service.ServiceId, service.Provider, service.Owner, Facts(leaf, c.HeldMicros!.Value, context.Now, context) with { BeyondBudget = true }, c.Request.Line(200, context),
            c.Candidates, c.NamedCampaignId is not null, service.Metered, own, c.Request.Policy.FeeBasisPoints, Memo: null, c.Paid, service.Category, service.Asked, c.Model);
        var awaits = new RunEvent.AwaitsApproval(waiting) { Input = c.Input };
        return RunDecision.Accept(RunViews.Of(leaf, waiting, context.Now), awaits).WithSoft(leaf).TakingKey();
    }

    public static RunDecision Decide(Leaf leaf, RunCommand.DecideApproval c, Context context)
    {
        if (leaf.Waited.TryGetValue(c.RunId, out var decided))
        {
            return decided == (c.Approve ? ApprovalState.Approved : ApprovalState.Denied)
                ? RunDecision.Accept(new ApprovalGiven(c.RunId, decided))
                : RunDecision.Reject(RunRejection.ApprovalIsDecided(decided));
        }

        if (!leaf.Awaiting.TryGetValue(c.RunId, out var run)) return RunDecision.Reject(RunRejection.NoApproval);

        return Overdue(leaf, run, context.Now) is { } over ? EndWait(run, over, NotApproved(leaf, over), RunDecision.Reject(RunRejection.ApprovalIsDecided(over)))
            : !c.Approve ? EndWait(run, ApprovalState.Denied, NotApproved(leaf, ApprovalState.Denied), Answered(run, ApprovalState.Denied), (c.By, c.Reason))
            : Refusal(leaf, run, c.Listed, context.Now) is { } refused ? RunDecision.Reject(refused)
            : OutOfScope(leaf.Scopes, run) is { } beyond ? EndWait(run, ApprovalState.Approved, beyond, Answered(run, ApprovalState.Approved), (c.By, c.Reason))
            : Withdrawn(run, c.Listed) is { } gone ? EndWait(run, ApprovalState.Approved, gone, Answered(run, ApprovalState.Approved), (c.By, c.Reason))
            : !CanBegin(leaf, run) ? EndWait(run, ApprovalState.Approved, OverBudget(leaf, run), Answered(run, ApprovalState.Approved), (c.By, c.Reason))
            : run.Model is not null ? Raise(leaf, run, c)
            : Approve(leaf, run, c, context);
    }

    public static RunDecision End(Leaf leaf, Guid runId, DateTimeOffset now) => leaf.Awaiting.TryGetValue(runId, out var run) && Overdue(leaf, run, now) is { } over
        ? EndWait(run, over, NotApproved(leaf, over), RunDecision.NoChange)
        : RunDecision.NoChange;

    /// <summary>It is taken back: its approval ends with it.</summary>
    public static RunDecision Cancel(Leaf leaf, AwaitingRun run, RunCommand.Cancel c, DateTimeOffset now) => EndWait(
        run, ApprovalState.Ended, RunRejection.Cancelled, RunDecision.Accept(RunViews.Cancelled(leaf, run.RunId, run.ServiceId, leaf.BudgetView, now)), (c.By, c.Reason));

    /// <summary>Those that have waited as long as they may. Each by a command of its own, as of runs that are overdue.</summary>
    public static IEnumerable<Step> EndOverdue(Leaf leaf, DateTimeOffset now) => leaf.Awaiting.Values.Where(run => Overdue(leaf, run, now) is not null).Select(End);

    /// <summary>Their session ends.</summary>
    public static Step[] EndAll(Leaf leaf) => [.. leaf.Awaiting.Values.Select(End)];

    private static Step End(AwaitingRun run) => new(Phase.AfterCommit, new StepTarget.Self(), _ => new RunCommand.EndApproval(run.RunId));

    // In order of precedence. The run goes on waiting.
    private static Rejection? Refusal(Leaf leaf, AwaitingRun run, Listing? listed, DateTimeOffset now)
    {
        if (leaf.IsSuspended(now)) return AccessRejection.Suspended(leaf.SuspendedUntil, now);
        if (run.Input is null) return RunRejection.InputIsGone;
        if (listed is { Terms.Disabled: true }) return RunRejection.ServiceDisabled;
        return leaf.IsCrowded ? RunRejection.TooManyRuns : null;
    }

    /// <summary>Whoever would have called the model has its answer: what was missing is there for whoever asks next.</summary>
    private static RunDecision Raise(Leaf leaf, AwaitingRun run, RunCommand.DecideApproval c) => EndWait(
        run, ApprovalState.Approved, RunRejection.BudgetRaised(run.RunId), Answered(run, ApprovalState.Approved), (c.By, c.Reason), Missing(leaf, run)).Then(Concluding.Waking(leaf));

    private static bool CanBegin(Leaf leaf, AwaitingRun run) => run.Waiting.BeyondBudget ? CanRaise(leaf, run.Waiting.MaxMicros) : leaf.Budget.CanReserve(run.Waiting.MaxMicros);

    /// <summary>By no more than the run may cost: what a narrowed grant took away is not given back by the way.</summary>
    private static bool CanRaise(Leaf leaf, long held) => leaf.Budget.Missing(held) is var missing && missing <= held && leaf.Budget.Limit + missing <= Limits.MaxMicros;

    private static long Missing(Leaf leaf, AwaitingRun run) => run.Waiting.BeyondBudget ? leaf.Budget.Missing(run.Waiting.MaxMicros) : 0;

    private static bool HasRoom(Leaf leaf) => leaf.Awaiting.Count < Limits.ApprovalsWaiting && leaf.Awaiting.Count + leaf.Waited.Count < Limits.ApprovalsRemembered;

    private static WaitingFacts Facts(Leaf leaf, long max, DateTimeOffset requestedAt, Context context)
    {
        var expires = context.Now + Limits.ApprovalWait;
        return new(max, requestedAt, expires < leaf.ExpiresAt ? expires : leaf.ExpiresAt);
    }

    /// <summary>The user has this before him, or what does as well; null: nothing such.</summary>
    private static AwaitingRun? Asked(Leaf leaf, RunCommand.RunService c) => leaf.Awaiting.Values.FirstOrDefault(run => run.Waiting.BeyondBudget && (c.Model is not null
        ? run.Model is not null
        : !c.Keyed && run.ServiceId == c.ServiceId && run.Input is { } input && input.Utf8.Span.SequenceEqual(c.Input.Utf8.Span)));

    // No fund is guessed: the user's stream names one, unless only the agent's own wallet, or the payment that the request brought, can pay.
    private static RunDecision Approve(Leaf leaf, AwaitingRun run, RunCommand.DecideApproval c, Context context)
    {
        var wallet = run.OwnFund && run.Candidates.Count == 0 && run.Waiting.MaxMicros > 0 ? run.Paid?.Identity.WalletId ?? leaf.OwnWallet : null;
        var requested = new RunEvent.Requested(
            run.RunId, context.NewId(1), run.ServiceId, run.Waiting.MaxMicros, run.Provider, run.Owner, InputHash: "", context.Now + Limits.RunVoidedAfter, run.Line,
            wallet is null ? null : context.NewId(2), Guess: null, run.Metered, wallet, run.OwnFund, run.FeeBasisPoints, run.Memo, HoldsAbove: RunHolds.NewSeed(leaf, context), Asked: run.Asked);
        var approved = new RunEvent.Approved(requested, run.Waiting, c.By, c.Reason, Missing(leaf, run));
        return Beginning.Ask(
            RunDecision.Accept(new ApprovalGiven(run.RunId, ApprovalState.Approved), approved), leaf, requested, run.Candidates, run.Named, run.Category, run.Input!, context, approved: true, run.Paid);
    }

    private static ApprovalState? Overdue(Leaf leaf, AwaitingRun run, DateTimeOffset now) =>
        leaf.RevokedAt is not null ? ApprovalState.Ended
        : now >= run.Waiting.ExpiresAt ? ApprovalState.Expired
        : null;

    private static Rejection NotApproved(Leaf leaf, ApprovalState approval) => RunRejection.NotApproved(leaf.Grantee, approval);

    // The grant may have been narrowed while the run waited: what the user says now is no wider grant.
    private static Rejection? OutOfScope(Scopes scopes, AwaitingRun run) =>
        run.IsTransfer ? scopes.AdmitsPayee(run.Provider) ? null : AccessRejection.OutOfScope("payee", run.Provider)
        : run.Category is not { } category || scopes.AdmitsCategory(category) ? null : AccessRejection.OutOfScope("category", category);

    // The user says yes to what was shown: another provider is not paid, nor a higher price, nor one who is taken from the catalogue.
    private static Rejection? Withdrawn(AwaitingRun run, Listing? listed) =>
        listed is null || run.IsTransfer ? null
        : listed.Terms is not { } terms ? RunRejection.ServiceNotFound(run.ServiceId)
        : IsAsShown(run, terms) ? null : RunRejection.ServiceChanged;

    // A metered run is bounded by what was shown, whatever others may cost by now: the service is told so.
    private static bool IsAsShown(AwaitingRun run, ServiceTerms terms) =>
        (terms.Provider, terms.Owner, terms.Metered) == (run.Provider, run.Owner, run.Metered)
        && (run.Category is null || terms.Category == run.Category)
        && (terms.Metered || terms.PriceMicros <= run.Waiting.MaxMicros);

    private static Rejection OverBudget(Leaf leaf, AwaitingRun run) => RunRejection.OverBudget(leaf.SessionId, run.Waiting.MaxMicros, leaf.Budget.Remaining);

    private static RunDecision Answered(AwaitingRun run, ApprovalState approval) =>
        RunDecision.Accept(new ApprovalGiven(run.RunId, approval), new RunEvent.ApprovalAnswered(run.RunId, approval));

    /// <param name="who">Nobody: time did, or its session's end, or its agent.</param>
    private static RunDecision EndWait(AwaitingRun run, ApprovalState approval, Rejection outcome, RunDecision answer, (string? By, string? Reason) who = default, long raised = 0)
    {
        var ended = new RunEvent.WaitEnded(
            run.RunId, new(run.ServiceId, run.Provider, run.Waiting.RequestedAt, run.Line), run.Waiting, approval, outcome, who.By, who.Reason, raised);
        return answer.And(ended).Answering(run.RunId, Answer.No(ended.Refusal()!));
    }
}
