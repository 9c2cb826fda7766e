using System.Globalization;
using System.Numerics;
using System.Text.Json;
using Agora.Samples.Facilitator.Signatures;

namespace Agora.Samples.Facilitator;

/// <summary>A request that is no payment at all; the reason is a word of the specification.</summary>
internal sealed class UnreadableException(string reason) : Exception(reason);

/// <summary>What POST /verify and POST /settle are asked, of either version of x402.</summary>
internal sealed record PaymentRequest(Terms Accepted, Terms Required, Domain? Domain, Transfer Transfer, byte[] Signature)
{
    private const int AddressBytes = 20;
    private const int NonceBytes = 32;
    private static readonly BigInteger NumbersEnd = BigInteger.Pow(2, 256);

    private static readonly Dictionary<string, long> Version1Networks = new()
    {
        ["base"] = 8453, ["base-sepolia"] = 84532, ["ethereum"] = 1, ["sepolia"] = 11155111,
        ["polygon"] = 137, ["polygon-amoy"] = 80002, ["avalanche"] = 43114, ["avalanche-fuji"] = 43113,
    };

    /// <exception cref="UnreadableException">Not of the protocol.</exception>
    public static PaymentRequest Read(byte[] body)
    {
        try
        {
            using var document = JsonDocument.Parse(body);
            var (payment, required) = (document.RootElement.GetProperty("paymentPayload"), document.RootElement.GetProperty("paymentRequirements"));
            return payment.GetProperty("x402Version").GetInt32() switch
            {
                1 => Read(payment, payment, required, "maxAmountRequired"),
                2 => Read(payment, payment.GetProperty("accepted"), required, "amount"),
                _ => throw new UnreadableException("invalid_x402_version"),
            };
        }
        catch (Exception failure) when (failure is JsonException or InvalidOperationException or KeyNotFoundException or FormatException or OverflowException)
        {
            throw new UnreadableException("invalid_payload");
        }
    }

    private static PaymentRequest Read(JsonElement payment, JsonElement accepted, JsonElement required, string amount)
    {
        var payload = payment.GetProperty("payload");
        var signed = payload.GetProperty("authorization");
        var terms = TermsOf(required);
        return new PaymentRequest(
            TermsOf(accepted),
            terms,
            DomainOf(required, terms),
            new Transfer(
                Address(signed, "from"), Address(signed, "to"), Number(signed, "value"),
                Number(signed, "validAfter"), Number(signed, "validBefore"), Bytes(signed, "nonce", NonceBytes)),
            Bytes(payload, "signature", null))
        {
            Amount = Number(required, amount),
            Asset = Address(required, "asset"),
            PayTo = Address(required, "payTo"),
        };
    }

    public required BigInteger Amount { get; init; }

    public required string Asset { get; init; }

    public required string PayTo { get; init; }

    private static Terms TermsOf(JsonElement element) => new(Text(element, "scheme"), Text(element, "network"));

    private static Domain? DomainOf(JsonElement required, Terms terms) =>
        required.TryGetProperty("extra", out var extra) && extra.TryGetProperty("name", out var name) && extra.TryGetProperty("version", out var version)
            ? new Domain(name.GetString()!, version.GetString()!, ChainId(terms.Network), Address(required, "asset"))
            : null;

    private static long ChainId(string network) =>
        Version1Networks.TryGetValue(network, out var known) ? known
        : network.StartsWith("eip155:", StringComparison.Ordinal) && long.TryParse(network.AsSpan(7), NumberStyles.None, CultureInfo.InvariantCulture, out var id) ? id
        : throw new UnreadableException("invalid_network");

    private static string Text(JsonElement parent, string name) => parent.GetProperty(name).GetString() ?? throw new FormatException();

    private static string Address(JsonElement parent, string name) => $"0x{Convert.ToHexStringLower(Bytes(parent, name, AddressBytes))}";

    private static byte[] Bytes(JsonElement parent, string name, int? length)
    {
        var text = Text(parent, name);
        var bytes = text.StartsWith("0x", StringComparison.Ordinal) ? Convert.FromHexString(text.AsSpan(2)) : throw new FormatException();
        return length is null || bytes.Length == length ? bytes : throw new FormatException();
    }

    private static BigInteger Number(JsonElement parent, string name)
    {
        var number = BigInteger.Parse(Text(parent, name), NumberStyles.None, CultureInfo.InvariantCulture);
        return number < NumbersEnd ? number : throw new OverflowException();
    }
}

internal sealed record Terms(string Scheme, string Network);
