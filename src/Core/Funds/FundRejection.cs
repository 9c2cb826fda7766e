using Agora.Core.Kernel;

namespace Agora.Core.Funds;

/// <summary>Why a fund cannot decide a hold any more, or not yet. It comes before whatever else is wrong with the request.</summary>
public static class FundRejection
{
    public static Rejection AlreadyDecided { get; } = new(Codes.Unavailable, "This hold was already decided.");

    public static Rejection TooLate { get; } = new(Codes.Unavailable, "This request reached its payer too late; nothing was reserved.", Retry: true);

    public static Rejection Ahead { get; } = new(Codes.Unavailable, "This request comes from a clock that is ahead; nothing was reserved.", Retry: true);

    /// <summary>To a source that is not remembered: this transfer was not taken, and will not be under its time of sending.</summary>
    public static Rejection CreditLate { get; } = new(Codes.Unavailable, "This transfer reached its payee too late.", Retry: true);

    /// <summary>To a source that may not be forgotten yet: what it sent could still come, and be taken again.</summary>
    public static Rejection TooEarlyToForget { get; } = new(Codes.Unavailable, "This source has paid too lately to be forgotten.", Retry: true);

    /// <summary>Null: the hold is new, or held.</summary>
    public static Rejection? Undecidable(HoldStanding standing) => standing switch
    {
        HoldStanding.Posted or HoldStanding.Voided or HoldStanding.Forgotten => AlreadyDecided,
        HoldStanding.Late => TooLate,
        HoldStanding.Ahead => Ahead,
        _ => null,
    };
}
