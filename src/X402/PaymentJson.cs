using System.Globalization;
using System.Numerics;
using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Unicode;

namespace Agora.X402;

/// <summary>
/// The parts of JSON that payments are read from. A text with escapes counts as none, and a name with them as no JSON: all that is read
/// here is plain ASCII, which has one spelling without them; and a lone surrogate can only be written as one.
/// </summary>
public static class PaymentJson
{
    public const string PaymentIdentifier = "payment-identifier";

    private static readonly JsonReaderOptions Reader = new() { MaxDepth = X402Limits.Depth };
    private static readonly JsonDocumentOptions Strict = new() { MaxDepth = X402Limits.Depth, AllowDuplicateProperties = false };

    /// <summary>Null where it is not one object of well-formed JSON in UTF-8. The caller disposes it.</summary>
    public static JsonDocument? Parse(ReadOnlyMemory<byte> utf8)
    {
        if (!Utf8.IsValid(utf8.Span)) return null;

        try
        {
            if (HasEscapedName(utf8.Span)) return null;

            var document = JsonDocument.Parse(utf8, Strict);
            if (document.RootElement.ValueKind == JsonValueKind.Object) return document;

            document.Dispose();
            return null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>Null counts as absent: clients of several languages write it for what they leave out.</summary>
    public static bool Has(JsonElement parent, string name) => TryMember(parent, name, out var member) && member.ValueKind != JsonValueKind.Null;

    public static JsonElement? Object(JsonElement parent, string name) =>
        TryMember(parent, name, out var member) && member.ValueKind == JsonValueKind.Object ? member : null;

    public static string? Text(JsonElement parent, string name) =>
        TryMember(parent, name, out var member) && member.ValueKind == JsonValueKind.String && JsonMarshal.GetRawUtf8Value(member).IndexOf((byte)'\\') < 0
            ? member.GetString() : null;

    public static long? Integer(JsonElement parent, string name) =>
        TryMember(parent, name, out var member) && member.ValueKind == JsonValueKind.Number && member.TryGetInt64(out var value) ? value : null;

    public static bool? Boolean(JsonElement parent, string name) =>
        TryMember(parent, name, out var member) ? member.ValueKind switch
        {
            JsonValueKind.True => true,
            JsonValueKind.False => false,
            _ => null,
        }
        : null;

    public static string Digits(BigInteger number) => number.ToString(CultureInfo.InvariantCulture);

    /// <summary>Of what is no object there is no member.</summary>
    private static bool TryMember(JsonElement parent, string name, out JsonElement member)
    {
        member = default;
        return parent.ValueKind == JsonValueKind.Object && parent.TryGetProperty(name, out member);
    }

    private static bool HasEscapedName(ReadOnlySpan<byte> utf8)
    {
        var reader = new Utf8JsonReader(utf8, Reader);
        while (reader.Read())
        {
            if (reader.TokenType == JsonTokenType.PropertyName && reader.ValueIsEscaped) return true;
        }

        return false;
    }
}
