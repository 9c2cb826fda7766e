using System.Diagnostics;
using System.Text;
using System.Text.Json;
using Agora.Models.Dialects;
using Agora.Models.Json;

namespace Agora.Models.Wires;

/// <summary>The body for a provider. What is a hint for others (cache marks, whether a tool failed, that reasoning is to be summed up) has no place in it, and is left out.</summary>
internal static class ChatBodyWriter
{
    public static void Write(ModelRequest request, string model, int maxOutputTokens, bool isOpenAi, Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteString("model"u8, model);
        new ChatMessageWriter(json, isOpenAi).Write((isOpenAi ? CallIds.OfChat : CallIds.Unique).Fit(request.Items));
        json.WriteNumber(isOpenAi ? "max_completion_tokens"u8 : "max_tokens"u8, maxOutputTokens);
        WriteTools(request, isOpenAi, json);
        WriteFormat(request.Format, json);
        WriteText("reasoning_effort"u8, EffortOf(request.Reasoning), json);
        WriteText("verbosity"u8, request.Verbosity, json);
        WriteSampling(request, isOpenAi, json);
        WriteText("service_tier"u8, request.ServiceTier, json);
        // A hint that other servers need not know.
        WriteText("prompt_cache_key"u8, isOpenAi ? request.PromptCacheKey : null, json);
        if (request.Stream)
        {
            json.WriteBoolean("stream"u8, true);
            json.WriteStartObject("stream_options"u8);
            json.WriteBoolean("include_usage"u8, true);
            json.WriteEndObject();
        }

        json.WriteEndObject();
    }

    private static void WriteSampling(ModelRequest request, bool isOpenAi, Utf8JsonWriter json)
    {
        WriteNumber("temperature"u8, request.Temperature, json);
        WriteNumber("top_p"u8, request.TopP, json);
        WriteNumber("presence_penalty"u8, request.PresencePenalty, json);
        WriteNumber("frequency_penalty"u8, request.FrequencyPenalty, json);
        if (request.TopK is { } topK)
        {
            if (isOpenAi) throw DialectException.Invalid("top_k", "This model's provider has no top_k.");

            json.WriteNumber("top_k"u8, topK);
        }

        if (request.Seed is { } seed)
        {
            json.WriteNumber("seed"u8, seed);
        }

        if (request.Stop.Count == 0) return;

        json.WriteStartArray("stop"u8);
        foreach (var stop in request.Stop)
        {
            json.WriteStringValue(stop);
        }

        json.WriteEndArray();
    }

    private static void WriteTools(ModelRequest request, bool isOpenAi, Utf8JsonWriter json)
    {
        // OpenAI refuses what is said of tools where there are none.
        if (request.Tools.Count == 0) return;

        json.WriteStartArray("tools"u8);
        foreach (var tool in request.Tools)
        {
            WriteTool(tool, json);
        }

        json.WriteEndArray();
        if (request.ToolChoice is ToolChoice.Named named)
        {
            json.WritePropertyName("tool_choice"u8);
            WriteNamed(named, json);
        }
        else if (request.ToolChoice is ToolChoice.Allowed allowed)
        {
            if (!isOpenAi)
            {
                throw DialectException.Invalid("tool_choice", "This model's provider has no allowed_tools: send only the tools that may be called.");
            }

            json.WriteStartObject("tool_choice"u8);
            json.WriteString("type"u8, "allowed_tools"u8);
            json.WriteStartObject("allowed_tools"u8);
            json.WriteString("mode"u8, allowed.MustCall ? "required"u8 : "auto"u8);
            json.WriteStartArray("tools"u8);
            foreach (var tool in allowed.Tools)
            {
                WriteNamed(tool, json);
            }

            json.WriteEndArray();
            json.WriteEndObject();
            json.WriteEndObject();
        }
        else if (request.ToolChoice is ToolChoice.Any any && any != ToolChoice.Auto)
        {
            json.WriteString("tool_choice"u8, any.Name);
        }

        if (request.ParallelToolCalls is { } parallel)
        {
            json.WriteBoolean("parallel_tool_calls"u8, parallel);
        }
    }

