using System.Text.Json;
using Agora.Api.Tests.Support;
using Agora.Core.Kernel;

namespace Agora.Api.Tests.Tenants;

/// <summary>Two tenants call everything by the same names, down to the Idempotency-Key: what one does is neither a repeat nor a conflict of what the other did, and spends nothing of it.</summary>
public sealed class SameNamesTests : TwoTenants
{
    private const string Key = "the-same";
    private const string Wallet = "/admin/wallets/agent:agent-1";

    [Fact]
    public async Task A_deposit_under_the_same_key_is_each_tenants_own_and_a_conflict_only_within_it()
    {
        (await Deposit(First, 100)).Expect(200);
        (await Deposit(Second, 7)).Expect(200);

        (await Deposit(Second, 7)).Expect(200);
        (await Deposit(Second, 100)).Refused(409, Codes.IdempotencyConflict);
        (await Deposit(First, 7)).Refused(409, Codes.IdempotencyConflict);

        Assert.Equal(("100", "7"), (await Balance(First), await Balance(Second)));
    }

    [Fact]
    public async Task A_campaign_of_the_same_id_pays_its_own_tenants_runs_only()
    {
        await First.Load(1_000, Key);
        await Second.Load(25, Key);
        foreach (var tenant in new[] { First, Second })
        {
            var token = await tenant.OpenToken();
            (await tenant.Agent("/agent/tasks/survey/complete", token, Support.Catalogue.Completion, "task")).Expect(201);
            (await tenant.Agent("/agent/services/summary/run", token, Support.Catalogue.Input, Key)).Expect(200);
        }

        Assert.Equal(("975", "0"), (await Remaining(First), await Remaining(Second)));
        Assert.Equal((1, 1), (await Completions(First), await Completions(Second)));
    }

    [Fact]
    public async Task A_run_under_the_same_key_has_an_outcome_in_each_tenant()
    {
        var (first, second) = (await Ready(First), await Ready(Second));
        var own = await Run(First, first, """{"input":{"text":"The first's."}}""", "FIRSTS");
        var other = await Run(Second, second, """{"input":{"text":"The second's."}}""", "SECONDS");

        Assert.NotEqual(Text(own, "run_id"), Text(other, "run_id"));
        Assert.Equal(own.GetProperty("output").ToString(), (await Run(First, first, """{"input":{"text":"The first's."}}""", "AGAIN")).GetProperty("output").ToString());
        Assert.Equal(other.GetProperty("output").ToString(), (await Run(Second, second, """{"input":{"text":"The second's."}}""", "AGAIN")).GetProperty("output").ToString());
        (await Second.Agent("/agent/services/summary/run", second, """{"input":{"text":"The first's."}}""", Key)).Refused(409, Codes.IdempotencyConflict);
    }

    [Fact]
    public async Task A_session_opened_under_the_same_key_is_a_session_in_each_tenant()
    {
        var (own, other) = (await First.Open(Key), await Second.Open(Key));

        Assert.NotEqual(Text(own, "session_id"), Text(other, "session_id"));
        Assert.Equal(Text(own, "session_id"), Text(await First.Open(Key), "session_id"));
        Assert.Equal(Text(other, "session_id"), Text(await Second.Open(Key), "session_id"));
        Assert.Equal((1, 1), (await Sessions(First), await Sessions(Second)));
    }

    [Fact]
    public async Task What_a_user_has_spent_of_the_day_counts_in_its_own_tenant_only()
    {
        foreach (var tenant in new[] { First, Second })
        {
            await tenant.Put("/admin/users/user-1", """{"daily_cap_cents":25}""");
        }

        var (first, second) = (await Ready(First), await Ready(Second));
        await Run(First, first, Support.Catalogue.Input, "FIRSTS");
        (await First.Agent("/agent/services/summary/run", first, """{"input":{"text":"Another."}}""")).Refused(403, Codes.BudgetExceeded);

        var run = await Run(Second, second, Support.Catalogue.Input, "SECONDS");

        Assert.Equal("25", run.GetProperty("budget").GetProperty("spent_cents").ToString());
    }

    [Fact]
    public async Task An_agent_that_is_stopped_in_one_tenant_goes_on_in_the_other()
    {
        var (first, second) = (await Ready(First), await Ready(Second));
        foreach (var tenant in new[] { First, Second })
        {
            await tenant.Put("/admin/agents/agent-1", "{}");
        }

        (await First.Admin(HttpMethod.Post, "/admin/agents/agent-1/stop", """{"reason":"It is to stop"}""")).Expect(200);

        Assert.Equal(403, (await First.Agent("/agent/services/summary/run", first, Support.Catalogue.Input)).Status);
        (await Second.Agent("/agent/services/summary/run", second, Support.Catalogue.Input)).Expect(200);
    }

    [Fact]
    public async Task A_service_of_the_same_id_changes_in_its_own_tenant_only()
    {
        await First.Load(100);
        await Second.Load(100);

        await Second.Put("/admin/services/summary", Support.Catalogue.Service.Replace("\"price_cents\":25", "\"price_cents\":3,\"active\":false", StringComparison.Ordinal));

        var offered = Assert.Single(await Offered(First));
        Assert.Equal(("summary", "25"), (Text(offered, "service_id"), offered.GetProperty("price_cents").ToString()));
        Assert.Empty(await Offered(Second));
    }

    private static Task<Received> Deposit(OneTenant tenant, int cents) => tenant.Admin(HttpMethod.Post, $"{Wallet}/deposit", $$"""{"amount_cents":{{cents}}}""", Key);

    private static async Task<string> Balance(OneTenant tenant) => (await tenant.Get(Wallet)).GetProperty("balance_cents").ToString();

    private static async Task<string> Remaining(OneTenant tenant) => (await tenant.Get("/admin/campaigns/survey")).GetProperty("escrow").GetProperty("remaining_cents").ToString();

    private static async Task<int> Completions(OneTenant tenant) => (await tenant.Get("/admin/campaigns/survey")).GetProperty("completions").GetInt32();

    private static async Task<int> Sessions(OneTenant tenant) => (await tenant.Get("/admin/sessions")).GetProperty("total_count").GetInt32();

    /// <summary>A session that may run "summary", at its campaign's cost.</summary>
    private static async Task<string> Ready(OneTenant tenant)
    {
        await tenant.Load(1_000);
        var token = await tenant.OpenToken();
        (await tenant.Agent("/agent/tasks/survey/complete", token, Support.Catalogue.Completion)).Expect(201);
        return token;
    }

    private async Task<JsonElement> Run(OneTenant tenant, string token, string body, string output)
    {
        Api.Service.Answers = PlayedService.Says($$"""{"summary":"{{output}}"}""");
        return (await tenant.Agent("/agent/services/summary/run", token, body, Key)).Expect(200).Data;
    }

    private async Task<IReadOnlyList<JsonElement>> Offered(OneTenant tenant) =>
        [.. (await Api.Client.Get("/agent/services", await tenant.OpenToken())).Expect(200).Data.GetProperty("services").EnumerateArray()];

    private static string Text(JsonElement data, string name) => data.GetProperty(name).GetString()!;
}
