using System.Buffers;
using System.Text.Json;
using Agora.Models.Json;
using Agora.Models.Wires;

namespace Agora.Models.Dialects;

/// <summary>
/// chat.completion: all items of a reply are one message of one choice. Texts of several messages follow each other in its content. Reasoning is reasoning_content, which OpenAI does not have, its SDKs pass over, and clients of
/// DeepSeek and vLLM show.
/// </summary>
internal static class ChatReplyWriter
{
    public static void Write(ReplyHead head, ModelReply reply, IBufferWriter<byte> into)
    {
        using var json = new Utf8JsonWriter(into, ChatJson.Writing);
        json.WriteStartObject();
        json.WriteString("id"u8, $"chatcmpl-{head.Id}");
        json.WriteString("object"u8, "chat.completion"u8);
        json.WriteNumber("created"u8, head.CreatedAt.ToUnixTimeSeconds());
        json.WriteString("model"u8, head.Model);
        json.WriteStartArray("choices"u8);
        json.WriteStartObject();
        json.WriteNumber("index"u8, 0);
        WriteMessage(reply, json);
        json.WriteNull("logprobs"u8);
        json.WriteString("finish_reason"u8, ChatWords.Of(reply.Finish));
        json.WriteEndObject();
        json.WriteEndArray();
        if (reply.Usage is { } usage)
        {
            json.WritePropertyName("usage"u8);
            ChatWords.WriteUsage(usage, json);
        }

        if (reply.ServiceTier is { } tier)
        {
            json.WriteString("service_tier"u8, tier);
        }

        json.WriteEndObject();
    }

    private static void WriteMessage(ModelReply reply, Utf8JsonWriter json)
    {
        var parts = reply.Output.OfType<Item.Message>().SelectMany(message => message.Parts);
        json.WriteStartObject("message"u8);
        json.WriteString("role"u8, "assistant"u8);
        json.WriteString("content"u8, Joined(parts.OfType<Part.Text>().Select(part => part.Value)));
        json.WriteString("refusal"u8, Joined(parts.OfType<Part.Refusal>().Select(part => part.Value)));
        if (Joined(reply.Output.OfType<Item.Reasoning>().Select(Shown)) is { Length: > 0 } reasoning)
        {
            json.WriteString("reasoning_content"u8, reasoning);
        }

        WriteCalls(reply, json);
        json.WriteEndObject();
    }

    private static void WriteCalls(ModelReply reply, Utf8JsonWriter json)
    {
        var isFirst = true;
        foreach (var call in reply.Output.OfType<Item.ToolCall>())
        {
            if (isFirst)
            {
                json.WriteStartArray("tool_calls"u8);
                isFirst = false;
            }

            json.WriteStartObject();
            json.WriteString("id"u8, call.CallId);
            WriteCall(call, call.Arguments, json);
            WriteSeal(call.Seal, json);
            json.WriteEndObject();
        }

        if (!isFirst)
        {
            json.WriteEndArray();
        }
    }

    /// <summary>"type" and what is named by it.</summary>
    public static void WriteCall(Item.ToolCall call, string arguments, Utf8JsonWriter json)
    {
        var type = call.IsCustom ? "custom"u8 : "function"u8;
        json.WriteString("type"u8, type);
        json.WriteStartObject(type);
        json.WriteString("name"u8, call.Name);
        json.WriteString(call.IsCustom ? "input"u8 : "arguments"u8, arguments);
        json.WriteEndObject();
    }

    /// <summary>Google's thought signature, where its OpenAI-compatible endpoint writes it and expects it back. Clients keep it with the call. Only Google seals calls.</summary>
    public static void WriteSeal(Seal? seal, Utf8JsonWriter json)
    {
        if (seal is not { Maker: GeminiContentWriter.Maker }) return;

        json.WriteStartObject("extra_content"u8);
        json.WriteStartObject(GeminiContentWriter.Maker);
        json.WriteString("thought_signature"u8, seal.Data);
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static string Shown(Item.Reasoning reasoning) => reasoning.Text.Length > 0 ? reasoning.Text : string.Join("\n\n", reasoning.Summary);

    /// <summary>Null: there is none. Most replies have one, which is not copied.</summary>
    private static string? Joined(IEnumerable<string> texts)
    {
        string? joined = null;
        foreach (var text in texts)
        {
            joined = joined is null ? text : joined + text;
        }

        return joined;
    }
}
