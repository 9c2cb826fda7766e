using System.Text;

namespace Agora.Fuzz.Grammar;

/// <summary>
/// Requests: of each the valid form first, from the route's own schema, then none to three changes anywhere in it. A third stays valid, so that
/// the odd ones meet state worth meeting.
/// </summary>
internal sealed class Inputs(IReadOnlyList<Route> routes, Known known, string adminKey, string platformKey, string? gptKey = null)
{
    private readonly Bodies _bodies = new(known);
    private readonly Route[] _weighted = [.. routes.SelectMany(route => Enumerable.Repeat(route, route.Weight))];

    public Input Next(Random random)
    {
        var route = _weighted[random.Next(_weighted.Length)];
        var draft = Draft(route, random);
        for (var changes = Math.Max(0, random.Next(5) - 1); changes > 0; changes--)
        {
            Change(draft, route, random);
        }

        return draft.Write(random);
    }

    private RequestDraft Draft(Route route, Random random)
    {
        var draft = new RequestDraft { Method = route.Method, Path = Path(route, random), Route = $"{route.Method} {route.Path}" };
        foreach (var (name, schema) in route.Query)
        {
            if (random.Next(4) == 0 || (name == "session_token" && random.Next(10) > 0))
            {
                draft.Query.Add((name, Uri.EscapeDataString(QueryValue(name, schema, random))));
            }
        }

        if (Credential(route.Scheme, random) is { } credential)
        {
            draft.Headers.Add(("Authorization", $"Bearer {credential}"));
        }

        if (route.TakesKey && random.Next(3) > 0)
        {
            draft.Headers.Add(("Idempotency-Key", $"key-{random.Next(random.Next(2) == 0 ? 50 : int.MaxValue)}"));
        }

        if (route.Schema is not null || route.Example is not null)
        {
            draft.Body = _bodies.Of(route, random);
            draft.Headers.Add(("Content-Type", "application/json"));
        }

        return draft;
    }

    private string Path(Route route, Random random) => string.Join('/', route.Path.Split('/').Select(segment => segment switch
    {
        "{token}" => known.Any("link", random),
        ['{', .. var name, '}'] when route.Path.EndsWith("personal-data", StringComparison.Ordinal) => $"{name}-erased-{random.Next(500)}",
        ['{', .. var name, '}'] => known.Id(name, random),
        _ => segment,
    }));

    private string QueryValue(string name, System.Text.Json.JsonElement schema, Random random) => name switch
    {
        "limit" or "offset" => random.Next(20).ToString(),
        "q" => "summary text",
        "from" or "to" => "2030-01-01T00:00:00Z",
        _ when schema.TryGetProperty("type", out var type) && type.GetString() == "boolean" => "true",
        _ => known.Any(name, random) ?? "1",
    };

    private string? Credential(string? scheme, Random random) => (random.Next(40) == 0 ? random.Next(4) : -1, scheme) switch
    {
        (0, _) => null,
        (1, _) => known.Any("token", random),
        (2, _) => adminKey,
        (3, _) => "agk_agent-1.c2VjcmV0",
        (_, "operatorKey") => adminKey,
        (_, "agentKey") => platformKey,
        (_, "gptKey") => gptKey,
        (_, "sessionToken") => known.Any("token", random),
        _ => null,
    };

    private static void Change(RequestDraft draft, Route route, Random random)
    {
        switch (random.Next(route.Schema is null ? 8 : 20))
        {
            case 0:
                draft.Headers.Add(Odd.Headers[random.Next(Odd.Headers.Length)]);
                break;
            case 1:
                var at = random.Next(draft.Path.Length + 1);
                draft.Path = random.Next(4) == 0 ? draft.Path.ToUpperInvariant() : draft.Path[..at] + Odd.Paths[random.Next(Odd.Paths.Length)] + draft.Path[at..];
                break;
            case 2:
                draft.Method = Odd.Methods[random.Next(Odd.Methods.Length)];
                break;
            case 3:
                draft.Query.Add((route.Query.Count > 0 && random.Next(3) > 0 ? route.Query[random.Next(route.Query.Count)].Name : "unknown", random.Next(3) == 0 ? Odd.Paths[random.Next(Odd.Paths.Length)] : Uri.EscapeDataString(Odd.Values[random.Next(40)])));
                break;
            case 4:
                draft.Framing = (Framing)random.Next(Enum.GetValues<Framing>().Length);
                break;
            case 5:
                draft.Replace("Content-Type", Odd.ContentTypes[random.Next(Odd.ContentTypes.Length)]);
                draft.Bytes = random.Next(2) == 0 ? Encoding.UTF8.GetBytes(Odd.Forms[random.Next(Odd.Forms.Length)]) : draft.Bytes;
                break;
            case 6:
                draft.Path = draft.Path.Length > 1 ? draft.Path[..(draft.Path.LastIndexOf('/') + 1)] + new string('a', random.Next(3) == 0 ? 20_000 : 200) : draft.Path;
                break;
            case 7:
                draft.Version = Odd.Versions[random.Next(Odd.Versions.Length)];
                break;
            case 8 or 9:
                draft.Bytes = Mutations.Of(draft.BodyBytes, random);
                break;
            default:
                draft.Body = draft.Body is null ? null : Mutations.Of(draft.Body, random);
                break;
        }
    }
}
