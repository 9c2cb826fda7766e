using Agora.Core.Kernel;

namespace Agora.Core.Refunds;

/// <summary>Why a refund is refused, in order of precedence. Sentences are for operators.</summary>
public static class RefundRejection
{
    public static Rejection OtherFacts { get; } = Invalid("/payment", "const", "The payment was made otherwise than this says.");

    public static Rejection NothingPaid { get; } = Invalid("/amount_cents", "maximum", "Nothing was paid, so nothing can be given back.");

    public static Rejection AlreadyRefunded(long amountMicros) => new Rejection(Codes.DuplicateRequest, "All of this payment has been given back already.") with
    {
        Facts = [new Fact("status", PaymentStatus.Refunded), new Fact("refunded_cents", Money.FormatCents(amountMicros), Raw: true)],
    };

    public static Rejection UnderWay { get; } = new(Codes.IdempotencyInFlight, "Another refund of this payment is being decided. Nothing was done; send this one again with its key.", RetryAfterSeconds: 1, Retry: true);

    public static Rejection Crowded { get; } = new(Codes.Unavailable, "Earlier refunds of this payment have yet to reach its limits; nothing was done.", RetryAfterSeconds: 30, Retry: true);

    public static Rejection AmountOutOfRange { get; } = Invalid("/amount_cents", "exclusiveMinimum", "The amount is more than 0.");

    public static Rejection BeyondPaid(long leftMicros) => Invalid("/amount_cents", "maximum", $"{Money.FormatCents(leftMicros)} cents of this payment are left to give back.");

    public static Rejection LeavesAll(long leftMicros) => Invalid("/cost_cents", "exclusiveMaximum", $"{Money.FormatCents(leftMicros)} cents are paid for this call, so only a lower cost gives something back.");

    /// <param name="tooLittle">The wallet's own refusal.</param>
    public static Rejection Short(bool isFee, Rejection tooLittle) =>
        tooLittle with { Message = isFee ? "The platform's wallet has too little that is not held; nothing was done." : "The provider's wallet has too little that is not held; nothing was done." };

    public static Rejection Unreachable { get; } = new(Codes.Unavailable, "A wallet could not be reached in time; nothing was done.", RetryAfterSeconds: 1, Retry: true);

    private static Rejection Invalid(string path, string keyword, string message) => new(Codes.ValidationFailed, message, [new(path, keyword, message)]);
}
