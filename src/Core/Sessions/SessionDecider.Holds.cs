using Agora.Core.Access;
using Agora.Core.Kernel;
using Agora.Core.Nodes;
using Agora.Core.Runs;
using SessionDecision = Agora.Core.Kernel.Decision<Agora.Core.Sessions.SessionState, Agora.Core.Runs.LeafEvent>;

namespace Agora.Core.Sessions;

/// <summary>
/// A run of a delegated session is held on every budget from the leaf to the root. Here is how a session answers for what runs below it: within its own budget, and
/// only while itself and the branch are live. What it holds is decided by the leaf; an overdue hold is asked about there.
/// </summary>
public sealed partial class SessionDecider
{
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

    public static WaitingRoom RoomOf(SessionState state) => state.Room;

    public static SessionState WithRoom(SessionState state, WaitingRoom room) => state with { Room = room };

    public static (long Now, long AtMost) FreeFor(SessionState state, ReserveTerms terms, long amountMicros, Context context) =>
        state.RevokedAt is null ? (state.Budget.Remaining, (state.Budget with { Held = 0 }).Remaining) : (0, 0);

    public static Step[] Waking(SessionState state) => RoomDecider<SessionDecider, SessionState, LeafEvent>.Wake(state.Room);

    public static SessionDecision ReserveAgain(SessionState state, NodeCommand.Reserve asked, Context context) =>
        SessionDecision.Accept(new SessionReserved(asked.HoldId, state.Budget.Remaining, Near(state, state.Budget, asked.AmountMicros)));

    public static SessionDecision Reserve(SessionState state, NodeCommand.Reserve asked, Context context)
    {
        if (NodeRejection(state, asked, context.Now) is { } refused) return SessionDecision.Reject(refused);

        var left = state.Budget.Remaining - asked.AmountMicros;
        var near = Near(state, state.Budget.Reserve(asked.AmountMicros), asked.AmountMicros);
        return SessionDecision.Accept(new SessionReserved(asked.HoldId, left, near), new SessionEvent.HoldReserved(asked.HoldId, asked.Owner, asked.RunId, asked.AmountMicros, left, near, ((ReserveTerms.OfSession)asked.Terms).Tokens));
    }

    private static NearLimit? Near(SessionState state, Account used, long amountMicros) => amountMicros > 0 && used is { IsNearLimit: true, Limit: { } limit }
        ? new(NearLimit.OfSession, state.SessionId, limit, used.Remaining)
        : null;

    // In order of precedence.
    private static Rejection? NodeRejection(SessionState state, NodeCommand.Reserve c, DateTimeOffset now)
    {
        var (id, through, tokens) = (state.SessionId, ((ReserveTerms.OfSession)c.Terms).Branch, ((ReserveTerms.OfSession)c.Terms).Tokens);
        if (state.UserId is null) return SessionRejection.Unknown.AtNode(id);
        if (state.RevokedAt is not null) return AccessRejection.Ended(state.EndedBy ?? id);
        if (now >= state.ExpiresAt) return AccessRejection.Expired.AtNode(id);
        if (state.IsSuspended(now)) return AccessRejection.Suspended(state.SuspendedUntil, now).AtNode(id);
        if (!state.Children.TryGetValue(through, out var branch) || now >= branch.ExpiresAt) return SessionRejection.BranchEnded.AtNode(through);
        if (!state.Budget.CanReserve(c.AmountMicros)) return RunRejection.OverBudget(id, c.AmountMicros, state.Budget.Remaining);
        return tokens is { } most ? state.ModelUse.Refusal(state.Scopes.Models, id, most, now) : null;
    }

    public static LeafEvent Posted(SessionState state, Hold hold, long amountMicros, long tokens, Context context)
    {
        var near = NearLimit.Passed(NearLimit.OfSession, state.SessionId, state.Budget, amountMicros);
        return new SessionEvent.HoldPosted(hold.Id, amountMicros, tokens, near, near is null ? null : hold.RunId);
    }

    public static LeafEvent Voided(Guid holdId) => new SessionEvent.HoldVoided(holdId);

    public static object Learn(NodeOutcome outcome) => new SessionCommand.Learned(outcome);

    // What a run cost this session, or a session below it, and was given back, may be spent again, also when the session has ended by then: what it says that it spent is what it did.

    public static HoldBook RefundsOf(SessionState state) => state.Refunds;

    public static bool IsUndecided(SessionState state, Guid runId) => state.Pending.ContainsKey(runId) || state.Holds.HasRun(runId);

    public static LeafEvent RefundTaken(NodeCommand.TakeRefund asked) => new SessionEvent.RefundTaken(asked.TellId, asked.RunId, asked.AmountMicros);

    public static LeafEvent RefundReleased(Guid tellId) => new SessionEvent.RefundReleased(tellId);

}
