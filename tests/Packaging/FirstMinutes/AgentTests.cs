using System.Diagnostics;
using Agora.Crash.Support;

namespace Agora.Packaging.FirstMinutes;

/// <summary>
/// docs/agent.py earns and spends, whatever it is refused on the way: it knows one path, <c>retry</c> and the first next action. Each refusal is provoked between an offer
/// and the request that follows it. In the end there is its completion, and one payment.
/// </summary>
public sealed class AgentTests(AgentWorld world) : IClassFixture<AgentWorld>
{
    private const string All = """{"allowed_task_types":["*"],"allowed_data_types":["*"],"allowed_categories":["*"],"allowed_consents":["*"],"budget_limit_cents":100}""";

    [Fact]
    public void It_has_at_most_25_lines() => Assert.InRange(File.ReadAllLines(Repository.File("docs/agent.py")).Length, 1, 25);

    [Fact]
    public async Task It_earns_spends_and_has_a_receipt()
    {
        var walked = (await world.Walk("plain")).HasPaid(5);

        (await world.Send(HttpMethod.Get, $"/agent/runs/{walked.Told["run_id"]}/receipt", walked.Token)).Expect(200);
    }

    [Fact]
    public async Task A_budget_that_is_nearly_spent_buys_something_cheaper()
    {
        await PutGrant("budget", All.Replace("100", "6", StringComparison.Ordinal));

        (await world.Walk("budget", AgentWorld.Dear, step => Run(step, AgentWorld.Cheap))).HasPaid(2, 2);
    }

    [Fact]
    public async Task A_cap_that_was_lowered_buys_something_cheaper() =>
        (await world.Walk("cap", AgentWorld.Dear, _ => PutCap("cap", 3))).HasPaid(2);

    [Fact]
    public async Task A_cap_that_leaves_nothing_is_waited_for()
    {
        await PutCap("spent", 5);

        var walked = await world.Walk("spent", AgentWorld.Dear, step => Run(step, AgentWorld.Dear), _ => PutCap("spent", 50));

        walked.HasPaid(5, 5);
        Assert.InRange(Assert.Single(walked.Steps, step => step.Method == "wait").WaitsSeconds, 0.001, 86_400);
    }

    [Fact]
    public async Task A_run_that_waits_for_its_user_is_looked_at_until_it_is_approved()
    {
        await PutGrant("approved", All, ""","require_approval_above_cents":3""");

        (await world.Walk("approved", "/agent/runs/", step => Decide(step, "approve"))).HasPaid(5);
    }

    [Fact]
    public async Task A_run_that_its_user_denies_is_not_asked_for_again()
    {
        await PutGrant("denied", All, ""","require_approval_above_cents":3""");

        var walked = (await world.Walk("denied", "/agent/runs/", step => Decide(step, "deny"))).HasPaid(2);

        Assert.Single(walked.Steps, step => step.Path == AgentWorld.Dear);
    }

    [Fact]
    public async Task Too_many_requests_are_waited_out()
    {
        var walked = await world.Walk("rate", AgentWorld.Dear, async step =>
        {
            while ((await world.Send(HttpMethod.Get, "/agent/flow/status", step.Token)).Status != 429)
            {
            }
        }, _ => world.Restart());

        walked.HasPaid(5);
        Assert.Single(walked.Steps, step => step.WaitsSeconds > 1);
    }

    [Fact]
    public async Task A_service_that_failed_is_tried_again_under_another_key()
    {
        var walked = await world.Walk("failed", AgentWorld.Dear, _ => world.Fail(401));

        walked.HasPaid(5);
        Assert.Equal(2, walked.Steps.Where(step => step.Path == AgentWorld.Dear).Select(step => step.Key).Distinct().Count());
    }

    [Fact]
    public async Task A_service_that_rests_is_waited_for()
    {
        var walked = await world.Walk("rests", AgentWorld.Dear, _ => LetDearRest(), _ => world.PutService("dear", 5));

        walked.HasPaid(5);
        Assert.Single(walked.Steps.Where(step => step.Path == AgentWorld.Dear).Select(step => step.Key).Distinct());
    }

    [Fact]
    public async Task A_server_that_is_killed_within_the_run_is_asked_again_and_paid_once()
    {
        var walked = await world.Walk("killed", AgentWorld.Dear, _ => world.KillInTheNextCall(), _ => world.Restart());

        walked.HasPaid(5);
    }

    [Fact]
    public async Task A_key_that_is_taken_is_replaced()
    {
        var walked = await world.Walk("conflict", AgentWorld.Dear, step => Run(step, AgentWorld.Dear, step.Key));

        walked.HasPaid(5, 5);
    }

