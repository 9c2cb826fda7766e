using System.Buffers;
using System.Diagnostics;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Agora.Models.Dialects;

/// <summary>A whole reply, and what it has in common with a stream: the message around it, why it ended, usage.</summary>
internal static class MessagesReplyWriter
{
    /// <summary>The reply is JSON for programs, never a page: only what JSON wants escaped is.</summary>
    public static JsonWriterOptions Options { get; } = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    public static void Write(ReplyHead head, ModelReply reply, IBufferWriter<byte> into)
    {
        using var json = new Utf8JsonWriter(into, Options);
        json.WriteStartObject();
        WriteHead(json, head);
        json.WriteStartArray("content"u8);
        foreach (var item in reply.Output)
        {
            WriteBlocks(json, item);
        }

        json.WriteEndArray();
        WriteEnd(json, reply);
        WriteUsage(json, reply.Usage ?? Usage.None, TierOf(reply.ServiceTier));
        json.WriteEndObject();
    }

    public static void WriteHead(Utf8JsonWriter json, ReplyHead head)
    {
        json.WriteString("id"u8, $"msg_{head.Id}");
        json.WriteString("type"u8, "message"u8);
        json.WriteString("role"u8, "assistant"u8);
        json.WriteString("model"u8, head.Model);
    }

    /// <summary>Refusal is told by the reason alone: Messages has no part of its own for it, so its words are text.</summary>
    public static void WriteEnd(Utf8JsonWriter json, ModelReply? reply)
    {
        json.WriteString("stop_reason"u8, reply is null ? null : ReasonOf(reply));
        json.WriteString("stop_sequence"u8, reply?.StopSequence);
        json.WriteNull("stop_details"u8);
        json.WriteNull("container"u8);
    }

    /// <summary>As a whole message has it: with all that the SDK's type names.</summary>
    /// <param name="usage">Null: nothing is counted yet. Counts are 0 then; of the parts of the cache's writes nothing is said, as the SDK does not take those of a stream's end in their place.</param>
    public static void WriteUsage(Utf8JsonWriter json, Usage? usage, string? tier)
    {
        json.WriteStartObject("usage"u8);
        WriteCounts(json, usage ?? Usage.None);
        WriteCacheWrites(json, usage);
        json.WriteNull("inference_geo"u8);
        json.WriteString("service_tier"u8, tier);
        json.WriteNull("speed"u8);
        json.WriteEndObject();
    }

    /// <summary>As both a message and the last event of a stream have them.</summary>
    public static void WriteCounts(Utf8JsonWriter json, Usage usage)
    {
        json.WriteNumber("input_tokens"u8, usage.Input + usage.InputAudio);
        json.WriteNumber("cache_creation_input_tokens"u8, usage.CacheWrite + usage.CacheWriteLong);
        json.WriteNumber("cache_read_input_tokens"u8, usage.CacheRead);
        json.WriteNumber("output_tokens"u8, usage.AllOutput);
        json.WriteStartObject("output_tokens_details"u8);
        json.WriteNumber("thinking_tokens"u8, usage.Reasoning);
        json.WriteEndObject();
        json.WriteNull("server_tool_use"u8);
    }

    private static void WriteCacheWrites(Utf8JsonWriter json, Usage? usage)
    {
        if (usage is null)
        {
            json.WriteNull("cache_creation"u8);
            return;
        }

        json.WriteStartObject("cache_creation"u8);
        json.WriteNumber("ephemeral_5m_input_tokens"u8, usage.CacheWrite);
        json.WriteNumber("ephemeral_1h_input_tokens"u8, usage.CacheWriteLong);
        json.WriteEndObject();
    }

    private static void WriteBlocks(Utf8JsonWriter json, Item item)
    {
        switch (item)
        {
            case Item.Message message:
                foreach (var text in message.Parts.Select(TextOf).Where(text => text.Length > 0))
                {
                    MessagesBlocks.WriteText(json, text);
                }

                break;
            case Item.ToolCall call:
                if (call.Seal is not null)
                {
                    MessagesBlocks.WriteRedacted(json, MessagesSeals.Write(call.Seal, null));
                }

                MessagesBlocks.WriteToolUse(json, call, isOpen: false);
                break;
            case Item.Reasoning { IsRedacted: true } redacted:
                MessagesBlocks.WriteRedacted(json, MessagesSeals.Write(redacted.Seal, redacted.Id));
                break;
            case Item.Reasoning reasoning:
                var thought = reasoning.Text.Length > 0 ? reasoning.Text : string.Join("\n\n", reasoning.Summary);
                if (thought.Length > 0 || reasoning.Seal is not null)
                {
                    MessagesBlocks.WriteThinking(json, thought, MessagesSeals.Write(reasoning.Seal, reasoning.Id));
                }

                break;
            case Item.ToolResult:
                break;
            default:
                throw new UnreachableException(item.GetType().Name);
        }
    }

    private static string TextOf(Part part) => part switch
    {
        Part.Text text => text.Value,
        Part.Refusal refusal => refusal.Value,
        _ => "",
    };

    private static string? ReasonOf(ModelReply reply)
    {
        if (reply.Output.Any(item => item is Item.Message message && message.Parts.Any(part => part is Part.Refusal))) return "refusal";

        return reply.Finish switch
        {
            null => null,
            Finish.Stop => reply.StopSequence is null ? "end_turn" : "stop_sequence",
            Finish.Length => "max_tokens",
            Finish.ToolCalls => "tool_use",
            Finish.ContentFilter or Finish.Refusal => "refusal",
            _ => throw new UnreachableException(reply.Finish.ToString()),
        };
    }

    /// <summary>The words of Anthropic's that others say differently; what it has no word for is not said.</summary>
    private static string? TierOf(string? tier) => tier switch
    {
        "default" or "standard" => "standard",
        "priority" or "batch" => tier,
        _ => null,
    };
}
