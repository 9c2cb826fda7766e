using Agora.Core.Payments;
using Agora.X402;

namespace Agora.Grains.Payments;

/// <summary>
/// Who verifies and settles payments (x402 version 2, §7). Whatever the other side does is a value; nothing of its prose is passed on.
/// </summary>
public interface IFacilitator
{
    /// <summary>Moves nothing, so it may be asked at any time and any number of times.</summary>
    Task<VerifyOutcome> Verify(FacilitatorCall call);

    /// <summary>
    /// To be asked only when the intent is durable, and again, after any time and by whoever took over, until the outcome is
    /// <see cref="SettleOutcome.Settled"/> or <see cref="SettleOutcome.Refused"/>: the asset's contract accepts a payer's nonce once, so
    /// however often it is asked the money moves at most once.
    /// </summary>
    /// <param name="attemptedBefore">
    /// An earlier call for this payment ended <see cref="SettleOutcome.Unknown"/>, but for <see cref="FacilitatorDoubt.NotAsked"/>, or may have been begun and
    /// forgotten in a crash. It decides what "nonce already used" means, so it has to come from the journal.
    /// </param>
    Task<SettleOutcome> Settle(FacilitatorCall call, bool attemptedBefore);

    /// <summary>Whether it settles the scheme exact on this network for payments of a version; null when that cannot be learned now.</summary>
    Task<bool?> Supports(string network, int version);
}

/// <summary>One payment, held against what it is to pay.</summary>
/// <param name="Identity">Goes along as the idempotency key.</param>
/// <param name="Trace">W3C trace context, or null.</param>
public sealed record FacilitatorCall(Payment Payment, PaymentRequirements Requirements, PaidResource Resource, PaymentIdentity Identity, string? Trace)
{
    public static FacilitatorCall Of(PresentedPayment payment, string? trace) => new(payment.Payment, payment.Requirements, payment.Resource, payment.Identity, trace);
}
