using Agora.Api.Tests.Support;
using Agora.Core.Kernel;
using Agora.Core.Services;
using Agora.Web;
using Microsoft.Extensions.DependencyInjection;

namespace Agora.Api.Tests.Mcp;

/// <summary>However a model repeats a call, it is paid once; and a call that failed is done by the next.</summary>
public sealed class OnceTests
{
    private const string Run = """{"service_id":"summary","input":{"text":"A long text.","n":1}}""";
    private const string Session = """{"agent_id":"agent-1","user_id":"user-1","scopes":{"allowed_task_types":["*"],"allowed_data_types":["*"],"allowed_categories":["*"],"allowed_consents":["*"],"allowed_payees":["*"],"budget_limit_cents":100}}""";
    private const string Respelt = """ { "again": false, "input" : { "n":1.0e0, "text":"A long \u0074ext." }, "campaign_id": null, "service_id":"summary" } """;

    [Fact]
    public async Task Five_tries_of_a_call_one_after_another_and_five_at_once_with_new_ids_are_paid_once()
    {
        await using var api = await Start();
        using var mcp = Caller(api);
        var calls = 0;
        api.Service.Seen = (_, _) => Interlocked.Increment(ref calls);

        var first = await mcp.Call("run_service", Run);
        var repeats = new List<McpAnswer>();
        for (var i = 0; i < 4; i++) repeats.Add(await mcp.Call("run_service", i % 2 == 0 ? Run : Respelt));
        repeats.AddRange(await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => mcp.Call("run_service", Run))));

        Assert.False(first.IsAlreadyDone);
        Assert.All(repeats, repeat => Assert.Equal((true, PaymentOf(first)), (repeat.IsAlreadyDone, PaymentOf(repeat))));
        Assert.All(repeats, repeat => Assert.StartsWith("Already done", repeat.Text, StringComparison.Ordinal));
        Assert.Equal((1, 25), (calls, await Spent(mcp)));
    }

    [Fact]
    public async Task Five_first_tries_at_once_are_one_run()
    {
        await using var api = await Start();
        using var mcp = Caller(api);
        var (calls, outcome) = (0, new TaskCompletionSource<StepOutcome>());
        api.Service.Seen = (_, _) => Interlocked.Increment(ref calls);
        api.Service.Answers = _ => outcome.Task;

        var all = Enumerable.Range(0, 5).Select(_ => mcp.Call("run_service", Run)).ToList();
        outcome.SetResult(await PlayedService.Says("""{"summary":"Short."}""")(null!));
        var answers = await Task.WhenAll(all);

        Assert.Single(answers.Select(PaymentOf).Distinct());
        Assert.Single(answers, static answer => !answer.IsAlreadyDone);
        Assert.Equal((1, 25), (calls, await Spent(mcp)));
    }

    [Fact]
    public async Task What_failed_is_done_by_the_next_try_however_often_it_failed_and_is_paid_once()
    {
        await using var api = await Start();
        using var mcp = Caller(api);
        var calls = 0;
        api.Service.Seen = (_, _) => Interlocked.Increment(ref calls);
        api.Service.Answers = PlayedService.Fails(Codes.UpstreamFailed);
        for (var i = 1; i <= 6; i++)
        {
            var failed = (await mcp.Call("run_service", Run)).Refused("upstream_failed");
            Assert.Equal((i, "same_call"), (calls, failed.Structured.GetProperty("error").GetProperty("retry").GetString()));
        }

        api.Service.Answers = PlayedService.Says("""{"summary":"Short."}""");
        var done = await mcp.Call("run_service", Run);
        var repeats = await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => mcp.Call("run_service", Run)));

        Assert.False(done.IsAlreadyDone);
        Assert.All(repeats, repeat => Assert.Equal((true, PaymentOf(done)), (repeat.IsAlreadyDone, PaymentOf(repeat))));
        Assert.Equal((7, 25), (calls, await Spent(mcp)));
    }

    [Fact]
    public async Task An_input_that_the_service_refused_once_is_sent_to_it_again_by_the_next_call()
    {
        await using var api = await Start();
        using var mcp = Caller(api);
        var calls = 0;
        api.Service.Seen = (_, _) => Interlocked.Increment(ref calls);
        api.Service.Answers = static _ => Task.FromResult<StepOutcome>(new ServiceOutcome.CallFailed(Codes.UpstreamFailed, "The service refused the input.", 1) { IsOfInput = true });
        var refused = (await mcp.Call("run_service", Run)).Refused("upstream_failed");

        api.Service.Answers = PlayedService.Says("""{"summary":"Short."}""");
        var done = await mcp.Call("run_service", Run);

        Assert.Equal("never", refused.Structured.GetProperty("error").GetProperty("retry").GetString());
        Assert.Equal((false, 2, 25), (done.IsAlreadyDone, calls, await Spent(mcp)));
    }

    /// <summary>Nobody works out the keys that a session's next attempts would have; and in another session they would be that one's.</summary>
    [Fact]
    public async Task What_another_session_sends_under_the_keys_of_attempts_makes_nobody_pay_twice()
    {
        await using var api = await Start();
        using var mcp = Caller(api);
        api.Service.Answers = PlayedService.Fails(Codes.UpstreamFailed);
        (await mcp.Call("run_service", Run)).Refused("upstream_failed");
        api.Service.Answers = PlayedService.Says("""{"summary":"Short."}""");
        var done = await mcp.Call("run_service", Run);
        var thief = await api.Client.OpenSession("user-2", "agent-2");
        var session = (await api.Client.Get("/agent/flow/status", api.Token())).Expect(200).Data.GetProperty("session").GetProperty("session_id").GetString();
        for (var attempt = 1; attempt <= 4; attempt++)
        {
            var asked = System.Text.Encoding.UTF8.GetBytes($"{session}\nrun_service\n0\n{attempt}\nsummary\n{{\"input\":{{\"n\":1,\"text\":\"A long text.\"}}}}");
            var key = $"mcp-{api.Keys.Of(asked)}";
            Assert.Empty((await api.Client.Admin(HttpMethod.Get, $"/admin/search?q=mcp-{Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(asked))}")).Expect(200).Data.GetProperty("results").EnumerateArray());
            Assert.Equal(attempt == 1, (await api.Client.Admin(HttpMethod.Get, $"/admin/search?q={key}")).Expect(200).Data.GetProperty("results").GetArrayLength() == 1);
            await api.Client.Post("/agent/services/summary/run", thief, """{"input":{"text":"A thief's text."}}""", ("Idempotency-Key", key));
            Assert.NotEqual(0, (await api.Client.Admin(HttpMethod.Get, $"/admin/search?q={key}")).Expect(200).Data.GetProperty("results").GetArrayLength());
        }

        var repeat = await mcp.Call("run_service", Run);

        Assert.Equal((true, PaymentOf(done), 25), (repeat.IsAlreadyDone, PaymentOf(repeat), await Spent(mcp)));
    }

    /// <summary>A reader that takes 64 levels, as most do unless they are set otherwise, has what was paid for.</summary>
    [Fact]
    public async Task An_output_that_is_nested_as_deep_as_may_be_comes_whole_and_so_does_its_repeat()
    {
        await using var api = await Start();
        using var mcp = Caller(api);
        var output = new string('[', Limits.OutputDepth) + new string(']', Limits.OutputDepth);
        api.Service.Answers = PlayedService.Says(output);

        var first = await mcp.Call("run_service", Run);
        var repeat = await mcp.Call("run_service", Run);

        Assert.Equal((output, output), (first.Data.GetProperty("output").GetRawText(), repeat.Data.GetProperty("output").GetRawText()));
        Assert.True(repeat.IsAlreadyDone);
    }

    [Fact]
    public async Task A_call_that_is_repeated_while_it_is_under_way_is_the_same_run()
    {
        await using var api = await Start(runWait: TimeSpan.FromMilliseconds(1));
        using var mcp = Caller(api);
        var (calls, outcome) = (0, new TaskCompletionSource<StepOutcome>());
        api.Service.Seen = (_, _) => Interlocked.Increment(ref calls);
        api.Service.Answers = _ => outcome.Task;

        var first = await mcp.Call("run_service", Run);
        var second = await mcp.Call("run_service", Run);

        Assert.Equal(("pending", "pending"), (StateOf(first), StateOf(second)));
        Assert.Equal(("get_run", RunOf(first)), (second.NextTools[0], RunOf(second)));
        Assert.False(second.IsAlreadyDone);
        outcome.SetResult(await PlayedService.Says("""{"summary":"Short."}""")(null!));
        await api.Client.Send(HttpMethod.Get, $"/agent/runs/{RunOf(first)}", api.Token(), null, ("Prefer", "wait=5"));
        var done = await mcp.Call("run_service", Run);
        Assert.Equal((true, RunOf(first), 1), (done.IsAlreadyDone, RunOf(done), calls));
    }

    [Fact]
    public async Task Again_does_it_once_more_and_at_once_only_once_and_a_failed_again_is_repeated()
    {
        await using var api = await Start();
        using var mcp = Caller(api);
        var again = Run.Replace("}}", "},\"again\":true}", StringComparison.Ordinal);

        var first = await mcp.Call("run_service", again);
        var second = await mcp.Call("run_service", again);
        api.Service.Answers = PlayedService.Fails(Codes.UpstreamFailed);
        (await mcp.Call("run_service", again)).Refused("upstream_failed");
        api.Service.Answers = PlayedService.Says("""{"summary":"Short."}""");
        var plain = await mcp.Call("run_service", Run);
        var third = await mcp.Call("run_service", again);

        Assert.Equal(3, new[] { first, second, third }.Select(RunOf).Distinct().Count());
        Assert.Equal((true, RunOf(first)), (plain.IsAlreadyDone, RunOf(plain)));
        Assert.Equal(75, await Spent(mcp));
    }

    [Fact]
    public async Task The_same_input_to_another_service_is_another_call_and_is_paid_for_itself()
    {
        await using var api = await Start(completed: false);
        (await api.Client.Admin(HttpMethod.Put, "/admin/services/other", Support.Catalogue.Service.Replace("\"additionalProperties\":false,", "", StringComparison.Ordinal))).Expect(200);
        (await api.Client.Admin(HttpMethod.Put, "/admin/campaigns/survey", Support.Catalogue.Campaign.Replace("\"services\":[", "\"services\":[{\"service_id\":\"other\"},", StringComparison.Ordinal))).Expect(200);
        await api.Client.Complete(api.Token());
        using var mcp = Caller(api);

        var (first, other) = (await mcp.Call("run_service", Run), await mcp.Call("run_service", Run.Replace("summary", "other", StringComparison.Ordinal)));

        Assert.Equal((false, false, "other"), (first.IsAlreadyDone, other.IsAlreadyDone, other.Data.GetProperty("service_id").GetString()));
        Assert.NotEqual(RunOf(first), RunOf(other));
        Assert.Equal(50, await Spent(mcp));
    }

    /// <summary>What another session has asked for again is none of this one's: its first again is its first call.</summary>
    [Fact]
    public async Task Rounds_are_of_one_session_and_a_first_again_is_repeated_by_the_plain_call()
    {
        await using var api = await Start();
        using var mcp = Caller(api);
        var again = Run.Replace("}}", "},\"again\":true}", StringComparison.Ordinal);
        for (var i = 0; i < 3; i++) Assert.False((await mcp.Call("run_service", again)).IsAlreadyDone);
        using var second = new McpCaller(api.Client.Address, (await api.Client.Post("/agent/auth", RunningApi.PlatformKey, Session)).Expect(201).Data.GetProperty("token").GetString()!);

        var first = await second.Call("run_service", again);
        var plain = await second.Call("run_service", Run);

        Assert.False(first.IsAlreadyDone);
        Assert.Equal((true, RunOf(first)), (plain.IsAlreadyDone, RunOf(plain)));
        Assert.Equal(25, await Spent(second));
    }

    [Fact]
    public async Task A_run_that_was_taken_back_is_not_done_and_the_same_call_makes_another()
    {
        await using var api = await Start(runWait: TimeSpan.FromMilliseconds(1));
        using var mcp = Caller(api);
        api.Service.Answers = _ => new TaskCompletionSource<StepOutcome>().Task;
        var begun = await mcp.Call("run_service", Run);
        (await api.Client.Post($"/agent/runs/{RunOf(begun)}/cancel", api.Token(), "{}")).Expect(200);
        api.Service.Answers = PlayedService.Says("""{"summary":"Short."}""");

        var next = await mcp.Call("run_service", Run);
        await api.Client.Send(HttpMethod.Get, $"/agent/runs/{RunOf(next)}", api.Token(), null, ("Prefer", "wait=5"));
        var done = await mcp.Call("run_service", Run);

        Assert.NotEqual(RunOf(begun), RunOf(next));
        Assert.Equal((false, true, RunOf(next), "succeeded"), (next.IsAlreadyDone, done.IsAlreadyDone, RunOf(done), StateOf(done)));
    }

    [Fact]
    public async Task A_refusal_takes_nothing_and_the_same_call_succeeds_once_its_cause_is_gone()
    {
        await using var api = await Start(completed: false);
        using var mcp = Caller(api);

        var refused = await mcp.Call("run_service", Run);
        refused.Refused("payment_required");
        Assert.EndsWith("Call what next_actions names first: until then the same call is refused again.", refused.Text, StringComparison.Ordinal);
        await api.Client.Complete(api.Token());

        Assert.Equal("succeeded", StateOf(await mcp.Call("run_service", Run)));
    }

    [Fact]
    public async Task Transfers_delegations_and_tasks_are_done_once_too()
    {
        await using var api = await Start(completed: false);
        using var mcp = Caller(api);
        await api.Client.PutAgents("agent-1", "agent-2");
        (await api.Client.Admin(HttpMethod.Post, "/admin/wallets/agent:agent-1/deposit", """{"amount_cents":100,"memo":"top-up"}""", ("Idempotency-Key", "fund-2"))).Expect(200);
        foreach (var (tool, arguments) in new[]
        {
            ("complete_task", $$"""{"campaign_id":"survey",{{Support.Catalogue.Completion[1..]}}"""),
            ("transfer", """{"to":"agent:agent-2","amount_cents":10}"""),
            ("delegate", """{"agent_id":"agent-2"}"""),
        })
        {
            var (first, second) = (await mcp.Call(tool, arguments), await mcp.Call(tool, arguments));
            Assert.True(!first.IsAlreadyDone && second.IsAlreadyDone, $"{first.Message} {second.Message}");
            foreach (var id in new[] { "completion_id", "transfer_id", "session_id" }.Where(id => first.Data.TryGetProperty(id, out _))) Assert.Equal(first.Data.GetProperty(id).GetString(), second.Data.GetProperty(id).GetString());
        }

        Assert.Equal(90, (await mcp.Call("wallet")).Data.GetProperty("balance_cents").GetDecimal());
        var other = await mcp.Call("delegate", """{"agent_id":"agent-2","again":true}""");
        Assert.False(other.IsAlreadyDone);
        Assert.Equal(3, (await mcp.Call("tree")).Data.GetProperty("node_count").GetInt32());
    }

    private static async Task<Once> Start(TimeSpan? runWait = null, bool completed = true)
    {
        var api = await RunningApi.Start(runWait: runWait);
        await api.Client.Load();
        (await api.Client.Admin(HttpMethod.Put, "/admin/services/summary", Support.Catalogue.Service.Replace("\"additionalProperties\":false,", "", StringComparison.Ordinal))).Expect(200);
        (await api.Client.Admin(HttpMethod.Put, "/admin/campaigns/survey", Support.Catalogue.Campaign.Replace("\"runs_per_completion\":2", "\"runs_per_completion\":9", StringComparison.Ordinal))).Expect(200);
        var token = (await api.Client.Post("/agent/auth", RunningApi.PlatformKey, Session)).Expect(201).Data.GetProperty("token").GetString()!;
        if (completed)
        {
            await api.Client.Complete(token);
        }

        return new(api, token);
    }

    private static McpCaller Caller(Once api) => new(api.Client.Address, api.Token());

    private static string? PaymentOf(McpAnswer run) => run.Data.GetProperty("payment").GetProperty("payment_id").GetString();

    private static string? RunOf(McpAnswer run) => run.Data.GetProperty("run_id").GetString();

    private static string? StateOf(McpAnswer run) => run.Data.GetProperty("state").GetString();

    private static async Task<int> Spent(McpCaller mcp) => (await mcp.Call("flow_status")).Data.GetProperty("budget").GetProperty("spent_cents").GetInt32();

    private sealed class Once(RunningApi api, string token) : IAsyncDisposable
    {
        public Client Client => api.Client;

        public PlayedService Service => api.Service;

        public DerivedKeys Keys => api.Services.GetRequiredService<DerivedKeys>();

        public string Token() => token;

        public ValueTask DisposeAsync() => api.DisposeAsync();
    }
}
