using Agora.Api.Tests.Support;
using Agora.Application.Catalogue;
using Agora.Contracts;
using Agora.Core.Kernel;
using Agora.Core.Services;
using Microsoft.Extensions.DependencyInjection;

namespace Agora.Api.Tests.Runs;

public sealed class RunTests
{
    private const string Run = "/agent/services/summary/run";

    [Fact]
    public async Task A_run_under_way_answers_202_where_the_caller_would_rather_not_wait()
    {
        await using var api = await RunningApi.Start();
        var outcome = new TaskCompletionSource<StepOutcome>();
        api.Service.Answers = _ => outcome.Task;
        var token = await api.Client.OpenReady();

        var accepted = (await api.Client.Post(Run, token, Support.Catalogue.Input, ("Prefer", "respond-async"))).Expect(202);

        Assert.Equal("pending", accepted.Data.GetProperty("state").GetString());
        Assert.Equal(["get_run"], accepted.ActionNames);
        Assert.Equal("75", accepted.Header("Agora-Budget-Remaining-Cents"));
        Assert.Equal($"/agent/runs/{accepted.Data.GetProperty("run_id").GetString()}", accepted.Header("Location"));
        Assert.Equal(("1", "respond-async"), (accepted.Header("Retry-After"), accepted.Header("Preference-Applied")));
        var pending = (await api.Client.Get($"/agent/runs/{accepted.Data.GetProperty("run_id").GetString()}", token)).Expect(200);
        Assert.Equal("pending", pending.Data.GetProperty("state").GetString());
        var listed = (await api.Client.Get("/agent/runs", token)).Expect(200).Data;
        Assert.Equal(("pending", 1), (listed.GetProperty("runs")[0].GetProperty("state").GetString(), listed.GetProperty("total_count").GetInt32()));
        outcome.SetResult(new ServiceOutcome.CallFailed(Codes.UpstreamFailed, "The service failed.", 1));
    }

    [Theory]
    [InlineData("respond-async, wait=0")]
    [InlineData("respond-async; foo=bar, handling=lenient")]
    [InlineData("return=minimal, RESPOND-ASYNC")]
    public async Task Each_of_many_runs_answers_202_where_the_caller_would_rather_not_wait(string prefer)
    {
        await using var api = await RunningApi.Start();
        var outcome = new TaskCompletionSource<StepOutcome>();
        api.Service.Answers = _ => outcome.Task;
        var token = await api.Client.OpenReady();
        (await api.Client.Admin(HttpMethod.Put, "/admin/services/summary", Support.Catalogue.Service.Replace("\"price_cents\":25", "\"price_cents\":0", StringComparison.Ordinal))).Expect(200);

        var accepted = await Task.WhenAll(Enumerable.Range(0, 20).Select(
            n => api.Client.Post(Run, token, $$$"""{"input":{"text":"Text {{{n}}}"}}""", ("Prefer", prefer), ("Idempotency-Key", $"run-{n}"))));

        Assert.All(accepted, reply => reply.Expect(202));
        outcome.SetResult(new ServiceOutcome.CallFailed(Codes.UpstreamFailed, "The service failed.", 1));
    }

    [Fact]
    public async Task What_is_preferred_and_not_done_is_not_said_to_be()
    {
        await using var api = await RunningApi.Start(runWait: TimeSpan.FromMilliseconds(1));
        var token = await api.Client.OpenReady();

        var done = (await api.Client.Post(Run, token, Support.Catalogue.Input, ("Prefer", "respond-async, wait=10"))).Status;
        var outcome = new TaskCompletionSource<StepOutcome>();
        api.Service.Answers = _ => outcome.Task;
        var slow = (await api.Client.Post(Run, token, """{"input":{"text":"Another."}}""", ("Prefer", "wait=10"))).Expect(202);

        Assert.Contains(done, new[] { 200, 202 });
        Assert.Null(slow.Header("Preference-Applied"));
        Assert.NotNull(slow.Header("Location"));
        outcome.SetResult(new ServiceOutcome.CallFailed(Codes.UpstreamFailed, "The service failed.", 1));
    }

