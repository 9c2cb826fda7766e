using Agora.Contracts;
using Agora.Core;
using Agora.Core.Funds;
using Agora.Core.Kernel;
using Agora.Core.Nodes;
using Agora.Core.Wallets;

namespace Agora.Simulation.Clients;

/// <summary>
/// Owners of wallets: they pay each other all the time, more than they have as often as not, while an operator puts money in and takes
/// some out, and holds come that their sessions know nothing of.
/// </summary>
public sealed class WalletClient(Tenant tenant) : Caller(tenant)
{
    private const string Credential = "cashier";

    /// <summary>Few, so that many transfers meet; providers' wallets earn from campaigns as well.</summary>
    private IReadOnlyList<string> Wallets { get; } = [.. tenant.Catalogue.Agents.Select(WalletIds.Agent), "provider-1", "agent:till"];

    public async Task Live()
    {
        while (await GoesOn(Cluster.Options.Think))
        {
            await Act(Any(), Any());
        }
    }

    private Task Act(string wallet, string other) => Random.Next(100) switch
    {
        < 65 => Pay(wallet, other),
        < 80 => Deposit(wallet),
        < 88 => Withdraw(wallet),
        < 96 => Hold(wallet, other),
        _ => Ask(Entities.Wallet(wallet), new WalletCommand.Get(), NewSending(), "Reading a wallet", static _ => null),
    };

    private Task Pay(string wallet, string to)
    {
        var transfer = new WalletCommand.Transfer(Tenant.NewId(), to, Random.Next(1, 20) * 10_000L, "thanks", PayeeKnown: true);
        return Ask(Entities.Wallet(wallet), transfer, NewSending(), $"A transfer of {wallet} to {to}", given => IsReply<TransferTaken>(given)
            ? history => history.Count<WalletEvent.Transferred>(Stream(Kinds.Wallet, wallet), (e, _) => e.TransferId == transfer.TransferId && e.AmountMicros == transfer.AmountMicros && e.To == to)
            : null);
    }

    private Task Deposit(string wallet)
    {
        var (sending, amount) = (NewKeyed(Credential), Random.Next(1, 30) * 10_000L);
        return Ask(Entities.Wallet(wallet), new WalletCommand.Deposit(amount), sending, $"A deposit to {wallet}", given => IsReply<WalletView>(given)
            ? history => history.Count<WalletEvent.Deposited>(Stream(Kinds.Wallet, wallet), (e, c) => c.CommandId == sending.CommandId && e.AmountMicros == amount)
            : null);
    }

    private Task Withdraw(string wallet)
    {
        var (sending, amount) = (NewKeyed(Credential), Random.Next(1, 20) * 10_000L);
        return Ask(Entities.Wallet(wallet), new WalletCommand.Withdraw(amount), sending, $"A withdrawal from {wallet}", given => IsReply<WalletView>(given)
            ? history => history.Count<WalletEvent.Withdrawn>(Stream(Kinds.Wallet, wallet), (e, c) => c.CommandId == sending.CommandId && e.AmountMicros == amount)
            : null);
    }

    /// <summary>Of a run that no session has: whether it is voided by its owner or left alone, nothing may stay held.</summary>
    private async Task Hold(string wallet, string provider)
    {
        var owner = Stream(Kinds.Session, $"nobody-{Random.Next(3)}").ToString();
        var (hold, run) = (Tenant.NewId(), Tenant.NewId());
        await Ask(Entities.Wallet(wallet), new NodeCommand.Reserve(hold, owner, run, Random.Next(1, 10) * 10_000L, new ReserveTerms.OfWallet(provider, 250)), NewSending(), "A hold", static _ => null);
        if (Random.Next(2) == 0)
        {
            await Ask(Entities.Wallet(wallet), new NodeCommand.Void(hold), NewSending(), "The end of a hold", static _ => null);
        }
    }

    private string Any() => Wallets[Random.Next(Wallets.Count)];
}
