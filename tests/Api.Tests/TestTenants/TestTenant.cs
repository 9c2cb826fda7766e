using System.Text.Json;
using Agora.Api.Tests.Support;

namespace Agora.Api.Tests.TestTenants;

/// <summary>Speaks with the keys for tests of the default tenant: the sentences are those of any other tenant.</summary>
internal sealed class TestTenant(RunningApi api)
{
    private const string Scopes = """{"allowed_task_types":["*"],"allowed_data_types":["*"],"allowed_categories":["*"],"allowed_consents":["*"],"allowed_payees":["*"],"allowed_peers":["*"],"budget_limit_cents":1000}""";

    public Task<Received> Admin(HttpMethod method, string path, string? json = null, string? key = null) => api.Client.Send(method, path, RunningApi.TestAdminKey, json, key is null ? [] : [("Idempotency-Key", key)]);

    public async Task<JsonElement> Get(string path) => (await Admin(HttpMethod.Get, path)).Expect(200).Data;

    public async Task Put(string path, string json) => (await Admin(HttpMethod.Put, path, json)).Expect(200);

    public Task<Received> Advance(string json, string? key = null) => Admin(HttpMethod.Post, "/test/clock", json, key);

    public async Task<JsonElement> Advance(TimeSpan by) => (await Advance($$"""{"advance_seconds":{{(long)by.TotalSeconds}}}""")).Expect(200).Data;

    public Task<Received> Reset(string? key = null) => Admin(HttpMethod.Post, "/test/reset", """{"confirm":"default"}""", key);

    /// <summary>The service "summary", the campaign "survey" that pays for it, and money in the agent's wallet.</summary>
    public async Task Load()
    {
        await Put("/admin/services/summary", Support.Catalogue.Service);
        await Put("/admin/campaigns/survey", Support.Catalogue.Campaign);
        (await Admin(HttpMethod.Post, "/admin/campaigns/survey/fund", """{"amount_cents":1000}""", "fund")).Expect(200);
        (await Admin(HttpMethod.Post, "/admin/wallets/agent:agent-1/deposit", """{"amount_cents":1000}""", "deposit")).Expect(200);
    }

    public async Task<string> Open(string user = "user-1") => (await api.Client.Post(
        "/agent/auth", RunningApi.TestPlatformKey, $$"""{"agent_id":"agent-1","user_id":"{{user}}","scopes":{{Scopes}}}""")).Expect(201).Data.GetProperty("token").GetString()!;

    public Task<Received> Run(string token, string text = "A text.") =>
        api.Client.Post("/agent/services/summary/run", token, $$"""{"input":{"text":"{{text}}"},"pay_with":"wallet","max_price_cents":25}""");
}
