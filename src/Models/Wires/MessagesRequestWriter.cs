using System.Text.Json;

namespace Agora.Models.Wires;

/// <summary>The body's own members. System and developer messages, wherever they stand, come first, as Anthropic has one system prompt.</summary>
internal static class MessagesRequestWriter
{
    public static void Write(Utf8JsonWriter json, ModelRequest request, string model, int maxOutputTokens)
    {
        json.WriteStartObject();
        json.WriteString("model"u8, model);
        json.WriteNumber("max_tokens"u8, maxOutputTokens);
        if (request.Stream)
        {
            json.WriteBoolean("stream"u8, true);
        }

        MessagesContentWriter.WriteSystem(json, request.Items);
        MessagesContentWriter.WriteMessages(json, request.Items);
        WriteTools(json, request.Tools);
        WriteToolChoice(json, request);
        WriteThinking(json, request.Reasoning, maxOutputTokens);
        WriteOutputConfig(json, request);
        WriteSampling(json, request);
        if (request.ServiceTier is not null)
        {
            json.WriteString("service_tier"u8, request.ServiceTier == "auto" ? "auto" : "standard_only");
        }

        json.WriteEndObject();
    }

    /// <summary>What of a request is read, which is all that is counted.</summary>
    public static void WriteCounted(Utf8JsonWriter json, ModelRequest request, string model)
    {
        json.WriteStartObject();
        json.WriteString("model"u8, model);
        MessagesContentWriter.WriteSystem(json, request.Items);
        MessagesContentWriter.WriteMessages(json, request.Items);
        WriteTools(json, request.Tools);
        WriteToolChoice(json, request);
        WriteThinking(json, request.Reasoning, ModelLimits.OutputTokens);
        WriteOutputConfig(json, request);
        json.WriteEndObject();
    }

    private static void WriteTools(Utf8JsonWriter json, IReadOnlyList<Tool> tools)
    {
        if (tools.Count == 0) return;

        json.WriteStartArray("tools"u8);
        foreach (var tool in tools)
        {
            json.WriteStartObject();
            json.WriteString("name"u8, tool.Name);
            if (tool.Description is not null)
            {
                json.WriteString("description"u8, tool.Description);
            }

            json.WritePropertyName("input_schema"u8);
            json.WriteRawValue(tool.Parameters ?? """{"type":"object","properties":{}}""", skipInputValidation: true);
            if (tool.Strict == true)
            {
                json.WriteBoolean("strict"u8, true);
            }

            MessagesContentWriter.WriteCache(json, tool.Cache);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void WriteToolChoice(Utf8JsonWriter json, ModelRequest request)
    {
        if (request.Tools.Count == 0) return;

        var type = request.ToolChoice switch
        {
            ToolChoice.Named => "tool",
            ToolChoice.Any { Name: "required" } => "any",
            ToolChoice.Any { Name: "none" } => "none",
            _ => "auto",
        };
        var onlyOne = request.ParallelToolCalls == false && type != "none";
        if (type == "auto" && !onlyOne) return;

        json.WriteStartObject("tool_choice"u8);
        json.WriteString("type"u8, type);
        if (request.ToolChoice is ToolChoice.Named named)
        {
            json.WriteString("name"u8, named.Tool);
        }

        if (onlyOne)
        {
            json.WriteBoolean("disable_parallel_tool_use"u8, true);
        }

        json.WriteEndObject();
    }

    /// <summary>An effort alone leaves it to the model whether it thinks. Anthropic wants a budget below max_tokens, which may be lower here than the client said: then the budget is too.</summary>
    private static void WriteThinking(Utf8JsonWriter json, ReasoningOptions? reasoning, int maxOutputTokens)
    {
        if (reasoning is null) return;

        var isOff = reasoning.IsOff || reasoning.Effort == "none";
        if (!isOff && !reasoning.IsAdaptive && reasoning.BudgetTokens is null) return;

        json.WriteStartObject("thinking"u8);
        if (isOff)
        {
            json.WriteString("type"u8, "disabled"u8);
        }
        else
        {
            json.WriteString("type"u8, reasoning.IsAdaptive ? "adaptive"u8 : "enabled"u8);
            if (!reasoning.IsAdaptive && reasoning.BudgetTokens is { } budget)
            {
                json.WriteNumber("budget_tokens"u8, Math.Min(budget, maxOutputTokens - 1));
            }

            if (reasoning.Summary != "auto")
            {
                json.WriteString("display"u8, reasoning.Summary is null ? "omitted"u8 : "summarized"u8);
            }
        }

        json.WriteEndObject();
    }

    private static void WriteOutputConfig(Utf8JsonWriter json, ModelRequest request)
    {
        var effort = request.Reasoning is { IsOff: false, Effort: not "none" } reasoning ? reasoning.Effort : null;
        var format = request.Format as OutputFormat.ByJsonSchema;
        if (effort is null && format is null) return;

        json.WriteStartObject("output_config"u8);
        if (effort is not null)
        {
            json.WriteString("effort"u8, effort == "minimal" ? "low" : effort);
        }

        if (format is not null)
        {
            json.WriteStartObject("format"u8);
            json.WriteString("type"u8, "json_schema"u8);
            json.WritePropertyName("schema"u8);
            json.WriteRawValue(format.Schema, skipInputValidation: true);
            json.WriteEndObject();
        }

        json.WriteEndObject();
    }

    private static void WriteSampling(Utf8JsonWriter json, ModelRequest request)
    {
        if (request.Temperature is { } temperature)
        {
            json.WriteNumber("temperature"u8, temperature);
        }

        if (request.TopP is { } topP)
        {
            json.WriteNumber("top_p"u8, topP);
        }

        if (request.TopK is { } topK)
        {
            json.WriteNumber("top_k"u8, topK);
        }

        if (request.Stop.Count == 0) return;

        json.WriteStartArray("stop_sequences"u8);
        foreach (var stop in request.Stop)
        {
            json.WriteStringValue(stop);
        }

        json.WriteEndArray();
    }
}
