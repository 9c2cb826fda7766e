using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Unicode;

namespace Agora.Models.Json;

/// <summary>
/// JSON (RFC 8259) that every reader understands the same way: valid UTF-8, no member twice in one object, no half of a surrogate pair, nested at most <see cref="ModelLimits.Depth"/> deep. What passes here cannot throw later: a
/// text can be taken out of it, and a name compared.
/// </summary>
internal static class ChatJson
{
    private static readonly JsonDocumentOptions Strict = new() { MaxDepth = ModelLimits.Depth, AllowDuplicateProperties = false };

    // Deeper than is taken, so that the reason of a refusal can be told; recursion is none.
    private static readonly JsonReaderOptions Deep = new() { MaxDepth = int.MaxValue };

    /// <summary>What is written goes to programs, never into a page: only what JSON demands is escaped, and base64 stays as it is.</summary>
    public static JsonWriterOptions Writing { get; } = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    /// <param name="mayHaveHalves">Strings of a provider may have half of a surrogate pair; read them by Wires.WireText. Names of members never may.</param>
    /// <returns>The document, which the caller disposes; null when <paramref name="why"/> says what is wrong.</returns>
    public static JsonDocument? TryParse(ReadOnlyMemory<byte> utf8, out string why, bool mayHaveHalves = false)
    {
        why = "";
        if (!Utf8.IsValid(utf8.Span))
        {
            why = "It is not valid UTF-8.";
            return null;
        }

        try
        {
            // A half can only be written as an escape, and few bodies have one.
            if (utf8.Span.IndexOf("\\u"u8) >= 0 && HasHalfSurrogate(utf8.Span, onlyNames: mayHaveHalves))
            {
                why = "It has one half of a surrogate pair in a text.";
                return null;
            }

            return JsonDocument.Parse(utf8, Strict);
        }
        catch (JsonException)
        {
            why = WhyNot(utf8.Span);
            return null;
        }
    }

    private static string WhyNot(ReadOnlySpan<byte> utf8)
    {
        var reader = new Utf8JsonReader(utf8, Deep);
        try
        {
            while (reader.Read())
            {
                if (reader.CurrentDepth >= ModelLimits.Depth && reader.TokenType is JsonTokenType.StartObject or JsonTokenType.StartArray)
                {
                    return $"It is nested more than {ModelLimits.Depth} deep.";
                }
            }

            return "It has a member twice in one object.";
        }
        catch (JsonException e)
        {
            return $"It is not JSON (line {e.LineNumber + 1}, byte {e.BytePositionInLine + 1}).";
        }
    }

    private static bool HasHalfSurrogate(ReadOnlySpan<byte> utf8, bool onlyNames)
    {
        var reader = new Utf8JsonReader(utf8, Deep);
        while (reader.Read())
        {
            if ((reader.TokenType == JsonTokenType.PropertyName || (reader.TokenType == JsonTokenType.String && !onlyNames)) && reader.ValueIsEscaped && HasHalf(reader.ValueSpan))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Over the bytes as they are escaped: the reader has seen that each escape is whole.</summary>
    private static bool HasHalf(ReadOnlySpan<byte> escaped)
    {
        var afterHigh = false;
        for (var i = 0; i < escaped.Length;)
        {
            var isUnit = escaped[i] == '\\' && escaped[i + 1] == 'u';
            var unit = isUnit ? int.Parse(escaped.Slice(i + 2, 4), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture) : -1;
            var isLow = unit is >= 0xDC00 and <= 0xDFFF;
            if (isLow != afterHigh) return true;

            afterHigh = unit is >= 0xD800 and <= 0xDBFF;
            i += isUnit ? 6 : escaped[i] == '\\' ? 2 : 1;
        }

        return afterHigh;
    }
}