    [Fact]
    public async Task What_no_sponsor_pays_any_more_the_agents_own_wallet_does()
    {
        await world.Admin(HttpMethod.Post, "/admin/wallets/agent:agent-unpaid/deposit", """{"amount_cents":100}""", "deposit-unpaid");

        var walked = await world.Walk("unpaid", AgentWorld.Dear, WithdrawConsents);

        walked.HasPaid(5);
        Assert.Equal("wallet", walked.Told["payment"]!["source"]!.ToString());
    }

    [Fact]
    public async Task A_price_that_has_risen_is_paid_as_it_is()
    {
        var walked = await world.Walk("price", AgentWorld.Dear, _ => world.PutService("dear", 6));
        await world.PutService("dear", 5);

        walked.HasPaid(6);
    }

    [Fact]
    public async Task A_session_that_was_ended_is_opened_anew() =>
        (await world.Walk("ended", AgentWorld.Dear, step => Act($"sessions/{SessionOf(step)}/end"))).HasPaid(5);

    [Fact]
    public async Task An_agent_that_was_stopped_goes_on_when_it_is_started()
    {
        await world.Admin(HttpMethod.Put, "/admin/agents/agent-stopped", "{}");

        var walked = await world.Walk("stopped", AgentWorld.Dear, _ => Act("agents/agent-stopped/stop"), _ => Act("agents/agent-stopped/start"));

        walked.HasPaid(5);
        Assert.Single(walked.Steps.Where(step => step.Path == AgentWorld.Dear).Select(step => step.Key).Distinct());
    }

    [Fact]
    public async Task A_grant_that_was_deleted_is_waited_for_until_it_is_put_again()
    {
        await PutGrant("ungranted", All);
        await world.Admin(HttpMethod.Put, "/admin/agents/agent-ungranted", "{}");
        var key = (await world.Admin(HttpMethod.Post, "/admin/agents/agent-ungranted/keys", "{}", "key-ungranted")).GetProperty("key").GetString();

        var walked = await world.Walk("ungranted", [(AgentWorld.Dear, _ => world.Admin(HttpMethod.Delete, "/admin/users/user-ungranted/grants/agent-ungranted"))], _ => PutGrant("ungranted", All), key);

        walked.HasPaid(5);
    }

    [Fact]
    public async Task As_many_sessions_as_there_may_be_give_way_to_a_new_one()
    {
        await PutGrant("lost", All, ""","max_live_sessions":1""");
        (await world.Send(HttpMethod.Post, "/agent/auth", ServerProcess.PlatformKey, """{"agent_id":"agent-lost","user_id":"user-lost"}""")).Expect(201);

        (await world.Walk("lost")).HasPaid(5);
    }

    [Fact]
    public async Task A_service_that_was_taken_away_is_replaced_by_another()
    {
        var walked = await world.Walk("gone", AgentWorld.Dear, _ => world.Admin(HttpMethod.Patch, "/admin/services/dear", """{"active":false}"""));
        await world.PutService("dear", 5);

        walked.HasPaid(2);
    }

    [Fact]
    public async Task A_task_that_its_user_has_done_is_not_waited_for()
    {
        (await world.Walk("again")).HasPaid(5);

        Assert.Equal(2, (await world.Walk("again")).Paid.Count);
    }

    [Fact]
    public async Task A_wrong_key_ends_it_at_once()
    {
        var (why, steps) = await world.GiveUp("wrong", "agk2_live_default.agent-wrong.bm90aGluZw.bm90aGluZw");

        Assert.Contains("key is required", why, StringComparison.Ordinal);
        Assert.InRange(steps.Count, 1, 4);
    }

    [Fact]
    public async Task What_it_cannot_say_ends_it_after_ten_times()
    {
        var (why, steps) = await world.GiveUp("nobody", unsaid: "user_id");

        Assert.Contains("not valid", why, StringComparison.Ordinal);
        Assert.Equal(10, steps.Count(step => step.Path == "/agent/auth"));
    }

    [Fact]
    public async Task A_service_that_only_fails_ends_it_after_ten_times_with_seconds_between_them()
    {
        await world.Fail(401, times: 100);
        var (why, steps) = await world.GiveUp("failing");
        world.Work();

        Assert.Contains("status 401", why, StringComparison.Ordinal);
        Assert.Equal(9, steps.Count(step => step.WaitsSeconds > 1));
    }

