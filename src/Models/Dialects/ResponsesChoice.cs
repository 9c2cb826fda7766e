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
                _ => throw DialectException.Invalid("tool_choice", "'tool_choice' must be auto, none, required or one tool."),
            };
        }

        try
        {
            return ReadNamed(ResponsesJson.Object(choice, "type"), tools);
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
        else
        {
            writer.WriteStringValue(((ToolChoice.Any)choice).Name);
        }
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
