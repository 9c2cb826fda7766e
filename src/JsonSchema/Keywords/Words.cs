using System.Runtime.InteropServices;
using System.Text.Json;
using Agora.JsonSchema.Evaluating;
using Agora.JsonSchema.Values;

namespace Agora.JsonSchema.Keywords;

/// <summary>Pieces of the sentences in violations.</summary>
internal static class Words
{
    private const int MaxQuoteLength = 120;

    public static string Kind(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object => "an object",
        JsonValueKind.Array => "an array",
        JsonValueKind.String => "a string",
        JsonValueKind.Number => "a number",
        JsonValueKind.True or JsonValueKind.False => "a boolean",
        _ => "null",
    };

    public static string Count(long count, string one) => count == 1 ? $"1 {one}" : $"{count} {one}s";

    /// <summary>A value of the schema, as JSON.</summary>
    public static string Json(JsonElement value) =>
        InstancePath.Shorten(JsonText.Transcode(JsonMarshal.GetRawUtf8Value(value)), MaxQuoteLength);

    public static string Quote(string text) => $"\"{InstancePath.Shorten(text, MaxQuoteLength)}\"";

    public static string List(IEnumerable<string> items, int total)
    {
        const int shown = 10;
        string list = string.Join(", ", items.Take(shown));
        return total > shown ? $"{list} and {total - shown} more" : list;
    }
}
