using System.Globalization;
using System.Text.Json;

namespace Agora.Models.Wires;

/// <summary>A tool call, whole or a piece of one.</summary>
/// <param name="Seal">Google's thought signature, which its OpenAI-compatible endpoint expects back with the call (extra_content.google.thought_signature).</param>
internal readonly record struct ChatCallPiece(int? Index, string? Id, string? Name, string Arguments, bool IsCustom, Seal? Seal)
{
    public static ChatCallPiece Read(JsonElement value, bool isPiece)
    {
        if (value.ValueKind != JsonValueKind.Object) throw new InvalidDataException("The provider sent a tool call that is no object.");

        var custom = ChatReading.Object(value, "custom"u8);
        var isCustom = custom.ValueKind != JsonValueKind.Undefined;
        var body = isCustom ? custom : ChatReading.Object(value, "function"u8);
        return new(
            IndexOf(value), ChatReading.Name(value, "id"u8), ChatReading.Name(body, "name"u8), ChatReading.Said(body, isCustom ? "input"u8 : "arguments"u8, isPiece) ?? "", isCustom, SealOf(value));
    }

    /// <summary>Without arguments yet.</summary>
    /// <param name="number">Which call of the reply.</param>
    public Item.ToolCall Begin(string? providerId, int number) => new(
        Id ?? Invented(providerId, number), Name ?? throw new InvalidDataException("The provider sent a tool call without a name."), "", IsCustom, Seal: Seal);

    /// <summary>Some servers name no ids, and a result has to say which call it is of. The reply's id keeps those of two turns apart.</summary>
    private static string Invented(string? providerId, int number)
    {
        var id = string.Create(CultureInfo.InvariantCulture, $"call_{number}_{providerId}").TrimEnd('_');
        return Excerpt.Of(id, ModelLimits.NameLength);
    }

    private static Seal? SealOf(JsonElement value) =>
        ChatReading.Text(ChatReading.Object(ChatReading.Object(value, "extra_content"u8), "google"u8), "thought_signature"u8) is { Length: > 0 } signature ? new(GeminiContentWriter.Maker, signature) : null;

    private static int? IndexOf(JsonElement value)
    {
        var index = ChatReading.Member(value, "index"u8);
        if (index.ValueKind == JsonValueKind.Undefined) return null;
        if (index.ValueKind == JsonValueKind.Number && index.TryGetInt32(out var number) && number >= 0) return number;

        throw new InvalidDataException("The provider sent a tool call whose index is no number from 0 on.");
    }
}
