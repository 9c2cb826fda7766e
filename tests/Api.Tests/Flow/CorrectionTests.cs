using System.Text.Json;
using Agora.Api.Tests.Support;

namespace Agora.Api.Tests.Flow;

/// <summary>The first next action of a refusal mends what was refused: it is taken as it is offered, and succeeds.</summary>
public sealed class CorrectionTests
{
    private const string Run = "/agent/services/summary/run";

    [Fact]
    public async Task A_wrong_field_is_left_out_and_the_rest_is_told_back()
    {
        await using var api = await RunningApi.Start();
        await api.Client.Load();
        var token = await api.Client.OpenSession();
        var wrong = Support.Catalogue.Completion.Replace("\"rating\":5", "\"rating\":9", StringComparison.Ordinal);

        var refused = (await api.Client.Post("/agent/tasks/survey/complete", token, wrong)).Refused(422, "validation_failed");

        var first = refused.NextActions[0];
        Assert.Equal(("complete_task", "/agent/tasks/survey/complete"), (Text(first, "action"), Text(first, "endpoint")));
        Assert.Equal("""{"output":{"why":"It works","again":true},"consents":[{"type":"data_sharing","granted":true}]}""", first.GetProperty("body").GetRawText());
        Assert.Equal("/agent/schemas/complete_task/survey", Text(first.GetProperty("schema_ref"), "url"));
        Assert.Contains("error.next_actions[].body", refused.Json.GetProperty("untrusted_fields").EnumerateArray().Select(f => f.GetString()));
    }

    [Fact]
    public async Task A_wrong_parameter_is_left_out_and_the_rest_is_asked_again()
    {
        await using var api = await RunningApi.Start();
        await api.Client.Load();
        var token = await api.Client.OpenSession();

        var first = (await api.Client.Get("/agent/services?q=text&max_price_cents=-1&zz=1", token)).Refused(422, "validation_failed").NextActions[0];

        Assert.Equal(("search_services", """{"q":"text"}"""), (Text(first, "action"), first.GetProperty("params").GetRawText()));
    }

