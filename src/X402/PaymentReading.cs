using System.Numerics;
using System.Text.Json;

namespace Agora.X402;

/// <summary>One reading of one payment. It keeps the first fault that it meets and goes on with values that mean nothing, so what it read counts only without one.</summary>
internal sealed class PaymentReading(int version)
{
    private const int WordLength = 64;

    /// <summary>The first fault; null: none.</summary>
    public PaymentFault? Fault { get; private set; }

    public Payment Read(JsonElement root)
    {
        if (PaymentJson.Integer(root, "x402Version") != version)
        {
            Refuse(PaymentFault.UnknownVersion);
        }

        var (scheme, network, accepted) = version == 2 ? Accepted(Member(root, "accepted", "accepted")) : Named(root);
        var payload = Member(root, "payload", "payload");
        if (!PaymentJson.Has(payload, "authorization") && PaymentJson.Has(payload, "permit2Authorization"))
        {
            Refuse(PaymentFault.SchemeNotOffered);
        }

        return new(
            version,
            scheme,
            network,
            accepted,
            Authorization(Member(payload, "authorization", "payload.authorization")),
            Text(payload, "signature", "payload.signature", EvmText.IsSignature, $"must be 0x and 65 to {X402Limits.SignatureBytes} bytes in hexadecimal."),
            version == 2 ? PaymentId(root) : null);
    }

    private (string Scheme, string Network, AcceptedRequirements? Accepted) Accepted(JsonElement accepted)
    {
        var (scheme, network) = (Scheme(accepted, "accepted.scheme"), Word(accepted, "network", "accepted.network"));
        if (!EvmText.IsNetwork(network))
        {
            Refuse(PaymentFault.NetworkNotOffered);
        }

        return (scheme, network, new(Address(accepted, "asset", "accepted.asset"), Address(accepted, "payTo", "accepted.payTo"), Number(accepted, "amount", "accepted.amount")));
    }

    private (string Scheme, string Network, AcceptedRequirements? Accepted) Named(JsonElement root)
    {
        var (scheme, network) = (Scheme(root, "scheme"), Version1Networks.NetworkOf(Word(root, "network", "network")));
        if (network is null)
        {
            Refuse(PaymentFault.NetworkNotOffered);
        }

        return (scheme, network ?? "", null);
    }

    /// <summary>Another scheme writes all that follows in other ways: what is wrong first is the scheme.</summary>
    private string Scheme(JsonElement parent, string path)
    {
        var scheme = Word(parent, "scheme", path);
        if (scheme != PaymentTerms.Exact)
        {
            Refuse(PaymentFault.SchemeNotOffered);
        }

        return scheme;
    }

    private PaymentAuthorization Authorization(JsonElement signed)
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
    private string? PaymentId(JsonElement root)
    {
        if (PaymentJson.Object(root, "extensions") is not { } extensions || !PaymentJson.Has(extensions, PaymentJson.PaymentIdentifier)) return null;

        var info = PaymentJson.Object(extensions, PaymentJson.PaymentIdentifier) is { } extension ? PaymentJson.Object(extension, "info") : null;
        if (info is { } given && !PaymentJson.Has(given, "id")) return null;

        var id = info is { } holder ? PaymentJson.Text(holder, "id") : null;
        if (id is not { Length: >= 16 and <= 128 } || !id.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_'))
        {
            Refuse(PaymentFault.IdentifierInvalid);
        }

        return id;
    }

    private JsonElement Member(JsonElement parent, string name, string path)
    {
        if (PaymentJson.Object(parent, name) is { } member) return member;

        Refuse(PaymentFault.Invalid(path, "must be an object."));
        return default;
    }

    private string Word(JsonElement parent, string name, string path) =>
        Text(parent, name, path, text => text.Length is > 0 and <= WordLength, $"must be a string of 1 to {WordLength} characters.");

    private string Address(JsonElement parent, string name, string path) => Text(parent, name, path, EvmText.IsAddress, "must be 0x and 20 bytes in hexadecimal.");

    private BigInteger Number(JsonElement parent, string name, string path)
    {
        var number = BigInteger.Zero;
        Text(parent, name, path, text => EvmText.TryNumber(text, out number), "must be a string of decimal digits below 2^256, without leading zeros.");
        return number;
    }

    private string Text(JsonElement parent, string name, string path, Predicate<string> isValid, string rule)
    {
        if (PaymentJson.Text(parent, name) is { } text && isValid(text)) return text;

        Refuse(PaymentFault.Invalid(path, rule));
        return "";
    }

    private void Refuse(PaymentFault fault) => Fault ??= fault;
}
