using System.Text;
using System.Text.Json;

namespace Agora.Models.Dialects;

/// <summary>Blocks of a reply, whole, or empty as those of a stream begin.</summary>
internal static class MessagesBlocks
{
    /// <summary>What the SDK's documentation has a client do with a tool's input that is no JSON object.</summary>
    private const string InvalidJson = "INVALID_JSON";

    /// <param name="isOpen">Of a stream: the input follows.</param>
    public static void WriteToolUse(Utf8JsonWriter json, Item.ToolCall call, bool isOpen)
    {
        json.WriteStartObject();
        json.WriteString("type"u8, "tool_use"u8);
        json.WriteString("id"u8, call.CallId);
        json.WriteString("name"u8, call.Name);
        json.WritePropertyName("input"u8);
        WriteInput(json, isOpen ? "" : call.Arguments, call.IsCustom);
        json.WriteStartObject("caller"u8);
        json.WriteString("type"u8, "direct"u8);
        json.WriteEndObject();
        json.WriteEndObject();
    }

    public static void WriteThinking(Utf8JsonWriter json, string text, string signature)
    {
        json.WriteStartObject();
        json.WriteString("type"u8, "thinking"u8);
        json.WriteString("thinking"u8, text);
        json.WriteString("signature"u8, signature);
        json.WriteEndObject();
    }

    public static void WriteRedacted(Utf8JsonWriter json, string data)
    {
        json.WriteStartObject();
        json.WriteString("type"u8, "redacted_thinking"u8);
        json.WriteString("data"u8, data);
        json.WriteEndObject();
    }

    /// <summary>Without citations, as Anthropic writes one that has none: of other clients some take a list of them alone.</summary>
    public static void WriteText(Utf8JsonWriter json, string text)
    {
        json.WriteStartObject();
        json.WriteString("type"u8, "text"u8);
        json.WriteString("text"u8, text);
        json.WriteEndObject();
    }

    /// <summary>Always an object, as the SDK wants one, and so that the client may send it back.</summary>
    public static void WriteInput(Utf8JsonWriter json, string arguments, bool isCustom)
    {
        if (isCustom && arguments.Length > 0)
        {
            json.WriteStartObject();
            json.WriteString("input"u8, arguments);
            json.WriteEndObject();
        }
        else if (arguments.Length == 0)
        {
            json.WriteStartObject();
            json.WriteEndObject();
        }
        else if (IsObject(arguments))
        {
            json.WriteRawValue(arguments, skipInputValidation: true);
        }
        else
        {
            json.WriteStartObject();
            json.WriteString(InvalidJson, arguments);
            json.WriteEndObject();
        }
    }

    private static bool IsObject(string text)
    {
        var reader = new Utf8JsonReader(Encoding.UTF8.GetBytes(text), new JsonReaderOptions { MaxDepth = ModelLimits.Depth });
        try
        {
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject) return false;

            while (reader.Read())
            {
            }

            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }
}
