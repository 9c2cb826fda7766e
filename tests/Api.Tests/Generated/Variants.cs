using System.Text.Json.Nodes;

namespace Agora.Api.Tests.Generated;

/// <summary>A body as it is, and with one thing changed in one place: a value at or beyond a bound, a member left out, a member that nobody knows.</summary>
internal static class Variants
{
    /// <returns>A JSON Pointer to what was changed, the whole, and the bound that it is beyond.</returns>
    public static IEnumerable<(string At, JsonNode? Body, (string Bound, string Given)? Beyond)> Of(JsonNode schema, JsonNode? whole, string at = "")
    {
        foreach (var value in Values.Around(schema)) yield return (at, value, Values.Beyond(schema, value));
        if (whole is JsonObject members)
        {
            yield return ($"{at}/zz", With(members, "zz", 1), null);
            foreach (var (name, member) in members)
            {
                yield return ($"{at}/{name}", Without(members, name), null);
                foreach (var (place, changed, beyond) in (schema["properties"]?[name] ?? schema["additionalProperties"]) is JsonObject within ? Of(within, member, $"{at}/{name}") : [])
                {
                    yield return (place, With(members, name, changed), beyond);
                }
            }
        }
        else if (whole is JsonArray { Count: > 0 } items)
        {
            foreach (var (place, changed, beyond) in Of(schema["items"]!, items[0], $"{at}/0")) yield return (place, new JsonArray([changed?.DeepClone(), .. items.Skip(1).Select(item => item?.DeepClone())]), beyond);
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
