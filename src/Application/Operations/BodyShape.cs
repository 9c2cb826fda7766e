using System.Text.Json;
using System.Text.Json.Nodes;

namespace Agora.Application.Operations;

/// <summary>Which members a body may have, and which objects in it hold members of that kind; read once off its schema.</summary>
internal sealed class BodyShape
{
    private readonly Dictionary<string, (bool IsRequired, BodyShape? Members)> _members = new(StringComparer.Ordinal);

    private readonly HashSet<string> _secrets = new(StringComparer.Ordinal);

    private BodyShape()
    {
    }

    /// <returns>Null: not an object, or one whose member names are data.</returns>
    public static BodyShape? Of(JsonObject? schema)
    {
        if (schema?["additionalProperties"] is not JsonValue || schema["properties"] is not JsonObject properties) return null;

        var required = (schema["required"] as JsonArray)?.Select(name => (string)name!).ToHashSet(StringComparer.Ordinal) ?? [];
        var shape = new BodyShape();
        foreach (var (name, member) in properties)
        {
            shape._members.Add(name, (required.Contains(name), Of(member as JsonObject)));
            if (member?["writeOnly"] is not null)
            {
                shape._secrets.Add(name);
            }
        }

        return shape;
    }

    public bool Has(string name) => _members.ContainsKey(name);

    /// <summary>Of the object under this name; null: whatever stands there, its members are data.</summary>
    public BodyShape? Under(string name) => _members.GetValueOrDefault(name).Members;

    /// <summary>It gives a member that nobody reads back.</summary>
    public bool HasSecret(JsonElement body) => body.ValueKind == JsonValueKind.Object && body.EnumerateObject().Any(given =>
        _secrets.Contains(given.Name) || Under(given.Name)?.HasSecret(given.Value) == true);

    /// <summary>Optional members that a body leaves out, those of objects in it as <c>object.member</c>. A null stands for an absent member.</summary>
    public IReadOnlyList<string> LeftOut(JsonElement? body) => [.. LeftOut(body, "")];

    private IEnumerable<string> LeftOut(JsonElement? body, string prefix) => _members.SelectMany(member =>
    {
        var (name, (isRequired, members)) = member;
        return body is not { } there || !there.TryGetProperty(name, out var value) || value.ValueKind == JsonValueKind.Null ? isRequired ? [] : [prefix + name]
            : members is not null && value.ValueKind == JsonValueKind.Object ? members.LeftOut(value, $"{prefix}{name}.")
            : (IEnumerable<string>)[];
    });
}
