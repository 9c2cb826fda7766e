using Agora.Core.Kernel;
using Agora.Core.Refunds;
using Decided = Agora.Core.Kernel.Decision<Agora.Core.Users.UserState, Agora.Core.Users.UserEvent>;

namespace Agora.Core.Users;

/// <summary>
/// What was given back of a payment counts less on the limits that had counted it: the grant, and the day and month it was reserved in, not those of today. What a
/// campaign gives this user stays as it is: a refunded run was a run. A refund counts once under its id (<see cref="NodeRefunds"/>).
/// </summary>
public sealed partial class UserDecider
{
    private static Decided TakeRefund(UserState state, UserCommand.TakeRefund c, Context context) => NodeRefunds.Take<UserState, UserEvent>(
        state.Refunds, c.TellId, NodeRefunds.IsHeld(state.Holds, c.RunId), new UserEvent.RefundTaken(c.TellId, c.RunId, c.Accounts, c.AmountMicros), context);

    private static Decided ReleaseRefund(UserState state, UserCommand.ReleaseRefund c, Context context) =>
        NodeRefunds.Release<UserState, UserEvent>(state.Refunds, c.TellId, new UserEvent.RefundReleased(c.TellId), context);
}
