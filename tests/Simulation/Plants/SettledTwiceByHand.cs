using Agora.Core.Kernel;
using Agora.Core.Wallets;

namespace Agora.Simulation.Plants;

/// <summary>An operator's word on a payment counts though it has its end: what entered enters again.</summary>
public sealed class SettledTwiceByHand : Plant
{
    public override string Name => "settled-twice-by-hand";

    public override bool IsWide => true;

    public override Entity Instead(Entity entity) => entity switch
    {
        Entity<WalletState, WalletCommand, WalletEvent> wallet => wallet with { Decide = Decide },
        _ => entity,
    };

    private static Decision<WalletState, WalletEvent> Decide(WalletState state, WalletCommand command, Context context) =>
        WalletEntity.Entity.Decide(command is WalletCommand.SettleByHand c && state.FindPayment(c.HoldId) is { End: not null } payment ? Forgetting(state, payment) : state, command, context);

    private static WalletState Forgetting(WalletState state, IncomingPayment payment) =>
        state with { Payments = state.Payments.SetItem(payment.Key, payment with { Standing = IncomingStanding.Unresolved }) };
}
