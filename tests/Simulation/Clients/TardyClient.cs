using Agora.Contracts;
using Agora.Core;
using Agora.Core.Funds;
using Agora.Core.Kernel;
using Agora.Core.Wallets;

namespace Agora.Simulation.Clients;

/// <summary>
/// An owner of a wallet who sends a transfer when it is all but too late, by some clocks and not by others; and, told that it is too late, the same
/// one a few times more, as what was under way for long may arrive.
/// </summary>
public sealed class TardyClient(Tenant tenant) : Caller(tenant, new Random(unchecked((tenant.Cluster.Options.Seed * 43) + 3 + (1_000_003 * tenant.Number))))
{
    private const int Again = 6;

    public async Task Live()
    {
        while (await GoesOn(4 * Cluster.Options.Think))
        {
            await Pay(WalletIds.Agent(Any(Tenant.Catalogue.Agents)));
        }
    }

    private async Task Pay(string wallet)
    {
        var early = Cluster.Options.Rates.MaxSkew * ((2 * Random.NextDouble()) - 1);
        var id = Ids.Derive(Cluster.Time.GetUtcNow() - Limits.ReserveMaxAge + early, Cluster.NewId(), 0);
        var transfer = new WalletCommand.Transfer(id, "agent:till", Random.Next(1, 4) * 10_000L, "at last", PayeeKnown: true);
        if (await Send(wallet, transfer) is not { Rejection: { } refused } || refused != FundRejection.TooLate) return;

        Tenant.TooLate.Told(id);
        for (var times = 0; times < Again; times++)
        {
            await Send(wallet, transfer);
        }
    }

    private Task<Answer?> Send(string wallet, WalletCommand.Transfer transfer) => Ask(Entities.Wallet(wallet), transfer, NewSending(), $"A late transfer of {wallet}", given => IsReply<TransferTaken>(given)
        ? history => history.Count<WalletEvent.Transferred>(Stream(Kinds.Wallet, wallet), (e, _) => e.TransferId == transfer.TransferId && e.AmountMicros == transfer.AmountMicros && e.To == transfer.To)
        : null);
}
