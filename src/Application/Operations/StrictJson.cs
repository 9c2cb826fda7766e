using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Unicode;
using Agora.Core.Kernel;
using Agora.Models;

namespace Agora.Application.Operations;

/// <summary>
/// Reads JSON (RFC 8259) so that no two readers can understand it differently: valid UTF-8 without a byte order mark, no comments,
/// no trailing commas, no member twice in one object, no lone surrogate, nested at most <see cref="Limits.BodyDepth"/> deep.
/// </summary>
internal static class StrictJson
{
    /// <summary>JsonDocument's row of a value, and of the name of a member.</summary>
    private const int BytesOfValue = 12;

    private static readonly JsonReaderOptions ReaderOptions = new() { MaxDepth = Limits.BodyDepth + 1 }; // so that what is nested too deep is told from what is no JSON
    private static readonly JsonDocumentOptions DocumentOptions = new() { MaxDepth = Limits.BodyDepth, AllowDuplicateProperties = false };

    /// <returns>The document, which the caller disposes; null when it was refused, and <paramref name="findings"/> says why.</returns>
    public static JsonDocument? Parse(ReadOnlyMemory<byte> utf8, Findings findings)
    {
        if (!Utf8.IsValid(utf8.Span))
        {
            findings.Malform("The body is not valid UTF-8.");
            return null;
        }

        if (!Scan(utf8.Span, out var unboundedNumber, out var why))
        {
            findings.Malform(why);
            return null;
        }

        try
        {
            var document = JsonDocument.Parse(utf8, DocumentOptions);
            if (unboundedNumber)
            {
                FindUnboundedNumbers(document.RootElement, "", findings);
            }

            return document;
        }
        catch (JsonException)
        {
            // The scan has read all of it: only a repeated member is left.
            findings.Malform("The body has a member twice in one object.");
            return null;
        }
    }

    /// <summary>The memory of a document parsed from this text, in bytes, without the text itself.</summary>
    /// <returns>For text that is not valid JSON: counted up to the error.</returns>
    public static long ParsedBytes(ReadOnlySpan<byte> utf8)
    {
        var values = 0L;
        var reader = new Utf8JsonReader(utf8, ReaderOptions);
        try
        {
            while (reader.Read()) values++;
        }
        catch (JsonException)
        {
            // The parser reports what is wrong.
        }

        return values * BytesOfValue;
    }

    private static bool Scan(ReadOnlySpan<byte> utf8, out bool unboundedNumber, out string why)
    {
        unboundedNumber = false;
        why = "";
        var reader = new Utf8JsonReader(utf8, ReaderOptions);
        try
        {
            while (reader.Read())
            {
                if (reader.TokenType is JsonTokenType.StartObject or JsonTokenType.StartArray && reader.CurrentDepth >= Limits.BodyDepth)
                {
                    why = string.Create(CultureInfo.InvariantCulture, $"The body is nested more than {Limits.BodyDepth} deep.");
                    return false;
                }

                if (reader.TokenType == JsonTokenType.Number)
                {
                    unboundedNumber |= !reader.TryGetDouble(out var value) || !double.IsFinite(value);
                }
                else if (reader.TokenType is JsonTokenType.String or JsonTokenType.PropertyName && reader.ValueIsEscaped && HasLoneSurrogate(reader.ValueSpan))
                {
                    why = "The body has a lone surrogate in a string.";
                    return false;
                }
            }

            return true;
        }
        catch (JsonException e)
        {
            why = string.Create(CultureInfo.InvariantCulture, $"The body is not JSON (line {e.LineNumber + 1}, byte {e.BytePositionInLine + 1}).");
            return false;
        }
    }

    /// <summary>Over the still escaped bytes: raw UTF-8 cannot hold a surrogate, so only \uXXXX can.</summary>
    private static bool HasLoneSurrogate(ReadOnlySpan<byte> escaped)
    {
        var high = false;
        for (var i = 0; i < escaped.Length;)
        {
            var unit = -1;
            var next = i + 1;
            if (escaped[i] == '\\')
            {
                var isUnit = escaped[i + 1] == 'u';
                unit = isUnit ? int.Parse(escaped.Slice(i + 2, 4), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture) : -1;
                next = i + (isUnit ? 6 : 2);
            }

            var isLow = unit is >= 0xDC00 and <= 0xDFFF;
            if (isLow != high) return true;

            high = unit is >= 0xD800 and <= 0xDBFF;
            i = next;
        }

        return high;
    }

    /// <summary>1e400 is JSON, but no number that a reader could keep: a wrong value, named with its place.</summary>
    private static void FindUnboundedNumbers(JsonElement element, string path, Findings findings)
    {
        if (element.ValueKind == JsonValueKind.Object)
        {
            foreach (var member in element.EnumerateObject())
            {
                FindUnboundedNumbers(member.Value, Pointer(path, member.Name), findings);
            }
        }
        else if (element.ValueKind == JsonValueKind.Array)
        {
            var index = 0;
            foreach (var item in element.EnumerateArray())
            {
                FindUnboundedNumbers(item, string.Create(CultureInfo.InvariantCulture, $"{path}/{index++}"), findings);
            }
        }
        else if (element.ValueKind == JsonValueKind.Number && (!element.TryGetDouble(out var value) || !double.IsFinite(value)))
        {
            findings.Violate(path, "maximum", "The number is beyond the range of a 64-bit float.");
        }
    }

    /// <summary>JSON Pointer (RFC 6901) of a member; long names are cut, so that a reply stays small.</summary>
    public static string Pointer(string path, string member)
    {
        var name = Excerpt.Marked(member, Limits.IdLength);
        return $"{path}/{name.Replace("~", "~0", StringComparison.Ordinal).Replace("/", "~1", StringComparison.Ordinal)}";
    }

    public static byte[] Raw(JsonElement element) => JsonMarshal.GetRawUtf8Value(element).ToArray();
}
