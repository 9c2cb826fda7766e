namespace Agora.Api.Tests.Support;

/// <summary>One service, one campaign that pays for it, and sessions on them.</summary>
internal static class Catalogue
{
    public const string Service = """
        {"name":"Summarizer","description":"Summarizes a text","category":"text","price_cents":25,"endpoint":"https://text.example/summary","provider":"text-provider",
         "input_schema":{"type":"object","properties":{"text":{"$ref":"#/$defs/text"}},"required":["text"],"additionalProperties":false,"$defs":{"text":{"type":"string","minLength":1}}}}
        """;

    public const string Campaign = """
        {"sponsor":"Acme","task":{"name":"Product survey","type":"survey","description":"Three questions",
         "schema":{"type":"object","properties":{"rating":{"type":"integer","minimum":1,"maximum":5},"why":{"type":"string"},"again":{"type":"boolean"}},"required":["rating","why","again"]},
         "data_types":["preferences"],"consents":["data_sharing"]},
         "services":[{"service_id":"summary","max_price_cents":30}],"runs_per_completion":2}
        """;

    public const string Completion = """{"output":{"rating":5,"why":"It works","again":true},"consents":[{"type":"data_sharing","granted":true}]}""";

    public const string Input = """{"input":{"text":"A long text."}}""";

    public static async Task Load(this Client client, string fundCents = "1000")
    {
        (await client.Admin(HttpMethod.Put, "/admin/services/summary", Service)).Expect(200);
        (await client.Admin(HttpMethod.Put, "/admin/campaigns/survey", Campaign)).Expect(200);
        (await client.Admin(HttpMethod.Post, "/admin/campaigns/survey/fund", $$"""{"amount_cents":{{fundCents}}}""", ("Idempotency-Key", "fund-1"))).Expect(200);
    }

    /// <summary>A dollar: what a run earns reaches its provider's wallet a moment later, and a refund does not wait for it.</summary>
    public static async Task Deposit(this Client client, string wallet) =>
        (await client.Admin(HttpMethod.Post, $"/admin/wallets/{wallet}/deposit", """{"amount_cents":100}""", ("Idempotency-Key", $"deposit-{wallet}"))).Expect(200);

    /// <summary>Who is there can be paid.</summary>
    public static async Task PutAgents(this Client client, params IReadOnlyList<string> agents)
    {
        foreach (var agent in agents) (await client.Admin(HttpMethod.Put, $"/admin/agents/{agent}", "{}")).Expect(200);
    }

    public static async Task<string> OpenSession(this Client client, string user = "user-1", string agent = "agent-1", string budgetCents = "100", string scopes = """["*"]""", string peers = "[]")
    {
        var body = $$"""
            {
              "agent_id": "{{agent}}",
              "user_id": "{{user}}",
              "scopes": {
                "allowed_task_types": {{scopes}}, "allowed_data_types": {{scopes}}, "allowed_categories": {{scopes}}, "allowed_consents": {{scopes}}, "allowed_peers": {{peers}},
                "budget_limit_cents": {{budgetCents}}
              }
            }
            """;
        return (await client.Post("/agent/auth", RunningApi.PlatformKey, body)).Expect(201).Data.GetProperty("token").GetString()!;
    }

    /// <summary>A session whose user has done the task: the sponsor pays for its runs.</summary>
    public static async Task<string> OpenReady(this Client client)
    {
        await client.Load();
        var token = await client.OpenSession();
        await client.Complete(token);
        return token;
    }

    public static async Task Complete(this Client client, string token) =>
        (await client.Post("/agent/tasks/survey/complete", token, Completion)).Expect(201);
}
