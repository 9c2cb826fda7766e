using System.Text.Json;

namespace Agora.Models.Dialects;

/// <summary>The format of a custom tool's input: any text, or text by a grammar.</summary>
internal static class ResponsesGrammars
{
    public static JsonElement Check(JsonElement format)
    {
        try
        {
            string? type = null, syntax = null, definition = null;
            foreach (var member in format.EnumerateObject())
            {
                _ = member.Name switch
                {
                    "type" => type = ResponsesJson.OneOf(member, "text", "grammar"),
                    "syntax" => syntax = ResponsesJson.OneOf(member, "lark", "regex"),
                    "definition" => definition = ResponsesJson.Text(member),
                    _ => throw ResponsesJson.Unknown(member.Name),
                };
            }

            if (ResponsesJson.Wanted(type, "type") != "grammar") return format;
            ResponsesJson.Wanted(syntax, "syntax");
            ResponsesJson.Wanted(definition, "definition");
            return format;
        }
        catch (DialectException e)
        {
            throw ResponsesJson.Within("format", e);
        }
    }
}
