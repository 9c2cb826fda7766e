using System.Text.Json;
using Agora.Api.Documents;

namespace Agora.Operator.Reference;

/// <summary>
/// The OpenAPI document as pages show it: its operations by area, each read once. Nothing is told here that the document does not say, so a new route is on its page when it is mapped.
/// </summary>
public sealed class ApiReference
{
    /// <summary>Of a search: with more, more words are wanted.</summary>
    public const int MostFound = 50;

    /// <summary>Characters of what is searched for.</summary>
    public const int SearchLength = 100;

    // What is looked up together is one page, and no page has more than a browser opens at once; whatever is new stands with the server.
    private static readonly (string Slug, string Title, string Tag, string[] Segments)[] Plan =
    [
        ("agents", "Agents: services and tasks", "Agents", []),
        ("wallets", "Agents: session, wallet, records", "Agents", ["session", "wallet", "consents", "audit"]),
        ("chats", "Agents: chats, dialogues, memories", "Agents", ["chat", "memories", "watch"]),
        ("practice", "Agents: scenarios and plays", "Agents", ["scenario"]),
        ("peers", "Peers: registry and inbox", "Peers", []),
        ("conversations", "Peers: conversations", "Peers", ["conversations"]),
        ("users", "Users and grants", "Operators", ["users"]),
        ("actors", "Agents, sessions, people", "Operators", ["agents", "sessions", "reports", "people"]),
        ("services", "Services", "Operators", ["services", "upstreams"]),
        ("scenarios", "Scenarios", "Operators", ["scenarios"]),
        ("campaigns", "Campaigns", "Operators", ["campaigns", "completions"]),
        ("money", "Money", "Operators", ["runs", "payments", "settlements", "approvals", "wallets", "ledger", "refusals", "policies"]),
        ("events", "Webhooks and events", "Operators", ["webhooks", "events"]),
        ("server", "Records and server", "Operators", []),
    ];

    /// <summary>Segments of paths that say nothing of what they lead to.</summary>
    private static readonly string[] Everywhere = ["api", "v2"];

    private readonly JsonElement _schemas;

    public ApiReference(IApiDocument source)
    {
        var document = source.Read();
        Errors = [.. source.Errors.Select(static error => ApiError.Read(error.Code, error.Text))];
        var components = document.GetProperty("components");
        _schemas = components.GetProperty("schemas");
        (Title, Version, Description) = (Text(document, "info", "title"), Text(document, "info", "version"), Text(document, "info", "description"));
        Schemes = [.. components.GetProperty("securitySchemes").EnumerateObject().Select(static scheme => (scheme.Name, Text(scheme.Value, "description")))];
        Codes = components.GetProperty("examples").EnumerateObject().Where(static example => !example.Name.Contains('.', StringComparison.Ordinal)).ToDictionary(static example => example.Name, static example => Text(example.Value, "summary"), StringComparer.Ordinal);
        var responses = components.GetProperty("responses");
        var operations = document.GetProperty("paths").EnumerateObject()
            .SelectMany(path => path.Value.EnumerateObject().Select(method => ApiOperation.Read(path.Name, method.Name, method.Value, responses))).ToLookup(AreaOf);
        Areas = [.. Plan.Select(area => new Area(area.Slug, area.Title, TagOf(document, area.Tag), [.. operations[area.Slug]])).Where(static area => area.Operations.Count > 0)];
    }

    public string Title { get; }

    public string Version { get; }

    public string Description { get; }

    /// <summary>Credentials, by name, and what each is.</summary>
    public IReadOnlyList<(string Name, string Meaning)> Schemes { get; }

    /// <summary>What each code means, in a sentence.</summary>
    public IReadOnlyDictionary<string, string> Codes { get; }

    public IReadOnlyList<ApiError> Errors { get; }

    public IReadOnlyList<Area> Areas { get; }

    /// <summary>Operations and codes that have each word, those first that are called so.</summary>
    public (IReadOnlyList<(Area Area, ApiOperation Operation)> Operations, IReadOnlyList<ApiError> Errors) Search(string text)
    {
        var words = text.Split(default(char[]), StringSplitOptions.RemoveEmptyEntries);
        if (words.Length == 0) return ([], []);

        return (
            [.. Areas.SelectMany(static area => area.Operations.Select(operation => (area, operation))).Where(one => Has(one.operation.Searched, words)).OrderByDescending(one => Has($"{one.operation.Id} {one.operation.Path}", words)).Take(MostFound)],
            [.. Errors.Where(error => Has($"{error.Code} {Codes.GetValueOrDefault(error.Code)}", words))]);
    }

    /// <summary>The named shapes that the replies of an area have, with all that those name, in the order in which a reader meets them.</summary>
    public IEnumerable<(string Name, IReadOnlyList<SchemaRow> Rows)> ShapesOf(Area area)
    {
        var (seen, waiting) = (new HashSet<string>(StringComparer.Ordinal), new Queue<string>(area.Operations.SelectMany(static operation => operation.Replies).Select(static reply => reply.Shape).OfType<string>()));
        while (waiting.TryDequeue(out var name))
        {
            if (!seen.Add(name)) continue;

            IReadOnlyList<SchemaRow> rows = [.. SchemaRows.Of(_schemas.GetProperty(name))];
            foreach (var named in rows.Select(static row => row.Shape).OfType<string>()) waiting.Enqueue(named);
            yield return (name, rows);
        }
    }

    private static bool Has(string text, string[] words) => Array.TrueForAll(words, word => text.Contains(word, StringComparison.OrdinalIgnoreCase));

    private static string AreaOf(ApiOperation operation)
    {
        var segments = operation.Path.Split('/', StringSplitOptions.RemoveEmptyEntries).Except(Everywhere).Take(2).ToList();
        return Array.Find(Plan, area => area.Tag == operation.Tag && area.Segments.Intersect(segments, StringComparer.Ordinal).Any()).Slug
            ?? Array.FindLast(Plan, area => area.Tag == operation.Tag && area.Segments.Length == 0).Slug
            ?? Plan[^1].Slug;
    }

    private static string TagOf(JsonElement document, string name) => Text(document.GetProperty("tags").EnumerateArray().First(tag => Text(tag, "name") == name), "description");

    private static string Text(JsonElement of, params ReadOnlySpan<string> path)
    {
        foreach (var name in path) of = of.GetProperty(name);
        return of.GetString()!;
    }
}

/// <summary>Operations that have one page.</summary>
/// <param name="Slug">Ends the page's address.</param>
public sealed record Area(string Slug, string Title, string Description, IReadOnlyList<ApiOperation> Operations)
{
    public string Address => $"{DocsRoutes.Root}/{Slug}";
}