    [Theory]
    [InlineData(false, "new_key")]
    [InlineData(true, "never")]
    public async Task A_run_that_failed_after_its_202_says_as_its_refusal_would_whether_it_may_be_sent_again(bool isOfInput, string retry)
    {
        await using var api = await RunningApi.Start(runWait: TimeSpan.FromMinutes(1));
        var token = await api.Client.OpenReady();
        var outcome = new TaskCompletionSource<StepOutcome>();
        api.Service.Answers = _ => outcome.Task;
        var run = (await api.Client.Post(Run, token, Support.Catalogue.Input, ("Idempotency-Key", "k"), ("Prefer", "wait=0"))).Expect(202).Data.GetProperty("run_id").GetString();

        outcome.SetResult(new ServiceOutcome.CallFailed(Codes.UpstreamFailed, "The service failed.", 1) { IsOfInput = isOfInput });
        var failed = (await api.Client.Send(HttpMethod.Get, $"/agent/runs/{run}", token, null, ("Prefer", "wait=60"))).Expect(200);
        var refused = (await api.Client.Post(Run, token, Support.Catalogue.Input, ("Idempotency-Key", "k"))).Refused(502, Codes.UpstreamFailed);

        Assert.Equal((retry, retry), (failed.Data.GetProperty("failure").GetProperty("retry").GetString(), refused.Error.GetProperty("retry").GetString()));
    }

    [Fact]
    public async Task A_run_that_a_limit_refused_says_as_its_refusal_whether_it_may_be_sent_again()
    {
        await using var api = await RunningApi.Start();
        (await api.Client.Admin(HttpMethod.Put, "/admin/users/user-1", """{"attributes":{},"daily_cap_cents":1}""")).Expect(200);
        var token = await api.Client.OpenReady();
        var refused = (await api.Client.Post(Run, token, Support.Catalogue.Input, ("Idempotency-Key", "k"))).Refused(403, Codes.BudgetExceeded);

        var seen = (await api.Client.Get($"/agent/runs/{refused.Error.GetProperty("details").GetProperty("run_id").GetString()}", token)).Expect(200);

        Assert.Equal(("same_key", "same_key"), (refused.Error.GetProperty("retry").GetString(), seen.Data.GetProperty("failure").GetProperty("retry").GetString()));
    }

    [Theory]
    [InlineData("wait=0", "wait=0")]
    [InlineData("wait=999999", null)]
    [InlineData("wait=99999999999999999999", null)]
    [InlineData("wait=-1", null)]
    [InlineData("wait=soon", null)]
    public async Task A_wait_is_heard_alone_and_is_never_longer_than_the_servers_own(string prefer, string? applied)
    {
        await using var api = await RunningApi.Start(runWait: TimeSpan.FromMilliseconds(applied is null ? 1 : 60_000));
        var outcome = new TaskCompletionSource<StepOutcome>();
        api.Service.Answers = _ => outcome.Task;
        var token = await api.Client.OpenReady();

        var accepted = (await api.Client.Post(Run, token, Support.Catalogue.Input, ("Prefer", prefer))).Expect(202);

        Assert.Equal(applied, accepted.Header("Preference-Applied"));
        outcome.SetResult(new ServiceOutcome.CallFailed(Codes.UpstreamFailed, "The service failed.", 1));
    }

    [Fact]
    public async Task Who_asks_after_a_run_and_would_wait_is_answered_when_it_has_its_outcome()
    {
        await using var api = await RunningApi.Start(runWait: TimeSpan.FromSeconds(60));
        var outcome = new TaskCompletionSource<StepOutcome>();
        api.Service.Answers = _ => outcome.Task;
        var token = await api.Client.OpenReady();
        var path = (await api.Client.Post(Run, token, Support.Catalogue.Input, ("Prefer", "respond-async"))).Expect(202).Header("Location")!;

        var pending = (await api.Client.Send(HttpMethod.Get, path, token, null, ("Prefer", "wait=0"))).Expect(200);
        Assert.Equal(("pending", "1"), (pending.Data.GetProperty("state").GetString(), pending.Header("Retry-After")));

        var asked = api.Client.Send(HttpMethod.Get, path, token, null, ("Prefer", "wait=999999"));
        Assert.False(asked.IsCompleted);
        outcome.SetResult(new ServiceOutcome.Output("{}"u8.ToArray(), 1));
        Assert.Equal("succeeded", (await asked).Expect(200).Data.GetProperty("state").GetString());
    }

