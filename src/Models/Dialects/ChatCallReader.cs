using System.Text.Json;
using Agora.Models.Wires;

namespace Agora.Models.Dialects;

/// <summary>A tool call that the assistant made, as a client sends it back.</summary>
internal static class ChatCallReader
{
    public static Item.ToolCall Read(JsonElement value, ChatPlace at)
    {
        if (!at.IsObject(value, "")) throw at.Refuse("", $"'{at.Of("")}' is an object.");

        string? id = null, type = null;
        Seal? seal = null;
        JsonElement function = default, custom = default;
        foreach (var member in value.EnumerateObject())
        {
            switch (member.Name)
            {
                case "id":
                    id = at.Name(member.Value, "id");
                    break;
                case "type":
                    type = at.OneOf(member.Value, "type", ["function", "custom"]);
                    break;
                case "function":
                    function = member.Value;
                    break;
                case "custom":
                    custom = member.Value;
                    break;
                case "index":
                    // Left over from a stream that the client put together; the list has an order of its own.
                    at.Whole(member.Value, "index", 0, int.MaxValue);
                    break;
                case "extra_content":
                    seal = ReadSeal(member.Value, at);
                    break;
                default:
                    throw at.Unknown(member.Name);
            }
        }

        var isCustom = (type ?? throw at.Missing("type")) == "custom";
        if ((isCustom ? function : custom).ValueKind is not (JsonValueKind.Undefined or JsonValueKind.Null))
        {
            throw at.Unknown(isCustom ? "function" : "custom");
        }

        var (name, arguments) = NameAndText(isCustom ? custom : function, at, type, isCustom ? "input" : "arguments");
        return new(id ?? throw at.Missing("id"), name, arguments, isCustom, Seal: seal);
    }

    /// <summary>Reads {"google":{"thought_signature":"…"}}, the form of <see cref="ChatReplyWriter.WriteSeal"/> and of Google.</summary>
    private static Seal? ReadSeal(JsonElement value, ChatPlace at)
    {
        if (!at.IsObject(value, "extra_content")) return null;

        string? signature = null;
        foreach (var outer in value.EnumerateObject())
        {
            if (!outer.NameEquals(GeminiContentWriter.Maker)) throw at.Unknown($"extra_content.{outer.Name}");
            if (!at.IsObject(outer.Value, "extra_content.google")) continue;

            foreach (var member in outer.Value.EnumerateObject())
            {
                if (!member.NameEquals("thought_signature"u8)) throw at.Unknown($"extra_content.google.{member.Name}");

                signature = at.Text(member.Value, "extra_content.google.thought_signature");
            }
        }

        return string.IsNullOrEmpty(signature) ? null : new(GeminiContentWriter.Maker, signature);
    }

    /// <summary>Beside the arguments OpenAI's SDKs send back what they read in them.</summary>
    private static (string Name, string Text) NameAndText(JsonElement value, ChatPlace at, string type, string textMember)
    {
        if (!at.IsObject(value, type)) throw at.Missing(type);

        string? name = null, text = null;
        foreach (var member in value.EnumerateObject())
        {
            if (member.NameEquals("name"u8))
            {
                name = at.Name(member.Value, $"{type}.name");
            }
            else if (member.NameEquals(textMember))
            {
                text = at.Text(member.Value, $"{type}.{textMember}");
            }
            else if (!member.NameEquals("parsed_arguments"u8))
            {
                throw at.Unknown($"{type}.{member.Name}");
            }
        }

        return (name ?? throw at.Missing($"{type}.name"), text ?? throw at.Missing($"{type}.{textMember}"));
    }
}
