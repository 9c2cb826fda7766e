using Agora.Core.Kernel;
using Agora.Core.Nodes;

namespace Agora.Core.Users;

/// <summary>
/// What was given back of a payment counts less on the limits that had counted it: the grant, and the day and month it was reserved in, not those of today. What a
/// campaign gives this user stays as it is: a refunded run was a run. A refund counts once under its id (<see cref="Nodes.LimitDecider{TLimit, TState, TEvent}"/>).
/// </summary>
public sealed partial class UserDecider
{
    public static HoldBook RefundsOf(UserState state) => state.Refunds;

    public static bool IsUndecided(UserState state, Guid runId) => state.Holds.HasRun(runId);

    public static UserEvent RefundTaken(NodeCommand.TakeRefund asked) => new UserEvent.RefundTaken(asked.TellId, asked.RunId, asked.Accounts!, asked.AmountMicros);

    public static UserEvent RefundReleased(Guid tellId) => new UserEvent.RefundReleased(tellId);
}