    [Fact]
    public async Task A_reward_that_is_exhausted_is_earned_with_another_task()
    {
        var walked = await world.Walk("unrewarded", "/agent/tasks/survey/complete", async _ =>
        {
            await world.PutCampaign("second");
            await PatchReward(1_000_000);
        });
        await PatchReward(3);
        await world.Admin(HttpMethod.Patch, "/admin/campaigns/second", """{"active":false}""");

        walked.HasPaid(5);
        Assert.Contains(walked.Steps, step => step.Path == "/agent/tasks/second/complete");
    }

    [Fact]
    public async Task A_reward_that_is_exhausted_is_waited_for_where_there_is_no_other_task()
    {
        var walked = await world.Walk("unfunded", "/agent/tasks/survey/complete", _ => PatchReward(1_000_000), _ => PatchReward(3));

        walked.HasPaid(5);
        Assert.Single(walked.Steps.Where(step => step.Path == "/agent/tasks/survey/complete").Select(step => step.Key).Distinct());
        Assert.Single(walked.Steps, step => step.WaitsSeconds > 1);
    }

    /// <summary>Nobody has granted its user anything: what an ended session had for scopes the next one has to ask for, and is told so.</summary>
    [Fact]
    public async Task A_body_that_lacks_what_is_required_is_completed()
    {
        var walked = (await world.Walk("invalid", AgentWorld.Dear, step => Act($"sessions/{SessionOf(step)}/end"))).HasPaid(5);

        Assert.Equal(3, walked.Steps.Count(step => step.Path == "/agent/auth"));
    }

    private Task PatchReward(int cents) => world.Admin(HttpMethod.Patch, "/admin/campaigns/survey", $$"""{"reward_cents":{{cents}}}""");

    private Task PutCap(string name, int cents) => world.Admin(HttpMethod.Put, $"/admin/users/user-{name}", $$"""{"daily_cap_cents":{{cents}}}""");

    private async Task PutGrant(string name, string scopes, string more = "")
    {
        await world.Admin(HttpMethod.Put, $"/admin/users/user-{name}", "{}");
        await world.Admin(HttpMethod.Put, $"/admin/users/user-{name}/grants/agent-{name}", $$"""{"scopes":{{scopes}}{{more}}}""");
    }

    private async Task Run(AgentStep step, string path, string? key = null) =>
        (await world.Send(HttpMethod.Post, path, step.Token, """{"input":{"text":"Another."}}""", key ?? "another")).Expect(200);

    private Task Act(string path) => world.Admin(HttpMethod.Post, $"/admin/{path}", """{"reason":"A test"}""");

    private Task Decide(AgentStep step, string decision) =>
        world.Admin(HttpMethod.Post, $"/admin/approvals/{step.Path.Split('/')[^1]}", $$"""{"decision":"{{decision}}","reason":"A test"}""");

    /// <summary>Ten failures in a row, of three users and agents.</summary>
    private async Task LetDearRest()
    {
        await world.Fail(401, times: 10);
        for (var i = 0; i < 10; i++)
        {
            var (agent, user) = ($"agent-failing-{i % 3}", $"user-failing-{i % 3}");
            await world.Admin(HttpMethod.Post, $"/admin/wallets/agent:{agent}/deposit", """{"amount_cents":5}""", $"deposit-{i}");
            var opened = (await world.Send(HttpMethod.Post, "/agent/auth", ServerProcess.PlatformKey, $$"""{"agent_id":"{{agent}}","user_id":"{{user}}","scopes":{{All}}}""")).Expect(201);
            await world.Send(HttpMethod.Post, AgentWorld.Dear, opened.Data.GetProperty("token").GetString()!, """{"input":{"text":"A."},"pay_with":"wallet","max_price_cents":5}""", $"failing-{i}");
        }

        // What failed is reported behind its answer: an operator's put that came before the last report would not be the last word.
        var waited = Stopwatch.StartNew();
        while (!(await world.Admin(HttpMethod.Get, "/admin/services/dear")).GetProperty("disabled").GetBoolean())
        {
            Assert.True(waited.Elapsed < Hang.Timeout, "The service failed ten times and does not rest.");
        }
    }

    private async Task WithdrawConsents(AgentStep step)
    {
        foreach (var consent in (await world.Send(HttpMethod.Get, "/agent/consents", step.Token)).Expect(200).Data.GetProperty("consents").EnumerateArray())
        {
            await world.Admin(HttpMethod.Delete, $"/admin/users/user-unpaid/consents/{consent.GetProperty("consent_id").GetString()}");
        }
    }

    private static string SessionOf(AgentStep step) => step.Token["agt_".Length..].Split('.')[0];
}
