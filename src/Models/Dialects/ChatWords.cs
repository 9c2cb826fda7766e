using System.Diagnostics;
using System.Text.Json;

namespace Agora.Models.Dialects;

/// <summary>What whole replies and streams say in the same words.</summary>
internal static class ChatWords
{
    /// <summary>Null: it was cut off, which no word of the dialect says.</summary>
    public static string? Of(Finish? finish) => finish switch
    {
        null => null,
        Finish.Stop => "stop",
        Finish.Length => "length",
        Finish.ToolCalls => "tool_calls",
        Finish.ContentFilter or Finish.Refusal => "content_filter",
        _ => throw new UnreachableException(finish.ToString()),
    };

    /// <summary>The sums of OpenAI: what was cached or written to a cache is part of the prompt, reasoning of the completion.</summary>
    public static void WriteUsage(Usage usage, Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteNumber("prompt_tokens"u8, usage.AllInput);
        json.WriteNumber("completion_tokens"u8, usage.AllOutput);
        json.WriteNumber("total_tokens"u8, usage.Total);
        json.WriteStartObject("prompt_tokens_details"u8);
        json.WriteNumber("cached_tokens"u8, usage.CacheRead);
        json.WriteNumber("cache_write_tokens"u8, usage.CacheWrite + usage.CacheWriteLong);
        json.WriteNumber("audio_tokens"u8, usage.InputAudio);
        json.WriteEndObject();
        json.WriteStartObject("completion_tokens_details"u8);
        json.WriteNumber("reasoning_tokens"u8, usage.Reasoning);
        json.WriteNumber("audio_tokens"u8, usage.OutputAudio);
        json.WriteNumber("accepted_prediction_tokens"u8, 0);
        json.WriteNumber("rejected_prediction_tokens"u8, 0);
        json.WriteEndObject();
        json.WriteEndObject();
    }
}
