using Agora.Api.Desk;
using Agora.Core;

namespace Agora.Operator;

/// <summary>A route at a path, with what fills its placeholders.</summary>
public sealed record Place(OperatorRoute Route, IReadOnlyList<(string Name, string Value)> Ids);

/// <summary>
/// The console has the paths of the operators' routes below another root: <c>/console/users/alice</c> shows what <c>GET /admin/users/alice</c> answers, with a form for each act that
/// stands at that path, or below it where nothing is nearer. So each route has its place, and no page names one.
/// </summary>
public sealed class RouteMap
{
    public const string Root = "/console";
    private const string Admin = "/admin";
    private const string Test = "/test";

    private static readonly string[] Limited = [Kinds.Session, Kinds.Campaign, Kinds.Wallet];

    private readonly IReadOnlyList<OperatorRoute> _routes;
    private readonly Dictionary<string, OperatorRoute> _pages;
    private readonly ILookup<string, OperatorRoute> _acts;

    public RouteMap(IReadOnlyList<OperatorRoute> routes)
    {
        _routes = routes;
        _pages = routes.Where(static route => route.IsRead && route.Segments is [.., _, ['{', ..]] && route.Segments.Count(IsPlaceholder) == 1)
            .GroupBy(static route => NameOf(route.Segments[^1])).ToDictionary(static group => group.Key, static group => group.First(), StringComparer.Ordinal);
        _acts = routes.Where(static route => !route.IsRead).SelectMany(Homes).ToLookup(static placed => placed.Page, static placed => placed.Act, StringComparer.Ordinal);
    }

    /// <summary>Lists, single pages and questions that need no id, in the order in which they are published.</summary>
    public IEnumerable<OperatorRoute> Starts => _routes.Where(static route => (route.IsRead || route.IsQuestion) && !route.Segments.Any(IsPlaceholder));

    /// <summary>The console's path of one of the API's, with its query.</summary>
    public static string Page(string path) => path.StartsWith($"{Admin}/", StringComparison.Ordinal) ? $"{Root}{path[Admin.Length..]}" : $"{Root}{path}";

    /// <summary>The API's path of one of the console's.</summary>
    public static string Api(string page) => page.StartsWith($"{Root}{Test}/", StringComparison.Ordinal) ? page[Root.Length..] : $"{Admin}{page[Root.Length..]}";

    public OperatorRoute? Named(string name) => _routes.FirstOrDefault(route => route.Name == name);

    /// <returns>Null: no such route is there.</returns>
    public Place? Find(string method, string path)
    {
        var segments = path.Split('/', StringSplitOptions.RemoveEmptyEntries);
        return _routes.Where(route => route.Method == method && Fits(route, segments)).MaxBy(static route => route.Segments.Count(static segment => !IsPlaceholder(segment))) is { } found
            ? new(found, [.. found.Segments.Zip(segments).Where(static pair => IsPlaceholder(pair.First)).Select(static pair => (NameOf(pair.First), Uri.UnescapeDataString(pair.Second)))])
            : null;
    }

    /// <summary>The page of whatever this member names; null: it has none that whoever looks may see.</summary>
    public string? PageOf(string member, string id, DeskOperator who) =>
        id.Length > 0 && _pages.TryGetValue(member, out var route) && route.IsFor(who) ? Page(route.Path.Replace($"{{{member}}}", Uri.EscapeDataString(id), StringComparison.Ordinal)) : null;

    /// <summary>What can be done where this is shown: each act stands at the page of its own path, else at the nearest page above it; and what makes a thing stands above that, too.</summary>
    public IEnumerable<OperatorRoute> ActsAt(OperatorRoute shown) => _acts[shown.Name];

    /// <summary>What else is told of a thing: every page that needs its id and no other, its limits with what is held of them, and what happened to it event by event.</summary>
    public IReadOnlyList<(string Title, string Path)> Around(Place thing, DeskOperator who)
    {
        if (thing is not { Route.Segments: ["admin", [.. var kind, 's'], ['{', ..] placeholder], Ids: [var (_, id)] }) return [];

        var (named, escaped) = (Manifest.Find(kind) is not null, Uri.EscapeDataString(id));
        var others = _routes.Where(route => route.IsRead && route != thing.Route && route.IsFor(who) && route.Segments.Where(IsPlaceholder) is var ids && ids.SequenceEqual([placeholder]))
            .Select(route => (route.Segments[^1] == placeholder ? route.Segments[^2] : route.Segments[^1], Page(route.Path.Replace(placeholder, escaped, StringComparison.Ordinal))));
        (string, string)[] kinds = [("limits", $"{Admin}/limits/{kind}/{escaped}"), ("journal", $"{Admin}/journal/{kind}/{escaped}")];
        return
        [
            .. others,
            .. kinds.Where(one => named && (one.Item1 != "limits" || Limited.Contains(kind, StringComparer.Ordinal)) && Find("GET", one.Item2)?.Route.IsFor(who) == true).Select(static one => (one.Item1, Page(one.Item2))),
        ];
    }

    /// <summary>What the placeholders of a route still need that a page does not say.</summary>
    public static IEnumerable<string> Missing(OperatorRoute route, IReadOnlyList<(string Name, string Value)> ids) =>
        route.Segments.Where(IsPlaceholder).Select(NameOf).Where(name => ids.All(id => id.Name != name));

    private IEnumerable<(string Page, OperatorRoute Act)> Homes(OperatorRoute act)
    {
        var own = Home(act, act.Segments.Count);
        var above = act.Method == "PUT" ? Home(act, act.Segments.Count - 1) : null;
        return new[] { own, above }.OfType<OperatorRoute>().Select(static page => page.Name).Distinct(StringComparer.Ordinal).Select(page => (page, act));
    }

    private OperatorRoute? Home(OperatorRoute act, int depth)
    {
        for (; depth > 0; depth--)
        {
            if (_routes.FirstOrDefault(route => route.IsRead && route.Segments.SequenceEqual(act.Segments.Take(depth))) is { } page) return page;
        }

        return null;
    }

    private static bool Fits(OperatorRoute route, string[] segments) =>
        route.Segments.Count == segments.Length && route.Segments.Zip(segments).All(static pair => IsPlaceholder(pair.First) || pair.First == pair.Second);

    private static bool IsPlaceholder(string segment) => segment is ['{', ..];

    private static string NameOf(string segment) => segment.Trim('{', '}');
}
