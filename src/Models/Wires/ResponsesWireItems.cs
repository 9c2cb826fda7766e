using System.Diagnostics;
using System.Text.Json;
using Agora.Models.Dialects;

namespace Agora.Models.Wires;

/// <summary>
/// Items as they are sent to OpenAI: without ids. It binds encrypted reasoning to the id that it gave the item, and a client knows the item by another; without an id it takes the reasoning as it is.
/// </summary>
internal static class ResponsesWireItems
{
    public static void Write(Utf8JsonWriter writer, Item item)
    {
        switch (item)
        {
            case Item.Message message:
                WriteMessage(writer, message);
                break;
            case Item.ToolCall call:
                writer.WriteStartObject();
                writer.WriteString("type", call.IsCustom ? "custom_tool_call" : "function_call");
                writer.WriteString("call_id", call.CallId);
                writer.WriteString("name", call.Name);
                writer.WriteString(call.IsCustom ? "input" : "arguments", call.Arguments);
                writer.WriteEndObject();
                break;
            case Item.ToolResult result:
                WriteResult(writer, result);
                break;
            case Item.Reasoning { Seal: { Maker: "openai" } seal } reasoning:
                writer.WriteStartObject();
                writer.WriteString("type", "reasoning");
                writer.WriteStartArray("summary");
                foreach (var summary in reasoning.Summary)
                {
                    ResponsesParts.WriteText(writer, "summary_text", "text", summary);
                }

                writer.WriteEndArray();
                writer.WriteString("encrypted_content", seal.Data);
                writer.WriteEndObject();
                break;
            case Item.Reasoning:
                // OpenAI stored nothing and cannot read another's: it would refuse the request.
                break;
            default:
                throw new UnreachableException(item.GetType().Name);
        }
    }

    private static void WriteMessage(Utf8JsonWriter writer, Item.Message message)
    {
        var isSaid = message.Role == Role.Assistant;
        if (isSaid && message.Parts.Any(part => part is Part.Image))
        {
            throw DialectException.Invalid("input", "OpenAI's Responses API takes no image that the assistant is to have said.");
        }

        writer.WriteStartObject();
        writer.WriteString("type", "message");
        writer.WriteString("role", ResponsesItems.NameOf(message.Role));
        writer.Optional("phase", message.Phase);
        writer.WritePropertyName("content");
        if (message.Parts is [Part.Text only])
        {
            writer.WriteStringValue(only.Value);
        }
        else
        {
            ResponsesParts.Write(writer, message.Parts, isSaid);
        }

        writer.WriteEndObject();
    }

    private static void WriteResult(Utf8JsonWriter writer, Item.ToolResult result)
    {
        writer.WriteStartObject();
        writer.WriteString("type", result.IsCustom ? "custom_tool_call_output" : "function_call_output");
        writer.WriteString("call_id", result.CallId);
        writer.WritePropertyName("output");

        // There is no mark for an error here, so the model reads it.
        switch (result.Parts)
        {
            case []:
                writer.WriteStringValue(result.IsError ? "Error" : "");
                break;
            case [Part.Text only]:
                writer.WriteStringValue(result.IsError ? "Error: " + only.Value : only.Value);
                break;
            default:
                ResponsesParts.Write(writer, result.IsError ? [new Part.Text("Error:"), .. result.Parts] : result.Parts, isSaid: false);
                break;
        }

        writer.WriteEndObject();
    }
}
