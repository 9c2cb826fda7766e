using Agora.Api.Wallets;
using Agora.Core.Funds;
using Agora.Core.Kernel;
using Agora.Core.Wallets;
using Agora.Journal;

namespace Agora.Api.Admin.Wallets;

/// <summary>All of a tenant's funds together, from one state of the store; it reads kept totals, not the funds.</summary>
internal sealed class Ledger(ITables tables)
{
    private static readonly TableShape Funds = new(FundTables.Funds.Name, FundTables.Funds.KeyColumns, FundTables.Funds.Columns);
    private static readonly string[] Columns = ["balance_micros", "entered_micros", "left_micros", "sent_micros", "received_micros"];

    public async Task<TrialBalanceData> TrialBalance(Tenant tenant, CancellationToken cancel)
    {
        var all = await Totals(tenant, cancel);
        var (funds, inTransit) = (all.BalanceMicros + all.LeftMicros - all.EnteredMicros, all.SentMicros - all.ReceivedMicros);
        return new(new(funds), new(inTransit), new(funds + inTransit));
    }

    /// <summary>The world mirrors the funds: what entered came from it, what left went there.</summary>
    public async Task<WalletData> World(Tenant tenant, CancellationToken cancel)
    {
        var all = await Totals(tenant, cancel);
        var balance = all.LeftMicros - all.EnteredMicros;
        return WalletData.Of(new WalletView(WalletIds.World, balance, all.LeftMicros, 0, balance, PaidMicros: all.EnteredMicros));
    }

    private async Task<Sums> Totals(Tenant tenant, CancellationToken cancel)
    {
        var sums = await tables.Totals(Funds, tenant.Name, Columns, cancel);
        return new(sums[0], sums[1], sums[2], sums[3], sums[4]);
    }

    private sealed record Sums(long BalanceMicros, long EnteredMicros, long LeftMicros, long SentMicros, long ReceivedMicros);
}
