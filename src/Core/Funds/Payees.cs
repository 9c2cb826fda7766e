using Agora.Core.Campaigns;
using Agora.Core.Kernel;
using Agora.Core.Wallets;

namespace Agora.Core.Funds;

/// <summary>
/// Whom a fund can owe to: a wallet by its id, or, of what goes back to an escrow, <c>campaign/{id}</c>, which is no wallet's id. Both take numbered
/// credits under the same rule: each once, for ever.
/// </summary>
public static class Payees
{
    private const string CampaignPrefix = Kinds.Campaign + "/";

    public static string Campaign(string campaignId) => CampaignPrefix + campaignId;

    /// <summary>The stream that takes the credit, and the command.</summary>
    internal static StepTarget.Entity Credit(StreamId fund, string payee, Transfer transfer) => StreamOf(fund, payee) is { Kind: Kinds.Campaign } campaign
        ? new(campaign, new CampaignCommand.Credit(fund.ToString(), transfer.Number, transfer.AmountMicros, transfer.SentAt))
        : new(StreamOf(fund, payee), new WalletCommand.Credit(fund.ToString(), transfer.Number, transfer.AmountMicros, transfer.Memo, transfer.Items, transfer.SentAt));

    /// <summary>The payee may forget the fund: the transfer of this number, the last one, has arrived.</summary>
    internal static StepTarget.Entity Forget(StreamId fund, string payee, long number, DateTimeOffset arrivedAt) => StreamOf(fund, payee) is { Kind: Kinds.Campaign } campaign
        ? new(campaign, new CampaignCommand.ForgetSource(fund.ToString(), number, arrivedAt))
        : new(StreamOf(fund, payee), new WalletCommand.ForgetSource(fund.ToString(), number, arrivedAt));

    private static StreamId StreamOf(StreamId fund, string payee) => payee.StartsWith(CampaignPrefix, StringComparison.Ordinal)
        ? fund with { Kind = Kinds.Campaign, Id = payee[CampaignPrefix.Length..] }
        : fund with { Kind = Kinds.Wallet, Id = payee };
}
