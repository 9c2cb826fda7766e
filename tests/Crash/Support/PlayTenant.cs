using System.Text.Json;

namespace Agora.Crash.Support;

/// <summary>The tenant for tests beside the default one, by keys of its own: a service that answers by itself, and a campaign that rewards whoever does its task after a week.</summary>
internal sealed class PlayTenant(ApiClient api)
{
    public const int PriceCents = 5;
    public const int RewardCents = 5;

    /// <summary>The input of a run that takes longer than any test waits for it.</summary>
    public const string Slow = """{"slow":true}""";
    private const string AdminKey = "test_admin-key-of-the-crash-tests-0123456789";
    private const string PlatformKey = "test_platform-key-of-the-crash-tests-0123456789";
    private static readonly TimeSpan Patience = Hang.Timeout;

    public static Surroundings Keys { get; } = new(new Dictionary<string, string> { ["AGORA_OPERATOR_KEYS"] = $"tests:{AdminKey}", ["AGORA_PLATFORM_KEYS"] = $"tests:{PlatformKey}" });

    public Task<Received> Ask(HttpMethod method, string path, string? json = null, string? key = null) => api.Send(method, path, AdminKey, json, key);

    public async Task<JsonElement> Get(string path) => (await Ask(HttpMethod.Get, path)).Expect(200).Data;

    public async Task Load()
    {
        (await Ask(HttpMethod.Put, "/admin/services/upper", """{"name":"Upper","description":"Says it again","category":"text","price_cents":5,"endpoint":"https://text.example/upper","provider":"text-provider","timeout_ms":20000}""")).Expect(200);
        (await Ask(HttpMethod.Put, "/test/services/upper/answers", $$$"""{"answers":[{"input":{{{Slow}}},"delay_ms":20000,"output":{}},{"output":{}}]}""")).Expect(200);
        const string Campaign = """
            {"sponsor":"Acme","task":{"name":"Survey","type":"survey","description":"One question","schema":{"type":"object","required":["rating"]},"data_types":["preferences"],"consents":["data_sharing"]},
             "services":[{"service_id":"upper"}],"runs_per_completion":10,"reward_cents":5,"payout_delay_seconds":604800}
            """;
        (await Ask(HttpMethod.Put, "/admin/campaigns/survey", Campaign)).Expect(200);
        (await Ask(HttpMethod.Post, "/admin/campaigns/survey/fund", """{"amount_cents":100000}""", "fund-1")).Expect(200);
    }

    /// <summary>A session of 24 hours whose user has done the task.</summary>
    public async Task<OpenSession> Open(string user)
    {
        const string All = """["*"]""";
        var body = $$$"""{"agent_id":"agent-1","user_id":"{{{user}}}","scopes":{"allowed_task_types":{{{All}}},"allowed_data_types":{{{All}}},"allowed_categories":{{{All}}},"allowed_consents":{{{All}}},"budget_limit_cents":100}}""";
        var opened = (await api.Post("/agent/auth", PlatformKey, body)).Expect(201).Data;
        var session = new OpenSession(opened.GetProperty("session_id").GetString()!, user, opened.GetProperty("token").GetString()!);
        await Market.Complete(api, session);
        return session;
    }

    public Task<Received> Advance(TimeSpan by, string key) => Ask(HttpMethod.Post, "/test/clock", $$"""{"advance_seconds":{{Market.Of((int)by.TotalSeconds)}}}""", key);

    public Task<Received> Reset(string key) => Ask(HttpMethod.Post, "/test/reset", """{"confirm":"default"}""", key);

    /// <summary>Its generation, and how far its time is ahead.</summary>
    public async Task<(int Generation, TimeSpan Ahead)> Clock() => Of(await Get("/test/clock"));

    public static (int Generation, TimeSpan Ahead) Of(JsonElement clock) => (clock.GetProperty("generation").GetInt32(), TimeSpan.FromSeconds(clock.GetProperty("offset_seconds").GetInt32()));

    /// <summary>What the agent has been rewarded with: nothing until the first reward came.</summary>
    public async Task<decimal> Rewarded()
    {
        var wallet = await Ask(HttpMethod.Get, "/admin/wallets/agent:agent-1");
        return wallet.Status == 404 ? 0 : wallet.Expect(200).Data.GetProperty("balance_cents").GetDecimal();
    }

    public async Task<decimal> Held() => (await Get("/admin/campaigns/survey")).GetProperty("escrow").GetProperty("held_cents").GetDecimal();

    public Task<Received> Run(OpenSession session, string input = "{}") => api.Post("/agent/services/upper/run", session.Token, $$$"""{"input":{{{input}}}}""");

    public Task Runs(OpenSession session) => Market.Eventually(() => Run(session), reply => reply.Status == 200, Patience);

    public Task<Received> Status(OpenSession session) => api.Get("/agent/flow/status", session.Token);
}
