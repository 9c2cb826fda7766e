using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Agora.Cli.Calls;

/// <summary>What was written on the command line as the JSON that the server wants; <c>@FILE</c> is a file's content and <c>-</c> what is read on standard input.</summary>
internal static class Given
{
    public static JsonNode? Json(ApiValue value, string text, Terminal terminal) => value.Type switch
    {
        "string" => JsonValue.Create(Content(text, terminal)),
        "boolean" => text is "true" or "false" ? JsonValue.Create(text == "true") : throw Wrong(value, "true or false"),
        "integer" or "number" => decimal.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? JsonValue.Create(number) : throw Wrong(value, "a number"),
        "array" => text.StartsWith('[') || text.StartsWith('@') || text == "-" ? Parsed(value, text, terminal) : new JsonArray([.. text.Split(',', StringSplitOptions.RemoveEmptyEntries).Select(one => (JsonNode)one.Trim())]),
        _ => Parsed(value, text, terminal),
    };

    public static JsonObject Body(string text, Terminal terminal) =>
        Parse(Content(text, terminal)) as JsonObject ?? throw CliException.Wrong("--body wants a JSON object, @FILE or - for standard input.");

    private static JsonNode? Parsed(ApiValue value, string text, Terminal terminal)
    {
        var content = Content(text, terminal);
        return content.Trim() == "null" ? null : Parse(content) ?? throw Wrong(value, "JSON, @FILE or - for standard input");
    }

    private static JsonNode? Parse(string text)
    {
        try
        {
            return JsonNode.Parse(text);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static string Content(string text, Terminal terminal)
    {
        if (text == "-") return terminal.In.ReadToEnd();
        if (!text.StartsWith('@')) return text;

        try
        {
            return File.ReadAllText(text[1..]);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw CliException.Wrong($"'{text[1..]}' cannot be read.");
        }
    }

    private static CliException Wrong(ApiValue value, string wanted) => CliException.Wrong($"--{value.Name.Replace('_', '-')} wants {wanted}.");
}
