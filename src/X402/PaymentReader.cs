using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;
using System.Text.Json;

namespace Agora.X402;

/// <summary>
/// Reads <c>PAYMENT-SIGNATURE</c> (version 2) and <c>X-PAYMENT</c> (version 1) into one form. Total: whatever the bytes, it is a payment or a
/// fault. Members it does not know are left aside, and never sent on: the facilitator is asked about what was read, so nobody
/// reads the same payment in two ways.
/// </summary>
public static class PaymentReader
{
    /// <param name="signature">All values of PAYMENT-SIGNATURE.</param>
    /// <param name="xPayment">All values of X-PAYMENT.</param>
    /// <param name="payment">Null with a null fault: no payment was presented.</param>
    public static bool TryRead(IReadOnlyList<string?> signature, IReadOnlyList<string?> xPayment, out Payment? payment, [NotNullWhen(false)] out PaymentFault? fault)
    {
        payment = null;
        fault = null;
        if (signature.Count + xPayment.Count == 0) return true;

        if (signature.Count + xPayment.Count > 1)
        {
            fault = PaymentFault.TwoPayments;
            return false;
        }

        return signature.Count == 1 ? TryRead(signature[0] ?? "", 2, out payment, out fault) : TryRead(xPayment[0] ?? "", 1, out payment, out fault);
    }

    /// <param name="version">The one that the header is of: 1 or 2.</param>
    public static bool TryRead(string header, int version, [NotNullWhen(true)] out Payment? payment, [NotNullWhen(false)] out PaymentFault? fault)
    {
        payment = null;
        using var document = Decode(header, out fault);
        if (document is null) return false;

        var reading = new PaymentReading(version);
        payment = reading.Read(document.RootElement);
        fault = reading.Fault;
        payment = fault is null ? payment : null;
        return payment is not null;
    }

    private static JsonDocument? Decode(string header, out PaymentFault fault)
    {
        fault = header.Length > X402Limits.HeaderLength ? PaymentFault.TooLarge : PaymentFault.NotBase64;
        // Base64.IsValid passes over white space, which would be another spelling of the same payment.
        if (header.Length is 0 or > X402Limits.HeaderLength || header.AsSpan().ContainsAny(" \t\r\n") || !Base64.IsValid(header)) return null;

        fault = PaymentFault.NotJson;
        return PaymentJson.Parse(Convert.FromBase64String(header));
    }
}
