using Agora.Core.Campaigns;
using Agora.Core.Kernel;
using Agora.Core.Sessions;
using Agora.Core.Users;
using Agora.Core.Wallets;
using Agora.Embedded;
using Agora.Grains.Kernel;
using Agora.Simulation.Cluster;

namespace Agora.Simulation.Plants;

/// <summary>A payer's wallet compares authorizations only: another payment under the same identifier is taken for a new one.</summary>
public sealed class PaymentIdIgnored : Plant
{
    public override string Name => "payment-id-ignored";

    public override GrainEngine Register(GrainEngine engine, EntityPorts ports) => SimGrains.Register<UserDecider, CampaignDecider, SessionDecider, Forgetful>(engine, ports);

    private sealed class Forgetful : Delegating<WalletDecider, WalletState, WalletCommand, WalletEvent>, IDecider<WalletState, WalletCommand, WalletEvent>
    {
        public static new Decision<WalletState, WalletEvent> Decide(WalletState state, WalletCommand command, Context context)
        {
            var unnamed = state with { Payments = state.Payments.SetItems(state.Payments.Select(p => KeyValuePair.Create(p.Key, p.Value with { PaymentId = null }))) };
            var decision = WalletDecider.Decide(unnamed, command, context);
            return decision.Soft is { } soft ? decision.WithSoft(soft with { Payments = state.Payments }) : decision;
        }
    }
}
