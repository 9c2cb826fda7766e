using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using Agora.Core.Kernel;

namespace Agora.Core.Payments;

/// <summary>
/// Reads <c>PAYMENT-SIGNATURE</c> (version 2) and <c>X-PAYMENT</c> (version 1) into one form. Total: whatever the bytes, it is a payment or a
/// rejection. Members it does not know are left aside, and never sent on: the facilitator is asked about what was read, so nobody
/// reads the same payment in two ways.
/// </summary>
public static class PaymentReader
{
    /// <param name="signature">All values of PAYMENT-SIGNATURE.</param>
    /// <param name="xPayment">All values of X-PAYMENT.</param>
    /// <param name="payment">Null with a null rejection: no payment was presented.</param>
    public static bool TryRead(IReadOnlyList<string?> signature, IReadOnlyList<string?> xPayment, out Payment? payment, [NotNullWhen(false)] out Rejection? rejection)
    {
        payment = null;
        rejection = null;
        if (signature.Count + xPayment.Count == 0)
        {
            return true;
        }

        if (signature.Count + xPayment.Count > 1)
        {
            rejection = PaymentRejection.TwoPayments;
            return false;
        }

        return signature.Count == 1 ? TryRead(signature[0] ?? "", 2, out payment, out rejection) : TryRead(xPayment[0] ?? "", 1, out payment, out rejection);
    }

    /// <param name="version">The one that the header is of: 1 or 2.</param>
    public static bool TryRead(string header, int version, [NotNullWhen(true)] out Payment? payment, [NotNullWhen(false)] out Rejection? rejection)
    {
        payment = null;
        using var document = Decode(header, out rejection);
        if (document is null)
        {
            return false;
        }

        var reading = new PaymentReading(version);
        payment = reading.Read(document.RootElement);
        rejection = reading.Rejection;
        payment = rejection is null ? payment : null;
        return payment is not null;
    }

    private static JsonDocument? Decode(string header, out Rejection rejection)
    {
        rejection = header.Length > Limits.PaymentHeaderLength ? PaymentRejection.TooLarge : PaymentRejection.NotBase64;
        // Base64.IsValid passes over white space, which would be another spelling of the same payment.
        if (header.Length is 0 or > Limits.PaymentHeaderLength || header.AsSpan().ContainsAny(" \t\r\n") || !Base64.IsValid(header))
        {
            return null;
        }

        rejection = PaymentRejection.NotJson;
        return PaymentJson.Parse(Convert.FromBase64String(header));
    }
}
