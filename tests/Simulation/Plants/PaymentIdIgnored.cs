using Agora.Core.Kernel;
using Agora.Core.Wallets;

namespace Agora.Simulation.Plants;

/// <summary>A payer's wallet compares authorizations only: another payment under the same identifier is taken for a new one.</summary>
public sealed class PaymentIdIgnored : Plant
{
    public override string Name => "payment-id-ignored";

    public override Entity Instead(Entity entity) => entity switch
    {
        Entity<WalletState, WalletCommand, WalletEvent> wallet => wallet with { Decide = Decide },
        _ => entity,
    };

    private static Decision<WalletState, WalletEvent> Decide(WalletState state, WalletCommand command, Context context)
    {
        var unnamed = state with { Payments = state.Payments.SetItems(state.Payments.Select(p => KeyValuePair.Create(p.Key, p.Value with { PaymentId = null }))) };
        var decision = WalletDecider.Decide(unnamed, command, context);
        return decision.Soft is { } soft ? decision.WithSoft(soft with { Payments = state.Payments }) : decision;
    }
}
