using System.Buffers;
using Agora.Core.Kernel;

namespace Agora.Core.Funds;

/// <summary>
/// Names of wallets. A provider's is as its service says; the others have a prefix that says whose they are. <see cref="World"/> is no
/// wallet: it is where money comes from and goes to, and each fund books its side of that itself.
/// </summary>
public static class WalletIds
{
    public const string World = "world";

    /// <summary>What the platform earns.</summary>
    public const string Fee = "fee";

    private const string AgentPrefix = "agent:";
    private const string SponsorPrefix = "sponsor:";
    private const string X402Prefix = "x402:";
    private static readonly SearchValues<char> Characters = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._:-");

    /// <summary>What an agent earns and spends.</summary>
    public static string Agent(string agentId) => AgentPrefix + agentId;

    /// <summary>Null: it is not an agent's.</summary>
    public static string? AgentOf(string walletId) => walletId.StartsWith(AgentPrefix, StringComparison.Ordinal) ? walletId[AgentPrefix.Length..] : null;

    /// <summary>What a campaign had left when it was closed.</summary>
    public static string Sponsor(string campaignId) => SponsorPrefix + campaignId;

    /// <summary>Its money comes from payments of one payer by x402: what comes back stays here until it is paid out.</summary>
    public static bool IsX402(string id) => id.StartsWith(X402Prefix, StringComparison.Ordinal);

    /// <param name="address">Hexadecimal, of either case.</param>
    public static string X402(string network, string address) => $"{X402Prefix}{network}:{address.ToLowerInvariant()}";

    public static bool IsId(string id) =>
        id.Length is > 0 and <= Limits.WalletIdLength && char.IsAsciiLetterOrDigit(id[0]) && !id.AsSpan().ContainsAnyExcept(Characters) && id != World;

    /// <summary>
    /// Someone can come to own this wallet though nothing ever happened to it: an agent that has not earned yet. Any other name that is
    /// new may be a misspelt one, whose money nobody could reach.
    /// </summary>
    public static bool CanBeOwned(string id) =>
        IsId(id) && id.StartsWith(AgentPrefix, StringComparison.Ordinal)
        && id.Length - AgentPrefix.Length is > 0 and <= Limits.IdLength && char.IsAsciiLetterOrDigit(id[AgentPrefix.Length]);
}
