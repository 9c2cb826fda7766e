using System.Text.Json;

namespace Agora.Models.Dialects;

/// <summary>Which tool the model is to call.</summary>
internal static class ResponsesChoice
{
    public static ToolChoice Read(JsonElement choice, IReadOnlyList<Tool> tools)
    {
        if (choice.ValueKind == JsonValueKind.String)
        {
            return choice.GetString() switch
            {
                "auto" => ToolChoice.Auto,
                "none" => ToolChoice.None,
                "required" when tools.Count > 0 => ToolChoice.Required,
                "required" => throw DialectException.Invalid("tool_choice", "A tool is required, and none is offered."),
                _ => throw DialectException.Invalid("tool_choice", "'tool_choice' must be auto, none, required, one tool or allowed_tools."),
            };
        }

        try
        {
            return IsAllowed(ResponsesJson.Object(choice, "type")) ? ReadAllowed(choice, tools) : ReadNamed(choice, tools);
        }
        catch (DialectException e)
        {
            throw ResponsesJson.Within("tool_choice", e);
        }
    }

    public static void Write(Utf8JsonWriter writer, ToolChoice choice)
    {
        writer.WritePropertyName("tool_choice");
        if (choice is ToolChoice.Named named)
        {
            ResponsesParts.WriteText(writer, named.IsCustom ? "custom" : "function", "name", named.Tool);
        }
        else if (choice is ToolChoice.Allowed allowed)
        {
            writer.WriteStartObject();
            writer.WriteString("type", "allowed_tools");
            writer.WriteString("mode", allowed.MustCall ? "required" : "auto");
            writer.WriteStartArray("tools");
            foreach (var tool in allowed.Tools)
            {
                ResponsesParts.WriteText(writer, tool.IsCustom ? "custom" : "function", "name", tool.Tool);
            }

            writer.WriteEndArray();
            writer.WriteEndObject();
        }
        else
        {
            writer.WriteStringValue(((ToolChoice.Any)choice).Name);
        }
    }

    private static bool IsAllowed(JsonElement choice) => choice.TryGetProperty("type", out var type) && type.ValueKind == JsonValueKind.String && type.ValueEquals("allowed_tools");

    private static ToolChoice.Allowed ReadAllowed(JsonElement choice, IReadOnlyList<Tool> tools)
    {
        string? mode = null;
        List<ToolChoice.Named>? allowed = null;
        foreach (var member in choice.EnumerateObject())
        {
            switch (member.Name)
            {
                case "type":
                    break;
                case "mode":
                    mode = ResponsesJson.Text(member);
                    break;
                case "tools":
                    allowed = [.. ResponsesJson.Array(member.Value, "tools", ModelLimits.Tools).EnumerateArray().Select(tool => ReadNamed(ResponsesJson.Object(tool, "tools"), tools))];
                    break;
                default:
                    throw ResponsesJson.Unknown(member.Name);
            }
        }

        if (ResponsesJson.Wanted(mode, "mode") is not ("auto" or "required"))
        {
            throw DialectException.Invalid("mode", "'mode' must be auto or required.");
        }

        return allowed is { Count: > 0 } ? new(mode == "required", allowed) : throw DialectException.Invalid("tools", "Some tools must be allowed.");
    }

    private static ToolChoice.Named ReadNamed(JsonElement choice, IReadOnlyList<Tool> tools)
    {
        string? type = null, name = null;
        foreach (var member in choice.EnumerateObject())
        {
            switch (member.Name)
            {
                case "type":
                    type = ResponsesJson.Text(member);
                    if (type is not ("function" or "custom"))
                    {
                        throw DialectException.Invalid("type", "Only one function or one custom tool can be chosen.");
                    }

                    break;
                case "name":
                    name = ResponsesJson.Name(member);
                    break;
                default:
                    throw ResponsesJson.Unknown(member.Name);
            }
        }

        var isCustom = ResponsesJson.Wanted(type, "type") == "custom";
        ResponsesJson.Wanted(name, "name");
        return tools.Any(tool => tool.Name == name && tool.IsCustom == isCustom) ? new(name!, isCustom) : throw DialectException.Invalid("name", "The tool that is chosen is not offered.");
    }
}
