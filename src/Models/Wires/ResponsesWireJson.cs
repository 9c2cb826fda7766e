using System.Text.Json;
using Agora.Models.Dialects;

namespace Agora.Models.Wires;

/// <summary>Reads what the provider sent: what is not of the type that it must have is InvalidDataException, and nothing else is ever thrown.</summary>
internal static class ResponsesWireJson
{
    /// <summary>A JSON object.</summary>
    public static JsonDocument Parse(ReadOnlyMemory<byte> text)
    {
        if (text.Length > ModelLimits.ReplyBytes) throw new InvalidDataException($"It has more than {ModelLimits.ReplyBytes} bytes.");
        JsonDocument document;
        try
        {
            document = ResponsesJson.ParseText(text, mayHaveHalves: true);
        }
        catch (JsonException e)
        {
            throw new InvalidDataException("It is not JSON.", e);
        }

        if (document.RootElement.ValueKind == JsonValueKind.Object) return document;
        document.Dispose();
        throw new InvalidDataException("It is no object.");
    }

    public static string Text(JsonElement of, string name) => TextOrNull(of, name) ?? throw new InvalidDataException($"'{name}' is missing.");

    public static string? TextOrNull(JsonElement of, string name, bool isStrict = true)
    {
        if (!of.TryGetProperty(name, out var value) || value.ValueKind == JsonValueKind.Null) return null;
        if (value.ValueKind == JsonValueKind.String) return WireText.Whole(value);
        return isStrict ? throw new InvalidDataException($"'{name}' is no string.") : null;
    }

    /// <summary>A piece of text in a stream.</summary>
    public static string Piece(JsonElement of, string name) =>
        of.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? WireText.Piece(value) : throw new InvalidDataException($"'{name}' is no string.");

    public static string Name(JsonElement of, string name)
    {
        var text = Text(of, name);
        return text.Length is > 0 and <= ModelLimits.NameLength ? text : throw new InvalidDataException($"'{name}' is empty or too long.");
    }

    public static int Index(JsonElement of, string name) =>
        of.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out var index) && index is >= 0 and < ModelLimits.Items
            ? index
            : throw new InvalidDataException($"'{name}' is no index.");

    public static JsonElement Object(JsonElement of, string name) => ObjectOrNull(of, name) ?? throw new InvalidDataException($"'{name}' is missing.");

    public static JsonElement? ObjectOrNull(JsonElement of, string name)
    {
        if (!of.TryGetProperty(name, out var value) || value.ValueKind == JsonValueKind.Null) return null;
        return value.ValueKind == JsonValueKind.Object ? value : throw new InvalidDataException($"'{name}' is no object.");
    }

    /// <summary>Its entries, all objects; none, where there is no such member.</summary>
    public static IReadOnlyList<JsonElement> Objects(JsonElement of, string name)
    {
        if (!of.TryGetProperty(name, out var value) || value.ValueKind == JsonValueKind.Null) return [];
        if (value.ValueKind != JsonValueKind.Array || value.GetArrayLength() > ModelLimits.Items)
        {
            throw new InvalidDataException($"'{name}' is no array, or too long.");
        }

        var objects = new List<JsonElement>(value.GetArrayLength());
        foreach (var entry in value.EnumerateArray())
        {
            objects.Add(entry.ValueKind == JsonValueKind.Object ? entry : throw new InvalidDataException($"'{name}' has something that is no object."));
        }

        return objects;
    }
}
