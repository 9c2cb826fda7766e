namespace Agora.Core.Kernel;

/// <summary>A fund holds the amount.</summary>
/// <param name="SchemaHash">Of a campaign: SHA-256 of its task's schema as it is now, base64url.</param>
public sealed record FundReserved(Guid HoldId, string? SchemaHash = null);

/// <summary>How a hold stands after a Post or Void: <see cref="HoldStanding.Posted"/>, Voided or Forgotten.</summary>
public sealed record HoldDecided(Guid HoldId, HoldStanding Standing);

/// <summary>Why a fund cannot decide a hold any more, or not yet. It comes before whatever else is wrong with the request.</summary>
public static class FundRejection
{
    public static Rejection AlreadyDecided() => new(Codes.Unavailable, "This hold was already decided.");

    public static Rejection TooLate() => new(Codes.Unavailable, "This request reached its payer too late; nothing was reserved.", Retry: true);

    public static Rejection Ahead() => new(Codes.Unavailable, "This request comes from a clock that is ahead; nothing was reserved.", Retry: true);

    /// <summary>To a source that is not remembered: this transfer was not taken, and will not be under its time of sending.</summary>
    public static Rejection CreditLate { get; } = new(Codes.Unavailable, "This transfer reached its payee too late.", Retry: true);

    /// <summary>To a source that may not be forgotten yet: what it sent could still come, and be taken again.</summary>
    public static Rejection TooEarlyToForget { get; } = new(Codes.Unavailable, "This source has paid too lately to be forgotten.", Retry: true);

    /// <summary>Null: the hold is new, or held.</summary>
    public static Rejection? Undecidable(HoldStanding standing) => standing switch
    {
        HoldStanding.Posted or HoldStanding.Voided or HoldStanding.Forgotten => AlreadyDecided(),
        HoldStanding.Late => TooLate(),
        HoldStanding.Ahead => Ahead(),
        _ => null,
    };
}

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
