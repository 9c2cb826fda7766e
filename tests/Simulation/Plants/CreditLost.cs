using Agora.Core.Kernel;
using Agora.Core.Nodes;
using Agora.Core.Wallets;

namespace Agora.Simulation.Plants;

/// <summary>Of several transfers that travel together a wallet takes the first, and says that it has them all: the others are lost in transit.</summary>
public sealed class CreditLost : Plant
{
    public override string Name => "credit-lost";

    public override Entity Instead(Entity entity) => entity switch
    {
        Entity<WalletState, WalletCommand, WalletEvent> wallet => wallet with { Decide = Decide },
        _ => entity,
    };

    private static Decision<WalletState, WalletEvent> Decide(WalletState state, WalletCommand command, Context context) => WalletDecider.Decide(
        state, command is WalletCommand.Node { Asked: NodeCommand.Credit { Transfer.Items: [var first, _, ..] } c } ? c with { Transfer = c.Transfer with { AmountMicros = first.AmountMicros, Items = [first] } } : command, context);
}
