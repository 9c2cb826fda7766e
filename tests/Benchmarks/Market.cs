using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;

namespace Agora.Benchmarks;

/// <summary>One session that may run one service at a sponsor's cost, and the whole request that does it.</summary>
internal sealed record Runner(string SessionId, byte[] Request);

/// <summary>Services, campaigns, users and sessions, all put through the API.</summary>
internal static class Market
{
    private const int AtOnce = 64;

    /// <summary>Each session is a user's own; the users are dealt to the campaigns in turn. A campaign pays for one service of its own.</summary>
    public static async Task<IReadOnlyList<Runner>> Open(Uri address, int sessions, int campaigns)
    {
        using var http = new HttpClient(new SocketsHttpHandler { UseProxy = false }) { BaseAddress = address };
        await Each(campaigns, n => Put(http, n));
        await Found(http, campaigns);
        var runners = new Runner[sessions];
        await Each(sessions, async n => runners[n] = await Open(http, address, n, n % campaigns));
        return runners;
    }

    private static Task Each(int count, Func<int, Task> work) =>
        Parallel.ForEachAsync(Enumerable.Range(0, count), new ParallelOptions { MaxDegreeOfParallelism = AtOnce }, async (n, _) => await work(n));

    private static async Task Put(HttpClient http, int n)
    {
        var service = $$$"""
            {"name":"Summarizer {{{n}}}","description":"Summarizes a text","category":"text","price_cents":1,"endpoint":"https://text.example/{{{n}}}","provider":"provider-{{{n}}}",
             "input_schema":{"type":"object","required":["text"],"properties":{"text":{"type":"string","minLength":1} } },
             "output_schema":{"type":"object","required":["summary"],"properties":{"summary":{"type":"string"} } } }
            """;
        var campaign = $$$"""
            {"sponsor":"Acme","task":{"name":"Survey","type":"survey","description":"One question","schema":{"type":"object"},"data_types":["preferences"],"consents":["data_sharing"]},
             "services":[{"service_id":"service-{{{n}}}"}],"runs_per_completion":1000000}
            """;
        await Send(http, HttpMethod.Put, $"/admin/services/service-{n}", Product.AdminKey, service);
        await Send(http, HttpMethod.Put, $"/admin/campaigns/campaign-{n}", Product.AdminKey, campaign);
        await Send(http, HttpMethod.Post, $"/admin/campaigns/campaign-{n}/fund", Product.AdminKey, """{"amount_cents":100000000}""", $"fund-{n}");
    }

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

    private static async Task<Runner> Open(HttpClient http, Uri address, int n, int campaign)
    {
        var (id, token) = await Session(http, $"user-{n}");
        await Send(http, HttpMethod.Post, $"/agent/tasks/campaign-{campaign}/complete", token, """{"output":{"rating":5},"consents":[{"type":"data_sharing","granted":true}]}""");
        const string Body = """{"input":{"text":"A text of the length that a short question has, so that it is neither empty nor large."}}""";
        var head = string.Create(
            CultureInfo.InvariantCulture,
            $"POST /agent/services/service-{campaign}/run HTTP/1.1\r\nHost: {address.Authority}\r\nAuthorization: Bearer {token}\r\nContent-Type: application/json\r\nContent-Length: {Body.Length}\r\n\r\n");
        return new(id, Encoding.ASCII.GetBytes(head + Body));
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
