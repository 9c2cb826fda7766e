using System.Numerics;

namespace Agora.X402;

/// <summary>
/// How this seller is paid by x402: the asset, where it goes, and how micro-dollars become units of it. One for a process, from its settings.
/// Addresses are kept as they were written: whoever signs sees them so; they are compared in lower case.
/// </summary>
/// <param name="Network">CAIP-2, of the namespace <c>eip155</c>: <c>eip155:8453</c>.</param>
/// <param name="Asset">The token's contract.</param>
/// <param name="AssetName">Name and version of the token's EIP-712 domain: what a payer signs is valid only under both.</param>
/// <param name="AssetDecimals">0–18. A unit of the asset is 10⁻ᵈ dollars.</param>
public sealed record PaymentTerms(string Network, string Asset, string PayTo, string AssetName, string AssetVersion, int AssetDecimals)
{
    public const string Exact = "exact";
    public const int MaxDecimals = 18;

    /// <summary>Play money: a test network's token, to an address whose key nobody has, so that what a payer signs is worth nothing wherever it gets to.</summary>
    public static PaymentTerms Play { get; } = new("eip155:84532", "0x036CbD53842c5426634e7929541eC2318f3dCF7e", "0x000000000000000000000000000000000000dEaD", "USDC", "2", 6);

    /// <summary>Decimals of a micro-dollar.</summary>
    private const int MicrosDecimals = 6;

    /// <summary>What a payer of this amount has to sign; null where it is no whole number of the asset's units, or nothing: such a price cannot be paid by x402.</summary>
    public PaymentRequirements? For(long micros) => micros is > 0 and <= X402Limits.MaxMicros && Units(micros) is { } units
        ? new(Exact, Network, units, Asset, PayTo, (int)X402Limits.Timeout.TotalSeconds, AssetName, AssetVersion)
        : null;

    private BigInteger? Units(long micros)
    {
        var shift = BigInteger.Pow(10, Math.Abs(AssetDecimals - MicrosDecimals));
        return AssetDecimals >= MicrosDecimals ? micros * shift : micros % shift == 0 ? micros / shift : null;
    }
}
