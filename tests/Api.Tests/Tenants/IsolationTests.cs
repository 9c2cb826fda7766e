using Agora.Api.Tests.Support;
using Agora.Application.Operations;
using Agora.Core;
using Agora.Core.Funds;
using Agora.Core.Kernel;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Agora.Api.Tests.Tenants;

/// <summary>
/// The default tenant has something of everything. A second one, with a user and an agent of the same ids, calls every operation that there is, and names
/// what the first has: it sees nothing of it, and asks no entity of it.
/// </summary>
public sealed class IsolationTests
{
    /// <summary>Reads that show no text of anybody's even to whom it belongs: ids, amounts and times.</summary>
    private static readonly string[] Textless =
        ["audit_history", "check_health", "get_activity", "get_business", "get_limit_tree", "get_limits_of", "get_refusal", "get_state_at", "list_consents_of", "list_days", "list_model_estimates", "list_oldest_holds", "flow_status", "follow_events", "gpt_status", "get_any_run", "get_attachment", "get_campaign_progress", "get_grant_raise", "get_model_providers", "get_model_usage", "rerate_models", "get_raise", "get_receipt", "get_session", "get_session_spending", "get_side", "get_wallet", "get_wallet_of", "get_payment_receipt", "get_person", "get_proof", "get_report", "list_agent_keys", "list_all_completions", "list_all_runs", "list_approvals", "list_audit", "list_blocked_agents", "list_checkpoints", "list_consents", "list_conversations", "list_dead_letters", "list_people", "list_refusals", "list_reports", "list_rewards", "list_runs", "list_sessions", "list_settlements", "list_upstream_tools", "list_users", "list_wallets", "list_webhook_deliveries", "read_inbox", "session_tree", "trial_balance", "where_session", "list_scenario_samples", "list_chat_feedback", "list_chat_models"];

    private static readonly string[] OfWhatOnlyTheFirstHas = ["campaign_id", "chat_id", "completion_id", "consent_id", "conversation_id", "key_id", "memory_id", "payment_id", "play_id", "report_id", "run_id", "service_id", "session_id", "watch_id"];

