using Agora.Core.Holds;
using Agora.Core.Kernel;
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
        var reserve = new SessionCommand.ReserveHold(hold, state.Stream, run.RunId, branch, run.PriceMicros);
        return new Step(
            Phase.AtOnce,
            new StepTarget.Entity(SessionStream(state, node.SessionId), reserve, Limits.ReserveDeadline),
            outcome => new SessionCommand.AncestorAnswered(run.RunId, hold, place, outcome, input),
            run.RunId);
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
        var decision = run.Funded ? Ready(state, run, c.Input, context) : Done;
        return decision.Soft is null ? decision.WithSoft(state) : decision;
    }

    // User and fund hold the price; the service is called when every session above does too.
    private static SessionDecision Ready(SessionState state, PendingRun run, Personal input, Context context) => run.Agreed == state.AllAgreed
        ? CallService(state, run, input, context)
        : Done.WithSoft(Heard(state, run with { Funded = true }));

    private static SessionDecision ReserveHold(SessionState state, SessionCommand.ReserveHold c, Context context)
    {
        Invariant.Check(Money.InRange(c.AmountMicros), "amount_in_range");
        switch (state.Holds.Find(c.HoldId, context.Now))
        {
            case HoldStanding.Held: return SessionDecision.Accept(new SessionReserved(c.HoldId, state.Budget.Remaining));
            case HoldStanding.Posted or HoldStanding.Voided: return SessionDecision.Reject(SessionRejection.HoldIsDecided);
            case HoldStanding.Late or HoldStanding.Forgotten: return SessionDecision.Reject(SessionRejection.HoldTooLate);
            case HoldStanding.Ahead: return SessionDecision.Reject(SessionRejection.HoldAhead);
        }

        if (NodeRejection(state, c, context.Now) is { } refused)
        {
            return SessionDecision.Reject(refused);
        }

        var left = state.Budget.Remaining - c.AmountMicros;
        return SessionDecision.Accept(new SessionReserved(c.HoldId, left), new SessionEvent.HoldReserved(c.HoldId, c.Owner, c.RunId, c.AmountMicros, left));
    }

    // In order of precedence.
    private static Rejection? NodeRejection(SessionState state, SessionCommand.ReserveHold c, DateTimeOffset now)
    {
        var id = state.SessionId;
        if (state.UserId is null) return SessionRejection.Unknown.AtNode(id);
        if (state.RevokedAt is not null) return SessionRejection.Ended(state.EndedBy ?? id);
        if (now >= state.ExpiresAt) return SessionRejection.Expired.AtNode(id);
        if (state.IsSuspended(now)) return SessionRejection.Suspended(state.SuspendedUntil, now).AtNode(id);
        if (!state.Children.TryGetValue(c.Branch, out var branch) || now >= branch.ExpiresAt) return SessionRejection.BranchEnded.AtNode(c.Branch);
        return state.Budget.CanReserve(c.AmountMicros) ? null : SessionRejection.OverBudget(id, c.AmountMicros, state.Budget.Remaining);
    }

    private static SessionDecision PostHold(SessionState state, Guid holdId, long amountMicros, Context context) =>
        LimitDecider<SessionState, SessionEvent>.Post(state.Holds, holdId, new SessionEvent.HoldPosted(holdId, amountMicros), context);

    private static SessionDecision VoidHold(SessionState state, Guid holdId, Context context) =>
        LimitDecider<SessionState, SessionEvent>.Void(state.Holds, holdId, new SessionEvent.HoldVoided(holdId), context);

    private static IEnumerable<Step> Inquiries(SessionState state, DateTimeOffset now) =>
        HoldDecider.Inquiries(state.Holds, now, static (id, posted, micros) => new SessionCommand.HoldInquired(id, posted, micros));

    private static string[]? AgentsAbove(SessionState state) => state.Path.IsEmpty ? null : [.. state.Path.Select(node => node.AgentId)];

    private static StreamId SessionStream(SessionState state, string sessionId) => new(state.Tenant, Kinds.Session, sessionId);
}
