using Agora.Core.Kernel;
using Agora.Core.Refunds;
using SessionDecision = Agora.Core.Kernel.Decision<Agora.Core.Sessions.SessionState, Agora.Core.Sessions.SessionEvent>;

namespace Agora.Core.Sessions;

/// <summary>
/// What a run cost this session, or a session below it, and was given back, may be spent again, also when the session has ended by then: what it says that it
/// spent is what it did. A refund counts once under its id (<see cref="NodeRefunds"/>).
/// </summary>
public sealed partial class SessionDecider
{
    private static SessionDecision TakeRefund(SessionState state, SessionCommand.TakeRefund c, Context context)
    {
        var standing = state.Refunds.Find(c.TellId, context.Now);
        if (standing is not HoldStanding.Unknown) return SessionDecision.Accept(new RefundTold(c.TellId, standing));
        if (state.Pending.ContainsKey(c.RunId) || NodeRefunds.IsHeld(state.Holds, c.RunId)) return SessionDecision.Reject(NodeRefunds.NotPosted);

        return SessionDecision.Accept(new RefundTold(c.TellId, HoldStanding.Held), new SessionEvent.RefundTaken(c.TellId, c.RunId, c.AmountMicros)).Ride(Riding.Awaited);
    }

    private static SessionDecision ReleaseRefund(SessionState state, SessionCommand.ReleaseRefund c, Context context)
    {
        var told = new RefundTold(c.TellId, HoldStanding.Posted);
        return state.Refunds.Find(c.TellId, context.Now) is HoldStanding.Held
            ? SessionDecision.Accept(told, new SessionEvent.RefundReleased(c.TellId)).Ride(Riding.Awaited)
            : SessionDecision.Accept(told);
    }
}
