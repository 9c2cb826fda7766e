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
    private static SessionDecision TakeRefund(SessionState state, SessionCommand.TakeRefund c, Context context) => NodeRefunds.Take<SessionState, SessionEvent>(
        state.Refunds,
        c.TellId,
        state.Pending.ContainsKey(c.RunId) || NodeRefunds.IsHeld(state.Holds, c.RunId),
        new SessionEvent.RefundTaken(c.TellId, c.RunId, c.AmountMicros),
        context);

    private static SessionDecision ReleaseRefund(SessionState state, SessionCommand.ReleaseRefund c, Context context) =>
        NodeRefunds.Release<SessionState, SessionEvent>(state.Refunds, c.TellId, new SessionEvent.RefundReleased(c.TellId), context);
}
