using System.Text.Json;

namespace Agora.Models.Dialects;

/// <summary>Tools that the client runs and describes itself, and which of them is to be called.</summary>
internal static class MessagesToolReader
{
    public static List<Tool> Tools(JsonElement value, MessagesPlace place)
    {
        place.WantArray(value, "tools", ModelLimits.Tools);
        place.Into("tools");
        var tools = new List<Tool>(value.GetArrayLength());
        foreach (var tool in value.EnumerateArray())
        {
            place.Into(tools.Count);
            tools.Add(Read(tool, place));
            place.Out();
        }

        place.Out();
        return tools;
    }

    public static ModelRequest Choice(ModelRequest request, JsonElement value, MessagesPlace place)
    {
        place.Into("tool_choice");
        var type = place.TypeOf(value);
        string? name = null;
        bool? parallel = null;
        foreach (var member in value.EnumerateObject())
        {
            if (member.Value.ValueKind == JsonValueKind.Null) continue;

            switch (member.Name)
            {
                case "type":
                    break;
                case "name" when type == "tool":
                    name = place.NameText(member.Value, "name");
                    break;
                case "disable_parallel_tool_use" when type != "none":
                    parallel = !place.Flag(member.Value, "disable_parallel_tool_use");
                    break;
                default:
                    throw place.Unknown(member.Name);
            }
        }

        var choice = type switch
        {
            "auto" => ToolChoice.Auto,
            "any" => ToolChoice.Required,
            "none" => ToolChoice.None,
            "tool" => new ToolChoice.Named(name ?? throw place.Missing("name")),
            _ => throw place.Wrong("type", "Must be one of: auto, any, tool, none."),
        };
        place.Out();
        return request with { ToolChoice = choice, ParallelToolCalls = parallel };
    }

    private static Tool Read(JsonElement value, MessagesPlace place)
    {
        place.WantObject(value);
        RefuseForeignType(value, place);
        var tool = new Tool("", null, null, null);
        string? examples = null;
        foreach (var member in value.EnumerateObject())
        {
            if (member.Value.ValueKind == JsonValueKind.Null) continue;

            tool = member.Name switch
            {
                "type" => tool,
                "name" => tool with { Name = place.NameText(member.Value, "name") },
                "description" => tool with { Description = place.Text(member.Value, "description") },
                "input_schema" => tool with { Parameters = place.Json(member.Value, "input_schema") },
                "strict" => tool with { Strict = place.Flag(member.Value, "strict") },
                "input_examples" => Examples(tool, member.Value, place, out examples),
                "cache_control" => tool with { Cache = MessagesOptionsReader.Cache(member.Value, place) },
                _ => SaysNothingElse(member, place) ? tool : throw place.Unknown(member.Name),
            };
        }

        if (tool.Name.Length == 0) throw place.Missing("name");
        if (tool.Parameters is null) throw place.Missing("input_schema");

        return examples is null ? tool : tool with { Description = string.IsNullOrEmpty(tool.Description) ? examples : $"{tool.Description}\n\n{examples}" };
    }

    /// <summary>Reads examples of input. They go into the description, which every model reads: only Anthropic has a member for them.</summary>
    private static Tool Examples(Tool tool, JsonElement value, MessagesPlace place, out string? examples)
    {
        place.WantArray(value, "input_examples", ModelLimits.Parts);
        if (value.EnumerateArray().Any(static example => example.ValueKind != JsonValueKind.Object))
        {
            throw place.Wrong("input_examples", "Must be an array of objects.");
        }

        examples = value.GetArrayLength() == 0 ? null : $"Examples of input: {ResponsesJson.Compact(value)}";
        return tool;
    }

    /// <summary>Members whose value is how it is anyway, or a hint.</summary>
    private static bool SaysNothingElse(JsonProperty member, MessagesPlace place)
    {
        switch (member.Name)
        {
            case "eager_input_streaming":
                place.Flag(member.Value, "eager_input_streaming");
                return true;
            case "defer_loading":
                // A deferred tool is offered at once, which costs tokens and means the same.
                place.Flag(member.Value, "defer_loading");
                return true;
            case "allowed_callers":
                return OnlyDirect(member.Value) ? true : throw place.Wrong("allowed_callers", "Only [\"direct\"] is taken: no provider's code calls tools here.");
            default:
                return false;
        }
    }

    /// <summary>Before the other members: those of another type are not known here, and the type is the better reason.</summary>
    private static void RefuseForeignType(JsonElement value, MessagesPlace place)
    {
        if (!value.TryGetProperty("type"u8, out var given) || given.ValueKind == JsonValueKind.Null) return;

        var type = place.Text(given, "type", ModelLimits.NameLength);
        if (type == "custom") return;

        string[] others = ["bash_", "text_editor_", "computer_", "memory_", "browser_"];
        throw place.Wrong("type", Array.Exists(others, other => type.StartsWith(other, StringComparison.Ordinal))
            ? "Tools that Anthropic describes are not taken, as other models do not know them: describe yours with an input_schema."
            : "Tools that the provider runs are not taken: they cost by the call.");
    }

    private static bool OnlyDirect(JsonElement value)
    {
        if (value.ValueKind != JsonValueKind.Array) return false;

        foreach (var caller in value.EnumerateArray())
        {
            if (caller.ValueKind != JsonValueKind.String || !caller.ValueEquals("direct"u8)) return false;
        }

        return true;
    }
}
