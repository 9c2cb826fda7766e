using Agora.Core.Kernel;

namespace Agora.Core.Funds;

/// <summary>
/// Whom a fund can owe to: a wallet by its id, or, of what goes back to an escrow, <c>campaign/{id}</c>, which is no wallet's id. Both take numbered
/// credits under the same rule: each once, for ever.
/// </summary>
public static class Payees
{
    private const string CampaignPrefix = Kinds.Campaign + "/";

    public static string Campaign(string campaignId) => CampaignPrefix + campaignId;

    /// <summary>The stream that takes what the fund sends.</summary>
    public static StreamId StreamOf(StreamId fund, string payee) => payee.StartsWith(CampaignPrefix, StringComparison.Ordinal)
        ? fund with { Kind = Kinds.Campaign, Id = payee[CampaignPrefix.Length..] }
        : fund with { Kind = Kinds.Wallet, Id = payee };
}

/// <summary>What may pay for a run.</summary>
public static class PayerKinds
{
    public const string Campaign = "campaign";
    public const string Wallet = "wallet";
    public const string Nobody = "none";
}