    [Fact]
    public async Task To_its_own_tenant_every_read_is_answered_and_shows_what_it_is_about()
    {
        await using var api = await RunningApi.Start();
        var first = await FilledTenant.Of(api);
        await api.MakeCheckpoint();
        var chat = await Chat.SignIn(api.Client);

        var textless = new List<string>();
        foreach (var operation in Operations(api).Where(o => o.IsRead && o.Audience != Audience.People && !o.OfTests))
        {
            var (status, text) = await Call(api, operation, first, first.Token, RunningApi.AdminKey, RunningApi.PlatformKey, chat);
            Assert.True(status == 200, $"{operation.Endpoint}: {status} {text}");
            if (!text.Contains(FilledTenant.Marker, StringComparison.Ordinal))
            {
                textless.Add(operation.Name);
            }
        }

        Assert.Equal(Textless.Order(StringComparer.Ordinal), textless.Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("second", RunningApi.SecondAdminKey, RunningApi.SecondPlatformKey, RunningApi.SecondGptKey)]
    [InlineData("default_t1", RunningApi.TestAdminKey, RunningApi.TestPlatformKey, RunningApi.TestGptKey)]
    public async Task A_second_tenant_and_the_one_for_tests_see_nothing_of_the_first_in_any_operation(string name, string adminKey, string platformKey, string gptKey)
    {
        var tenant = Tenant.Parse(name)!;
        SeenEntities seen = null!;
        await using var api = await RunningApi.Start(edge: entities => seen = new(entities));
        var first = await FilledTenant.Of(api);
        await api.MakeCheckpoint();
        api.Service.Answers = PlayedService.Says("{}"); // whose service is tried is the second's own, and the one outside is nobody's
        var token = await Opened(api, platformKey);
        var chat = await Chat.SignIn(api.Client, adminKey, gptKey);
        seen.Asked.Clear();

        var called = 0;
        foreach (var operation in Operations(api).Where(o => o.Audience != Audience.People && o.Name != "reset_test_tenant").OrderBy(o => (!o.IsRead, !o.Audience.OfAgents && !o.Audience.IsPlain, o.Name == "end_session")))
        {
            var (status, text) = await Call(api, operation, first, token, adminKey, platformKey, chat);
            var asked = $"{operation.Endpoint}: {status} {text}";
            Assert.False(text.Contains(FilledTenant.Marker, StringComparison.Ordinal), asked);
            if (operation.OfTests && !tenant.IsTest)
            {
                Assert.Equal(403, status);
                continue;
            }

            Assert.True(status is >= 200 and < 300 or 402 or 404 or 409 or 422, asked);
            // Its own audit names what it asked for itself, a moment after it did.
            if ((operation.IsRead || operation.Method == HttpMethods.Delete) && operation.Endpoint != "GET /admin/audit")
            {
                Assert.False(first.DrawnIds.Any(id => text.Contains(id, StringComparison.Ordinal)), asked);
            }

            if (operation.Method != HttpMethods.Put && operation.Sheet.Ids.Any(OfWhatOnlyTheFirstHas.Contains))
            {
                Assert.True(status == 404 || HasPut(operation), asked);
            }

            called++;
        }

        Assert.True(called > 60, $"{called} operations");
        Assert.Contains(seen.Asked, stream => stream.Kind == Kinds.Payment || stream.Kind == Kinds.Wallet);
        Assert.All(seen.Asked, stream => Assert.Equal(stream.Kind == Kinds.Clock ? tenant.Test.Name : tenant.Name, stream.Tenant));
        Assert.Equal(FilledTenant.Marker, (await api.Client.Admin(HttpMethod.Get, "/admin/agents/agent-1")).Expect(200).Data.GetProperty("owner").GetString());
        Assert.False((await api.Client.Admin(HttpMethod.Get, $"/admin/sessions/{first.Ids["session_id"]}")).Expect(200).Data.GetProperty("suspended").GetBoolean());
    }

    [Fact]
    public async Task A_link_made_over_to_another_tenant_is_not_found()
    {
        await using var api = await RunningApi.Start();
        var first = await FilledTenant.Of(api);

        var page = await api.Client.Text(first.Link.Replace("apv_", "apv_second~", StringComparison.Ordinal));

        Assert.Contains("There is no such approval", page, StringComparison.Ordinal);
        Assert.Contains(FilledTenant.Marker, await api.Client.Text(first.Link), StringComparison.Ordinal);
    }

    [Fact]
    public async Task One_tenants_keys_and_tokens_are_nobodys_in_the_other()
    {
        await using var api = await RunningApi.Start();
        var first = await FilledTenant.Of(api);
        var second = await Second(api);

        (await api.Client.Get("/agent/flow/status", second.Replace("second~", "", StringComparison.Ordinal))).Refused(401, Codes.Unauthorized);
        (await api.Client.Get("/agent/flow/status", first.Token.Replace("agt_", "agt_second~", StringComparison.Ordinal))).Refused(401, Codes.Unauthorized);
        var key = (await api.Client.Send(HttpMethod.Post, "/admin/agents/agent-1/keys", RunningApi.SecondAdminKey, "{}")).Expect(201).Data.GetProperty("key").GetString()!;
        Assert.StartsWith("agk2_live_second.agent-1.", key, StringComparison.Ordinal);
        (await api.Client.Post("/agent/auth", key.Replace("second", "default", StringComparison.Ordinal), """{"agent_id":"agent-1","user_id":"user-1"}""")).Refused(401, Codes.Unauthorized);
        Assert.Equal(422, (await api.Client.Post("/agent/auth", key, """{"agent_id":"agent-1"}""")).Status);
    }

    [Theory]
    [InlineData("default/wallet/agent:agent-1")]
    [InlineData("default/agent:agent-1")]
    [InlineData("../default/wallet/agent:agent-1")]
    [InlineData("default~agent:agent-1")]
    [InlineData("agent:agent-1\\u002f")]
    [InlineData("/agent:agent-1")]
    public async Task No_payee_is_of_another_tenant_malformed_request(string payee)
    {
        await using var api = await RunningApi.Start();
        await FilledTenant.Of(api);
        var token = await Second(api);

        (await api.Client.Post("/agent/wallet/transfer", token, $$"""{"to":"{{payee}}","amount_cents":1}""", ("Idempotency-Key", "t"))).Refused(400, Codes.MalformedRequest);
        (await api.Client.Send(HttpMethod.Put, "/admin/services/mine", RunningApi.SecondAdminKey, Support.Catalogue.Service.Replace("text-provider", payee, StringComparison.Ordinal))).Refused(400, Codes.MalformedRequest);
    }

    [Fact]
    public async Task A_payee_of_the_same_id_is_paid_within_the_own_tenant()
    {
        await using var api = await RunningApi.Start();
        await FilledTenant.Of(api);
        var token = await Second(api);
        (await api.Client.Send(HttpMethod.Post, "/admin/wallets/agent:agent-1/deposit", RunningApi.SecondAdminKey, """{"amount_cents":9}""", ("Idempotency-Key", "d"))).Expect(200);
        (await api.Client.Send(HttpMethod.Put, "/admin/agents/agent-2", RunningApi.SecondAdminKey, "{}")).Expect(200);

        (await api.Client.Post("/agent/wallet/transfer", token, """{"to":"agent:agent-2","amount_cents":4}""", ("Idempotency-Key", "t"))).Expect(200);

        (await api.Client.Admin(HttpMethod.Get, $"/admin/wallets/{WalletIds.Agent("agent-2")}")).Refused(404, Codes.NotFound);
        Assert.Equal("-9", (await api.Client.Send(HttpMethod.Get, "/admin/wallets/world", RunningApi.SecondAdminKey)).Expect(200).Data.GetProperty("balance_cents").GetRawText());
        Assert.Equal("0", (await api.Client.Send(HttpMethod.Get, "/admin/ledger/trial-balance", RunningApi.SecondAdminKey)).Expect(200).Data.GetProperty("sum_cents").GetRawText());
    }

    [Fact]
    public async Task A_run_is_made_of_the_tenants_own_service_and_paid_by_its_own_campaign()
    {
        await using var api = await RunningApi.Start();
        var tenants = new List<string>();
        api.Service.Seen = (tenant, _) => tenants.Add(tenant.Name);
        await FilledTenant.Of(api);
        var token = await Second(api);
        foreach (var (path, json) in new[] { ("services/summary", Support.Catalogue.Service), ("campaigns/survey", Support.Catalogue.Campaign) })
        {
            (await api.Client.Send(HttpMethod.Put, $"/admin/{path}", RunningApi.SecondAdminKey, json)).Expect(200);
        }

        (await api.Client.Send(HttpMethod.Post, "/admin/campaigns/survey/fund", RunningApi.SecondAdminKey, """{"amount_cents":50}""", ("Idempotency-Key", "f"))).Expect(200);
        await api.Client.Complete(token);
        tenants.Clear();
        (await api.Client.Post("/agent/services/summary/run", token, Support.Catalogue.Input)).Expect(200);

        Assert.Equal([RunningApi.Second.Name], tenants);
        Assert.Equal(["Summarizer"], (await api.Client.Get("/agent/services", token)).Expect(200).Data.GetProperty("services").EnumerateArray().Select(s => s.GetProperty("name").GetString()));
    }

    /// <summary>In its tenant it has been put by an operation that was called before.</summary>
    private static bool HasPut(Operation operation) => !operation.IsRead && operation.Sheet.Ids is ["campaign_id"] or ["service_id"] && operation.Audience == Audience.Operators;

    private static Task<string> Second(RunningApi api) => Opened(api, RunningApi.SecondPlatformKey);

    private static async Task<string> Opened(RunningApi api, string platformKey)
    {
        const string Scopes = """{"allowed_task_types":["*"],"allowed_data_types":["*"],"allowed_categories":["*"],"allowed_consents":["*"],"allowed_payees":["*"],"allowed_peers":["*"],"budget_limit_cents":100}""";
        var opened = await api.Client.Post("/agent/auth", platformKey, $$"""{"agent_id":"agent-1","user_id":"user-1","scopes":{{Scopes}}}""");
        return opened.Expect(201).Data.GetProperty("token").GetString()!;
    }

    internal static IReadOnlyList<Operation> Operations(RunningApi api) => api.Services.GetRequiredService<OperationTable>().All;

    private static async Task<(int Status, string Text)> Call(RunningApi api, Operation operation, FilledTenant first, string token, string adminKey, string platformKey, Chat chat)
    {
        var path = operation.Sheet.Ids.Aggregate(operation.Route, (route, name) => route.Replace($"{{{name}}}", operation.Name == "decide_approval" ? first.WaitingRun : first.Ids[name], StringComparison.Ordinal));
        path += operation.Name == "search" ? $"?q={first.Ids["service_id"]}" : "";
        path = chat.Path(operation, path);
        var key = operation.Audience.IsPlain ? chat.Key : operation.Audience.OfAgents ? token : operation.Audience == Audience.Operators ? adminKey : platformKey;
        (string, string)[] headers = operation.TakesKey ? [("Idempotency-Key", $"walk-{operation.Name}")] : [];
        var reply = await api.Client.Send(new HttpMethod(operation.Method), path, key, operation.IsRead ? null : chat.Body(operation) ?? "{}", headers);
        return (reply.Status, reply.Json.ValueKind == System.Text.Json.JsonValueKind.Undefined ? "" : reply.Json.GetRawText());
    }
}
