using System.Text.Json.Nodes;

namespace Agora.Differential.Tests.Schemas;

/// <summary>From a schema and an instance about which the two disagree to smaller ones about which they still do.</summary>
internal static class Shrinking
{
    private const int MostRounds = 60;

    public static async Task<Verdicts> Shrunk(Verdicts disputed)
    {
        var smallest = disputed;
        var texts = !disputed.ToString().Contains(" !", StringComparison.Ordinal); // a text that is cut may be refused for another reason than the whole was
        for (var round = 0; round < MostRounds; round++)
        {
            var (schema, datum) = (smallest.Pairs.Schema, smallest.Pairs.Data[0]);
            List<Pairs> smaller = [.. Reduced(schema, texts).Select(reduced => new Pairs(reduced, [datum])), .. Reduced(datum, texts).Select(reduced => new Pairs(schema, [reduced]))];
            if ((await Pairs.Asked(smaller)).FirstOrDefault(one => one.Disputed.Any() && one.IsAs(smallest)) is not { } found) break;

            smallest = found;
        }

        return smallest;
    }

    /// <summary>With one member or item less, or one part in place of the whole.</summary>
    private static IEnumerable<JsonNode?> Reduced(JsonNode? node, bool texts)
    {
        switch (node)
        {
            case JsonObject json:
                foreach (var (name, value) in json.ToList())
                {
                    if (value is JsonObject or JsonArray)
                    {
                        yield return value.DeepClone();
                    }

                    yield return With(json, without => without.Remove(name));
                    foreach (var reduced in Reduced(value, texts)) yield return With(json, changed => changed[name] = reduced?.DeepClone());
                }

                break;
            case JsonArray list:
                for (var i = 0; i < list.Count; i++)
                {
                    var at = i;
                    if (list[i] is JsonObject or JsonArray)
                    {
                        yield return list[i]!.DeepClone();
                    }

                    yield return With(list, without => without.RemoveAt(at));
                    foreach (var reduced in Reduced(list[i], texts)) yield return With(list, changed => changed[at] = reduced?.DeepClone());
                }

                break;
            case JsonValue value when texts && value.GetValueKind() == System.Text.Json.JsonValueKind.String && value.GetValue<string>() is { Length: > 1 } text:
                yield return text[1..];
                yield return text[..^1];
                break;
        }
    }

    private static T With<T>(T node, Action<T> change)
        where T : JsonNode
    {
        var copy = (T)node.DeepClone();
        change(copy);
        return copy;
    }
}
