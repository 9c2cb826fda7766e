using System.Text.Json;

namespace Agora.Operator.Reference;

/// <summary>A member of a body or a reply, at any depth.</summary>
/// <param name="Path">From the top: <c>scopes.budget_limit_cents</c>, <c>items[].id</c>; <c>*</c> is any name.</param>
/// <param name="Need">When it has to be there; empty: it may be absent.</param>
/// <param name="Shape">The named schema that it is, or is a list of; null: none.</param>
public sealed record SchemaRow(string Path, string Need, string Type, string Bounds, string Meaning, string? Shape);

/// <summary>A JSON Schema as rows, one for each member, deepest last. A named schema is named and not opened: so rows end, also where a tree's node has nodes.</summary>
public static class SchemaRows
{
    private const string Components = "#/components/";

    public static IEnumerable<SchemaRow> Of(JsonElement schema) => Below(schema, "");

    /// <summary>The last part of a reference.</summary>
    public static string NameOf(string reference) => reference.StartsWith(Components, StringComparison.Ordinal) ? reference[(reference.LastIndexOf('/') + 1)..] : reference;

    /// <summary>The named schema that this is, or a list of, or that or null; null: it is none.</summary>
    public static string? ShapeOf(JsonElement schema) =>
        schema.ValueKind != JsonValueKind.Object ? null
        : schema.TryGetProperty("$ref", out var reference) ? NameOf(reference.GetString()!)
        : schema.TryGetProperty("anyOf", out var any) ? any.EnumerateArray().Select(ShapeOf).FirstOrDefault(static name => name is not null)
        : schema.TryGetProperty("items", out var items) ? ShapeOf(items)
        : schema.TryGetProperty("additionalProperties", out var values) ? ShapeOf(values)
        : null;

    private static IEnumerable<SchemaRow> Below(JsonElement schema, string above)
    {
        if (schema.ValueKind != JsonValueKind.Object || schema.TryGetProperty("$ref", out _)) yield break;

        var required = Names(schema, "required");
        if (schema.TryGetProperty("properties", out var members))
        {
            foreach (var member in members.EnumerateObject())
            {
                var path = above.Length == 0 ? member.Name : $"{above}.{member.Name}";
                yield return Row(member.Value, path, required.Contains(member.Name) ? "always" : Sometimes(schema, member.Name));
                foreach (var deeper in Below(member.Value, path)) yield return deeper;
            }
        }

        if (schema.TryGetProperty("items", out var items))
        {
            foreach (var deeper in Below(items, $"{above}[]")) yield return deeper;
        }

        if (schema.TryGetProperty("additionalProperties", out var values) && values.ValueKind == JsonValueKind.Object)
        {
            var path = above.Length == 0 ? "*" : $"{above}.*";
            yield return Row(values, path, "");
            foreach (var deeper in Below(values, path)) yield return deeper;
        }
    }

    private static SchemaRow Row(JsonElement schema, string path, string need) => new(path, need, SchemaWords.Type(schema), SchemaWords.Bounds(schema), SchemaWords.Meaning(schema), ShapeOf(schema));

    // What only some forms of a body want is said where it is wanted: exactly one form of oneOf, and what if and then add.
    private static string Sometimes(JsonElement schema, string name)
    {
        if (schema.TryGetProperty("oneOf", out var forms) && forms.EnumerateArray().Select(static form => Names(form, "required")).ToList() is var each && each.Exists(form => form.Contains(name)))
        {
            var others = each.SelectMany(static form => form).Where(other => other != name && !each.TrueForAll(form => form.Contains(other))).Distinct(StringComparer.Ordinal).ToList();
            return others.Count == 0 ? "in one form" : $"this, or {string.Join(" or ", others)}";
        }

        return schema.TryGetProperty("then", out var then) && Names(then, "required").Contains(name) && schema.TryGetProperty("if", out var when) ? $"with some {string.Join(", ", Names(when, "required"))}" : "";
    }

    private static HashSet<string> Names(JsonElement schema, string list) =>
        schema.ValueKind == JsonValueKind.Object && schema.TryGetProperty(list, out var names) && names.ValueKind == JsonValueKind.Array ? [.. names.EnumerateArray().Select(static name => name.GetString()!)] : [];
}
