using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Agora.Models.Wires;

/// <summary>
/// What a provider sends, as JSON of the shapes that are needed of it; members beyond those are passed over, as providers add some at any time. Of Anthropic and of Google alike.
/// </summary>
internal static class MessagesWireJson
{
    private static readonly JsonDocumentOptions Bounded = new() { MaxDepth = ModelLimits.Depth };

    public static JsonWriterOptions Options { get; } = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    /// <summary>Reads one object. Text that is no text (invalid UTF-8) is found only where it is read, so all of the reading is under one roof.</summary>
    /// <exception cref="InvalidDataException">It is not JSON, or not of the shape.</exception>
    public static T Read<T>(ReadOnlyMemory<byte> utf8, Func<JsonElement, T> read)
    {
        if (utf8.Length > ModelLimits.ReplyBytes)
        {
            throw new InvalidDataException($"The provider sent more than {ModelLimits.ReplyBytes} bytes at once.");
        }

        try
        {
            using var document = JsonDocument.Parse(utf8, Bounded);
            return document.RootElement.ValueKind == JsonValueKind.Object ? read(document.RootElement) : throw new InvalidDataException("The provider sent no JSON object.");
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw new InvalidDataException("The provider sent no readable JSON.", e);
        }
    }

    /// <summary>Null counts as absent.</summary>
    public static bool Has(JsonElement parent, ReadOnlySpan<byte> name, out JsonElement value) => parent.TryGetProperty(name, out value) && value.ValueKind != JsonValueKind.Null;

    public static string? Text(JsonElement parent, ReadOnlySpan<byte> name)
    {
        if (!Has(parent, name, out var value)) return null;

        return value.ValueKind == JsonValueKind.String ? WireText.Whole(value) : throw Wrong(name, "no string");
    }

    /// <summary>A piece of text in a stream.</summary>
    public static string? Piece(JsonElement parent, ReadOnlySpan<byte> name)
    {
        if (!Has(parent, name, out var value)) return null;

        return value.ValueKind == JsonValueKind.String ? WireText.Piece(value) : throw Wrong(name, "no string");
    }

    /// <summary>Text that names something: it goes back to the provider, so it is bounded.</summary>
    public static string NameText(JsonElement parent, ReadOnlySpan<byte> name)
    {
        var text = Text(parent, name);
        return text is { Length: > 0 and <= ModelLimits.NameLength } ? text : throw Wrong(name, "no name");
    }

    public static JsonElement? Object(JsonElement parent, ReadOnlySpan<byte> name)
    {
        if (!Has(parent, name, out var value)) return null;

        return value.ValueKind == JsonValueKind.Object ? value : throw Wrong(name, "no object");
    }

    public static JsonElement? Array(JsonElement parent, ReadOnlySpan<byte> name)
    {
        if (!Has(parent, name, out var value)) return null;

        return value.ValueKind == JsonValueKind.Array ? value : throw Wrong(name, "no array");
    }

    /// <summary>A count of tokens; null where there is none.</summary>
    public static long? Tokens(JsonElement parent, ReadOnlySpan<byte> name)
    {
        if (!Has(parent, name, out var value)) return null;

        return value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out var tokens) && tokens is >= 0 and <= ModelLimits.UsageTokens ? tokens : throw Wrong(name, "no count of tokens");
    }

    /// <summary>Without the white space that some providers lay out their replies with.</summary>
    public static string Compact(JsonElement value)
    {
        var raw = value.GetRawText();
        if (!raw.Contains('\n', StringComparison.Ordinal)) return raw;

        using var text = new MemoryStream(raw.Length);
        using (var json = new Utf8JsonWriter(text, Options))
        {
            value.WriteTo(json);
        }

        return Encoding.UTF8.GetString(text.GetBuffer(), 0, (int)text.Length);
    }

    /// <summary>A provider's own words in an error, cut where they are long, and never within a character.</summary>
    public static string Words(string? message, string otherwise) => string.IsNullOrWhiteSpace(message) ? otherwise : Excerpt.Of(message, ModelLimits.ErrorLength);

    public static InvalidDataException Wrong(ReadOnlySpan<byte> name, string what) => new($"The provider sent {what} as {Encoding.UTF8.GetString(name)}.");
}
