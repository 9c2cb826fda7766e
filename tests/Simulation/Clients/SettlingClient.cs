using Agora.Contracts;
using Agora.Core;
using Agora.Core.Kernel;
using Agora.Core.Wallets;

namespace Agora.Simulation.Clients;

/// <summary>
/// An operator who looks at the chain and says of payments how they ended: of those whose end nobody knows, of those that are still being settled, and now and then of one that
/// has its end; often twice at once. Told that it is so, it now and then also says the opposite, which must be refused.
/// </summary>
public sealed class SettlingClient(Tenant tenant) : Caller(tenant, new Random(unchecked((tenant.Cluster.Options.Seed * 71) + 29 + (1_000_003 * tenant.Number))))
{
    public async Task Live()
    {
        while (await GoesOn(8 * Cluster.Options.Think))
        {
            Cluster.History.CatchUp();
            if (Tenant.Payments.Begun is { Count: > 0 } begun)
            {
                var open = begun.Where(payment => Tenant.Payments.IsUnresolved(payment.Identity)).ToList();
                var (wallet, hold, identity) = Any(open.Count > 0 && Random.Next(4) > 0 ? open : begun);
                await (Random.Next(3) == 0 ? Task.WhenAll(Say(wallet, hold, identity), Say(wallet, hold, identity)) : Say(wallet, hold, identity));
            }
        }
    }

    /// <summary>What has moved stays moved. What has not can be said so only when it cannot any more.</summary>
    private async Task Say(string wallet, Guid hold, string identity)
    {
        var moved = Tenant.Payments.HasMoved(identity);
        var (stream, sending, what) = (Stream(Kinds.Wallet, wallet), NewSending(), $"Settling {identity} by hand");
        if (await Ask(Entities.Wallet(wallet), new WalletCommand.SettleByHand(hold, moved ? Hash(hold) : null), sending, what, static _ => null) is not { Reply: PaymentEnd })
        {
            return;
        }

        Cluster.Acknowledgements.Given(new(
            what, sending.CommandId, "settled", history => history.Count<WalletEvent.PaymentSettled>(stream, (e, _) => e.HoldId == hold) + history.Count<WalletEvent.PaymentRefused>(stream, (e, _) => e.HoldId == hold)
                + history.Count<WalletEvent.Deposited>(stream, (e, _) => e.Resolves == hold) + history.Count<WalletEvent.HoldVoided>(stream, (e, _) => e.Resolves == hold)));
        if (Random.Next(2) == 0)
        {
            var opposite = await Ask(Entities.Wallet(wallet), new WalletCommand.SettleByHand(hold, moved ? null : Hash(hold)), NewSending(), $"{what}, the opposite", static _ => null);
            var isGone = !moved && opposite is { Rejection.Code: Codes.NotFound }; // presented again meanwhile, for another run: the hold is not that payment's any more
            Cluster.Findings.Expect(isGone || opposite is null or { Rejection.Code: Codes.RunDecided or Codes.Unavailable }, $"{identity} was said to have {(moved ? "" : "not ")}moved, and then the opposite.");
        }
    }

    // A transaction moves one payment.
    private static string Hash(Guid hold) => $"0x{hold:N}{hold:N}";
}
