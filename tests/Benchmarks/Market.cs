using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Agora.Benchmarks.Load;
using Agora.Benchmarks.Servers;

namespace Agora.Benchmarks;

/// <summary>A session that may have runs at a sponsor's cost; each property but the first two is the path that asks for one.</summary>
/// <param name="Number">From 0.</param>
/// <param name="Runs">Of a service that answers at once, paid by a campaign that few sessions share.</param>
/// <param name="HttpRuns">The same, but of a service called over HTTP.</param>
internal sealed record OpenSession(int Number, string Id, string Token, string Runs, string HttpRuns)
{
    /// <summary>Of a service that one campaign pays for all sessions.</summary>
    public string HotRuns => Market.RunsOf(Market.Hot);
}

/// <summary>Services, campaigns, users and sessions, all put through the API.</summary>
internal static class Market
{
    public const string Hot = "hot";

    /// <summary>The upstream's tool, as a service.</summary>
    public const string Tool = $"tools__{McpBareServer.Tool}";

    private const int AtOnce = 256;

    /// <summary>
    /// Each session is a user's own; the users are dealt to the campaigns in turn, and all complete the hot one's task, where there is
    /// one. A campaign pays for a service of its own that answers at once and, where <paramref name="service"/> listens, for one there; all pay for the tool, where there is one.
    /// </summary>
    public static Task<IReadOnlyList<OpenSession>> Open(Uri address, int sessions, int campaigns, Uri? service = null, bool hot = false, bool tool = false) => Open([address], sessions, campaigns, service, hot, tool);

    /// <summary>The same; the sessions are dealt to the addresses in turn.</summary>
    public static async Task<IReadOnlyList<OpenSession>> Open(IReadOnlyList<Uri> addresses, int sessions, int campaigns, Uri? service = null, bool hot = false, bool tool = false)
    {
        using var handler = new SocketsHttpHandler { UseProxy = false };
        var clients = addresses.Select(address => new HttpClient(handler, disposeHandler: false) { BaseAddress = address }).ToList();
        var http = clients[0];
        await Each(campaigns, n => Put(http, $"{n}", service, tool));
        if (hot)
        {
            await Put(http, Hot, null, tool: false);
        }

        foreach (var client in clients)
        {
            await Found(client, campaigns + (hot ? 1 : 0));
        }

        var opened = new OpenSession[sessions];
        await Each(sessions, async n => opened[n] = await Open(clients[n % clients.Count], n, n % campaigns, hot));
        return opened;
    }

    public static string RunsOf(string service) => $"/agent/services/service-{service}/run";

    /// <summary>One run, looked at as an agent would; how many bytes its answer has.</summary>
    public static async Task<int> RunOnce(Uri address, OpenSession session)
    {
        using var http = new HttpClient(new SocketsHttpHandler { UseProxy = false }) { BaseAddress = address };
        var reply = await Send(http, HttpMethod.Post, session.Runs, session.Token, LoadRequests.Body);
        var data = reply.GetProperty("data");
        var right = data.GetProperty("state").GetString() == "succeeded"
            && data.GetProperty("output").GetProperty("summary").GetString() == "Short."
            && data.GetProperty("payment").GetProperty("status").GetString() == "posted"
            && data.GetProperty("budget").GetProperty("spent_cents").GetInt32() == 1;
        return right ? Encoding.UTF8.GetByteCount(reply.GetRawText()) : throw new InvalidOperationException($"A run was answered with {reply}");
    }

    public static Task Run(HttpClient http, OpenSession session) => Send(http, HttpMethod.Post, session.Runs, session.Token, LoadRequests.Body);

    /// <summary>A run in each session; their ids.</summary>
    public static async Task<IReadOnlyList<string>> RunEach(Uri address, IReadOnlyList<OpenSession> sessions)
    {
        using var http = new HttpClient(new SocketsHttpHandler { UseProxy = false }) { BaseAddress = address };
        var runs = new string[sessions.Count];
        await Each(sessions.Count, async n => runs[n] = (await Send(http, HttpMethod.Post, sessions[n].Runs, sessions[n].Token, LoadRequests.Body)).GetProperty("data").GetProperty("run_id").GetString()!);
        return runs;
    }

    public static async Task<int> AnswerBytes(Uri address, string path, string token)
    {
        using var http = new HttpClient(new SocketsHttpHandler { UseProxy = false }) { BaseAddress = address };
        return Encoding.UTF8.GetByteCount((await Send(http, HttpMethod.Get, path, token)).GetRawText());
    }

    /// <summary>Runs that campaigns have paid for, when nothing is held any more.</summary>
    public static async Task<long> Paid(Uri address, int campaigns, bool hot = true)
    {
        using var http = new HttpClient(new SocketsHttpHandler { UseProxy = false }) { BaseAddress = address };
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(200));
        var runs = 0L;
        foreach (var name in Enumerable.Range(0, campaigns).Select(n => $"{n}").Concat(hot ? [Hot] : []))
        {
            JsonElement escrow;
            do
            {
                escrow = (await Send(http, HttpMethod.Get, $"/admin/campaigns/campaign-{name}", Product.AdminKey)).GetProperty("data").GetProperty("escrow");
            }
            while (escrow.GetProperty("held_cents").GetDecimal() > 0 && await timer.WaitForNextTickAsync());

            runs += escrow.GetProperty("spent_cents").GetInt64();
        }

