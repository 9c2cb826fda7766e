using System.Text.Json;
using Agora.Api.Tests.Support;
using Agora.Core.Kernel;
using Agora.Core.Services;

namespace Agora.Api.Tests.Runs;

/// <summary>A run is taken back by its agent or by an operator, before it has its output.</summary>
public sealed class CancelTests
{
    private const string Run = "/agent/services/summary/run";

    [Fact]
    public async Task A_cancelled_run_costs_nothing_its_repeat_says_so_and_its_service_is_told()
    {
        await using var api = await RunningApi.Start();
        var (token, run, outcome) = await UnderWay(api);

        var cancelled = (await api.Client.Post($"/agent/runs/{run}/cancel", token, "{}")).Expect(200);

        Assert.Equal(("cancelled", "run_cancelled"), (Text(cancelled.Data, "state"), Text(cancelled.Data.GetProperty("failure"), "code")));
        Assert.Equal("100", cancelled.Header("Agora-Budget-Remaining-Cents"));
        outcome.SetResult(new ServiceOutcome.Output("""{"summary":"Late."}"""u8.ToArray(), 1));
        var repeat = await api.Client.Post(Run, token, Support.Catalogue.Input, ("Idempotency-Key", "k1"));
        repeat.Refused(409, Codes.RunCancelled);
        Assert.Equal("new_key", Text(repeat.Json.GetProperty("error"), "retry"));
        foreach (var again in new[] { await api.Client.Post($"/agent/runs/{run}/cancel", token, "{}"), await api.Client.Get($"/agent/runs/{run}", token) })
        {
            Assert.Equal("cancelled", Text(again.Expect(200).Data, "state"));
        }

        Assert.Equal("cancelled", Text((await api.Client.Get("/agent/runs", token)).Expect(200).Data.GetProperty("runs")[0], "state"));
        Assert.Equal([run], api.Service.Cancelled.Select(id => id.ToString()));
        var audit = (await api.Client.Get("/agent/audit/history", token)).Expect(200).Data.GetRawText();
        Assert.Contains("cancel_run", audit, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_operator_cancels_a_run_of_a_session_and_again_it_is_the_same()
    {
        await using var api = await RunningApi.Start();
        var (token, run, outcome) = await UnderWay(api);
        var session = Text((await api.Client.Get("/agent/flow/status", token)).Expect(200).Data.GetProperty("session"), "session_id");
        (await api.Client.Admin(HttpMethod.Post, $"/admin/sessions/{session}/suspend", """{"reason":"Odd."}""")).Expect(200);

        foreach (var path in new[] { $"/admin/sessions/{session}/runs/{Guid.NewGuid()}/cancel", $"/admin/sessions/{session}/runs/none/cancel", $"/admin/sessions/{session}/runs/{run.ToUpperInvariant()}/cancel", $"/admin/sessions/other/runs/{run}/cancel" })
        {
            (await api.Client.Admin(HttpMethod.Post, path, """{"reason":"Enough."}""")).Refused(404, Codes.NotFound);
        }

        for (var times = 0; times < 2; times++)
        {
            Assert.Equal("cancelled", Text((await api.Client.Admin(HttpMethod.Post, $"/admin/sessions/{session}/runs/{run}/cancel", """{"reason":"Enough."}""")).Expect(200).Data, "state"));
        }

        var other = Text((await api.Client.Get("/agent/flow/status", await api.Client.OpenSession("user-2"))).Expect(200).Data.GetProperty("session"), "session_id");
        (await api.Client.Admin(HttpMethod.Post, $"/admin/sessions/{other}/runs/{run}/cancel", """{"reason":"Enough."}""")).Refused(404, Codes.NotFound);
        outcome.SetResult(new ServiceOutcome.CallFailed(Codes.UpstreamFailed, "The service failed.", 1));
    }

    [Fact]
    public async Task Its_own_key_again_is_answered_as_the_first_time_and_for_another_run_or_body_it_is_a_conflict()
    {
        await using var api = await RunningApi.Start();
        var (token, run, outcome) = await UnderWay(api);
        var key = ("Idempotency-Key", "c1");
        var path = $"/agent/runs/{run}/cancel";
        var first = (await api.Client.Post(path, token, "{}", key)).Expect(200);

        var again = (await api.Client.Post(path, token, "{}", key)).Expect(200);

        Assert.Equal((null, "true", first.Data.GetRawText()), (first.Header("Idempotent-Replayed"), again.Header("Idempotent-Replayed"), again.Data.GetRawText()));
        (await api.Client.Post($"/agent/runs/{Guid.NewGuid()}/cancel", token, "{}", key)).Refused(409, Codes.IdempotencyConflict);
        (await api.Client.Post(path, token, "{ }", key)).Refused(409, Codes.IdempotencyConflict);
        (await api.Client.Post(Run, token, Support.Catalogue.Input, key)).Refused(409, Codes.IdempotencyConflict);
        outcome.SetResult(new ServiceOutcome.CallFailed(Codes.UpstreamFailed, "The service failed.", 1));
    }

    [Fact]
    public async Task An_operators_key_again_is_answered_as_the_first_time_and_for_another_reason_it_is_a_conflict()
    {
        await using var api = await RunningApi.Start();
        var (token, run, outcome) = await UnderWay(api);
        var session = Text((await api.Client.Get("/agent/flow/status", token)).Expect(200).Data.GetProperty("session"), "session_id");
        var (path, key) = ($"/admin/sessions/{session}/runs/{run}/cancel", ("Idempotency-Key", "c1"));
        var first = (await api.Client.Admin(HttpMethod.Post, path, """{"reason":"Enough."}""", key)).Expect(200);

        var again = (await api.Client.Admin(HttpMethod.Post, path, """{"reason":"Enough."}""", key)).Expect(200);

        Assert.Equal(("true", first.Data.GetRawText()), (again.Header("Idempotent-Replayed"), again.Data.GetRawText()));
        (await api.Client.Admin(HttpMethod.Post, path, """{"reason":"Another."}""", key)).Refused(409, Codes.IdempotencyConflict);
        outcome.SetResult(new ServiceOutcome.CallFailed(Codes.UpstreamFailed, "The service failed.", 1));
    }

    [Fact]
    public async Task What_has_its_outcome_is_not_cancelled_and_what_is_not_there_is_not_found()
    {
        await using var api = await RunningApi.Start();
        var token = await api.Client.OpenReady();
        var run = Text((await api.Client.Post(Run, token, Support.Catalogue.Input)).Expect(200).Data, "run_id");

        var refused = await api.Client.Post($"/agent/runs/{run}/cancel", token, "{}");
        refused.Refused(409, Codes.RunDecided);
        Assert.Equal("succeeded", Text(refused.Json.GetProperty("error").GetProperty("details"), "state"));
        (await api.Client.Post($"/agent/runs/{Guid.NewGuid()}/cancel", token, "{}")).Refused(404, Codes.NotFound);
        (await api.Client.Post("/agent/runs/none/cancel", token, "{}")).Refused(404, Codes.NotFound);
        (await api.Client.Post($"/agent/runs/{run.ToUpperInvariant()}/cancel", token, "{}")).Refused(404, Codes.NotFound);
    }

    private static async Task<(string Token, string Run, TaskCompletionSource<StepOutcome> Outcome)> UnderWay(RunningApi api)
    {
        var (outcome, called) = (new TaskCompletionSource<StepOutcome>(), new TaskCompletionSource());
        api.Service.Answers = _ =>
        {
            called.TrySetResult();
            return outcome.Task;
        };
        var token = await api.Client.OpenReady();
        var accepted = (await api.Client.Post(Run, token, Support.Catalogue.Input, ("Prefer", "respond-async"), ("Idempotency-Key", "k1"))).Expect(202);
        await called.Task;
        return (token, Text(accepted.Data, "run_id"), outcome);
    }

    private static string Text(JsonElement data, string member) => data.GetProperty(member).GetString()!;
}
