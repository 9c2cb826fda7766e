using System.Text.Json;
using Agora.Contracts;
using Agora.Core.Kernel;

namespace Agora.Web;

/// <summary>Which members a request named, and of amounts from what to what. No text of a body gets here, and no name that is data but those of services and categories that have caps.</summary>
internal static class ActChanges
{
    private const string Amount = "_cents";
    private const string Reason = "reason";

    /// <summary>Amounts stand in these too.</summary>
    private static readonly string[] Entered = ["scopes", "per_service", "per_category"];

    /// <param name="before">As it was when the change was merged with it; null: not known.</param>
    /// <returns>Null: it named nothing.</returns>
    public static IReadOnlyList<ActChange>? Of(JsonElement? body, JsonElement? before = null)
    {
        var changes = new List<ActChange>();
        if (body is { ValueKind: JsonValueKind.Object } named)
        {
            Add(changes, named, before, "");
        }

        return changes.Count == 0 ? null : [.. changes.Take(Limits.ActChanges)];
    }

    private static void Add(List<ActChange> changes, JsonElement named, JsonElement? before, string path)
    {
        foreach (var member in named.EnumerateObject().Where(member => path.Length > 0 || member.Name != Reason))
        {
            var (name, was) = (path + member.Name, Under(before, member.Name));
            if (member.Value.ValueKind == JsonValueKind.Object && (path.Length > 0 || Entered.Contains(member.Name)))
            {
                Add(changes, member.Value, was, $"{name}.");
            }
            else
            {
                changes.Add(member.Name.EndsWith(Amount, StringComparison.Ordinal) ? new(name, Micros(was), Micros(member.Value)) : new(name));
            }
        }
    }

    private static JsonElement? Under(JsonElement? before, string name) => before is { ValueKind: JsonValueKind.Object } there && there.TryGetProperty(name, out var was) ? was : null;

    private static long? Micros(JsonElement? amount) => amount is { ValueKind: JsonValueKind.Number } number && Money.TryParseCents(number.GetRawText(), out var micros) ? micros : null;
}