    private static void WriteNamed(ToolChoice.Named named, Utf8JsonWriter json)
    {
        var type = named.IsCustom ? "custom"u8 : "function"u8;
        json.WriteStartObject();
        json.WriteString("type"u8, type);
        json.WriteStartObject(type);
        json.WriteString("name"u8, named.Tool);
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static void WriteTool(Tool tool, Utf8JsonWriter json)
    {
        var type = tool.IsCustom ? "custom"u8 : "function"u8;
        json.WriteStartObject();
        json.WriteString("type"u8, type);
        json.WriteStartObject(type);
        json.WriteString("name"u8, tool.Name);
        WriteText("description"u8, tool.Description, json);
        if (tool.Parameters is { } parameters)
        {
            json.WritePropertyName(tool.IsCustom ? "format"u8 : "parameters"u8);
            if (tool.IsCustom)
            {
                WriteCustomFormat(parameters, json);
            }
            else
            {
                json.WriteRawValue(parameters, skipInputValidation: true);
            }
        }

        if (tool.Strict is { } strict && !tool.IsCustom)
        {
            json.WriteBoolean("strict"u8, strict);
        }

        json.WriteEndObject();
        json.WriteEndObject();
    }

    /// <summary>Kept as Responses has it; here the grammar lies one level deeper.</summary>
    private static void WriteCustomFormat(string format, Utf8JsonWriter json)
    {
        using var document = ChatJson.TryParse(Encoding.UTF8.GetBytes(format), out var why);
        if (document is null || document.RootElement.ValueKind != JsonValueKind.Object)
        {
            throw DialectException.Invalid("tools", $"The format of a custom tool is no JSON object. {why}");
        }

        var root = document.RootElement;
        var isFlat = root.TryGetProperty("type"u8, out var type) && type.ValueKind == JsonValueKind.String && type.ValueEquals("grammar"u8) && !root.TryGetProperty("grammar"u8, out _);
        if (!isFlat)
        {
            root.WriteTo(json);
            return;
        }

        json.WriteStartObject();
        json.WriteString("type"u8, "grammar"u8);
        json.WriteStartObject("grammar"u8);
        foreach (var member in root.EnumerateObject().Where(member => !member.NameEquals("type"u8)))
        {
            member.WriteTo(json);
        }

        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static void WriteFormat(OutputFormat format, Utf8JsonWriter json)
    {
        switch (format)
        {
            case OutputFormat.Plain:
                break;
            case OutputFormat.AnyJson:
                json.WriteStartObject("response_format"u8);
                json.WriteString("type"u8, "json_object"u8);
                json.WriteEndObject();
                break;
            case OutputFormat.ByJsonSchema schema:
                json.WriteStartObject("response_format"u8);
                json.WriteString("type"u8, "json_schema"u8);
                json.WriteStartObject("json_schema"u8);
                json.WriteString("name"u8, schema.Name);
                WriteText("description"u8, schema.Description, json);
                json.WritePropertyName("schema"u8);
                json.WriteRawValue(schema.Schema, skipInputValidation: true);
                if (schema.Strict is { } strict)
                {
                    json.WriteBoolean("strict"u8, strict);
                }

                json.WriteEndObject();
                json.WriteEndObject();
                break;
            default:
                throw new UnreachableException(format.GetType().Name);
        }
    }

    /// <summary>
    /// A budget of tokens, which this wire has no member for, becomes the effort that comes near it. The most that is written, and so billed, is bounded by max tokens in any case.
    /// </summary>
    private static string? EffortOf(ReasoningOptions? reasoning) => reasoning switch
    {
        null => null,
        { Effort: { } effort } => effort,
        { IsOff: true } => "none",
        { BudgetTokens: <= 2_048 } => "low",
        { BudgetTokens: <= 8_192 } => "medium",
        { BudgetTokens: not null } => "high",
        _ => null,
    };

    private static void WriteText(ReadOnlySpan<byte> name, string? value, Utf8JsonWriter json)
    {
        if (value is null) return;

        json.WriteString(name, value);
    }

    private static void WriteNumber(ReadOnlySpan<byte> name, double? value, Utf8JsonWriter json)
    {
        if (value is not { } number) return;

        json.WriteNumber(name, number);
    }
}
