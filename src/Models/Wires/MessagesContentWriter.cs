using System.Text.Json;

namespace Agora.Models.Wires;

/// <summary>
/// Items as system blocks and messages. Items of one side that stand together are one message: Anthropic wants the results of all calls of a message in the next one, and takes messages of one role for one anyway. Empty text is left out, as it
/// is refused there.
/// </summary>
internal static class MessagesContentWriter
{
    public const string Maker = "anthropic";

    public static void WriteSystem(Utf8JsonWriter json, IReadOnlyList<Item> items)
    {
        var parts = items.OfType<Item.Message>().Where(message => message.Role is Role.System or Role.Developer).SelectMany(message => message.Parts).Where(HasContent).ToList();
        if (parts.Count == 0) return;

        json.WriteStartArray("system"u8);
        foreach (var part in parts)
        {
            WritePart(json, part, part.Cache);
        }

        json.WriteEndArray();
    }

    public static void WriteMessages(Utf8JsonWriter json, IReadOnlyList<Item> items)
    {
        json.WriteStartArray("messages"u8);
        string? open = null;
        foreach (var item in CallIds.OfMessages.Fit(items))
        {
            var role = RoleOf(item);
            if (role is null) continue;

            if (role != open)
            {
                CloseMessage(json, open);
                json.WriteStartObject();
                json.WriteString("role"u8, role);
                json.WriteStartArray("content"u8);
                open = role;
            }

            WriteItem(json, item);
        }

        CloseMessage(json, open);
        json.WriteEndArray();
    }

    public static void WriteCache(Utf8JsonWriter json, CacheTime? cache)
    {
        if (cache is null) return;

        json.WriteStartObject("cache_control"u8);
        json.WriteString("type"u8, "ephemeral"u8);
        if (cache == CacheTime.Hour)
        {
            json.WriteString("ttl"u8, "1h"u8);
        }

        json.WriteEndObject();
    }

    private static void CloseMessage(Utf8JsonWriter json, string? open)
    {
        if (open is null) return;

        json.WriteEndArray();
        json.WriteEndObject();
    }

    /// <summary>Null: nothing of it is sent.</summary>
    private static string? RoleOf(Item item) => item switch
    {
        Item.Message { Role: Role.User } message when message.Parts.Any(HasContent) => "user",
        Item.Message { Role: Role.Assistant } message when message.Parts.Any(HasContent) => "assistant",
        Item.ToolResult => "user",
        Item.ToolCall => "assistant",
        Item.Reasoning { Seal.Maker: Maker } => "assistant",
        _ => null,
    };

    private static void WriteItem(Utf8JsonWriter json, Item item)
    {
        switch (item)
        {
            case Item.Message message:
                foreach (var part in message.Parts.Where(HasContent))
                {
                    WritePart(json, part, part.Cache);
                }

                break;
            case Item.ToolCall call:
                WriteCall(json, call);
                break;
            case Item.ToolResult result:
                WriteResult(json, result);
                break;
            case Item.Reasoning reasoning:
                WriteReasoning(json, reasoning);
                break;
        }
    }

    private static void WriteCall(Utf8JsonWriter json, Item.ToolCall call)
    {
        json.WriteStartObject();
        json.WriteString("type"u8, "tool_use"u8);
        json.WriteString("id"u8, call.CallId);
        json.WriteString("name"u8, call.Name);
        json.WritePropertyName("input"u8);
        Dialects.MessagesBlocks.WriteInput(json, call.Arguments, call.IsCustom);
        json.WriteEndObject();
    }

    /// <summary>Parts within a result are not cached by themselves, so the result is, if any of them asks for it.</summary>
    private static void WriteResult(Utf8JsonWriter json, Item.ToolResult result)
    {
        json.WriteStartObject();
        json.WriteString("type"u8, "tool_result"u8);
        json.WriteString("tool_use_id"u8, result.CallId);
        if (result.Parts.Any(HasContent))
        {
            json.WriteStartArray("content"u8);
            foreach (var part in result.Parts.Where(HasContent))
            {
                WritePart(json, part, cache: null);
            }

            json.WriteEndArray();
        }

        if (result.IsError)
        {
            json.WriteBoolean("is_error"u8, true);
        }

        WriteCache(json, result.Parts.Max(part => part.Cache));
        json.WriteEndObject();
    }

    private static void WriteReasoning(Utf8JsonWriter json, Item.Reasoning reasoning)
    {
        json.WriteStartObject();
        if (reasoning.IsRedacted)
        {
            json.WriteString("type"u8, "redacted_thinking"u8);
            json.WriteString("data"u8, reasoning.Seal!.Data);
        }
        else
        {
            json.WriteString("type"u8, "thinking"u8);
            json.WriteString("thinking"u8, reasoning.Text);
            json.WriteString("signature"u8, reasoning.Seal!.Data);
        }

        json.WriteEndObject();
    }

    private static void WritePart(Utf8JsonWriter json, Part part, CacheTime? cache)
    {
        json.WriteStartObject();
        if (part is Part.Image image)
        {
            json.WriteString("type"u8, "image"u8);
            json.WriteStartObject("source"u8);
            if (image.Url is not null)
            {
                json.WriteString("type"u8, "url"u8);
                json.WriteString("url"u8, image.Url);
            }
            else
            {
                json.WriteString("type"u8, "base64"u8);
                json.WriteString("media_type"u8, image.MediaType);
                json.WriteString("data"u8, image.Data);
            }

            json.WriteEndObject();
        }
        else
        {
            json.WriteString("type"u8, "text"u8);
            json.WriteString("text"u8, TextOf(part));
        }

        WriteCache(json, cache);
        json.WriteEndObject();
    }

    private static bool HasContent(Part part) => part is Part.Image || TextOf(part).Length > 0;

    private static string TextOf(Part part) => part switch
    {
        Part.Text text => text.Value,
        Part.Refusal refusal => refusal.Value,
        _ => "",
    };
}
