using System.Text.Json.Nodes;

namespace Agora.Api.Tests.Generated;

/// <summary>A body as it is, and with one thing changed in one place: a value at or beyond a bound, a member left out, a member that nobody knows.</summary>
internal static class Variants
{
    /// <returns>A JSON Pointer to what was changed, and the whole.</returns>
    public static IEnumerable<(string At, JsonNode? Body)> Of(JsonNode schema, JsonNode? whole, string at = "")
    {
        foreach (var value in Values.Around(schema)) yield return (at, value);
        if (whole is JsonObject members)
        {
            yield return ($"{at}/zz", With(members, "zz", 1));
            foreach (var (name, member) in members)
            {
                yield return ($"{at}/{name}", Without(members, name));
                foreach (var (place, changed) in (schema["properties"]?[name] ?? schema["additionalProperties"]) is JsonObject within ? Of(within, member, $"{at}/{name}") : [])
                {
                    yield return (place, With(members, name, changed));
                }
            }
        }
        else if (whole is JsonArray { Count: > 0 } items)
        {
            foreach (var (place, changed) in Of(schema["items"]!, items[0], $"{at}/0")) yield return (place, new JsonArray([changed?.DeepClone(), .. items.Skip(1).Select(item => item?.DeepClone())]));
        }
    }

    private static JsonObject With(JsonObject members, string name, JsonNode? value)
    {
        var changed = (JsonObject)members.DeepClone();
        changed[name] = value?.DeepClone();
        return changed;
    }

    private static JsonObject Without(JsonObject members, string name)
    {
        var changed = (JsonObject)members.DeepClone();
        _ = changed.Remove(name);
        return changed;
    }
}
