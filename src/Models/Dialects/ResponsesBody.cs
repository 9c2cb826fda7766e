using System.Text.Json;

namespace Agora.Models.Dialects;

/// <summary>The response object: the same in a whole reply and in the events of a stream, but for how far it is.</summary>
internal sealed class ResponsesBody(ModelRequest request, ReplyHead head)
{
    private readonly ResponsesNames _names = ResponsesNames.Of(request);
    private readonly bool _withSeal = request.Reasoning?.WantsSeal == true;

    /// <summary>How it ended, and why it did not come to its end.</summary>
    public static (string Status, string? Reason) StatusOf(ModelReply reply) => reply.Finish switch
    {
        _ when reply.Fault is not null => ("failed", null),
        null => ("failed", null),
        Finish.Length => ("incomplete", "max_output_tokens"),
        Finish.Cancelled => ("cancelled", null),
        Finish.ContentFilter or Finish.Refusal => ("incomplete", "content_filter"),
        _ => ("completed", null),
    };

    public string IdOf(Item item, int index) => $"{ResponsesItems.PrefixOf(item)}{head.Id}_{index}";

    /// <summary>As the client named it, without its namespace.</summary>
    public string NameOf(Item.ToolCall call) => _names.Split(call.Name).Name;

    public void WriteItem(Utf8JsonWriter writer, Item item, int index, string status) => ResponsesItems.Write(writer, item, IdOf(item, index), status, _names, _withSeal);

    /// <param name="reply">Null: there is none yet.</param>
    /// <param name="output">Writes the items.</param>
    public void Write(Utf8JsonWriter writer, string status, string? reason, DialectFault? fault, ModelReply? reply, Action<Utf8JsonWriter> output)
    {
        writer.WriteStartObject();
        writer.WriteString("id", Responses.IdPrefix + head.Id);
        writer.WriteString("object", "response");
        writer.WriteNumber("created_at", head.CreatedAt.ToUnixTimeSeconds());
        writer.Nullable("completed_at", status == "completed" ? reply?.CompletedAt?.ToUnixTimeSeconds() : null);
        writer.WriteString("status", status);
        writer.WriteBoolean("background", request.Background);
        writer.WritePropertyName("error");
        if (fault is null)
        {
            writer.WriteNullValue();
        }
        else
        {
            ResponsesErrors.WriteWithin(writer, fault);
        }

        if (reason is null)
        {
            writer.WriteNull("incomplete_details");
        }
        else
        {
            writer.WriteStartObject("incomplete_details");
            writer.WriteString("reason", reason);
            writer.WriteEndObject();
        }

        WriteAsked(writer, reply?.ServiceTier ?? request.ServiceTier ?? (reply is null ? "auto" : "default"));
        writer.WriteStartArray("output");
        output(writer);
        writer.WriteEndArray();
        ResponsesUsage.Write(writer, reply?.Usage);
        writer.WriteEndObject();
    }

    /// <summary>What the client asked for, or what holds where it asked for nothing.</summary>
    private void WriteAsked(Utf8JsonWriter writer, string? tier)
    {
        writer.WriteNumber("frequency_penalty", request.FrequencyPenalty ?? 0);
        writer.Raw("instructions", Echo("instructions"));
        writer.Nullable("max_output_tokens", request.MaxOutputTokens);
        writer.WriteNull("max_tool_calls");
        writer.Raw("metadata", Echo("metadata") ?? "{}");
        writer.WriteString("model", head.Model);
        writer.WriteBoolean("parallel_tool_calls", request.ParallelToolCalls ?? true);
        writer.WriteNumber("presence_penalty", request.PresencePenalty ?? 0);
        writer.WriteString("previous_response_id", request.PreviousResponseId);
        writer.WriteString("prompt_cache_key", request.PromptCacheKey);
        writer.WriteStartObject("reasoning");
        writer.WriteString("effort", request.Reasoning?.Effort);
        writer.WriteString("summary", request.Reasoning?.Summary);
        writer.WriteEndObject();
        writer.Raw("safety_identifier", Echo("safety_identifier"));
        writer.WriteString("service_tier", tier);
        writer.WriteBoolean("store", request.Store);
        writer.WriteNumber("temperature", request.Temperature ?? 1);
        ResponsesFormats.Write(writer, request);
        ResponsesChoice.Write(writer, request.ToolChoice);
        writer.Raw("tools", Echo("tools") ?? "[]");
        writer.WriteNumber("top_logprobs", 0);
        writer.WriteNumber("top_p", request.TopP ?? 1);
        writer.WriteString("truncation", "disabled");
        writer.Raw("user", Echo("user"));
    }

    private string? Echo(string name) => request.Echo.GetValueOrDefault(name);
}