    [Fact]
    public async Task Who_is_over_the_rate_holds_no_request_open_by_preferring_to_wait()
    {
        await using var api = await RunningApi.Start(ratePerMinute: 3, runWait: TimeSpan.FromHours(1));
        var outcome = new TaskCompletionSource<StepOutcome>();
        api.Service.Answers = _ => outcome.Task;
        var token = await api.Client.OpenReady();
        var path = (await api.Client.Post(Run, token, Support.Catalogue.Input, ("Prefer", "respond-async"))).Expect(202).Header("Location")!;
        (await api.Client.Get(path, token)).Expect(200);

        (await api.Client.Send(HttpMethod.Get, path, token, null, ("Prefer", "wait=3600")).WaitAsync(Hang.Timeout)).Refused(429, "rate_limited");

        outcome.SetResult(new ServiceOutcome.CallFailed(Codes.UpstreamFailed, "The service failed.", 1));
    }

    [Fact]
    public async Task A_runs_id_has_one_spelling()
    {
        await using var api = await RunningApi.Start();
        var token = await api.Client.OpenReady();
        var id = (await api.Client.Post(Run, token, Support.Catalogue.Input)).Expect(200).Data.GetProperty("run_id").GetString()!;

        (await api.Client.Get($"/agent/runs/{id}", token)).Expect(200);
        (await api.Client.Get($"/agent/runs/{id.ToUpperInvariant()}", token)).Refused(404, "not_found");
        (await api.Client.Get($"/agent/runs/{id}/receipt", token)).Expect(200);
        (await api.Client.Get($"/agent/runs/{id.ToUpperInvariant()}/receipt", token)).Refused(404, "not_found");
    }

    [Fact]
    public async Task A_run_that_outlasts_the_servers_wait_answers_202()
    {
        await using var api = await RunningApi.Start(runWait: TimeSpan.FromMilliseconds(1));
        var outcome = new TaskCompletionSource<StepOutcome>();
        api.Service.Answers = _ => outcome.Task;
        var token = await api.Client.OpenReady();

        (await api.Client.Post(Run, token, Support.Catalogue.Input)).Expect(202);
        outcome.SetResult(new ServiceOutcome.CallFailed(Codes.UpstreamFailed, "The service failed.", 1));
    }

    [Fact]
    public async Task A_metered_run_holds_the_most_it_may_cost_and_posts_what_it_cost()
    {
        await using var api = await RunningApi.Start();
        var held = new List<long?>();
        api.Service.Answers = call =>
        {
            held.Add(call.HeldMicros);
            return Task.FromResult<StepOutcome>(new ServiceOutcome.Output("{}"u8.ToArray(), 1, 125_000));
        };
        var token = await api.Client.OpenReady();
        (await api.Client.Admin(HttpMethod.Put, "/admin/services/summary", Support.Catalogue.Service.Replace("\"price_cents\"", "\"max_price_cents\"", StringComparison.Ordinal))).Expect(200);

        var whole = (await api.Client.Post(Run, token, Support.Catalogue.Input)).Expect(200).Data;
        var lowered = (await api.Client.Post(Run, token, """{"input":{"text":"Another text."},"max_price_cents":20}""")).Expect(200).Data;

        Assert.Equal([250_000, 200_000], held);
        Assert.Equal("12.5", whole.GetProperty("payment").GetProperty("amount_cents").GetRawText());
        Assert.Equal(("25", "0", "75"), (Budget(lowered, "spent_cents"), Budget(lowered, "reserved_cents"), Budget(lowered, "remaining_cents")));

        static string Budget(System.Text.Json.JsonElement run, string member) => run.GetProperty("budget").GetProperty(member).GetRawText();
    }

    [Fact]
    public async Task A_metered_run_that_may_cost_nothing_is_refused_and_the_service_is_not_called_PaymentRequired()
    {
        await using var api = await RunningApi.Start();
        var called = 0;
        api.Service.Answers = _ =>
        {
            called++;
            return Task.FromResult<StepOutcome>(new ServiceOutcome.Output("{}"u8.ToArray(), 1, 0));
        };
        var token = await api.Client.OpenReady();
        (await api.Client.Admin(HttpMethod.Put, "/admin/services/summary", Support.Catalogue.Service.Replace("\"price_cents\"", "\"max_price_cents\"", StringComparison.Ordinal))).Expect(200);

        (await api.Client.Post(Run, token, """{"input":{"text":"Another text."},"max_price_cents":0}""")).Refused(402, "payment_required");

        Assert.Equal(0, called);
    }

