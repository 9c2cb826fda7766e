using System.Text.Json;

namespace Agora.Cli.Output;

/// <summary>What of a reply is a list, and what stands beside it.</summary>
internal static class Rows
{
    /// <summary>What stands beside a list, and beside nothing else.</summary>
    private static readonly string[] OfLists = ["total_count", "limit", "offset", "next_cursor"];

    /// <returns>The items of the only member that is a list of objects; null: there is none, or more than one.</returns>
    public static IReadOnlyList<JsonElement>? Of(JsonElement data, out string name)
    {
        name = "";
        if (data.ValueKind != JsonValueKind.Object) return null;

        var lists = data.EnumerateObject().Where(member => member.Value.ValueKind == JsonValueKind.Array && member.Value.EnumerateArray().All(item => item.ValueKind == JsonValueKind.Object)).ToList();
        if (lists.Count != 1 || !data.EnumerateObject().Any(member => OfLists.Contains(member.Name))) return null;

        name = lists[0].Name;
        return [.. lists[0].Value.EnumerateArray()];
    }

    /// <summary>Members of all items, in the order in which they come.</summary>
    public static IReadOnlyList<string> Columns(IReadOnlyList<JsonElement> items) => [.. items.SelectMany(item => item.EnumerateObject().Select(member => member.Name)).Distinct(StringComparer.Ordinal)];

    public static JsonElement Cell(JsonElement item, string column) => item.TryGetProperty(column, out var value) ? value : default;
}
