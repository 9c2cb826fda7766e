using System.Numerics;
using Agora.Core.Kernel;
using Agora.X402;

namespace Agora.Core.Payments;

/// <summary>
/// What can be said of a payment without asking anyone; signature, balance and used nonces are the facilitator's to judge.
/// Between the two checks stands the look-up of the payment's identity: one that was presented before has its outcome, also
/// when it has run out since or the price has changed.
/// </summary>
public static class PaymentChecks
{
    /// <summary>Whether it pays here at all; null when it does. The same payment gets the same answer at any time.</summary>
    public static Rejection? Place(Payment payment, PaymentTerms terms) =>
        payment.Scheme != PaymentTerms.Exact ? PaymentRejection.SchemeNotOffered
        : payment.Network != terms.Network ? PaymentRejection.NetworkNotOffered
        : payment.Accepted is { } accepted && !EvmText.IsSame(accepted.Asset, terms.Asset) ? PaymentRejection.AssetNotOffered
        : !EvmText.IsSame(payment.Authorization.To, terms.PayTo) || (payment.Accepted is { } to && !EvmText.IsSame(to.PayTo, terms.PayTo)) ? PaymentRejection.PayToDiffers
        : null;

    /// <summary>Whether it pays this price now; null when it does.</summary>
    public static Rejection? Value(Payment payment, PaymentRequirements requirements, DateTimeOffset now)
    {
        var authorization = payment.Authorization;
        var seconds = (BigInteger)now.ToUnixTimeSeconds();
        return authorization.Value < requirements.Amount ? PaymentRejection.AmountTooLow
            : authorization.Value != requirements.Amount || (payment.Accepted is { } accepted && accepted.Amount != requirements.Amount) ? PaymentRejection.AmountDiffers
            // The contract wants a block later than validAfter, so the second itself is too early.
            : authorization.ValidAfter >= seconds ? PaymentRejection.NotYetValid
            : authorization.ValidBefore < seconds + (long)Limits.PaymentTimeLeft.TotalSeconds ? PaymentRejection.Expired
            : authorization.ValidBefore > seconds + (long)Limits.PaymentValidAtMost.TotalSeconds ? PaymentRejection.ValidTooLong
            : null;
    }
}
