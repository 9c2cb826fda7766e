using Agora.Core.Kernel;
using Agora.Core.Nodes;
using SessionDecision = Agora.Core.Kernel.Decision<Agora.Core.Sessions.SessionState, Agora.Core.Sessions.SessionEvent>;

namespace Agora.Core.Sessions;

/// <summary>
/// A run of a delegated session is held on every budget from the leaf to the root. Here is how the leaf asks those above, all at
/// once beside its own append, and how a session answers for what runs below it: within its own budget, and only while itself and
/// the branch are live. What it holds is decided by the leaf; an overdue hold is asked about there.
/// </summary>
public sealed partial class SessionDecider
{
    private static IEnumerable<Step> AskAbove(SessionState state, SessionEvent.RunRequested run, Personal input, DateTimeOffset now, bool approved) => state.Path.Select((node, place) =>
    {
        var branch = place + 1 < state.Path.Length ? state.Path[place + 1].SessionId : state.SessionId;
        var hold = SessionState.HoldAbove(now, run.RunId, run.HoldsAbove, approved, place);
        return NodeSteps.Ask(
            Phase.AtOnce,
            SessionStream(state, node.SessionId),
            new(hold, state.Stream, run.RunId, run.PriceMicros, new ReserveTerms.OfSession(branch)),
            Limits.ReserveDeadline,
            run.RunId,
            outcome => new SessionCommand.AncestorAnswered(run.RunId, hold, place, outcome, input));
    });

    private static Guid? HoldsAbove(SessionState state, Context context) => state.Path.IsEmpty ? null : context.NewId(3);

    private static SessionDecision AncestorAnswered(SessionState state, SessionCommand.AncestorAnswered c, Context context)
    {
        if (!state.Pending.TryGetValue(c.RunId, out var run) || SessionState.HoldAbove(run, c.Place) != c.HoldId)
        {
            return Done;
        }

        if (c.Outcome is not StepOutcome.Answered { Answer: var answer })
        {
            return RefuseRun(state, run, SessionRejection.Unreachable);
        }

        if (answer.Reply is not SessionReserved reserved)
        {
            return RefuseRun(state, run, answer.Rejection!);
        }

        run = run with { Agreed = run.Agreed | (1 << c.Place), AboveMicros = PendingRun.Least(run.AboveMicros, reserved.RemainingMicros) };
        state = Heard(state, run);
        var decision = run.Stage is RunStage.Held ? Ready(state, run, c.Input, context) : Done;
        return decision.Soft is null ? decision.WithSoft(state) : decision;
    }

    // User and fund hold the price; the service is called when every session above does too.
    private static SessionDecision Ready(SessionState state, PendingRun run, Personal input, Context context) => run.Agreed == state.AllAgreed
        ? CallService(state, run, input, context)
        : Done.WithSoft(Heard(state, run.Stage is RunStage.Held ? run : run with { Stage = new RunStage.Held(run.Stage) }));

    public static HoldBook HoldsOf(SessionState state) => state.Holds;

    public static SessionState WithHolds(SessionState state, HoldBook holds) => state with { Tree = state.Tree with { Holds = holds } };

    public static void CheckAsked(NodeCommand.Reserve asked) => Invariant.Check(Money.InRange(asked.AmountMicros), "amount_in_range");

    public static Rejection? Undecidable(HoldStanding standing) => standing switch
    {
        HoldStanding.Posted or HoldStanding.Voided => SessionRejection.HoldIsDecided,
        HoldStanding.Late or HoldStanding.Forgotten => SessionRejection.HoldTooLate,
        HoldStanding.Ahead => SessionRejection.HoldAhead,
        _ => null,
    };

    public static SessionDecision ReserveAgain(SessionState state, NodeCommand.Reserve asked, Context context) =>
        SessionDecision.Accept(new SessionReserved(asked.HoldId, state.Budget.Remaining));

    public static SessionDecision Reserve(SessionState state, NodeCommand.Reserve asked, Context context)
    {
        if (NodeRejection(state, asked, context.Now) is { } refused) return SessionDecision.Reject(refused);

        var left = state.Budget.Remaining - asked.AmountMicros;
        return SessionDecision.Accept(new SessionReserved(asked.HoldId, left), new SessionEvent.HoldReserved(asked.HoldId, asked.Owner, asked.RunId, asked.AmountMicros, left));
    }

    // In order of precedence.
    private static Rejection? NodeRejection(SessionState state, NodeCommand.Reserve c, DateTimeOffset now)
    {
        var (id, through) = (state.SessionId, ((ReserveTerms.OfSession)c.Terms).Branch);
        if (state.UserId is null) return SessionRejection.Unknown.AtNode(id);
        if (state.RevokedAt is not null) return SessionRejection.Ended(state.EndedBy ?? id);
        if (now >= state.ExpiresAt) return SessionRejection.Expired.AtNode(id);
        if (state.IsSuspended(now)) return SessionRejection.Suspended(state.SuspendedUntil, now).AtNode(id);
        if (!state.Children.TryGetValue(through, out var branch) || now >= branch.ExpiresAt) return SessionRejection.BranchEnded.AtNode(through);
        return state.Budget.CanReserve(c.AmountMicros) ? null : SessionRejection.OverBudget(id, c.AmountMicros, state.Budget.Remaining);
    }

    public static SessionEvent Posted(Hold hold, long amountMicros) => new SessionEvent.HoldPosted(hold.Id, amountMicros);

    public static SessionEvent Voided(Guid holdId) => new SessionEvent.HoldVoided(holdId);

    public static object Learn(NodeOutcome outcome) => new SessionCommand.Learned(outcome);

    // What a run cost this session, or a session below it, and was given back, may be spent again, also when the session has ended by then: what it says that it spent is what it did.

    public static HoldBook RefundsOf(SessionState state) => state.Refunds;

    public static bool IsUndecided(SessionState state, Guid runId) => state.Pending.ContainsKey(runId) || state.Holds.HasRun(runId);

    public static SessionEvent RefundTaken(NodeCommand.TakeRefund asked) => new SessionEvent.RefundTaken(asked.TellId, asked.RunId, asked.AmountMicros);

    public static SessionEvent RefundReleased(Guid tellId) => new SessionEvent.RefundReleased(tellId);

    private static string[]? AgentsAbove(SessionState state) => state.Path.IsEmpty ? null : [.. state.Path.Select(node => node.AgentId)];

    private static StreamId SessionStream(SessionState state, string sessionId) => new(state.Tenant, Kinds.Session, sessionId);
}
