using System.Text;
using System.Text.Json;
using Agora.Models.Json;

namespace Agora.Models.Wires;

/// <summary>Reads what a provider sends: what is not known is passed over, what is known has its type. Null and absent are the same.</summary>
internal static class ChatReading
{
    public static JsonDocument Parse(ReadOnlyMemory<byte> utf8, int most = ModelLimits.ReplyBytes)
    {
        if (utf8.Length > most) throw new InvalidDataException($"The provider sent more than {most} bytes.");

        var document = ChatJson.TryParse(utf8, out var why, mayHaveHalves: true) ?? throw new InvalidDataException($"The provider sent no JSON that is taken. {why}");
        if (document.RootElement.ValueKind == JsonValueKind.Object) return document;

        document.Dispose();
        throw new InvalidDataException("The provider sent no JSON object.");
    }

    /// <summary>Undefined: there is none.</summary>
    public static JsonElement Member(JsonElement value, ReadOnlySpan<byte> name) =>
        value.ValueKind == JsonValueKind.Object && value.TryGetProperty(name, out var member) && member.ValueKind != JsonValueKind.Null ? member : default;

    public static JsonElement Object(JsonElement value, ReadOnlySpan<byte> name) => Of(value, name, JsonValueKind.Object);

    public static JsonElement List(JsonElement value, ReadOnlySpan<byte> name) => Of(value, name, JsonValueKind.Array);

    public static string? Text(JsonElement value, ReadOnlySpan<byte> name)
    {
        var member = Of(value, name, JsonValueKind.String);
        return member.ValueKind == JsonValueKind.Undefined ? null : WireText.Whole(member);
    }

    /// <summary>The text of a message, or of a piece of a message.</summary>
    public static string? Said(JsonElement value, ReadOnlySpan<byte> name, bool isPiece)
    {
        var member = Of(value, name, JsonValueKind.String);
        return member.ValueKind == JsonValueKind.Undefined ? null : isPiece ? WireText.Piece(member) : WireText.Whole(member);
    }

    /// <summary>An id, a name: null also where it is empty.</summary>
    public static string? Name(JsonElement value, ReadOnlySpan<byte> name)
    {
        var text = Text(value, name);
        if (text is { Length: > ModelLimits.NameLength })
        {
            throw new InvalidDataException($"The provider sent a name of more than {ModelLimits.NameLength} characters.");
        }

        return text is { Length: 0 } ? null : text;
    }

    /// <summary>DeepSeek's name for it, or that of vLLM and OpenRouter; who sends both sends the same twice.</summary>
    public static string? Reasoning(JsonElement message, bool isPiece) => Said(message, "reasoning_content"u8, isPiece) is { Length: > 0 } text ? text : Said(message, "reasoning"u8, isPiece);

    /// <summary>One answer is asked for: more would be text that nobody reads and everybody pays.</summary>
    public static void CheckFirst(JsonElement choice)
    {
        if (choice.ValueKind != JsonValueKind.Object) throw new InvalidDataException("The provider sent a choice that is no object.");

        var index = Member(choice, "index"u8);
        var isFirst = index.ValueKind == JsonValueKind.Undefined || (index.ValueKind == JsonValueKind.Number && index.TryGetInt32(out var number) && number == 0);
        if (!isFirst) throw new InvalidDataException("The provider sent another choice than the one that was asked for.");
    }

    private static JsonElement Of(JsonElement value, ReadOnlySpan<byte> name, JsonValueKind kind)
    {
        var member = Member(value, name);
        if (member.ValueKind == JsonValueKind.Undefined || member.ValueKind == kind) return member;

        throw new InvalidDataException($"The provider sent '{Encoding.UTF8.GetString(name)}' as {member.ValueKind}, not {kind}.");
    }
}
