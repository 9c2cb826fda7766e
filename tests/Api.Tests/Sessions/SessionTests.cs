using System.Text.Json;
using Agora.Api.Tests.Support;
using Agora.Application.Operations;
using Agora.Application.Reading;
using Agora.Core.Kernel;
using Agora.Core.Services;
using Agora.Core.Sessions;
using Microsoft.Extensions.DependencyInjection;

namespace Agora.Api.Tests.Sessions;

public sealed class SessionTests
{
    [Fact]
    public async Task An_ended_session_refuses_every_route_session_revoked()
    {
        await using var api = await RunningApi.Start();
        var token = await api.Client.OpenSession();

        (await api.Client.Send(HttpMethod.Delete, "/agent/session", token)).Expect(200);

        var refused = (await api.Client.Get("/agent/services", token)).Refused(401, "session_revoked");
        Assert.Equal(["auth"], refused.ActionNames);
    }

    [Fact]
    public async Task The_request_over_the_rate_is_refused_rate_limited_with_when_to_come_back()
    {
        await using var api = await RunningApi.Start(ratePerMinute: 3);
        var token = await api.Client.OpenSession();

        var first = (await api.Client.Get("/agent/services", token)).Expect(200);
        Assert.Equal(("3", "2"), (first.Header("RateLimit-Limit"), first.Header("RateLimit-Remaining")));
        (await api.Client.Get("/agent/services", token)).Expect(200);
        (await api.Client.Post("/agent/services/none/run", token, "nonsense")).Refused(400, "malformed_request");

        var refused = (await api.Client.Get("/agent/services", token)).Refused(429, "rate_limited");
        Assert.True(refused.Error.GetProperty("retry_allowed").GetBoolean());
        Assert.InRange(int.Parse(refused.Header("Retry-After")!), 1, 60);
        Assert.Equal("0", refused.Header("RateLimit-Remaining"));
    }

    [Fact]
    public async Task The_status_says_when_the_budget_would_be_spent_and_operators_read_the_same_of_a_cap_reached()
    {
        await using var api = await RunningApi.Start();
        var token = await api.Client.OpenReady();
        (await api.Client.Admin(HttpMethod.Put, "/admin/users/user-1", """{"daily_cap_cents":25}""")).Expect(200);
        Assert.Equal((null, "nothing_spent"), Projected((await api.Client.Get("/agent/flow/status", token)).Expect(200).Data));

        (await api.Client.Post("/agent/services/summary/run", token, """{"input":{"text":"A text."}}""")).Expect(200);

        var flow = (await api.Client.Get("/agent/flow/status", token)).Expect(200).Data;
        Assert.Null(Projected(flow).Not);
        Assert.InRange(DateTimeOffset.Parse(Projected(flow).At!), flow.GetProperty("session").GetProperty("created_at").GetDateTimeOffset(), flow.GetProperty("session").GetProperty("expires_at").GetDateTimeOffset());
        var spent = (await api.Client.Admin(HttpMethod.Get, "/admin/users/user-1")).Expect(200).Data.GetProperty("spent");
        Assert.Equal((null, "reached"), Projected(spent.GetProperty("today")));
        Assert.Equal((null, "no_cap"), Projected(spent.GetProperty("this_month")));

    }

    [Fact]
    public async Task What_a_run_under_way_holds_counts_for_when_the_budget_would_be_spent()
    {
        await using var api = await RunningApi.Start();
        var token = await api.Client.OpenReady();
        var outcome = new TaskCompletionSource<StepOutcome>();
        api.Service.Answers = _ => outcome.Task;

        (await api.Client.Post("/agent/services/summary/run", token, Support.Catalogue.Input, ("Prefer", "respond-async"))).Expect(202);

        Assert.Null(Projected((await api.Client.Get("/agent/flow/status", token)).Expect(200).Data).Not);
        outcome.SetResult(new ServiceOutcome.CallFailed(Codes.UpstreamFailed, "The service failed.", 1));
    }

    [Fact]
    public async Task A_minute_far_above_the_rate_suspends_all_sessions_of_the_pair_session_suspended()
    {
        await using var api = await RunningApi.Start(ratePerMinute: 3, floodFactor: 2);
        var (token, other) = (await api.Client.OpenSession(), await api.Client.OpenSession());

        for (var i = 0; i < 7; i++)
        {
            await api.Client.Get("/agent/services", token);
        }

        (await api.Client.Get("/agent/services", token)).Refused(403, "session_suspended");
        (await api.Client.Get("/agent/services", other)).Refused(403, "session_suspended");
    }