    [Fact]
    public async Task A_service_has_either_a_price_or_the_most_that_a_run_may_cost()
    {
        await using var api = await RunningApi.Start();
        var both = Support.Catalogue.Service.Replace("\"price_cents\":25", "\"price_cents\":25,\"max_price_cents\":30", StringComparison.Ordinal);
        var neither = Support.Catalogue.Service.Replace("\"price_cents\":25,", "", StringComparison.Ordinal);

        (await api.Client.Admin(HttpMethod.Put, "/admin/services/summary", both)).Refused(422, "validation_failed");
        (await api.Client.Admin(HttpMethod.Put, "/admin/services/summary", neither)).Refused(422, "validation_failed");
        var metered = (await api.Client.Admin(HttpMethod.Put, "/admin/services/summary", both.Replace("\"price_cents\":25,", "", StringComparison.Ordinal))).Expect(200).Data;

        Assert.Equal(("30", true), (metered.GetProperty("price_cents").GetRawText(), metered.GetProperty("metered").GetBoolean()));
    }

    [Fact]
    public async Task A_refusal_is_told_at_once_whatever_the_caller_prefers()
    {
        await using var api = await RunningApi.Start();
        await api.Client.Load();
        var token = await api.Client.OpenSession(scopes: "[]");

        (await api.Client.Post(Run, token, Support.Catalogue.Input, ("Prefer", "respond-async"))).Refused(403, "scope_violation");
    }

    [Fact]
    public async Task A_concluded_run_is_told_with_its_output_and_receipt()
    {
        await using var api = await RunningApi.Start();
        var token = await api.Client.OpenReady();
        var ran = (await api.Client.Post(Run, token, Support.Catalogue.Input)).Expect(200).Data;

        var told = (await api.Client.Get($"/agent/runs/{ran.GetProperty("run_id").GetString()}", token)).Expect(200).Data;

        Assert.Equal(ran.ToString(), told.ToString());
        Assert.Equal("survey", told.GetProperty("payment").GetProperty("paid_by").GetProperty("id").GetString());
    }

    [Fact]
    public async Task Another_sessions_run_is_not_found()
    {
        await using var api = await RunningApi.Start();
        var token = await api.Client.OpenReady();
        var id = (await api.Client.Post(Run, token, Support.Catalogue.Input)).Expect(200).Data.GetProperty("run_id").GetString();

        (await api.Client.Get($"/agent/runs/{id}", await api.Client.OpenSession())).Refused(404, "not_found");
    }

    [Theory]
    [InlineData(Codes.UpstreamFailed, 502)]
    [InlineData(Codes.UpstreamTimeout, 504)]
    [InlineData(Codes.Unavailable, 503)]
    public async Task A_run_whose_service_fails_gets_its_code_and_costs_nothing(string code, int status)
    {
        await using var api = await RunningApi.Start();
        api.Service.Answers = PlayedService.Fails(code);
        var token = await api.Client.OpenReady();

        var failed = (await api.Client.Post(Run, token, Support.Catalogue.Input)).Refused(status, code);

        Assert.True(failed.Error.GetProperty("retry_allowed").GetBoolean());
        Assert.Equal("100", failed.Header("Agora-Budget-Remaining-Cents"));
        var run = (await api.Client.Get($"/agent/runs/{failed.Error.GetProperty("details").GetProperty("run_id").GetString()}", token)).Expect(200).Data;
        Assert.Equal("failed", run.GetProperty("state").GetString());
        Assert.Equal(code, run.GetProperty("failure").GetProperty("code").GetString());
    }

    [Fact]
    public async Task The_same_key_and_body_give_the_stored_outcome_and_another_body_idempotency_conflict()
    {
        await using var api = await RunningApi.Start();
        var token = await api.Client.OpenReady();

        var first = (await api.Client.Post(Run, token, Support.Catalogue.Input, ("Idempotency-Key", "run-1"))).Expect(200);
        var again = (await api.Client.Post(Run, token, Support.Catalogue.Input, ("Idempotency-Key", "run-1"))).Expect(200);

        Assert.Equal("true", again.Header("Idempotent-Replayed"));
        Assert.Equal(first.Data.GetProperty("run_id").GetString(), again.Data.GetProperty("run_id").GetString());
        Assert.Equal("Short.", again.Data.GetProperty("output").GetProperty("summary").GetString());
        (await api.Client.Post(Run, token, """{"input":{"text":"Another."}}""", ("Idempotency-Key", "run-1"))).Refused(409, "idempotency_conflict");
        Assert.Equal("75", (await api.Client.Get("/agent/flow/status", token)).Header("Agora-Budget-Remaining-Cents"));
    }

