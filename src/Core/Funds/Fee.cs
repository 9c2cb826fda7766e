using Agora.Core.Kernel;

namespace Agora.Core.Funds;

/// <summary>What the platform keeps of a price, in basis points; it is fixed when the price is held.</summary>
public static class Fee
{
    public const int MaxBasisPoints = 10_000;

    /// <summary>Rounded down: the rest is the provider's.</summary>
    public static long Of(long amountMicros, int basisPoints)
    {
        if (basisPoints == 0) return 0;

        Invariant.Check(basisPoints is > 0 and <= MaxBasisPoints, "fee_within_price");
        var (whole, rest) = Math.DivRem(amountMicros, MaxBasisPoints); // apart: the product of the largest amount does not fit
        return (whole * basisPoints) + (rest * basisPoints / MaxBasisPoints);
    }
}
