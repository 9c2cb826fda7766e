using System.Collections.Frozen;
using System.Text.Json;

namespace Agora.ScriptedModels.Makers;

/// <summary>Members of a request, read strictly.</summary>
internal static class Body
{
    public static bool Flag(this JsonElement body, string member) => body.TryGetProperty(member, out var value) && value.ValueKind == JsonValueKind.True;

    public static string? Text(this JsonElement body, string member) =>
        body.ValueKind == JsonValueKind.Object && body.TryGetProperty(member, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    public static int? Number(this JsonElement body, string member)
    {
        if (!body.TryGetProperty(member, out var value) || value.ValueKind == JsonValueKind.Null) return null;
        if (value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out var number)) return number;
        throw new RefusedException(400, $"Invalid type for '{member}': expected an integer.", "invalid_type", member);
    }

    public static JsonElement? Member(this JsonElement body, string member) =>
        body.ValueKind == JsonValueKind.Object && body.TryGetProperty(member, out var value) && value.ValueKind != JsonValueKind.Null ? value : null;

    public static IEnumerable<JsonElement> Each(this JsonElement body, string member) =>
        body.Member(member) is { ValueKind: JsonValueKind.Array } array ? array.EnumerateArray() : [];

    public static IReadOnlyList<string> Texts(this JsonElement body, string member) => body.Member(member) switch
    {
        null => [],
        { ValueKind: JsonValueKind.String } one => [one.GetString()!],
        { ValueKind: JsonValueKind.Array } many when many.EnumerateArray().All(text => text.ValueKind == JsonValueKind.String) => [.. many.EnumerateArray().Select(text => text.GetString()!)],
        _ => throw new RefusedException(400, $"Invalid type for '{member}'.", "invalid_type", member),
    };

    public static string Needed(this JsonElement body, string member) =>
        body.Text(member) is { Length: > 0 } text ? text : throw new RefusedException(400, $"Missing required parameter: '{member}'.", "missing_required_parameter", member);

    public static void KnowsOnly(this JsonElement body, FrozenSet<string> members, Func<string, string> message)
    {
        foreach (var member in body.EnumerateObject())
        {
            if (!members.Contains(member.Name)) throw new RefusedException(400, message(member.Name), "unknown_parameter", member.Name);
        }
    }
}
