using System.Text.Json;

namespace Agora.Models.Dialects;

/// <summary>thinking, output_config and cache_control.</summary>
internal static class MessagesOptionsReader
{
    private const int LeastBudgetTokens = 1_024;

    /// <summary>
    /// The client keeps the context itself, so it always wants the seals. display becomes the summary that is wanted: said, it is detailed; unsaid, auto, which leaves it to the provider; omitted, none.
    /// </summary>
    public static ModelRequest Thinking(ModelRequest request, JsonElement value, MessagesPlace place)
    {
        place.Into("thinking");
        var type = place.TypeOf(value);
        var reasoning = type switch
        {
            "enabled" => Wanted(request) with { IsOff = false },
            "adaptive" => Wanted(request) with { IsAdaptive = true },
            "disabled" => (request.Reasoning ?? new()) with { IsOff = true },
            _ => throw place.Wrong("type", "Must be one of: enabled, disabled, adaptive."),
        };
        foreach (var member in value.EnumerateObject())
        {
            if (member.Value.ValueKind == JsonValueKind.Null) continue;

            reasoning = (type, member.Name) switch
            {
                (_, "type") => reasoning,
                ("enabled", "budget_tokens") => reasoning with { BudgetTokens = place.Whole(member.Value, "budget_tokens", LeastBudgetTokens, ModelLimits.OutputTokens) },
                ("adaptive" or "disabled", "budget_tokens") when IsZero(member.Value) => reasoning,
                ("adaptive", "budget_tokens") => throw place.Wrong("budget_tokens", "A budget is for the type enabled: with adaptive the model decides for itself, and output_config.effort says how much."),
                ("enabled" or "adaptive", "display") => reasoning with { Summary = place.Word(member.Value, "display", "summarized", "omitted") == "omitted" ? null : "detailed" },
                _ => throw place.Unknown(member.Name),
            };
        }

        if (type == "enabled" && reasoning.BudgetTokens is null) throw place.Missing("budget_tokens");

        place.Out();
        return request with { Reasoning = reasoning };
    }

    public static ModelRequest OutputConfig(ModelRequest request, JsonElement value, MessagesPlace place)
    {
        place.WantObject(value, "output_config");
        place.Into("output_config");
        foreach (var member in value.EnumerateObject())
        {
            if (member.Value.ValueKind == JsonValueKind.Null) continue;

            request = member.Name switch
            {
                "effort" => request with { Reasoning = (request.Reasoning ?? new(WantsSeal: true)) with { Effort = place.Word(member.Value, "effort", "low", "medium", "high", "xhigh", "max") } },
                "format" => request with { Format = Format(member.Value, place) },
                _ => throw place.Unknown(member.Name),
            };
        }

        place.Out();
        return request;
    }

    public static CacheTime Cache(JsonElement value, MessagesPlace place)
    {
        place.WantObject(value, "cache_control");
        place.Into("cache_control");
        if (place.TypeOf(value) != "ephemeral") throw place.Wrong("type", "Must be: ephemeral.");

        var cache = CacheTime.Usual;
        foreach (var member in value.EnumerateObject())
        {
            if (member.Name == "type" || member.Value.ValueKind == JsonValueKind.Null) continue;

            cache = member.Name switch
            {
                "ttl" => place.Word(member.Value, "ttl", "5m", "1h") == "1h" ? CacheTime.Hour : CacheTime.Usual,
                "scope" => Scoped(cache, member.Value, place),
                _ => throw place.Unknown(member.Name),
            };
        }

        place.Out();
        return cache;
    }

    /// <summary>Reads context_management, the edits of the context that the provider is to make. Only an edit that keeps everything is accepted: after any other, the conversation would differ, and another provider would get a longer one than was asked for.</summary>
    public static ModelRequest ContextManagement(ModelRequest request, JsonElement value, MessagesPlace place)
    {
        place.WantObject(value, "context_management");
        place.Into("context_management");
        foreach (var member in value.EnumerateObject())
        {
            if (member.Value.ValueKind == JsonValueKind.Null) continue;
            if (member.Name != "edits") throw place.Unknown(member.Name);

            place.WantArray(member.Value, "edits", ModelLimits.StopSequences);
            place.Into("edits");
            var number = 0;
            foreach (var edit in member.Value.EnumerateArray())
            {
                place.Into(number++);
                WantNoChange(edit, place);
                place.Out();
            }

            place.Out();
        }

        place.Out();
        return request;
    }

    private static void WantNoChange(JsonElement edit, MessagesPlace place)
    {
        const string Otherwise = "The provider does not edit the context here: send the context as the model is to read it, without this edit.";
        if (place.TypeOf(edit) != "clear_thinking_20251015") throw place.Wrong("type", Otherwise);

        var keepsAll = false;
        foreach (var member in edit.EnumerateObject())
        {
            switch (member.Name)
            {
                case "type":
                    break;
                case "keep":
                    keepsAll = member.Value.ValueKind == JsonValueKind.String && member.Value.ValueEquals("all"u8);
                    break;
                default:
                    throw place.Unknown(member.Name);
            }
        }

        if (!keepsAll) throw place.Wrong("keep", $"Only \"all\" is taken. {Otherwise}");
    }

    private static bool IsZero(JsonElement value) => value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out var number) && number == 0;

    /// <summary>The scope of cache_control is read and dropped: the answer does not depend on who shares the cache.</summary>
    private static CacheTime Scoped(CacheTime cache, JsonElement value, MessagesPlace place)
    {
        place.Text(value, "scope", ModelLimits.NameLength);
        return cache;
    }

    private static ReasoningOptions Wanted(ModelRequest request) => (request.Reasoning ?? new()) with { Summary = "auto", WantsSeal = true };

    private static OutputFormat.ByJsonSchema Format(JsonElement value, MessagesPlace place)
    {
        place.Into("format");
        if (place.TypeOf(value) != "json_schema") throw place.Wrong("type", "Must be: json_schema.");

        string? schema = null;
        foreach (var member in value.EnumerateObject())
        {
            if (member.Name == "type") continue;
            if (member.Name != "schema") throw place.Unknown(member.Name);

            schema = place.Json(member.Value, "schema");
        }

        if (schema is null) throw place.Missing("schema");

        place.Out();

        // Anthropic gives the format no name; others want one. What it answers always follows the schema.
        return new("output", schema, Strict: true, Description: null);
    }
}
