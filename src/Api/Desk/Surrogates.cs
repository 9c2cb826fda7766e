using System.Text.Json;
using System.Text.RegularExpressions;

namespace Agora.Api.Desk;

/// <summary>
/// What others say is passed on as it is, and JSON allows halves of surrogate pairs in it, which are no text (RFC 8259 §8.2). Where people are shown it, U+FFFD stands in their place.
/// </summary>
internal static partial class Surrogates
{
    public static JsonElement Paired(JsonElement json)
    {
        var text = json.GetRawText();
        return text.Contains("\\ud", StringComparison.OrdinalIgnoreCase) ? JsonElement.Parse(Escape().Replace(text, static escape => escape.Groups["half"].Success ? "\\ufffd" : escape.Value)) : json;
    }

    // In order, so that the second backslash of a pair begins nothing.
    [GeneratedRegex(@"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|(?<half>\\u[dD][89a-fA-F][0-9a-fA-F]{2})|\\.", RegexOptions.NonBacktracking)]
    private static partial Regex Escape();
}
