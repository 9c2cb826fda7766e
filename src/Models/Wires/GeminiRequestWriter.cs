using System.Text.Json;

namespace Agora.Models.Wires;

/// <summary>The body's own members: what is said goes before, how it is answered (generationConfig) behind.</summary>
internal static class GeminiRequestWriter
{
    /// <param name="maxOutputTokens">Null: it is only counted, within another body, which wants the model named.</param>
    public static void Write(Utf8JsonWriter json, ModelRequest request, string model, int? maxOutputTokens)
    {
        json.WriteStartObject();
        if (maxOutputTokens is null)
        {
            json.WriteString("model"u8, $"models/{GeminiWire.NameOf(model)}");
        }

        GeminiContentWriter.WriteSystem(json, request.Items);
        GeminiContentWriter.WriteContents(json, request.Items, wantsSignatures: !IsBeforeLevels(model));
        WriteTools(json, request);
        WriteGeneration(json, request, model, maxOutputTokens);
        if (request.ServiceTier is not (null or "auto"))
        {
            json.WriteString("serviceTier"u8, request.ServiceTier == "default" ? "standard" : request.ServiceTier);
        }

        json.WriteEndObject();
    }

    private static void WriteTools(Utf8JsonWriter json, ModelRequest request)
    {
        if (request.Tools.Count == 0) return;

        json.WriteStartArray("tools"u8);
        json.WriteStartObject();
        json.WriteStartArray("functionDeclarations"u8);
        foreach (var tool in request.Tools)
        {
            json.WriteStartObject();
            json.WriteString("name"u8, tool.Name);
            if (tool.Description is not null)
            {
                json.WriteString("description"u8, tool.Description);
            }

            if (tool.Parameters is not null)
            {
                json.WritePropertyName("parametersJsonSchema"u8);
                json.WriteRawValue(tool.Parameters, skipInputValidation: true);
            }

            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
        json.WriteEndArray();
        WriteChoice(json, request);
    }

    /// <summary>VALIDATED leaves the choice as free as AUTO, and keeps arguments to their schema, which is what strict asks.</summary>
    private static void WriteChoice(Utf8JsonWriter json, ModelRequest request)
    {
        var mode = request.ToolChoice switch
        {
            ToolChoice.Named or ToolChoice.Any { Name: "required" } or ToolChoice.Allowed { MustCall: true } => "ANY",
            ToolChoice.Allowed => "VALIDATED", // names of those that may be called go with this or ANY only
            ToolChoice.Any { Name: "none" } => "NONE",
            _ => request.Tools.Any(tool => tool.Strict == true) ? "VALIDATED" : "AUTO",
        };
        json.WriteStartObject("toolConfig"u8);
        json.WriteStartObject("functionCallingConfig"u8);
        json.WriteString("mode"u8, mode);
        IReadOnlyList<ToolChoice.Named> allowed = request.ToolChoice switch
        {
            ToolChoice.Named named => [named],
            ToolChoice.Allowed some => some.Tools,
            _ => [],
        };
        if (allowed.Count > 0)
        {
            json.WriteStartArray("allowedFunctionNames"u8);
            foreach (var tool in allowed)
            {
                json.WriteStringValue(tool.Tool);
            }

            json.WriteEndArray();
        }

        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static void WriteGeneration(Utf8JsonWriter json, ModelRequest request, string model, int? maxOutputTokens)
    {
        json.WriteStartObject("generationConfig"u8);
        if (maxOutputTokens is { } most)
        {
            json.WriteNumber("maxOutputTokens"u8, most);
        }

        WriteNumber(json, "temperature"u8, request.Temperature);
        WriteNumber(json, "topP"u8, request.TopP);
        WriteNumber(json, "topK"u8, request.TopK);
        WriteNumber(json, "presencePenalty"u8, request.PresencePenalty);
        WriteNumber(json, "frequencyPenalty"u8, request.FrequencyPenalty);
        if (request.Seed is { } seed)
        {
            json.WriteNumber("seed"u8, seed);
        }

        if (request.Stop.Count > 0)
        {
            json.WriteStartArray("stopSequences"u8);
            foreach (var stop in request.Stop)
            {
                json.WriteStringValue(stop);
            }

            json.WriteEndArray();
        }

        if (request.Format is not OutputFormat.Plain)
        {
            json.WriteString("responseMimeType"u8, "application/json"u8);
        }

        if (request.Format is OutputFormat.ByJsonSchema format)
        {
            json.WritePropertyName("responseJsonSchema"u8);
            json.WriteRawValue(format.Schema, skipInputValidation: true);
        }

        WriteThinking(json, request.Reasoning, model, maxOutputTokens ?? ModelLimits.OutputTokens);
        json.WriteEndObject();
    }

    /// <summary>A budget and a level exclude each other there, and the budget is what the client said more exactly.</summary>
    private static void WriteThinking(Utf8JsonWriter json, ReasoningOptions? reasoning, string model, int maxOutputTokens)
    {
        if (reasoning is null) return;

        json.WriteStartObject("thinkingConfig"u8);
        if (reasoning.IsOff || reasoning.Effort == "none")
        {
            json.WriteNumber("thinkingBudget"u8, 0);
        }
        else if (reasoning.BudgetTokens is { } budget)
        {
            json.WriteNumber("thinkingBudget"u8, Math.Min(budget, maxOutputTokens));
        }
        else if (reasoning.Effort is { } effort && IsBeforeLevels(model))
        {
            json.WriteNumber("thinkingBudget"u8, Math.Min(BudgetOf(effort), maxOutputTokens));
        }
        else if (reasoning.Effort is { } level)
        {
            json.WriteString("thinkingLevel"u8, LevelOf(level));
        }

        if (reasoning is { Summary: not null, IsOff: false })
        {
            json.WriteBoolean("includeThoughts"u8, true);
        }

        json.WriteEndObject();
    }

    private static string LevelOf(string effort) => effort switch
    {
        "minimal" => "MINIMAL",
        "low" => "LOW",
        "medium" => "MEDIUM",
        _ => "HIGH",
    };

    /// <summary>As Google itself puts OpenAI's efforts for the models that have budgets only.</summary>
    private static int BudgetOf(string effort) => effort switch
    {
        "minimal" or "low" => 1_024,
        "medium" => 8_192,
        _ => 24_576,
    };

    /// <summary>Gemini 1 and 2 know no thinking levels, and ask for no signatures.</summary>
    private static bool IsBeforeLevels(string model) => model.Contains("gemini-1", StringComparison.Ordinal) || model.Contains("gemini-2", StringComparison.Ordinal);

    private static void WriteNumber(Utf8JsonWriter json, ReadOnlySpan<byte> name, double? value)
    {
        if (value is null) return;

        json.WriteNumber(name, value.Value);
    }
}
