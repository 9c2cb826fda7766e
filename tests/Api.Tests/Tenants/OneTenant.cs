using System.Text.Json;
using Agora.Api.Tests.Support;
using Agora.Core.Kernel;

namespace Agora.Api.Tests.Tenants;

/// <summary>Speaks for one tenant with its own keys: what is said twice, once for each tenant, differs in nothing else.</summary>
internal sealed class OneTenant(Client client, Tenant tenant, string adminKey, string platformKey)
{
    private const string Scopes = """{"allowed_task_types":["*"],"allowed_data_types":["*"],"allowed_categories":["*"],"allowed_consents":["*"],"allowed_payees":["*"],"allowed_peers":["*"],"budget_limit_cents":100}""";

    public Tenant Tenant { get; } = tenant;

    public static OneTenant First(RunningApi api) => new(api.Client, Tenant.Default, RunningApi.AdminKey, RunningApi.PlatformKey);

    public static OneTenant Second(RunningApi api) => new(api.Client, RunningApi.Second, RunningApi.SecondAdminKey, RunningApi.SecondPlatformKey);

    public Task<Received> Admin(HttpMethod method, string path, string? json = null, string? key = null) => client.Send(method, path, adminKey, json, Key(key));

    public Task<Received> Agent(string path, string token, string json, string? key = null) => client.Post(path, token, json, Key(key));

    public async Task<JsonElement> Get(string path) => (await Admin(HttpMethod.Get, path)).Expect(200).Data;

    public async Task Put(string path, string json) => (await Admin(HttpMethod.Put, path, json)).Expect(200);

    /// <summary>The service "summary", and the campaign "survey" that pays for it.</summary>
    public async Task Load(int fundCents, string key = "fund")
    {
        await Put("/admin/services/summary", Support.Catalogue.Service);
        await Put("/admin/campaigns/survey", Support.Catalogue.Campaign);
        (await Admin(HttpMethod.Post, "/admin/campaigns/survey/fund", $$"""{"amount_cents":{{fundCents}}}""", key)).Expect(200);
    }

    /// <summary>Of user-1 and agent-1.</summary>
    public async Task<JsonElement> Open(string? key = null) =>
        (await client.Post("/agent/auth", platformKey, $$"""{"agent_id":"agent-1","user_id":"user-1","scopes":{{Scopes}}}""", Key(key))).Expect(201).Data;

    public async Task<string> OpenToken() => (await Open()).GetProperty("token").GetString()!;

    private static (string, string)[] Key(string? key) => key is null ? [] : [("Idempotency-Key", key)];
}
