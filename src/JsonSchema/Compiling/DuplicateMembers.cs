using System.Text.Json;
using Agora.JsonSchema.Values;

namespace Agora.JsonSchema.Compiling;

/// <summary>
/// Finds a member that stands twice in one object. JSON leaves open which of the two counts, so a schema that has one
/// would mean one thing here and another to whoever else reads it.
/// </summary>
internal static class DuplicateMembers
{
    /// <summary>The pointer to the first one from here, or null. What is nested too deep is left to the metaschema to refuse.</summary>
    public static string? Find(JsonElement value, int depth = 0)
    {
        if (depth > SchemaLimits.MaxSchemaDepth)
            return null;
        return value.ValueKind switch
        {
            JsonValueKind.Object => FindInObject(value, depth),
            JsonValueKind.Array => FindInArray(value, depth),
            _ => null,
        };
    }

    // Pointers are put together on the way back only: a long name above many members would otherwise be copied for each.
    private static string? FindInObject(JsonElement value, int depth)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (var member in value.EnumerateObject())
        {
            string name = JsonText.Name(member);
            if (!names.Add(name))
                return JsonPointer.Append("", name);
            if (Find(member.Value, depth + 1) is { } below)
                return JsonPointer.Append("", name) + below;
        }
        return null;
    }

    private static string? FindInArray(JsonElement value, int depth)
    {
        int index = 0;
        foreach (var item in value.EnumerateArray())
        {
            if (Find(item, depth + 1) is { } below)
                return JsonPointer.Append("", index) + below;
            index++;
        }
        return null;
    }
}
