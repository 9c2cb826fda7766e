using Agora.Core.Kernel;
using Agora.X402;

namespace Agora.Core.Payments;

/// <summary>
/// Why a payment is refused, in order of precedence. What cannot be read is 400; what is read but does not pay is 402, to be
/// answered with the requirements anew (transports-v2/http.md, Error Handling). The fact <c>x402_error</c> is the word of the
/// specification (§9) for <see cref="PaymentRequired.Error"/>.
/// </summary>
public static class PaymentRejection
{
    public const string ErrorFact = "x402_error";

    // What it is read from.

    public static Rejection Of(PaymentFault fault) => new Rejection(fault.IsRead ? Codes.PaymentRequired : Codes.MalformedRequest, fault.Message).With(ErrorFact, fault.Error);

    // Whether it pays here at all.

    public static Rejection SchemeNotOffered { get; } = Of(PaymentFault.SchemeNotOffered);

    public static Rejection NetworkNotOffered { get; } = Of(PaymentFault.NetworkNotOffered);

    public static Rejection AssetNotOffered { get; } = Unpaid("The payment is in another asset than the one asked for.", "invalid_payment_requirements");

    public static Rejection NotPayable { get; } = Unpaid("This price is no whole number of the asset's units: it cannot be paid by x402.", "invalid_payment_requirements");

    public static Rejection PayToDiffers { get; } = Unpaid("The payment goes to another address than the one asked for.", "invalid_exact_evm_payload_recipient_mismatch");

    // Whether it pays this, now.

    public static Rejection AmountTooLow { get; } = Unpaid("The payment is lower than the price.", "invalid_exact_evm_payload_authorization_value_mismatch");

    public static Rejection AmountDiffers { get; } = Unpaid("The payment is not exactly the price.", "invalid_exact_evm_payload_authorization_value_mismatch");

    public static Rejection NotYetValid { get; } = Unpaid("The payment's authorization is not valid yet.", "invalid_exact_evm_payload_authorization_valid_after");

    public static Rejection Expired { get; } = Unpaid("The payment's authorization is over, or too close to its end.", "invalid_exact_evm_payload_authorization_valid_before");

    public static Rejection ValidTooLong { get; } = Unpaid($"The payment's authorization must end within {Limits.PaymentValidAtMost.TotalHours} hours.", "invalid_exact_evm_payload_authorization_valid_before");

    // What was presented before.

    public static Rejection IdentifierTaken { get; } = new(Codes.IdempotencyConflict, "The payment identifier, or the payment's nonce, was used for another payment.", RetryWith: RetryWith.Never);

    public static Rejection InFlight { get; } = new(
        Codes.IdempotencyInFlight, "The first request with this payment is still running. Repeat this one for its outcome.", RetryAfterSeconds: 1, Retry: true);

    // What the facilitator says.

    public static Rejection Required { get; } = Unpaid("The run is to be paid by x402: sign one of the ways to pay that PAYMENT-REQUIRED offers.", "payment_required");

    /// <param name="reason">A word, as of <see cref="VerifyOutcome.Invalid"/>.</param>
    public static Rejection Invalid(string reason) => Unpaid($"The facilitator says that the payment is not valid, and why in details.{ErrorFact}.", reason);

    public static Rejection NotVerified { get; } = new(
        Codes.Unavailable, "The payment could not be verified now; nothing was paid. Try again with the same payment.", RetryAfterSeconds: 2, Retry: true);

    public static Rejection NotSettledYet { get; } = new(Codes.Unavailable, "The payment's settlement has no outcome yet.", RetryAfterSeconds: 1, Retry: true);

    public static Rejection TooManyUnresolved { get; } = new(
        Codes.Unavailable, "Too many payments of this payer have no known end; nothing was paid. An operator has to settle them first.", RetryAfterSeconds: 60, Retry: true);

    private static Rejection Unpaid(string message, string error) => new Rejection(Codes.PaymentRequired, message).With(ErrorFact, error);
}
