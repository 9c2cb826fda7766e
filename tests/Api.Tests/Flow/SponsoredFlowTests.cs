using System.Text.Json.Nodes;
using Agora.Api.Tests.Support;

namespace Agora.Api.Tests.Flow;

public sealed class SponsoredFlowTests
{
    [Fact]
    public async Task An_agent_that_only_follows_the_first_action_runs_a_sponsored_service()
    {
        await using var api = await RunningApi.Start();
        await api.Client.Load();
        var walk = new FollowingAgent(api.Client, RunningApi.PlatformKey, new()
        {
            ["agent_id"] = "agent-1",
            ["user_id"] = "user-1",
            ["scopes"] = JsonNode.Parse("""{"allowed_task_types":["*"],"allowed_data_types":["*"],"allowed_categories":["*"],"allowed_consents":["*"],"budget_limit_cents":100}"""),
        });

        var steps = await walk.Until("run_service");

        Assert.Equal(["auth", "search_services", "get_task", "complete_task", "run_service"], steps);
        var run = walk.Last.Data;
        Assert.Equal("succeeded", run.GetProperty("state").GetString());
        Assert.Equal("Short.", run.GetProperty("output").GetProperty("summary").GetString());
        Assert.Equal("25", run.GetProperty("payment").GetProperty("amount_cents").GetRawText());
        Assert.Equal("sponsor", run.GetProperty("payment").GetProperty("source").GetString());
        Assert.Equal("75", run.GetProperty("budget").GetProperty("remaining_cents").GetRawText());
        var status = await api.Client.Get("/agent/flow/status", walk.Token);
        Assert.Equal("done", status.Data.GetProperty("step").GetString());
    }

    [Fact]
    public async Task An_agent_that_sends_all_that_is_offered_twice_spends_once()
    {
        await using var api = await RunningApi.Start(duplicateWindowSeconds: 0);
        await api.Client.Load();
        var walk = new FollowingAgent(api.Client, RunningApi.PlatformKey, new() { ["agent_id"] = "agent-1", ["user_id"] = "user-1" }, times: 2);

        await walk.Until("run_service");

        var run = walk.Last;
        Assert.Equal(("true", "75"), (run.Header("Idempotent-Replayed"), run.Data.GetProperty("budget").GetProperty("remaining_cents").GetRawText()));
        Assert.Single((await api.Client.Get("/agent/runs", walk.Token)).Expect(200).Data.GetProperty("runs").EnumerateArray());
    }

    [Fact]
    public async Task An_offer_has_the_same_key_until_its_run_is_over()
    {
        await using var api = await RunningApi.Start();
        await api.Client.Load();
        var token = await api.Client.OpenSession();
        await api.Client.Complete(token);
        var first = await Key();
        Assert.Equal(first, await Key());

        (await api.Client.Post("/agent/services/summary/run", token, Support.Catalogue.Input, ("Idempotency-Key", first))).Expect(200);

        Assert.NotEqual(first, await Key());

        async Task<string> Key() => (await api.Client.Get("/agent/flow/status", token)).Expect(200).NextActions[0].GetProperty("idempotency_key").GetString()!;
    }

    [Fact]
    public async Task The_flow_names_its_steps_find_do_run_and_done()
    {
        await using var api = await RunningApi.Start();
        var token = await api.Client.OpenSession();
        Assert.Equal("find_service", await Step());
        await api.Client.Load();
        Assert.Equal("do_task", await Step());
        await api.Client.Complete(token);
        Assert.Equal("run_service", await Step());
        (await api.Client.Post("/agent/services/summary/run", token, Support.Catalogue.Input)).Expect(200);
        Assert.Equal("done", await Step());

        async Task<string> Step() => (await api.Client.Get("/agent/flow/status", token)).Expect(200).Data.GetProperty("step").GetString()!;
    }

    [Fact]
    public async Task A_campaign_without_money_for_the_service_is_not_offered()
    {
        await using var api = await RunningApi.Start();
        await api.Client.Load(fundCents: "24");
        var token = await api.Client.OpenSession();

        var status = await api.Client.Get("/agent/flow/status", token);

        Assert.Equal("find_service", status.Data.GetProperty("step").GetString());
        Assert.Equal(["search_services", "delegate_session", "session_tree"], status.ActionNames);
    }

    [Fact]
    public async Task A_run_that_no_sponsor_pays_yet_is_refused_with_the_task_that_changes_that()
    {
        await using var api = await RunningApi.Start();
        await api.Client.Load();
        var token = await api.Client.OpenSession();

        var refused = (await api.Client.Post("/agent/services/summary/run", token, Support.Catalogue.Input)).Refused(402, "payment_required");

        Assert.Equal("get_task", refused.ActionNames[0]);
        Assert.Equal("/agent/tasks/survey", refused.NextActions[0].GetProperty("endpoint").GetString());
    }

    [Fact]
    public async Task Next_actions_hold_no_words_of_third_parties_but_the_schemas_that_are_listed_as_untrusted()
    {
        await using var api = await RunningApi.Start();
        await api.Client.Load();
        var token = await api.Client.OpenSession();

        var task = (await api.Client.Get("/agent/tasks/survey?schemas=full", token)).Expect(200);

        var action = JsonNode.Parse(task.NextActions[0].GetRawText())!.AsObject();
        action.Remove("body_schema");
        Assert.DoesNotContain("Acme", action.ToJsonString(), StringComparison.Ordinal);
        Assert.DoesNotContain("Product survey", action.ToJsonString(), StringComparison.Ordinal);
        Assert.Contains("next_actions[].body_schema", task.Json.GetProperty("untrusted_fields").EnumerateArray().Select(f => f.GetString()));
    }
}
