using System.Text.Json.Nodes;

namespace Agora.Samples.TextService;

/// <summary>An answer in the form of a JSON Schema, by a model that knows nothing: of choices the one in the middle, of a number the least, of a text always the same. So whatever asks a model for JSON can be tried, too.</summary>
internal static class FilledForm
{
    /// <summary>A schema that nests deeper is filled with nothing below.</summary>
    private const int Depth = 16;

    private const string English = "I am a sample without weights, and judge nothing: this is the middle of what there is to choose from.";
    private const string Japanese = "私は重みのない見本のモデルで、判断はしません。選べるものの真ん中です。";

    /// <param name="language">Of what was said: <c>ja</c>, else English.</param>
    public static JsonNode? Of(JsonNode? schema, string language) => Of(schema, language == "ja" ? Japanese : English, Depth);

    private static JsonNode? Of(JsonNode? schema, string text, int depth)
    {
        if (schema is not JsonObject known || depth == 0) return null;
        if (known["enum"] is JsonArray { Count: > 0 } choices) return choices[choices.Count / 2]?.DeepClone();

        return TypeOf(known) switch
        {
            "object" => new JsonObject((known["properties"] as JsonObject ?? []).Select(member => KeyValuePair.Create(member.Key, Of(member.Value, text, depth - 1)))),
            "array" => new JsonArray(Of(known["items"], text, depth - 1)),
            "string" => text,
            "integer" or "number" => known["minimum"]?.DeepClone() ?? 1,
            "boolean" => false,
            _ => null,
        };
    }

    private static string? TypeOf(JsonObject schema) => schema["type"] is JsonArray { Count: > 0 } types ? (string?)types[0] : (string?)schema["type"];
}