    [Fact]
    public async Task Five_attempts_out_of_scope_suspend_all_sessions_of_the_pair_session_suspended()
    {
        await using var api = await RunningApi.Start();
        await api.Client.Load();
        var other = await api.Client.OpenSession();
        var token = await api.Client.OpenSession(scopes: "[]");
        for (var i = 0; i < 5; i++)
        {
            (await api.Client.Post("/agent/services/summary/run", token, Support.Catalogue.Input)).Refused(403, "scope_violation");
        }

        (await api.Client.Get("/agent/services", token)).Refused(403, "session_suspended");
        var refused = (await api.Client.Get("/agent/services", other)).Refused(403, "session_suspended");
        Assert.Equal(["search_services", "end_session"], refused.ActionNames);
        Assert.True(refused.NextActions[0].TryGetProperty("not_before", out _));
        Assert.True(refused.Error.GetProperty("details").TryGetProperty("resume_at", out _));
        (await api.Client.Send(HttpMethod.Delete, "/agent/session", other)).Expect(200);
    }

    [Fact]
    public async Task Operators_suspend_and_resume_the_sessions_pair()
    {
        await using var api = await RunningApi.Start();
        var token = await api.Client.OpenSession();
        var session = (await api.Client.Get("/agent/flow/status", token)).Data.GetProperty("session").GetProperty("session_id").GetString();

        (await api.Client.Admin(HttpMethod.Post, $"/admin/sessions/{session}/suspend", """{"reason":"Checking"}""")).Expect(200);
        (await api.Client.Get("/agent/services", token)).Refused(403, "session_suspended");
        (await api.Client.Admin(HttpMethod.Post, $"/admin/sessions/{session}/resume", """{"reason":"Checked"}""")).Expect(200);

        (await api.Client.Get("/agent/services", token)).Expect(200);
    }

    [Fact]
    public async Task The_audit_tells_mutations_refusals_reads_and_runs_newest_first()
    {
        await using var api = await RunningApi.Start();
        await api.Client.Load();
        var token = await api.Client.OpenSession();
        (await api.Client.Post("/agent/services/none/run", token, """{"input":1}""")).Refused(404, "not_found");
        await api.Client.Complete(token);
        (await api.Client.Post("/agent/services/summary/run", token, Support.Catalogue.Input)).Expect(200);

        var history = (await api.Client.Get("/agent/audit/history", token)).Expect(200).Data;

        var entries = history.GetProperty("entries").EnumerateArray().Select(e => (e.GetProperty("operation").GetString(), e.GetProperty("response_status").GetInt32())).ToList();
        Assert.Equal([("run_service", 200), ("complete_task", 201), ("run_service", 404)], entries.Where(e => e.Item1 != "audit_history"));
        var runs = (await api.Client.Get("/agent/audit/history?operation=run_service&limit=1&offset=1", token)).Expect(200).Data;
        Assert.Equal(404, runs.GetProperty("entries")[0].GetProperty("response_status").GetInt32());
        Assert.Equal(2, runs.GetProperty("total_count").GetInt32());
    }

    [Theory]
    [InlineData("complete_task")]
    [InlineData("do_task")]
    public async Task The_audit_is_asked_by_either_name_of_an_operation_tells_the_present_one_and_stores_the_first(string name)
    {
        await using var api = await RunningApi.Start();
        await api.Client.Load();
        var token = await api.Client.OpenSession();
        await api.Client.Complete(token);

        var entry = Assert.Single((await api.Client.Get($"/agent/audit/history?operation={name}", token)).Expect(200).Data.GetProperty("entries").EnumerateArray());

        Assert.Equal("complete_task", entry.GetProperty("operation").GetString());
        var (rows, _) = await api.Services.GetRequiredService<TableReader>().In(Tenant.Default).Page(SessionTables.Audit, new Page(0, 10), [], default, TableReader.Is("operation", "do_task"));
        Assert.Equal(entry.GetProperty("id").GetString(), Assert.Single(rows).Text("audit_id"));
    }

    [Fact]
    public async Task A_withdrawn_consent_leaves_the_sponsors_view_at_once_and_ends_the_sponsored_runs()
    {
        await using var api = await RunningApi.Start();
        await api.Client.Load();
        var token = await api.Client.OpenSession();
        await api.Client.Complete(token);
        Assert.Equal(5, Rating(await Completions(api)));
        var consent = (await api.Client.Get("/agent/consents", token)).Expect(200).Data.GetProperty("consents")[0].GetProperty("consent_id").GetString();

        (await api.Client.Send(HttpMethod.Delete, $"/agent/consents/{consent}", token)).Expect(200);

        Assert.Equal(JsonValueKind.Null, (await Completions(api)).GetProperty("output").ValueKind);
        (await api.Client.Post("/agent/services/summary/run", token, Support.Catalogue.Input)).Refused(402, "payment_required");
    }