    [Fact]
    public async Task Caps_that_a_run_brings_near_their_end_are_named_in_the_reply_and_its_header()
    {
        await using var api = await RunningApi.Start();
        var token = await api.Client.OpenReady();
        (await api.Client.Admin(HttpMethod.Put, "/admin/users/user-1", """{"daily_cap_cents":1000}""")).Expect(200);
        var far = (await api.Client.Post(Run, token, Support.Catalogue.Input)).Expect(200);
        Assert.Equal((null, false), (far.Header("Agora-Budget-Warning"), far.Data.TryGetProperty("budget_warnings", out _)));
        (await api.Client.Admin(HttpMethod.Put, "/admin/users/user-1", """{"daily_cap_cents":60}""")).Expect(200);

        Task<Received> Again() => api.Client.Post(Run, token, """{"input":{"text":"Another."}}""", ("Idempotency-Key", "another"));
        var near = (await Again()).Expect(200);
        var repeated = (await Again()).Expect(200);

        Assert.Equal("daily_cap", near.Header("Agora-Budget-Warning"));
        Assert.Equal(near.Data.GetRawText(), repeated.Data.GetRawText());
        Assert.Equal("""[{"limit":"daily_cap","id":"user-1","limit_cents":60,"remaining_cents":10}]""", near.Data.GetProperty("budget_warnings").GetRawText());
    }

    [Fact]
    public async Task Rate_and_budget_in_the_headers_are_those_of_the_reply_also_where_an_outcome_is_replayed()
    {
        await using var api = await RunningApi.Start(ratePerMinute: 10);
        var token = await api.Client.OpenReady(); // one request

        var first = (await api.Client.Post(Run, token, Support.Catalogue.Input, ("Idempotency-Key", "run-1"))).Expect(200);
        var second = (await api.Client.Post(Run, token, """{"input":{"text":"Another."}}""")).Expect(200);
        var replayed = (await api.Client.Post(Run, token, Support.Catalogue.Input, ("Idempotency-Key", "run-1"))).Expect(200);

        Assert.Equal(("10", "8", "75"), (first.Header("RateLimit-Limit"), first.Header("RateLimit-Remaining"), first.Header("Agora-Budget-Remaining-Cents")));
        Assert.InRange(int.Parse(first.Header("RateLimit-Reset")!), 1, 60);
        Assert.Equal(("7", "50"), (second.Header("RateLimit-Remaining"), second.Header("Agora-Budget-Remaining-Cents")));
        Assert.Equal(("true", "50"), (replayed.Header("Idempotent-Replayed"), replayed.Header("Agora-Budget-Remaining-Cents")));
        Assert.Equal("7", replayed.Header("RateLimit-Remaining")); // a replay is not decided again, so it is not counted
        Assert.Equal("75", replayed.Data.GetProperty("budget").GetProperty("remaining_cents").GetRawText());
    }

    [Fact]
    public async Task A_run_whose_sponsor_and_provider_have_the_same_owner_is_paid_only_if_the_campaign_allows_it_and_says_related_party()
    {
        await using var api = await RunningApi.Start();
        var token = await api.Client.OpenReady();
        (await api.Client.Admin(HttpMethod.Put, "/admin/services/summary", Owned(Support.Catalogue.Service))).Expect(200);
        (await api.Client.Admin(HttpMethod.Put, "/admin/campaigns/survey", Owned(Support.Catalogue.Campaign))).Expect(200);
        var named = Support.Catalogue.Input.TrimEnd()[..^1] + ",\"campaign_id\":\"survey\"}";
        (await api.Client.Post(Run, token, named)).Refused(403, "not_eligible");
        (await api.Client.Post(Run, token, Support.Catalogue.Input)).Refused(402, "payment_required");
        Assert.Empty((await api.Client.Get("/agent/services", token)).Expect(200).Data.GetProperty("services")[0].GetProperty("sponsors").EnumerateArray());
        (await api.Client.Admin(HttpMethod.Put, "/admin/campaigns/survey", Owned(Support.Catalogue.Campaign.TrimStart().Insert(1, "\"allow_related\":true,")))).Expect(200);

        var run = (await api.Client.Post(Run, token, Support.Catalogue.Input)).Expect(200);

        Assert.True(run.Data.GetProperty("payment").GetProperty("related_party").GetBoolean());

        static string Owned(string definition) => definition.TrimStart().Insert(1, "\"owner\":\"acme\",");
    }

