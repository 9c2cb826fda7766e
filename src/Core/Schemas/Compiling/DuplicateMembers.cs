using System.Text.Json;
using Agora.Core.Schemas.Values;

namespace Agora.Core.Schemas.Compiling;

/// <summary>
/// Finds a member that stands twice in one object. JSON leaves open which of the two counts, so a schema that has one
/// would mean one thing here and another to whoever else reads it.
/// </summary>
internal static class DuplicateMembers
{
    /// <summary>The pointer to the first one, or null. Nested deeper than a schema may be is left to the metaschema to refuse.</summary>
    public static string? Find(JsonElement value, string pointer = "", int depth = 0)
    {
        if (depth > SchemaLimits.MaxSchemaDepth)
            return null;
        if (value.ValueKind == JsonValueKind.Array)
        {
            int index = 0;
            foreach (var item in value.EnumerateArray())
            {
                if (Find(item, JsonPointer.Append(pointer, index++), depth + 1) is { } found)
                    return found;
            }
        }
        return value.ValueKind == JsonValueKind.Object ? FindIn(value, pointer, depth) : null;
    }

    private static string? FindIn(JsonElement value, string pointer, int depth)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (var member in value.EnumerateObject())
        {
            string name = JsonText.Name(member);
            string at = JsonPointer.Append(pointer, name);
            if (!names.Add(name))
                return at;
            if (Find(member.Value, at, depth + 1) is { } found)
                return found;
        }
        return null;
    }
}
