using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;
using System.Numerics;
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
    private const int Longest = 64;

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
            rejection = PaymentRejection.TwoPayments();
            return false;
        }

        return signature.Count == 1 ? TryRead(signature[0] ?? "", 2, out payment, out rejection) : TryRead(xPayment[0] ?? "", 1, out payment, out rejection);
    }

    /// <param name="version">The one that the header is of: 1 or 2.</param>
    public static bool TryRead(string header, int version, [NotNullWhen(true)] out Payment? payment, [NotNullWhen(false)] out Rejection? rejection)
    {
        payment = null;
        rejection = null;
        try
        {
            using var document = Decode(header);
            payment = Read(document.RootElement, version);
            return true;
        }
        catch (RefusedException refused)
        {
            rejection = refused.Rejection;
            return false;
        }
    }

    private static JsonDocument Decode(string header)
    {
        if (header.Length > Limits.PaymentHeaderLength)
        {
            throw new RefusedException(PaymentRejection.TooLarge());
        }

        // White space within base64 is refused by IsValid's strictness only here: it would be another spelling of the same payment.
        if (header.Length == 0 || header.AsSpan().ContainsAny(" \t\r\n") || !Base64.IsValid(header))
        {
            throw new RefusedException(PaymentRejection.NotBase64());
        }

        return PaymentJson.Parse(Convert.FromBase64String(header)) ?? throw new RefusedException(PaymentRejection.NotJson());
    }

    private static Payment Read(JsonElement root, int version)
    {
        if (PaymentJson.Integer(root, "x402Version") != version)
        {
            throw new RefusedException(PaymentRejection.UnknownVersion());
        }

        var (scheme, network, accepted) = version == 2 ? Accepted(Member(root, "accepted")) : Named(root);
        var payload = Member(root, "payload");
        if (!PaymentJson.Has(payload, "authorization") && PaymentJson.Has(payload, "permit2Authorization"))
        {
            throw new RefusedException(PaymentRejection.SchemeNotOffered());
        }

        return new(
            version,
            scheme,
            network,
            accepted,
            Authorization(Member(payload, "authorization", "payload.authorization")),
            Text(payload, "signature", "payload.signature", EvmText.IsSignature, $"must be 0x and 65 to {Limits.PaymentSignatureBytes} bytes in hexadecimal."),
            version == 2 ? PaymentId(root) : null);
    }

    private static (string Scheme, string Network, AcceptedRequirements? Accepted) Accepted(JsonElement accepted)
    {
        var (scheme, network) = (Word(accepted, "scheme", "accepted.scheme"), Word(accepted, "network", "accepted.network"));
        if (scheme != PaymentTerms.Exact)
        {
            // Another scheme's asset and amount may be written in other ways: what is wrong first is the scheme.
            throw new RefusedException(PaymentRejection.SchemeNotOffered());
        }

        return EvmText.IsNetwork(network)
            ? (scheme, network, new(Address(accepted, "asset", "accepted.asset"), Address(accepted, "payTo", "accepted.payTo"), Number(accepted, "amount", "accepted.amount")))
            : throw new RefusedException(PaymentRejection.NetworkNotOffered());
    }

    private static (string Scheme, string Network, AcceptedRequirements? Accepted) Named(JsonElement root)
    {
        var (scheme, name) = (Word(root, "scheme", "scheme"), Word(root, "network", "network"));
        return scheme != PaymentTerms.Exact ? throw new RefusedException(PaymentRejection.SchemeNotOffered())
            : Version1Networks.NetworkOf(name) is { } network ? (scheme, network, null)
            : throw new RefusedException(PaymentRejection.NetworkNotOffered());
    }

    private static PaymentAuthorization Authorization(JsonElement signed)
    {
        const string At = "payload.authorization";
        return new(
            Address(signed, "from", $"{At}.from"),
            Address(signed, "to", $"{At}.to"),
            Number(signed, "value", $"{At}.value"),
            Number(signed, "validAfter", $"{At}.validAfter"),
            Number(signed, "validBefore", $"{At}.validBefore"),
            Text(signed, "nonce", $"{At}.nonce", EvmText.IsNonce, "must be 0x and 32 bytes in hexadecimal."));
    }

    /// <summary>An id is optional; one that is not as the extension says is refused, for its sender counts on it.</summary>
    private static string? PaymentId(JsonElement root) =>
        PaymentJson.Object(root, "extensions") is not { } extensions || !PaymentJson.Has(extensions, PaymentJson.PaymentIdentifier) ? null
        : PaymentJson.Object(extensions, PaymentJson.PaymentIdentifier) is not { } extension || PaymentJson.Object(extension, "info") is not { } info
            ? throw new RefusedException(PaymentRejection.IdentifierInvalid())
        : !PaymentJson.Has(info, "id") ? null
        : PaymentJson.Text(info, "id") is { Length: >= 16 and <= 128 } id && id.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_') ? id
        : throw new RefusedException(PaymentRejection.IdentifierInvalid());

    private static JsonElement Member(JsonElement parent, string name, string? path = null) =>
        PaymentJson.Object(parent, name) ?? throw new RefusedException(PaymentRejection.Invalid(path ?? name, "must be an object."));

    private static string Word(JsonElement parent, string name, string path) =>
        Text(parent, name, path, text => text.Length is > 0 and <= Longest, $"must be a string of 1 to {Longest} characters.");

    private static string Address(JsonElement parent, string name, string path) => Text(parent, name, path, EvmText.IsAddress, "must be 0x and 20 bytes in hexadecimal.");

    private static BigInteger Number(JsonElement parent, string name, string path)
    {
        var number = BigInteger.Zero;
        Text(parent, name, path, text => EvmText.TryNumber(text, out number), "must be a string of decimal digits below 2^256, without leading zeros.");
        return number;
    }

    private static string Text(JsonElement parent, string name, string path, Predicate<string> isValid, string rule) =>
        PaymentJson.Text(parent, name) is { } text && isValid(text) ? text : throw new RefusedException(PaymentRejection.Invalid(path, rule));

    /// <summary>Ends a reading at its first fault; never leaves this class.</summary>
    private sealed class RefusedException(Rejection rejection) : Exception
    {
        public Rejection Rejection { get; } = rejection;
    }
}
