using Agora.Api.Tests.Support;
using Agora.Core.Kernel;
using Agora.Core.Services;

namespace Agora.Api.Tests.Money;

/// <summary>
/// How budgets of others have been overrun, or eaten up by money that was never spent: each by its name, and what happens here. What a
/// restart between reserve and post leaves is in tests/Crash.
/// </summary>
public sealed class KnownFailuresTests
{
    private const string Run = "/agent/services/summary/run";
    private const string ByWallet = "\"pay_with\":\"wallet\",\"max_price_cents\":25";

    [Fact]
    public async Task First_requests_in_parallel_all_see_an_empty_budget_and_only_as_many_as_it_holds_start()
    {
        await using var api = await RunningApi.Start(duplicateWindowSeconds: 0, runWait: TimeSpan.FromMinutes(2)); // Those that start wait for those that are refused.
        var (calls, gate) = (0, new TaskCompletionSource());
        api.Service.Answers = async _ =>
        {
            Interlocked.Increment(ref calls);
            await gate.Task;
            return Output();
        };
        var token = await Rich(api, budgetCents: "100");

        var requests = Enumerable.Range(0, 50).Select(n => api.Client.Post(Run, token, Input($"text {n}"))).ToList();
        for (var open = requests.ToList(); open.Count > 4; open.RemoveAll(r => r.IsCompleted)) // counted and awaited as one: only the four are left to wait for the gate
        {
            await Task.WhenAny(open);
        }

        gate.SetResult();
        var replies = await Task.WhenAll(requests);
        Assert.Equal((4, 46, 4), (replies.Count(r => r.Status == 200), replies.Count(r => r is { Status: 403, Code: "budget_exceeded" }), calls));
        Assert.Equal((100, 0), await SpentAndHeld(api, token));
    }

    [Fact]
    public async Task Estimate_larger_than_the_headroom_starts_nothing_unless_the_request_asks_for_less()
    {
        await using var api = await RunningApi.Start(duplicateWindowSeconds: 0);
        var calls = 0;
        api.Service.Answers = _ =>
        {
            calls++;
            return Task.FromResult(Output(costMicros: 100_000));
        };
        var token = await Rich(api, budgetCents: "50");
        await Metered(api, maxCents: 60);

        var refused = (await api.Client.Post(Run, token, """{"input":{"text":"A text."},"pay_with":"wallet","max_price_cents":60}""")).Refused(403, "budget_exceeded");
        Assert.Equal(("50", 0), (refused.Error.GetProperty("details").GetProperty("remaining_cents").GetRawText(), calls));
        (await api.Client.Post(Run, token, """{"input":{"text":"A text."},"pay_with":"wallet","max_price_cents":50}""")).Expect(200);

        Assert.Equal(1, calls);
        Assert.Equal((10, 0), await SpentAndHeld(api, token));
    }

    [Fact]
    public async Task Client_that_is_gone_in_mid_run_has_paid_for_it_once_and_finds_it()
    {
        await using var api = await RunningApi.Start(duplicateWindowSeconds: 0);
        var (called, outcome) = (new TaskCompletionSource<Guid>(), new TaskCompletionSource<StepOutcome>());
        api.Service.Answers = call =>
        {
            called.TrySetResult(call.RunId);
            return outcome.Task;
        };
        var token = await Rich(api, budgetCents: "100");

        using (var http = new HttpClient { BaseAddress = api.Client.Address })
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, Run) { Content = new StringContent(Input("A text."), null, "application/json") };
            request.Headers.TryAddWithoutValidation("Authorization", $"Bearer {token}");
            using var gone = new CancellationTokenSource();
            var waiting = http.SendAsync(request, gone.Token);
            await called.Task;
            Assert.Equal((0, 25), await SpentAndHeld(api, token));
            await gone.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
        }

        outcome.SetResult(Output());
        var id = await called.Task;
        var run = await Eventually(() => api.Client.Get($"/agent/runs/{id}", token), r => r.Data.GetProperty("state").GetString() == "succeeded");
        Assert.Equal("25", run.Data.GetProperty("payment").GetProperty("amount_cents").GetRawText());
        Assert.Equal((25, 0), await SpentAndHeld(api, token));
    }

    [Fact]
    public async Task Service_that_failed_or_did_not_answer_costs_nothing_and_holds_nothing()
    {
        await using var api = await RunningApi.Start(duplicateWindowSeconds: 0);
        var token = await Rich(api, budgetCents: "25");
        foreach (var code in new[] { Codes.UpstreamTimeout, Codes.UpstreamFailed, Codes.Unavailable })
        {
            api.Service.Answers = PlayedService.Fails(code);
            Assert.Equal(code, (await api.Client.Post(Run, token, Input($"A text, {code}."))).Code);
            Assert.Equal((0, 0), await SpentAndHeld(api, token));
        }

        api.Service.Answers = PlayedService.Says("{}");
        (await api.Client.Post(Run, token, Input("The whole budget is still there."))).Expect(200);
        Assert.Equal((25, 0), await SpentAndHeld(api, token));
    }

    [Fact]
    public async Task Higher_cost_than_was_held_is_not_paid()
    {
        // What a service asks beyond the hold is cut where it is called: tests/Grains.Tests/Services. Here the session has the last word.
        await using var api = await RunningApi.Start(duplicateWindowSeconds: 0);
        api.Service.Answers = call => Task.FromResult(Output(costMicros: call.HeldMicros));
        var token = await Rich(api, budgetCents: "100");
        await Metered(api, maxCents: 60);

        var run = (await api.Client.Post(Run, token, """{"input":{"text":"A text."},"pay_with":"wallet","max_price_cents":40}""")).Expect(200).Data;

        Assert.Equal("40", run.GetProperty("payment").GetProperty("amount_cents").GetRawText());
        Assert.Equal((40, 0), await SpentAndHeld(api, token));
    }

    private static string Input(string text) => $$"""{"input":{"text":"{{text}}"},{{ByWallet}}}""";

    private static StepOutcome Output(long? costMicros = null) => new ServiceOutcome.Output("{}"u8.ToArray(), 1, costMicros);

    private static async Task<string> Rich(RunningApi api, string budgetCents)
    {
        await api.Client.Load();
        (await api.Client.Admin(HttpMethod.Post, "/admin/wallets/agent:agent-1/deposit", """{"amount_cents":100000}""", ("Idempotency-Key", "deposit-1"))).Expect(200);
        return await api.Client.OpenSession(budgetCents: budgetCents);
    }

    private static async Task Metered(RunningApi api, int maxCents)
    {
        var service = Support.Catalogue.Service.Replace("\"price_cents\":25", $"\"max_price_cents\":{maxCents}", StringComparison.Ordinal);
        (await api.Client.Admin(HttpMethod.Put, "/admin/services/summary", service)).Expect(200);
    }

    private static async Task<(decimal Spent, decimal Held)> SpentAndHeld(RunningApi api, string token)
    {
        var budget = (await api.Client.Get("/agent/flow/status", token)).Expect(200).Data.GetProperty("budget");
        return (budget.GetProperty("spent_cents").GetDecimal(), budget.GetProperty("reserved_cents").GetDecimal());
    }

    private static async Task<Received> Eventually(Func<Task<Received>> look, Func<Received, bool> wanted)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        using var late = new CancellationTokenSource(Hang.Timeout);
        for (var seen = await look(); ; seen = await look())
        {
            if (wanted(seen)) return seen;
            await timer.WaitForNextTickAsync(late.Token);
        }
    }
}
