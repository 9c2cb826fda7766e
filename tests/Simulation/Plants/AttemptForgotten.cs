using Agora.Core.Kernel;
using Agora.Core.Payments;
using Agora.Core.Wallets;

namespace Agora.Simulation.Plants;

/// <summary>
/// Each attempt to settle a payment is taken for the first: that the nonce is used up, by an attempt whose answer was lost, is then read
/// as a refusal, and a payer is charged for nothing.
/// </summary>
public sealed class AttemptForgotten : Plant
{
    public override string Name => "attempt-forgotten";

    public override Entity Instead(Entity entity) => entity switch
    {
        Entity<WalletState, WalletCommand, WalletEvent> wallet => wallet with { Decide = Decide },
        _ => entity,
    };

    private static Decision<WalletState, WalletEvent> Decide(WalletState state, WalletCommand command, Context context)
    {
        var decision = WalletDecider.Decide(state, command, context);
        if (decision.Steps is not [{ Target: StepTarget.Outside { Call: SettleCall { AttemptedBefore: true } settle } } step]) return decision;

        var forgotten = (decision.IsLater ? Decision<WalletState, WalletEvent>.Later() : Decision<WalletState, WalletEvent>.NoChange).Then(step with { Target = new StepTarget.Outside(settle with { AttemptedBefore = false }) });
        return decision.Soft is { } soft ? forgotten.WithSoft(soft) : forgotten;
    }
}
