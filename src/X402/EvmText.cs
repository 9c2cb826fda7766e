using System.Globalization;
using System.Numerics;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Agora.X402;

/// <summary>How addresses, nonces, signatures and numbers of EVM networks are written. Each value has one spelling but for the case of hexadecimal digits.</summary>
public static class EvmText
{
    private const int AddressBytes = 20;
    private const int WordBytes = 32;
    private const int SignatureBytes = 65;
    private const int MaxNumberDigits = 78;
    private static readonly BigInteger NumbersEnd = BigInteger.Pow(2, 256);

    public static bool IsAddress(string text) => IsHexadecimal(text, AddressBytes, AddressBytes);

    public static bool IsNonce(string text) => IsHexadecimal(text, WordBytes, WordBytes);

    public static bool IsTransaction(string text) => IsHexadecimal(text, WordBytes, WordBytes);

    public static bool IsSignature(string text) => IsHexadecimal(text, SignatureBytes, X402Limits.SignatureBytes);

    public static bool IsSame(string address, string other) => string.Equals(address, other, StringComparison.OrdinalIgnoreCase);

    /// <summary>CAIP-2 of the namespace eip155, whose references are chain ids: <c>eip155:1</c>.</summary>
    public static bool IsNetwork(string text) => TryChainId(text, out _);

    public static bool TryChainId(string network, out long chainId)
    {
        chainId = 0;
        const string Namespace = "eip155:";
        return network.StartsWith(Namespace, StringComparison.Ordinal) && network.Length <= Namespace.Length + 18
            && TryNumber(network[Namespace.Length..], out var number) && (chainId = (long)number) > 0;
    }

    /// <summary>A uint256: decimal digits alone, without leading zeros.</summary>
    public static bool TryNumber(string text, out BigInteger number)
    {
        number = default;
        return text.Length is >= 1 and <= MaxNumberDigits && !text.AsSpan().ContainsAnyExceptInRange('0', '9') && (text[0] != '0' || text.Length == 1)
            && BigInteger.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number) && number < NumbersEnd;
    }

    private static bool IsHexadecimal(string text, int leastBytes, int mostBytes) =>
        text.StartsWith("0x", StringComparison.Ordinal) && text.Length % 2 == 0 && text.Length >= 2 + (2 * leastBytes) && text.Length <= 2 + (2 * mostBytes)
        && text.AsSpan(2).IndexOfAnyExcept("0123456789abcdefABCDEF") < 0;
}

/// <summary>A uint256 as JSON has it everywhere in x402, and as it is stored: a string of decimal digits.</summary>
public sealed class UnsignedNumberConverter : JsonConverter<BigInteger>
{
    public override BigInteger Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        EvmText.TryNumber(reader.GetString() ?? "", out var number) ? number : throw new JsonException("This is no uint256.");

    public override void Write(Utf8JsonWriter writer, BigInteger value, JsonSerializerOptions options) => writer.WriteStringValue(PaymentJson.Digits(value));
}
