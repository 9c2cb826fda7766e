namespace Agora.X402;

/// <summary>Why what was presented is no payment that is taken here.</summary>
/// <param name="Error">The word of the specification (§9) for <see cref="PaymentRequired.Error"/>.</param>
/// <param name="IsRead">It is a payment, and none of a kind that is offered; else it cannot be read as one.</param>
public sealed record PaymentFault(string Message, string Error, bool IsRead)
{
    public static PaymentFault TwoPayments { get; } = Unread("A request carries one payment: PAYMENT-SIGNATURE or X-PAYMENT, once.");

    public static PaymentFault TooLarge { get; } = Unread($"The payment must not be longer than {X402Limits.HeaderLength} characters.");

    public static PaymentFault NotBase64 { get; } = Unread("The payment must be base64 (RFC 4648 §4, with padding).");

    public static PaymentFault NotJson { get; } = Unread($"The payment must be, within its base64, a JSON object in UTF-8, nested at most {X402Limits.Depth} deep, without a member twice or an escape in a name.");

    public static PaymentFault UnknownVersion { get; } = Unread("x402Version must be 2 in PAYMENT-SIGNATURE, and 1 in X-PAYMENT.", "invalid_x402_version");

    public static PaymentFault IdentifierInvalid { get; } = Unread("The extension payment-identifier must hold an id of 16 to 128 letters, digits, '-' and '_' in its info.");

    public static PaymentFault SchemeNotOffered { get; } = new("The payment is of another scheme than exact by EIP-3009.", "unsupported_scheme", IsRead: true);

    public static PaymentFault NetworkNotOffered { get; } = new("The payment is on another network than the one asked for.", "invalid_network", IsRead: true);

    public static PaymentFault Invalid(string path, string message) => Unread($"The payment's {path} {message}");

    private static PaymentFault Unread(string message, string error = "invalid_payload") => new(message, error, IsRead: false);
}
