using System.Diagnostics;
using System.Text.Json;

namespace Agora.Models.Dialects;

/// <summary>
/// Items as Responses has them in `input` and in a response's `output`: what a client sends, and what is kept of a stored response so that another goes on from it. Written and read again they are the same, but for what
/// Responses has no member for: an error's mark on a tool's result, and marks for Anthropic's cache.
/// </summary>
public static class ResponsesItems
{
    /// <summary>As an array, with their own ids and all their seals.</summary>
    public static void Write(IReadOnlyList<Item> items, Utf8JsonWriter writer)
    {
        writer.WriteStartArray();
        foreach (var item in items)
        {
            Write(writer, item, NameOf(item), status: null, names: null, withSeal: true);
        }

        writer.WriteEndArray();
    }

    /// <summary>An array of input items or of a response's output.</summary>
    /// <exception cref="DialectException">One is not taken; the fault names its member.</exception>
    public static IReadOnlyList<Item> Read(JsonElement items)
    {
        var into = new List<Item>();
        Read(items, "input", into, toolbox: null);
        return into;
    }

    /// <param name="toolbox">Takes tools that come among the items (additional_tools); null: none may.</param>
    internal static void Read(JsonElement items, string param, List<Item> into, ResponsesToolbox? toolbox)
    {
        var number = 0;
        foreach (var item in ResponsesJson.Array(items, param, ModelLimits.Items).EnumerateArray())
        {
            try
            {
                var members = ResponsesItemMembers.Read(item);
                if (members.Type == "additional_tools" && toolbox is not null)
                {
                    toolbox.AddLater(members);
                }
                else
                {
                    into.Add(members.ToItem());
                }
            }
            catch (DialectException e)
            {
                throw ResponsesJson.Within($"{param}[{number}]", e);
            }

            number++;
        }
    }

    internal static string PrefixOf(Item item) => item switch
    {
        Item.Message => "msg_",
        Item.ToolCall call => call.IsCustom ? "ctc_" : "fc_",
        Item.Reasoning => "rs_",
        Item.ToolResult => "fco_",
        _ => throw new UnreachableException(item.GetType().Name),
    };

    /// <param name="status">Null: it is not said.</param>
    /// <param name="names">Which tools are in namespaces; null: names are written as they are.</param>
    internal static void Write(Utf8JsonWriter writer, Item item, string? id, string? status, ResponsesNames? names, bool withSeal)
    {
        writer.WriteStartObject();
        writer.Optional("id", id);
        switch (item)
        {
            case Item.Message message:
                writer.WriteString("type", "message");
                writer.Optional("status", status);
                writer.WriteString("role", NameOf(message.Role));
                writer.Optional("phase", message.Phase);
                writer.WritePropertyName("content");
                ResponsesParts.Write(writer, message.Parts, isSaid: message.Role == Role.Assistant);
                break;
            case Item.ToolCall call:
                var (space, name) = names?.Split(call.Name) ?? (null, call.Name);
                writer.WriteString("type", call.IsCustom ? "custom_tool_call" : "function_call");
                writer.Optional("status", status);
                writer.WriteString("call_id", call.CallId);
                writer.WriteString("name", name);
                writer.Optional("namespace", space);
                writer.WriteString(call.IsCustom ? "input" : "arguments", call.Arguments);
                if (withSeal && call.Seal is { } seal)
                {
                    writer.WriteString("encrypted_content", ResponsesSeals.Write(seal));
                }

                break;
            case Item.ToolResult result:
                writer.WriteString("type", result.IsCustom ? "custom_tool_call_output" : "function_call_output");
                writer.WriteString("call_id", result.CallId);
                writer.WritePropertyName("output");
                ResponsesParts.Write(writer, result.Parts, isSaid: false);
                break;
            case Item.Reasoning reasoning:
                Write(writer, reasoning, withSeal);
                break;
            default:
                throw new UnreachableException(item.GetType().Name);
        }

        writer.WriteEndObject();
    }

    internal static string NameOf(Role role) => role switch
    {
        Role.System => "system",
        Role.Developer => "developer",
        Role.User => "user",
        Role.Assistant => "assistant",
        _ => throw new UnreachableException(role.ToString()),
    };

    private static void Write(Utf8JsonWriter writer, Item.Reasoning reasoning, bool withSeal)
    {
        writer.WriteString("type", "reasoning");
        writer.WriteStartArray("summary");
        foreach (var summary in reasoning.Summary)
        {
            ResponsesParts.WriteText(writer, "summary_text", "text", summary);
        }

        writer.WriteEndArray();
        if (reasoning.Text.Length > 0)
        {
            writer.WriteStartArray("content");
            ResponsesParts.WriteText(writer, "reasoning_text", "text", reasoning.Text);
            writer.WriteEndArray();
        }

        if (withSeal && reasoning.Seal is { } seal)
        {
            writer.WriteString("encrypted_content", ResponsesSeals.Write(seal, reasoning.IsRedacted));
        }
    }

    private static string? NameOf(Item item) => item switch
    {
        Item.Message message => message.Id,
        Item.ToolCall call => call.Id,
        Item.Reasoning reasoning => reasoning.Id,
        _ => null,
    };
}