    [Fact]
    public async Task The_same_input_in_other_spelling_without_a_key_is_duplicate_request_with_its_run()
    {
        await using var api = await RunningApi.Start();
        var token = await api.Client.OpenReady();
        var first = (await api.Client.Post(Run, token, """{"input":{"text":"t\u0065xt"}}""")).Expect(200);

        var refused = (await api.Client.Post(Run, token, """{ "input" : { "text" : "text" } }""")).Refused(409, "duplicate_request");

        Assert.Equal(first.Data.GetProperty("run_id").GetString(), refused.Error.GetProperty("details").GetProperty("run_id").GetString());
        Assert.Equal(["get_run"], refused.ActionNames);
    }

    [Fact]
    public async Task A_budget_one_micro_dollar_short_is_budget_exceeded()
    {
        await using var api = await RunningApi.Start();
        await api.Client.Load();
        var token = await api.Client.OpenSession(budgetCents: "24.9999");
        await api.Client.Complete(token);

        var refused = (await api.Client.Post(Run, token, Support.Catalogue.Input)).Refused(403, "budget_exceeded");

        Assert.Equal("24.9999", refused.Error.GetProperty("details").GetProperty("remaining_cents").GetRawText());
    }

    [Fact]
    public async Task A_key_whose_run_is_still_under_way_is_idempotency_in_flight()
    {
        await using var api = await RunningApi.Start();
        var outcome = new TaskCompletionSource<StepOutcome>();
        api.Service.Answers = _ => outcome.Task;
        var token = await api.Client.OpenReady();
        (await api.Client.Post(Run, token, Support.Catalogue.Input, ("Prefer", "respond-async"), ("Idempotency-Key", "run-1"))).Expect(202);

        (await api.Client.Post(Run, token, Support.Catalogue.Input, ("Idempotency-Key", "run-1"))).Refused(409, "idempotency_in_flight");
        outcome.SetResult(new ServiceOutcome.CallFailed(Codes.UpstreamFailed, "The service failed.", 1));
    }

    [Fact]
    public async Task An_escrow_one_micro_dollar_short_is_payment_required()
    {
        await using var api = await RunningApi.Start();
        await api.Client.Load(fundCents: "24.9999");
        var token = await api.Client.OpenSession();
        await api.Client.Complete(token);

        (await api.Client.Post(Run, token, Support.Catalogue.Input)).Refused(402, "payment_required");
    }

    [Fact]
    public async Task A_price_above_what_the_campaign_pays_is_payment_required()
    {
        await using var api = await RunningApi.Start();
        var token = await api.Client.OpenReady();
        (await api.Client.Admin(HttpMethod.Put, "/admin/services/summary", Support.Catalogue.Service.Replace("\"price_cents\":25", "\"price_cents\":30.0001", StringComparison.Ordinal))).Expect(200);

        (await api.Client.Post(Run, token, Support.Catalogue.Input)).Refused(402, "payment_required");
    }

    [Fact]
    public async Task A_service_that_is_switched_off_is_not_found()
    {
        await using var api = await RunningApi.Start();
        var token = await api.Client.OpenReady();
        (await api.Client.Admin(HttpMethod.Put, "/admin/services/summary", Support.Catalogue.Service.Replace("\"price_cents\":25", "\"price_cents\":25,\"active\":false", StringComparison.Ordinal))).Expect(200);

        (await api.Client.Post(Run, token, Support.Catalogue.Input)).Refused(404, "not_found");
        Assert.Equal(0, (await api.Client.Get("/agent/services", token)).Expect(200).Data.GetProperty("total_count").GetInt32());
    }