    [Fact]
    public async Task A_consent_is_withdrawn_only_by_the_agent_that_gave_it_and_by_no_sub_session_scope_violation()
    {
        await using var api = await RunningApi.Start();
        await api.Client.Load();
        var token = await api.Client.OpenSession();
        await api.Client.Complete(token);
        var consent = "/agent/consents/" + (await api.Client.Get("/agent/consents", token)).Expect(200).Data.GetProperty("consents")[0].GetProperty("consent_id").GetString();
        var other = await api.Client.OpenSession(agent: "agent-2");
        var below = await Below(api, token, "agent-3");
        var namesake = await Below(api, other, "agent-1");

        for (var attempt = 0; attempt < 10; attempt++)
        {
            (await api.Client.Send(HttpMethod.Delete, consent, other)).Refused(403, "scope_violation");
        }

        (await api.Client.Send(HttpMethod.Delete, consent, below)).Refused(403, "scope_violation");
        (await api.Client.Send(HttpMethod.Delete, consent, namesake)).Refused(403, "scope_violation");
        Assert.Equal(5, Rating(await Completions(api)));
        (await api.Client.Send(HttpMethod.Delete, consent, await api.Client.OpenSession())).Expect(200);
    }

    [Fact]
    public async Task What_a_sub_session_consented_to_its_root_withdraws()
    {
        await using var api = await RunningApi.Start();
        await api.Client.Load();
        var token = await api.Client.OpenSession();
        await api.Client.Complete(await Below(api, token, "agent-3"));
        var consent = (await api.Client.Get("/agent/consents", token)).Expect(200).Data.GetProperty("consents")[0].GetProperty("consent_id").GetString();

        (await api.Client.Send(HttpMethod.Delete, $"/agent/consents/{consent}", token)).Expect(200);
    }

    [Fact]
    public async Task An_operator_withdraws_any_consent_for_its_user()
    {
        await using var api = await RunningApi.Start();
        await api.Client.Load();
        var token = await api.Client.OpenSession();
        await api.Client.Complete(token);
        var consent = (await api.Client.Get("/agent/consents", token)).Expect(200).Data.GetProperty("consents")[0].GetProperty("consent_id").GetString();

        Assert.Equal(consent, (await api.Client.Admin(HttpMethod.Delete, $"/admin/users/user-1/consents/{consent}")).Expect(200).Data.GetProperty("consent_id").GetString());

        Assert.Equal(JsonValueKind.Null, (await Completions(api)).GetProperty("output").ValueKind);
        (await api.Client.Admin(HttpMethod.Delete, "/admin/users/user-1/consents/none")).Refused(404, "not_found");
    }

    private static async Task<string> Below(RunningApi api, string token, string agent) =>
        (await api.Client.Post("/agent/session/delegate", token, $$"""{"agent_id":"{{agent}}"}""")).Expect(201).Data.GetProperty("token").GetString()!;

    [Fact]
    public async Task A_task_done_from_two_sessions_at_once_is_done_once_the_other_is_task_already_completed()
    {
        await using var api = await RunningApi.Start();
        await api.Client.Load();
        var tokens = new[] { await api.Client.OpenSession(), await api.Client.OpenSession() };

        var done = await Task.WhenAll(tokens.Select(token => api.Client.Post("/agent/tasks/survey/complete", token, Support.Catalogue.Completion)));

        Assert.Equal([201, 409], done.Select(d => d.Status).Order());
        Assert.Equal("task_already_completed", done.Single(d => d.Status == 409).Code);
        Assert.Equal(1, (await api.Client.Admin(HttpMethod.Get, "/admin/campaigns/survey")).Data.GetProperty("completions").GetInt32());
    }

    [Fact]
    public async Task After_the_personal_data_are_erased_no_output_is_readable()
    {
        await using var api = await RunningApi.Start();
        await api.Client.Load();
        var token = await api.Client.OpenSession();
        await api.Client.Complete(token);

        (await api.Client.Admin(HttpMethod.Delete, "/admin/users/user-1/personal-data")).Expect(200);

        Assert.Equal(JsonValueKind.Null, (await Completions(api)).GetProperty("output").ValueKind);
    }

    [Fact]
    public async Task Completions_come_as_CSV_when_asked_for()
    {
        await using var api = await RunningApi.Start();
        await api.Client.Load();
        await api.Client.Complete(await api.Client.OpenSession());

        var lines = (await api.Client.Text("/admin/campaigns/survey/completions", RunningApi.AdminKey, "text/csv")).Split("\r\n");

        Assert.Equal("completion_id,user_id,session_id,agent_id,execution_mode,completed_at,consents,output", lines[0]);
        Assert.Contains(",user-1,", lines[1], StringComparison.Ordinal);
        Assert.EndsWith("""data_sharing,"{""rating"":5,""why"":""It works"",""again"":true}" """.TrimEnd(), lines[1], StringComparison.Ordinal);
        Assert.Equal("", lines[2]);
    }

    private static async Task<JsonElement> Completions(RunningApi api) =>
        (await api.Client.Admin(HttpMethod.Get, "/admin/campaigns/survey/completions")).Expect(200).Data.GetProperty("completions")[0];

    private static int Rating(JsonElement completion) => completion.GetProperty("output").GetProperty("rating").GetInt32();

    private static (string? At, string? Not) Projected(JsonElement of) => (of.GetProperty("projected_at").GetString(), of.GetProperty("not_projected").GetString());
}
