using Agora.Core.Campaigns;
using Agora.Core.Kernel;
using Agora.Core.Sessions;
using Agora.Core.Users;
using Agora.Core.Wallets;
using Agora.Embedded;
using Agora.Grains.Kernel;
using Agora.Simulation.Cluster;

namespace Agora.Simulation.Plants;

/// <summary>Of several transfers that travel together a wallet takes the first, and says that it has them all: the others are lost in transit.</summary>
public sealed class CreditLost : Plant
{
    public override string Name => "credit-lost";

    public override GrainEngine Register(GrainEngine engine, EntityPorts ports) => SimGrains.Register<UserDecider, CampaignDecider, SessionDecider, Careless>(engine, ports);

    private sealed class Careless : Delegating<WalletDecider, WalletState, WalletCommand, WalletEvent>, IDecider<WalletState, WalletCommand, WalletEvent>
    {
        public static new Decision<WalletState, WalletEvent> Decide(WalletState state, WalletCommand command, Context context) => WalletDecider.Decide(
            state, command is WalletCommand.Credit { Items: [var first, _, ..] } c ? c with { AmountMicros = first.AmountMicros, Items = [first] } : command, context);
    }
}