    [Fact]
    public async Task A_body_that_cannot_be_read_is_not_told_back()
    {
        await using var api = await RunningApi.Start();
        await api.Client.Load();
        var token = await api.Client.OpenSession();

        var first = (await api.Client.Post(Run, token, "{")).Refused(400, "malformed_request").NextActions[0];

        Assert.Equal("run_service", Text(first, "action"));
        Assert.False(first.TryGetProperty("body", out _));
        Assert.True(first.TryGetProperty("schema_ref", out _));
        Assert.Contains("schema_ref", Text(first, "description"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_has_no_body_to_be_put_right_refers_to_no_schema()
    {
        await using var api = await RunningApi.Start();
        var token = await api.Client.OpenSession(peers: """["*"]""");

        var first = (await api.Client.Send(HttpMethod.Get, "/agent/inbox", token, null, ("Sec-WebSocket-Protocol", "nope"))).Refused(400, "malformed_request").NextActions[0];

        Assert.Equal("read_inbox", Text(first, "action"));
        Assert.False(first.TryGetProperty("schema_ref", out _));
        Assert.DoesNotContain("schema_ref", Text(first, "description"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_long_body_is_not_told_back()
    {
        await using var api = await RunningApi.Start();
        await api.Client.Load();
        var token = await api.Client.OpenSession();

        var first = (await api.Client.Post(Run, token, $$"""{"input":{"text":"{{new string('x', 3_000)}}"},"zz":1}""")).Refused(422, "validation_failed").NextActions[0];

        Assert.False(first.TryGetProperty("body", out _));
    }

    [Theory]
    [InlineData("PUT", """{"name":"S","category":"text","price_cents":-1,"endpoint":"https://text.example/s","provider":"p","auth":{"header":"X-Key","secret":"hunter2"}}""")]
    [InlineData("PATCH", """{"price_cents":-1,"auth":{"secret":"hunter2"}}""")]
    public async Task What_nobody_reads_back_is_not_told_back_to_who_sent_it(string method, string body)
    {
        await using var api = await RunningApi.Start();
        await api.Client.Load();

        var refused = (await api.Client.Admin(new(method), "/admin/services/summary", body)).Refused(422, "validation_failed");

        Assert.DoesNotContain("hunter2", refused.Json.GetRawText(), StringComparison.Ordinal);
        Assert.False(refused.NextActions[0].TryGetProperty("body", out _));
    }

    [Fact]
    public async Task A_key_that_is_taken_is_replaced_and_the_request_then_done()
    {
        await using var api = await RunningApi.Start();
        await api.Client.Load();
        var token = await Completed(api);
        (await api.Client.Post(Run, token, Support.Catalogue.Input, ("Idempotency-Key", "k"))).Expect(200);

        var refused = (await api.Client.Post(Run, token, """{"input":{"text":"Another."}}""", ("Idempotency-Key", "k"))).Refused(409, "idempotency_conflict");

        (await Take(api, refused.NextActions[0], token)).Expect(200);
        Assert.Equal("""{"input":{"text":"Another."}}""", refused.NextActions[0].GetProperty("body").GetRawText());
    }

    [Fact]
    public async Task A_price_that_has_risen_is_offered_as_it_is()
    {
        await using var api = await RunningApi.Start();
        await api.Client.Load();
        var token = await Completed(api);

        var refused = (await api.Client.Post(Run, token, """{"input":{"text":"A."},"max_price_cents":24,"pay_with":"sponsor"}""")).Refused(402, "payment_required");

        Assert.Equal("""{"input":{"text":"A."},"max_price_cents":25,"pay_with":"sponsor"}""", refused.NextActions[0].GetProperty("body").GetRawText());
        (await Take(api, refused.NextActions[0], token)).Expect(200);
    }

    [Fact]
    public async Task A_price_above_the_budget_is_never_offered()
    {
        await using var api = await RunningApi.Start();
        await api.Client.Load();
        var token = await api.Client.OpenSession(budgetCents: "24");
        await api.Client.Complete(token);

        var refused = (await api.Client.Post(Run, token, Support.Catalogue.Input)).Refused(403, "budget_exceeded");

        Assert.DoesNotContain("run_service", refused.ActionNames);
    }

    [Fact]
    public async Task What_is_left_of_a_budget_is_offered_something_cheaper()
    {
        await using var api = await RunningApi.Start();
        await api.Client.Load();
        (await api.Client.Admin(HttpMethod.Put, "/admin/services/cheap", Support.Catalogue.Service.Replace("\"price_cents\":25", "\"price_cents\":3", StringComparison.Ordinal))).Expect(200);
        var token = await api.Client.OpenSession(budgetCents: "24");
        await api.Client.Complete(token);

        var first = (await api.Client.Post(Run, token, Support.Catalogue.Input)).Refused(403, "budget_exceeded").NextActions[0];

        Assert.Equal(("search_services", """{"max_price_cents":"24"}"""), (Text(first, "action"), first.GetProperty("params").GetRawText()));
        Assert.Equal(["cheap"], (await api.Client.Get("/agent/services?max_price_cents=24", token)).Expect(200).Data.GetProperty("services").EnumerateArray().Select(s => Text(s, "service_id")));
    }

    [Fact]
    public async Task A_service_that_failed_is_tried_again_under_a_key_of_its_own()
    {
        await using var api = await RunningApi.Start(duplicateWindowSeconds: 0);
        await api.Client.Load();
        var token = await Completed(api);
        var working = api.Service.Answers;
        api.Service.Answers = PlayedService.Fails("upstream_failed");
        var refused = (await api.Client.Post(Run, token, Support.Catalogue.Input, ("Idempotency-Key", "k"))).Refused(502, "upstream_failed");
        api.Service.Answers = working;

        Assert.Equal("5", refused.Header("Retry-After"));
        Assert.True(refused.NextActions[0].TryGetProperty("not_before", out _));
        (await Take(api, refused.NextActions[0], token)).Expect(200);
    }

    [Theory]
    [InlineData("/agent/tasks/nothing", "get_tasks")]
    [InlineData("/agent/runs/0198c0de-0000-7000-8000-000000000000", "list_runs")]
    [InlineData("/agent/tasks/%20", "get_tasks")]
    [InlineData("/api/v2/chat/0198c0de-0000-7000-8000-000000000000", "list_chats")]
    [InlineData("/api/v2/chat/0198c0de-0000-7000-8000-000000000000/turns/1", "list_chats")]
    [InlineData("/api/v2/watch/0198c0de-0000-7000-8000-000000000000", "list_watches")]
    [InlineData("/api/v2/scenario/scenarios/nothing", "list_scenarios")]
    [InlineData("/api/v2/scenario/plays/0198c0de-0000-7000-8000-000000000000", "list_plays")]
    [InlineData("/api/v2/memories/0198c0de-0000-7000-8000-000000000000", "list_memories")]
    [InlineData("/conversations/nothing", "list_conversations")]
    [InlineData("/agents/nothing", "find_agents")]
    public async Task What_is_not_there_leads_to_what_is(string path, string list)
    {
        await using var api = await RunningApi.Start();
        var refused = await api.Client.Get(path, await api.Client.OpenSession(peers: """["*"]"""));

        Assert.Equal(list, refused.ActionNames[0]);
    }

    [Theory]
    [InlineData("/api/v2/chat", """{"text":"Hello.","model":"unknown"}""", "list_chat_models")]
    [InlineData("/api/v2/chat", """{"text":"Hello.","chat_id":"0198c0de-0000-7000-8000-000000000000"}""", "list_chats")]
    [InlineData("/api/v2/watch", """{"topic":"Prices.","seats":[{"name":"A","model":"unknown","budget_cents":10},{"name":"B","model":"unknown","budget_cents":10}],"turns":2}""", "list_chat_models")]
    [InlineData("/api/v2/scenario/plays", """{"scenario_id":"nothing"}""", "list_scenarios")]
    [InlineData("/conversations", """{"participants":["unknown"]}""", "find_agents")]
    [InlineData("/conversations/nothing/dead-letters/1/requeue", "{}", "list_conversations")]
    public async Task What_a_request_with_a_body_names_and_is_not_there_leads_to_what_is(string path, string body, string list)
    {
        await using var api = await RunningApi.Start();
        var refused = (await api.Client.Post(path, await api.Client.OpenSession(peers: """["*"]"""), body)).Refused(404, "not_found");

        Assert.Equal(list, refused.ActionNames[0]);
    }

    [Fact]
    public async Task A_router_that_leads_to_no_model_leads_to_the_models_that_there_are()
    {
        await using var api = await RunningApi.Start();
        (await api.Client.Admin(HttpMethod.Put, "/admin/services/to-away", """{"name":"To away","description":"Chooses","category":"model","max_price_cents":100,"endpoint":"model:router","provider":"maker","routes":[{"to":"away"}]}""")).Expect(200);

        var refused = (await api.Client.Post("/api/v2/chat", await api.Client.OpenSession(), """{"text":"Hello.","model":"to-away"}""")).Refused(404, "not_found");

        Assert.Equal("list_chat_models", refused.ActionNames[0]);
    }

    [Theory]
    [InlineData("""{"agent_id":"agent-2","scopes":{"budget_limit_cents":1000}}""", "delegate_session")]
    [InlineData("""{"agent_id":"agent-1","scopes":{"budget_limit_cents":1}}""", "delegate_session")]
    public async Task A_delegation_of_more_than_the_session_has_leads_to_one_that_it_can_give(string body, string action)
    {
        await using var api = await RunningApi.Start();
        await api.Client.Load();
        var refused = (await api.Client.Post("/agent/session/delegate", await api.Client.OpenSession(), body)).Refused(403, "grant_exceeded");

        Assert.Equal(action, refused.ActionNames[0]);
        Assert.DoesNotContain("complete_task", refused.ActionNames);
    }

    [Fact]
    public async Task A_run_that_was_cancelled_is_asked_for_anew_under_another_key()
    {
        await using var api = await RunningApi.Start();
        await api.Client.Load();
        const string Grant = """{"scopes":{"allowed_task_types":["*"],"allowed_data_types":["*"],"allowed_categories":["*"],"allowed_consents":["*"],"budget_limit_cents":100},"require_approval_above_cents":10}""";
        (await api.Client.Admin(HttpMethod.Put, "/admin/users/user-2", "{}")).Expect(200);
        (await api.Client.Admin(HttpMethod.Put, "/admin/users/user-2/grants/agent-1", Grant)).Expect(200);
        var token = await api.Client.OpenSession(user: "user-2");
        await api.Client.Complete(token);
        var run = (await api.Client.Post(Run, token, Support.Catalogue.Input, ("Idempotency-Key", "k"))).Expect(202).Data.GetProperty("run_id").GetString();
        (await api.Client.Post($"/agent/runs/{run}/cancel", token, null)).Expect(200);

        var first = (await api.Client.Post(Run, token, Support.Catalogue.Input, ("Idempotency-Key", "k"))).Refused(409, "run_cancelled").NextActions[0];

        Assert.Equal(("run_service", Run), (Text(first, "action"), Text(first, "endpoint")));
        Assert.NotEqual("k", Text(first, "idempotency_key"));
        (await Take(api, first, token)).Expect(202);
    }

    [Theory]
    [InlineData("/admin/sessions/nothing", "list_sessions")]
    [InlineData("/admin/payments/nothing", "list_payments")]
    [InlineData("/admin/limits/user/unknown", "list_users")]
    [InlineData("/admin/journal/session/nothing", "list_sessions")]
    [InlineData("/admin/journal/campaign/nothing/1", "list_campaigns")]
    [InlineData("/admin/reports/0198c0de-0000-7000-8000-000000000000", "list_reports")]
    [InlineData("/admin/people/unknown", "list_people")]
    [InlineData("/admin/refusals/0198c0de-0000-7000-8000-000000000000", "list_refusals")]
    [InlineData("/admin/scenarios/nothing/versions/1", "list_all_scenarios")]
    [InlineData("/admin/upstreams/nothing/tools", "list_upstreams")]
    [InlineData("/admin/webhooks/nothing/deliveries", "list_webhooks")]
    public async Task What_an_operator_does_not_find_leads_to_what_is_there(string path, string list)
    {
        await using var api = await RunningApi.Start();
        var refused = (await api.Client.Admin(HttpMethod.Get, path)).Refused(404, "not_found");

        Assert.Equal([list], refused.ActionNames);
    }

    [Fact]
    public async Task An_operators_wrong_field_is_left_out_too()
    {
        await using var api = await RunningApi.Start();
        await api.Client.Load();

        var first = (await api.Client.Admin(HttpMethod.Post, "/admin/campaigns/survey/fund", """{"amount_cents":-1}""", ("Idempotency-Key", "f"))).Refused(422, "validation_failed").NextActions[0];

        Assert.Equal("/admin/campaigns/survey/fund", Text(first, "endpoint"));
        Assert.False(first.TryGetProperty("body", out _));
        (await api.Client.Get(Text(first.GetProperty("schema_ref"), "url"))).Expect(200);
    }

    [Fact]
    public async Task Too_many_requests_say_when_to_come_again()
    {
        await using var api = await RunningApi.Start(ratePerMinute: 1);
        var token = await api.Client.OpenSession();
        (await api.Client.Get("/agent/flow/status", token)).Expect(200);

        var first = (await api.Client.Get("/agent/flow/status", token)).Refused(429, "rate_limited").NextActions[0];

        Assert.Equal("flow_status", Text(first, "action"));
        Assert.True(first.GetProperty("not_before").GetDateTimeOffset() > DateTimeOffset.UtcNow.AddSeconds(-1));
    }

    [Fact]
    public async Task A_consent_is_asked_for_and_never_prefilled_and_refusing_it_leads_elsewhere()
    {
        await using var api = await RunningApi.Start();
        await api.Client.Load();
        var token = await api.Client.OpenSession();

        var task = (await api.Client.Get("/agent/tasks/survey?schemas=full", token)).Expect(200);
        var consent = task.NextActions[0].GetProperty("body_schema").GetProperty("properties").GetProperty("consents").GetProperty("prefixItems")[0].GetProperty("properties");
        var refused = (await api.Client.Post("/agent/tasks/survey/complete", token, Support.Catalogue.Completion.Replace("\"granted\":true", "\"granted\":false", StringComparison.Ordinal))).Refused(422, "validation_failed");

        Assert.Equal("boolean", Text(consent.GetProperty("granted"), "type"));
        Assert.False(consent.GetProperty("granted").TryGetProperty("const", out _) || consent.GetProperty("granted").TryGetProperty("default", out _));
        Assert.Contains("sponsor sees", Text(consent.GetProperty("type"), "description"), StringComparison.Ordinal);
        Assert.Contains("sponsor sees", Text(task.Data.GetProperty("consent_meanings")[0], "meaning"), StringComparison.Ordinal);
        Assert.Equal(["search_services", "get_tasks"], refused.ActionNames);
    }

    [Fact]
    public async Task The_agents_own_money_is_offered_where_nobody_elses_is()
    {
        await using var api = await RunningApi.Start();
        (await api.Client.Admin(HttpMethod.Put, "/admin/services/summary", Support.Catalogue.Service)).Expect(200);
        var token = await api.Client.OpenSession();
        Assert.DoesNotContain("run_service", (await api.Client.Get("/agent/flow/status", token)).Expect(200).ActionNames);
        (await api.Client.Admin(HttpMethod.Post, "/admin/wallets/agent:agent-1/deposit", """{"amount_cents":25}""", ("Idempotency-Key", "d"))).Expect(200);

        var offered = (await api.Client.Get("/agent/flow/status", token)).Expect(200).NextActions.Single(a => Text(a, "action") == "run_service");
        var refused = (await api.Client.Post(Run, token, Support.Catalogue.Input)).Refused(402, "payment_required");

        Assert.Equal("""{"max_price_cents":25,"pay_with":"wallet"}""", offered.GetProperty("body").GetRawText());
        Assert.Equal("run_service", refused.ActionNames[0]);
    }

    [Theory]
    [InlineData("/complete", false, "complete_task", "get_tasks")]
    [InlineData("/claim", false, "claim_task", "get_tasks")]
    [InlineData("/complete", true, "run_service", "get_tasks", "complete_task")]
    [InlineData("/claim", true, "run_service", "get_tasks", "claim_task")]
    public async Task A_reward_that_is_exhausted_is_waited_for_where_neither_another_task_nor_the_wallet_helps(string what, bool hasMoney, params string[] actions)
    {
        await using var api = await RunningApi.Start();
        var token = await Unrewarded(api);
        if (hasMoney)
        {
            (await api.Client.Admin(HttpMethod.Post, "/admin/wallets/agent:agent-1/deposit", """{"amount_cents":25}""", ("Idempotency-Key", "d"))).Expect(200);
        }

        var refused = (await api.Client.Post($"/agent/tasks/survey{what}", token, what == "/claim" ? null : Support.Catalogue.Completion, ("Idempotency-Key", "k"))).Refused(409, "rewards_exhausted");

        Assert.Equal(actions, refused.ActionNames);
        Assert.Equal(("same_key", JsonValueKind.Null), (Text(refused.Error, "retry"), refused.Error.GetProperty("retry_after_seconds").ValueKind));
        var again = refused.NextActions[hasMoney ? 2 : 0];
        Assert.Equal(($"/agent/tasks/survey{what}", "k"), (Text(again, "endpoint"), Text(again, "idempotency_key")));
        Assert.Contains("fund_campaign", Text(again, "description"), StringComparison.Ordinal);
        Assert.InRange(again.GetProperty("not_before").GetDateTimeOffset() - DateTimeOffset.UtcNow, TimeSpan.FromSeconds(30), TimeSpan.FromSeconds(60));

        (await api.Client.Admin(HttpMethod.Post, "/admin/campaigns/survey/fund", """{"amount_cents":10}""", ("Idempotency-Key", "f"))).Expect(200);
        (await api.Client.Post(Text(again, "endpoint"), token, again.TryGetProperty("body", out var body) ? body.GetRawText() : null, ("Idempotency-Key", "k"))).Expect(201);
    }

    [Fact]
    public async Task A_reward_that_is_exhausted_is_earned_with_another_task_before_it_is_waited_for()
    {
        await using var api = await RunningApi.Start();
        var token = await Unrewarded(api);
        (await api.Client.Admin(HttpMethod.Put, "/admin/campaigns/other", Support.Catalogue.Campaign)).Expect(200);
        (await api.Client.Admin(HttpMethod.Post, "/admin/campaigns/other/fund", """{"amount_cents":100}""", ("Idempotency-Key", "f"))).Expect(200);

        var refused = (await api.Client.Post("/agent/tasks/survey/complete", token, Support.Catalogue.Completion)).Refused(409, "rewards_exhausted");

        Assert.Equal(
            ["/agent/tasks/other/complete", "/agent/tasks", "/agent/tasks/survey/complete"],
            refused.NextActions.Select(action => Text(action, "endpoint")));
    }

    [Fact]
    public async Task A_reward_that_is_exhausted_is_left_for_a_run_that_a_sponsor_pays_before_the_own_wallet_does()
    {
        await using var api = await RunningApi.Start();
        var token = await api.Client.OpenReady();
        (await api.Client.Admin(HttpMethod.Post, "/admin/wallets/agent:agent-1/deposit", """{"amount_cents":25}""", ("Idempotency-Key", "d"))).Expect(200);
        (await api.Client.Admin(HttpMethod.Put, "/admin/campaigns/other", Support.Catalogue.Campaign.Replace("\"runs_per_completion\"", "\"reward_cents\":5,\"runs_per_completion\"", StringComparison.Ordinal))).Expect(200);

        var refused = (await api.Client.Post("/agent/tasks/other/complete", token, Support.Catalogue.Completion)).Refused(409, "rewards_exhausted");

        Assert.Equal(["/agent/services/summary/run", "/agent/tasks", "/agent/tasks/other/complete"], refused.NextActions.Select(action => Text(action, "endpoint")));
        Assert.Equal("sponsor", Text(refused.NextActions[0].GetProperty("body"), "pay_with"));
    }

    [Theory]
    [InlineData("/agent/services", false, "no service that can be run")]
    [InlineData("/agent/services?q=volcano", true, "none matches")]
    [InlineData("/agent/services?offset=10", true, "begin anew")]
    [InlineData("/agent/tasks", false, "No campaign is open")]
    public async Task An_empty_list_says_why(string path, bool loaded, string why)
    {
        await using var api = await RunningApi.Start();
        if (loaded)
        {
            await api.Client.Load();
        }

        var list = (await api.Client.Get(path, await api.Client.OpenSession())).Expect(200).Data;

        Assert.Contains(why, Text(list, "empty_because"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_list_out_of_scope_says_so_and_a_full_one_nothing()
    {
        await using var api = await RunningApi.Start();
        await api.Client.Load();
        var narrow = await api.Client.OpenSession(scopes: "[]");

        Assert.Contains("allowed_categories", Text((await api.Client.Get("/agent/services", narrow)).Expect(200).Data, "empty_because"), StringComparison.Ordinal);
        Assert.Contains("allowed_task_types", Text((await api.Client.Get("/agent/tasks", narrow)).Expect(200).Data, "empty_because"), StringComparison.Ordinal);
        Assert.Equal(JsonValueKind.Null, (await api.Client.Get("/agent/services", await api.Client.OpenSession())).Expect(200).Data.GetProperty("empty_because").ValueKind);
    }

    private static async Task<string> Completed(RunningApi api)
    {
        var token = await api.Client.OpenSession();
        await api.Client.Complete(token);
        return token;
    }

    private static Task<Received> Take(RunningApi api, JsonElement action, string token) =>
        api.Client.Send(new(Text(action, "method")), Text(action, "endpoint"), token, action.GetProperty("body").GetRawText(), ("Idempotency-Key", Text(action, "idempotency_key")));

    /// <summary>The campaign's reward is more than it has.</summary>
    private static async Task<string> Unrewarded(RunningApi api)
    {
        await api.Client.Load(fundCents: "1");
        (await api.Client.Admin(HttpMethod.Patch, "/admin/campaigns/survey", """{"reward_cents":5}""")).Expect(200);
        return await api.Client.OpenSession();
    }

    private static string Text(JsonElement element, string name) => element.GetProperty(name).GetString()!;
}
