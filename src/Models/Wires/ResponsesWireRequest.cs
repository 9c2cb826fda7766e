using System.Buffers;
using System.Text.Json;
using Agora.Models.Dialects;

namespace Agora.Models.Wires;

/// <summary>Writes a request to OpenAI.</summary>
internal static class ResponsesWireRequest
{
    public static void Write(ModelRequest request, string model, int maxOutputTokens, IBufferWriter<byte> into)
    {
        CheckOptions(request);
        using var writer = new Utf8JsonWriter(into, ResponsesJson.Writing);
        writer.WriteStartObject();
        writer.WriteString("model", model);
        writer.WriteBoolean("store", false);
        writer.WriteBoolean("stream", request.Stream);
        if (request.Stream)
        {
            // Padding of events would only be thrown away here.
            writer.WriteStartObject("stream_options");
            writer.WriteBoolean("include_obfuscation", false);
            writer.WriteEndObject();
        }

        writer.WriteNumber("max_output_tokens", maxOutputTokens);
        WriteOptions(writer, request);
        writer.WriteStartArray("input");
        foreach (var item in CallIds.OfResponses.Fit(request.Items))
        {
            ResponsesWireItems.Write(writer, item);
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    /// <summary>What of a request is read, which is all that is counted.</summary>
    public static void WriteCounted(ModelRequest request, string model, IBufferWriter<byte> into)
    {
        using var writer = new Utf8JsonWriter(into, ResponsesJson.Writing);
        writer.WriteStartObject();
        writer.WriteString("model", model);
        WriteTools(writer, request);
        WriteReasoning(writer, request.Reasoning is { } reasoning ? reasoning with { WantsSeal = false } : null);
        if (request.Format != OutputFormat.Text || request.Verbosity is not null)
        {
            ResponsesFormats.Write(writer, request);
        }

        writer.WriteStartArray("input");
        foreach (var item in CallIds.OfResponses.Fit(request.Items))
        {
            ResponsesWireItems.Write(writer, item);
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    private static void CheckOptions(ModelRequest request)
    {
        WireRefusals.CheckNames(request);
        Check(request.Stop.Count == 0, "stop", "stop sequences");
        Check(request.TopK is null, "top_k", "top_k");
        Check(request.Seed is null, "seed", "a seed");
        Check(request.PresencePenalty is null or 0, "presence_penalty", "a presence penalty");
        Check(request.FrequencyPenalty is null or 0, "frequency_penalty", "a frequency penalty");
        Check(request.ServiceTier is null or "auto" or "default" or "flex" or "scale" or "priority", "service_tier", "this service tier");
    }

    private static void WriteOptions(Utf8JsonWriter writer, ModelRequest request)
    {
        WriteTools(writer, request);
        WriteReasoning(writer, request.Reasoning);
        if (request.Format != OutputFormat.Text || request.Verbosity is not null)
        {
            ResponsesFormats.Write(writer, request);
        }

        if (request.Temperature is { } temperature)
        {
            writer.WriteNumber("temperature", temperature);
        }

        if (request.TopP is { } topP)
        {
            writer.WriteNumber("top_p", topP);
        }

        writer.Optional("service_tier", request.ServiceTier);
        writer.Optional("prompt_cache_key", request.PromptCacheKey);
    }

    private static void WriteTools(Utf8JsonWriter writer, ModelRequest request)
    {
        if (request.Tools.Count == 0) return;
        writer.WriteStartArray("tools");
        foreach (var tool in request.Tools)
        {
            writer.WriteStartObject();
            writer.WriteString("type", tool.IsCustom ? "custom" : "function");
            writer.WriteString("name", tool.Name);
            writer.Optional("description", tool.Description);
            if (!tool.IsCustom)
            {
                writer.Raw("parameters", tool.Parameters);
                // Where nothing is said this API makes a schema strict, which turns optional members into required ones; other dialects do not mean that.
                writer.WriteBoolean("strict", tool.Strict ?? false);
            }
            else if (tool.Parameters is not null)
            {
                writer.Raw("format", tool.Parameters);
            }

            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        ResponsesChoice.Write(writer, request.ToolChoice);
        if (request.ParallelToolCalls is { } parallel)
        {
            writer.WriteBoolean("parallel_tool_calls", parallel);
        }
    }

    private static void WriteReasoning(Utf8JsonWriter writer, ReasoningOptions? reasoning)
    {
        if (reasoning is null) return;
        var effort = reasoning.IsOff ? "none" : reasoning.Effort ?? EffortFor(reasoning.BudgetTokens);
        if ((effort ?? reasoning.Summary ?? reasoning.Context) is not null)
        {
            writer.WriteStartObject("reasoning");
            writer.Optional("effort", effort);
            writer.Optional("summary", reasoning.Summary);
            writer.Optional("context", reasoning.Context);
            writer.WriteEndObject();
        }

        if (reasoning.WantsSeal)
        {
            writer.WriteStartArray("include");
            writer.WriteStringValue("reasoning.encrypted_content");
            writer.WriteEndArray();
        }
    }

    /// <summary>OpenAI knows no budget for reasoning by itself. What is spent at most is bounded by max_output_tokens, which counts it.</summary>
    private static string? EffortFor(int? budgetTokens) => budgetTokens switch
    {
        null => null,
        <= 2_048 => "low",
        <= 16_384 => "medium",
        _ => "high",
    };

    private static void Check(bool can, string param, string what)
    {
        if (!can) throw DialectException.Invalid(param, $"OpenAI's Responses API does not take {what}.");
    }
}
