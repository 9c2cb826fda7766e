using System.Text.Json;
using Agora.Api.Desk;

namespace Agora.Operator;

/// <summary>
/// One act about many things of a list. What it would be about is shown first, each thing as it is now, and nothing is done; then it is done one by one, each under a key of its own that follows from the
/// form's, so a form that is sent twice does each once.
/// </summary>
public static class Batch
{
    /// <summary>Things of one batch: a page of a list.</summary>
    public const int AtMost = 100;

    /// <summary>Which things, of a form.</summary>
    public const string Ids = "ids";

    /// <summary>Acts that need no more than the id of an item of this list.</summary>
    public static IReadOnlyList<OperatorRoute> Acts(RouteMap map, OperatorRoute list, DeskOperator who) =>
        [.. ItemOf(map, list) is { } item ? map.ActsAt(item).Where(act => act.IsFor(who) && !act.GivesSecret && act.Method != "PUT" && Placeholders(act).SequenceEqual(Placeholders(item))) : []];

    /// <summary>By which an item of this list is named; null: its items have no pages.</summary>
    public static string? IdOf(RouteMap map, OperatorRoute list) => ItemOf(map, list) is { } item ? Placeholders(item).Single() : null;

    /// <summary>What an item is now, in a line: what stands in it beside lists and objects.</summary>
    public static string Line(DeskReply reply, Wording words) => reply.IsRefusal ? reply.Error.GetProperty("message").GetString()!
        : string.Join(" · ", reply.Data.EnumerateObject().Where(static member => member.Value.ValueKind is JsonValueKind.String or JsonValueKind.Number or JsonValueKind.True or JsonValueKind.False).Take(8).Select(member => $"{words.Member(member.Name)} {Value(member)}"));

    /// <summary>The key of one thing's act.</summary>
    public static string KeyOf(string key, int n) => $"{key}-{n}";

    private static string Value(JsonProperty member) => Shown.IsMoney(member.Name) && member.Value.ValueKind == JsonValueKind.Number ? Shown.Money(member.Value) : member.Value.ToString();

    private static OperatorRoute? ItemOf(RouteMap map, OperatorRoute list) => map.Find("GET", $"{list.Path}/x") is { Route: { IsRead: true } item } && Placeholders(item).Count() == 1 ? item : null;

    private static IEnumerable<string> Placeholders(OperatorRoute route) => RouteMap.Missing(route, []);
}

/// <summary>A thing of a batch.</summary>
/// <param name="Now">What it is before, in a line.</param>
/// <param name="Came">What came of it; null: nothing was done yet.</param>
public sealed record BatchItem(string Id, string Now, string? Came, bool IsRefused);