    [Fact]
    public async Task A_disabled_service_is_unavailable_says_when_it_is_tried_again_and_is_enabled_by_a_put()
    {
        await using var api = await RunningApi.Start(duplicateWindowSeconds: 0);
        var token = await api.Client.OpenReady();
        var disabled = await api.Services.GetRequiredService<IEntities>().Service("summary").Send(new ServiceCommand.Disable("Ten failures."), new(Guid.CreateVersion7()));
        api.Services.GetRequiredService<Catalogues>().In(Tenant.Default).Put((ServiceView)disabled.Reply!);

        var refused = (await api.Client.Post(Run, token, Support.Catalogue.Input)).Refused(503, "unavailable");

        Assert.NotNull(refused.Header("Retry-After"));
        var listed = (await api.Client.Admin(HttpMethod.Get, "/admin/services")).Expect(200).Data.GetProperty("services")[0];
        Assert.True(listed.GetProperty("disabled").GetBoolean());
        Assert.Equal(TimeSpan.FromMinutes(1), listed.GetProperty("retry_at").GetDateTimeOffset() - listed.GetProperty("updated_at").GetDateTimeOffset());
        (await api.Client.Admin(HttpMethod.Put, "/admin/services/summary", Support.Catalogue.Service)).Expect(200);
        (await api.Client.Post(Run, token, Support.Catalogue.Input)).Expect(200);
    }

    [Fact]
    public async Task A_price_above_max_price_cents_is_payment_required()
    {
        await using var api = await RunningApi.Start();
        var token = await api.Client.OpenReady();

        (await api.Client.Post(Run, token, """{"input":{"text":"t"},"max_price_cents":24.9999}""")).Refused(402, "payment_required");
    }

    [Fact]
    public async Task Runs_beyond_runs_per_completion_are_payment_required()
    {
        await using var api = await RunningApi.Start(duplicateWindowSeconds: 0);
        var token = await api.Client.OpenReady();
        (await api.Client.Post(Run, token, Support.Catalogue.Input)).Expect(200);
        (await api.Client.Post(Run, token, Support.Catalogue.Input)).Expect(200);

        (await api.Client.Post(Run, token, Support.Catalogue.Input)).Refused(402, "payment_required");
        Assert.Equal(3, (await api.Client.Get("/agent/runs", token)).Expect(200).Data.GetProperty("total_count").GetInt32());
    }

    [Fact]
    public async Task Of_more_campaigns_than_are_weighed_the_one_whose_task_was_completed_pays()
    {
        await using var api = await RunningApi.Start();
        await api.Client.Load();
        for (var n = 1; n <= Limits.Candidates + 5; n++)
        {
            (await api.Client.Admin(HttpMethod.Put, $"/admin/campaigns/other-{n}", Support.Catalogue.Campaign)).Expect(200);
            (await api.Client.Admin(HttpMethod.Post, $"/admin/campaigns/other-{n}/fund", """{"amount_cents":100}""", ("Idempotency-Key", $"fund-other-{n}"))).Expect(200);
        }

        for (var n = 1; n <= Limits.Candidates + 5; n++)
        {
            var token = await api.Client.OpenSession($"user-{n}");
            (await api.Client.Post($"/agent/tasks/other-{n}/complete", token, Support.Catalogue.Completion)).Expect(201);
            var payment = (await api.Client.Post(Run, token, Support.Catalogue.Input)).Expect(200).Data.GetProperty("payment");
            Assert.Equal($"other-{n}", payment.GetProperty("paid_by").GetProperty("id").GetString());
        }

        var nobody = (await api.Client.Post(Run, await api.Client.OpenSession("nobody"), Support.Catalogue.Input)).Refused(402, "payment_required");
        Assert.Equal(Limits.Candidates, nobody.Error.GetProperty("details").GetProperty("campaign_ids").GetArrayLength());
    }

    [Fact]
    public async Task NUL_bidi_and_zero_width_characters_in_an_input_reach_the_service_as_they_are()
    {
        await using var api = await RunningApi.Start();
        string? received = null;
        api.Service.Answers = call =>
        {
            received = System.Text.Encoding.UTF8.GetString(call.Body.Span);
            return PlayedService.Says("{}")(call);
        };
        var token = await api.Client.OpenReady();

        (await api.Client.Post(Run, token, """{"input": {"text":"a\u0000\u202e\u200b😀"}}""")).Expect(200);

        Assert.Equal("""{"text":"a\u0000\u202e\u200b😀"}""", received);
    }
}
