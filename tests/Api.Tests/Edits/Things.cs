using Agora.Api.Tests.Support;

namespace Agora.Api.Tests.Edits;

/// <summary>One of each kind of thing that operators put.</summary>
/// <param name="Whole">A definition in which every member has another value than its default.</param>
/// <param name="Bare">What has to be said, and nothing else.</param>
/// <param name="Dropped">What a put of <paramref name="Bare"/> loses of <paramref name="Whole"/>.</param>
/// <param name="Changed">A member, and another value for it.</param>
/// <param name="Required">A member that cannot be absent; null: there is none.</param>
internal sealed record Thing(string Name, string Path, string Whole, string Bare, IReadOnlyList<string> Dropped, (string Member, string Json) Changed, string? Required)
{
    public override string ToString() => Name;
}

internal static class Things
{
    private const string Schema = """{"type":"object",  "properties":{"a":{"type":"string"}}}""";

    public static IReadOnlyList<Thing> All { get; } =
    [
        new(
            "user", "/admin/users/user-1",
            """{"attributes":{"country":["DE"],"interests":["books"]},"time_zone":"Europe/Berlin","daily_cap_cents":500,"monthly_cap_cents":0.25,"per_service":{"summary":{"daily_cap_cents":5,"monthly_cap_cents":50}},"per_category":{"text":{"daily_cap_cents":6,"monthly_cap_cents":60}}}""", "{}",
            ["attributes", "time_zone", "daily_cap_cents", "monthly_cap_cents", "per_service", "per_category"], ("daily_cap_cents", "7"), null),
        new(
            "grant", "/admin/users/user-1/grants/agent-1",
            """{"scopes":{"allowed_task_types":["*"],"allowed_data_types":["a"],"allowed_categories":["text"],"allowed_consents":["contact"],"allowed_payees":["*"],"allowed_peers":["*"],"budget_limit_cents":100},"total_limit_cents":1000,"max_live_sessions":7,"expires_at":"2099-01-01T00:00:00.000000Z","require_approval_above_cents":50}""",
            """{"scopes":{"budget_limit_cents":100}}""",
            ["scopes.allowed_task_types", "scopes.allowed_data_types", "scopes.allowed_categories", "scopes.allowed_consents", "scopes.allowed_payees", "scopes.allowed_peers", "total_limit_cents", "max_live_sessions", "expires_at", "require_approval_above_cents"],
            ("total_limit_cents", "7"), "scopes"),
        new("agent", "/admin/agents/agent-1", """{"owner":"acme"}""", "{}", ["owner"], ("owner", "\"other\""), null),
        new(
            "service", "/admin/services/summary",
            $$"""{"name":"Summarizer","description":"Summarizes","category":"text","price_cents":25,"endpoint":"https://text.example/summary","provider":"text-provider","owner":"acme","input_schema":{{Schema}},"output_schema":true,"auth":{"header":"X-Key","secret":"s3cret"},"timeout_ms":5000,"active":false}""",
            """{"name":"Summarizer","description":"Summarizes","category":"text","price_cents":25,"endpoint":"https://text.example/summary","provider":"text-provider"}""",
            ["owner", "input_schema", "output_schema", "auth", "timeout_ms", "active"], ("timeout_ms", "7000"), "name"),
        new(
            "metered service", "/admin/services/metered",
            """{"name":"Summarizer","description":"Summarizes","category":"text","max_price_cents":25,"endpoint":"https://text.example/summary","provider":"text-provider","timeout_ms":5000}""",
            """{"name":"Summarizer","description":"Summarizes","category":"text","max_price_cents":25,"endpoint":"https://text.example/summary","provider":"text-provider"}""",
            ["timeout_ms"], ("max_price_cents", "30"), "provider"),
        new(
            "campaign", "/admin/campaigns/survey",
            $$"""{"sponsor":"Acme","owner":"acme","task":{"name":"Survey","type":"survey","description":"Three","schema":{{Schema}},"data_types":["a"],"consents":["data_sharing"]},"services":[{"service_id":"summary","max_price_cents":30},{"service_id":"other"}],"targeting":{"country":["DE"]},"runs_per_completion":3,"max_cents_per_user":1,"daily_cap_cents":2,"max_completions":3,"starts_at":"2026-01-01T00:00:00.000000Z","ends_at":"2099-01-01T00:00:00.000000Z","reward_cents":4,"payout_delay_seconds":5,"allow_related":true,"active":false}""",
            $$"""{"sponsor":"Acme","task":{"name":"Survey","type":"survey","description":"Three","schema":{{Schema}}},"services":[{"service_id":"summary","max_price_cents":30},{"service_id":"other"}]}""",
            ["owner", "task.data_types", "task.consents", "targeting", "runs_per_completion", "max_cents_per_user", "daily_cap_cents", "max_completions", "starts_at", "ends_at", "reward_cents", "payout_delay_seconds", "allow_related", "active"],
            ("reward_cents", "7"), "sponsor"),
    ];

    public static TheoryData<string> Names => [.. All.Select(thing => thing.Name)];

    public static Thing Of(string name) => All.Single(thing => thing.Name == name);

    /// <summary>Put as it is whole; a grant needs its user.</summary>
    public static async Task<Received> Place(this Client client, Thing thing)
    {
        if (thing.Name == "grant")
        {
            (await client.Admin(HttpMethod.Put, "/admin/users/user-1", "{}")).Expect(200);
        }

        return (await client.Admin(HttpMethod.Put, thing.Path, thing.Whole)).Expect(200);
    }
}
