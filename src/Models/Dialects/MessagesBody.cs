using System.Globalization;
using System.Text.Json;
using System.Text.Unicode;

namespace Agora.Models.Dialects;

/// <summary>
/// A body as JSON (RFC 8259) that no two readers can understand differently: valid UTF-8, no member twice in one object, no half surrogate, nested at most <see cref="ModelLimits.Depth"/> deep. What passes here can be read
/// as text everywhere in it without an exception.
/// </summary>
internal static class MessagesBody
{
    private static readonly JsonDocumentOptions Strict = new() { MaxDepth = ModelLimits.Depth, AllowDuplicateProperties = false };
    private static readonly JsonReaderOptions Deep = new() { MaxDepth = ModelLimits.RequestBytes };

    /// <returns>The caller disposes it.</returns>
    public static JsonDocument Parse(ReadOnlyMemory<byte> body)
    {
        if (body.Length > ModelLimits.RequestBytes)
        {
            throw new DialectException(new(DialectErrorKind.TooLarge, "request_too_large", $"The body is larger than {ModelLimits.RequestBytes} bytes."));
        }

        if (!Utf8.IsValid(body.Span)) throw Malformed("The body is not valid UTF-8.");

        // Only a body with an escape of this beginning can have a half surrogate, and few have one.
        if (body.Span.IndexOf("\\ud"u8) >= 0 || body.Span.IndexOf("\\uD"u8) >= 0)
        {
            RefuseHalfSurrogates(body.Span);
        }

        JsonDocument document;
        try
        {
            document = JsonDocument.Parse(body, Strict);
        }
        catch (JsonException)
        {
            throw Malformed(WhyNot(body.Span));
        }

        if (document.RootElement.ValueKind == JsonValueKind.Object) return document;

        document.Dispose();
        throw Malformed("The body must be a JSON object.");
    }

    private static DialectException Malformed(string message) => new(new(DialectErrorKind.InvalidRequest, "malformed_body", message));

    private static void RefuseHalfSurrogates(ReadOnlySpan<byte> body)
    {
        var reader = new Utf8JsonReader(body, Deep);
        try
        {
            while (reader.Read())
            {
                var isText = reader.TokenType is JsonTokenType.String or JsonTokenType.PropertyName;

                if (isText && reader.ValueIsEscaped && HasHalfSurrogate(reader.ValueSpan))
                {
                    throw Malformed("The body has half a surrogate pair in a string.");
                }
            }
        }
        catch (JsonException)
        {
            // It is no JSON: the parser, which comes next, says so.
        }
    }

    /// <summary>Over the escaped bytes: UTF-8 itself cannot hold a surrogate, so only \uXXXX can.</summary>
    private static bool HasHalfSurrogate(ReadOnlySpan<byte> escaped)
    {
        var isHighOpen = false;
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
            if (isLow != isHighOpen) return true;

            isHighOpen = unit is >= 0xD800 and <= 0xDBFF;
            i = next;
        }

        return isHighOpen;
    }

    /// <summary>The parser has refused it: a second look, without its bounds, tells why.</summary>
    private static string WhyNot(ReadOnlySpan<byte> body)
    {
        var reader = new Utf8JsonReader(body, Deep);
        try
        {
            while (reader.Read())
            {
                if (reader.CurrentDepth >= ModelLimits.Depth && reader.TokenType is JsonTokenType.StartObject or JsonTokenType.StartArray)
                {
                    return $"The body is nested more than {ModelLimits.Depth} deep.";
                }
            }

            return "The body has a member twice in one object.";
        }
        catch (JsonException e)
        {
            return string.Create(CultureInfo.InvariantCulture, $"The body is not JSON (line {e.LineNumber + 1}, byte {e.BytePositionInLine + 1}).");
        }
    }
}