        return runs;
    }

    /// <summary>Endpoints that are told what happens, from now on.</summary>
    /// <param name="types">Null: everything.</param>
    public static async Task PutWebhooks(Uri address, int count, Uri receiver, string? types = null)
    {
        using var http = new HttpClient(new SocketsHttpHandler { UseProxy = false }) { BaseAddress = address };
        for (var n = 0; n < count; n++)
        {
            await Send(http, HttpMethod.Put, $"/admin/webhooks/w{n}", Product.AdminKey, types is null ? $$"""{"url":"{{receiver}}"}""" : $$"""{"url":"{{receiver}}","types":["{{types}}"]}""");
            await Send(http, HttpMethod.Post, $"/admin/webhooks/w{n}/secrets", Product.AdminKey, "{}", $"secret-{n}");
        }
    }

    /// <summary>A server of tools, whose one tool agents may run from now on; before the campaigns that pay for it.</summary>
    public static async Task PutTool(Uri address, Uri upstream)
    {
        using var http = new HttpClient(new SocketsHttpHandler { UseProxy = false }) { BaseAddress = address };
        await Send(http, HttpMethod.Put, "/admin/upstreams/tools", Product.AdminKey, $$"""{"urls":["{{upstream}}"],"category":"text","price_cents":1,"provider":"provider-tools"}""");
        await Send(http, HttpMethod.Post, "/admin/upstreams/tools/refresh", Product.AdminKey, "{}");
        var tools = (await Send(http, HttpMethod.Get, "/admin/upstreams/tools/tools", Product.AdminKey)).GetProperty("data").GetProperty("tools");
        var hash = tools[0].GetProperty("offered").GetProperty("hash").GetString();
        await Send(http, HttpMethod.Post, $"/admin/upstreams/tools/tools/{Tool}/approve", Product.AdminKey, $$"""{"hash":"{{hash}}"}""");
    }

    private static Task Each(int count, Func<int, Task> work) =>
        Parallel.ForEachAsync(Enumerable.Range(0, count), new ParallelOptions { MaxDegreeOfParallelism = AtOnce }, async (n, _) => await work(n));

    private static async Task Put(HttpClient http, string name, Uri? service, bool tool)
    {
        await PutService(http, name, new Uri($"https://{InstantService.Host}/{name}"));
        if (service is not null)
        {
            await PutService(http, $"http-{name}", service);
        }

        string[] paid = [$"service-{name}", .. service is null ? Array.Empty<string>() : [$"service-http-{name}"], .. tool ? [Tool] : Array.Empty<string>()];
        var campaign = $$"""
            {"sponsor":"Acme","task":{"name":"Survey","type":"survey","description":"One question","schema":{"type":"object"},"data_types":["preferences"],"consents":["data_sharing"]},
             "services":[{{string.Join(',', paid.Select(id => $$"""{"service_id":"{{id}}"}"""))}}],"runs_per_completion":1000000}
            """;
        await Send(http, HttpMethod.Put, $"/admin/campaigns/campaign-{name}", Product.AdminKey, campaign);
        await Send(http, HttpMethod.Post, $"/admin/campaigns/campaign-{name}/fund", Product.AdminKey, """{"amount_cents":100000000}""", $"fund-{name}");
    }

    private static Task PutService(HttpClient http, string name, Uri endpoint) => Send(http, HttpMethod.Put, $"/admin/services/service-{name}", Product.AdminKey, $$$"""
        {"name":"Summarizer {{{name}}}","description":"Summarizes a text","category":"text","price_cents":1,"endpoint":"{{{endpoint}}}","provider":"provider-{{{name}}}",
         "input_schema":{"type":"object","required":["text"],"properties":{"text":{"type":"string","minLength":1} } },
         "output_schema":{"type":"object","required":["summary"],"properties":{"summary":{"type":"string"} } } }
        """);

    // What operators put is found by agents within a second.
    private static async Task Found(HttpClient http, int campaigns)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(200));
        var (_, token) = await Session(http, "looker");
        while ((await Send(http, HttpMethod.Get, "/agent/tasks", token)).GetProperty("data").GetProperty("total_count").GetInt32() < campaigns)
        {
            await timer.WaitForNextTickAsync();
        }
    }

    private static async Task<OpenSession> Open(HttpClient http, int n, int campaign, bool hot)
    {
        var (id, token) = await Session(http, $"user-{n}");
        foreach (var name in hot ? [$"{campaign}", Hot] : new[] { $"{campaign}" })
        {
            await Send(http, HttpMethod.Post, $"/agent/tasks/campaign-{name}/complete", token, """{"output":{"rating":5},"consents":[{"type":"data_sharing","granted":true}]}""");
        }

        return new(n, id, token, RunsOf($"{campaign}"), RunsOf($"http-{campaign}"));
    }

    private static async Task<(string Id, string Token)> Session(HttpClient http, string user)
    {
        var body = $$"""
            {"agent_id":"agent-1","user_id":"{{user}}","scopes":{"allowed_task_types":["*"],"allowed_data_types":["*"],"allowed_categories":["*"],"allowed_consents":["*"],"budget_limit_cents":100000000} }
            """;
        var data = (await Send(http, HttpMethod.Post, "/agent/auth", Product.PlatformKey, body)).GetProperty("data");
        return (data.GetProperty("session_id").GetString()!, data.GetProperty("token").GetString()!);
    }

    private static async Task<JsonElement> Send(HttpClient http, HttpMethod method, string path, string key, string? body = null, string? idempotencyKey = null)
    {
        using var request = new HttpRequestMessage(method, path) { Content = body is null ? null : new StringContent(body, Encoding.UTF8, "application/json") };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", key);
        if (idempotencyKey is not null)
        {
            request.Headers.Add("Idempotency-Key", idempotencyKey);
        }

        using var response = await http.SendAsync(request);
        var text = await response.Content.ReadAsStringAsync();
        return response.IsSuccessStatusCode
            ? JsonDocument.Parse(text).RootElement
            : throw new InvalidOperationException($"{method} {path}: {(int)response.StatusCode} {text}");
    }
}
