using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Agora.Crash.Support;
using Agora.Orleans.Tests.Cluster;
using Agora.Orleans.Tests.Life.Support;
using Xunit.Abstractions;

namespace Agora.Orleans.Tests.Life;

/// <summary>
/// How long agents at two front ends, and a dialogue, wait when a process dies or hangs, in the cluster of <see cref="LifeAndDeathTests"/>. Agents wait 20 s for an answer, as clients do. AGORA_FAILOVER_ROUNDS repeats each; beside
/// <c>stress-ng --cpu 40</c> they show that a busy machine is not taken for a dead one: a silo that is declared dead ends, and then the test fails.
/// </summary>
[Collection(LifeCollection.Name)]
[TestCaseOrderer("Agora.Orleans.Tests.Life.Support.DeclaredOrder", "Agora.Orleans.Tests")]
public sealed class FailoverTests(LifeCluster cluster, ITestOutputHelper output)
{
    private static readonly TimeSpan AnswerBound = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan AgentPatience = TimeSpan.FromSeconds(20);

    /// <summary>Orleans has some for messages that come as the last entities end, and are sent again.</summary>
    private const int WarningsAtMost = 50;

    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(100);
    private static readonly int Rounds = int.Parse(Environment.GetEnvironmentVariable("AGORA_FAILOVER_ROUNDS") ?? "1", CultureInfo.InvariantCulture);

    [PostgresFact]
    public Task Agents_at_front_ends_go_on_when_a_silo_is_killed() => Agents("kill -9 of a silo until 90 % of the agents at front ends are answered; all", async load =>
    {
        var victim = await cluster.Busiest(load);
        return (Stopwatch.GetTimestamp(), cluster.Kill(victim), static () => Task.CompletedTask);
    });

    [PostgresFact]
    public Task Agents_at_front_ends_go_on_when_a_silo_hangs() => Agents("SIGSTOP of a silo until 90 % of the agents at front ends are answered; all", async load =>
    {
        var victim = await cluster.Busiest(load);
        var at = Stopwatch.GetTimestamp();
        cluster.Pause(victim);
        return (at, Task.CompletedTask, async () =>
        {
            cluster.Continue(victim);
            await cluster.Ended(victim);
        });
    });

    [PostgresFact]
    public async Task Agents_at_a_front_end_go_on_at_the_other_when_it_is_killed()
    {
        for (var round = 0; round < Rounds; round++)
        {
            await cluster.AllReady();
            await using var one = await cluster.StartFrontEnd();
            await using var two = await cluster.StartFrontEnd();
            var load = await cluster.Load([one.Address, two.Address], AgentPatience);
            var at = Stopwatch.GetTimestamp();
            await one.DisposeAsync();
            await Answers("kill -9 of a front end until 90 % of the agents are answered; all", load, at);
            await cluster.AllRun();
        }
    }

    [PostgresFact]
    public async Task Agents_at_front_ends_are_answered_while_a_silo_stops_in_order_and_no_log_is_flooded()
    {
        for (var round = 0; round < Rounds; round++)
        {
            await cluster.AllReady();
            await using var one = await cluster.StartFrontEnd();
            await using var two = await cluster.StartFrontEnd();
            var load = await cluster.Load([one.Address, two.Address], AgentPatience);
            var victim = await cluster.Busiest(load);
            var at = Stopwatch.GetTimestamp();
            var since = DateTimeOffset.UtcNow;
            var stopped = await cluster.Stop(victim);
            Report("SIGTERM of a silo until it has ended", Seconds(Stopwatch.GetElapsedTime(at)));
            await Answers("  until 90 % of the agents at front ends are answered; all", load, Stopwatch.GetTimestamp());
            var warnings = cluster.Outputs.Concat([stopped, one.Output, two.Output]).SelectMany(output => Warnings(output, since)).ToList();
            output.WriteLine($"{warnings.Count} warnings: {string.Join('\n', warnings.Take(50))}");
            load.AssertOnlyRetryable();
            Assert.InRange(warnings.Count, 0, WarningsAtMost);
            Assert.InRange(load.Longest, TimeSpan.Zero, AnswerBound);
        }
    }

    [PostgresTheory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_dialogue_goes_on_when_its_driver_is_killed(bool inMidCall)
    {
        for (var round = 0; round < Rounds; round++)
        {
            await cluster.AllReady();
            await using var driver = await cluster.StartFrontEnd();
            using var api = cluster.Api(0);
            using var begins = new ApiClient(driver.Address);
            await PutModel(api);
            var session = await Market.Open(api, $"watcher-{Guid.NewGuid():N}", "watcher");
            const string Plan = """{"topic":"Tea or coffee?","seats":[{"name":"Ann","model":"m","budget_cents":100000},{"name":"Bob","model":"m","budget_cents":100000}],"turns":500,"pace_seconds":1}""";
            var begun = await Market.Eventually(() => begins.Post("/api/v2/watch", session.Token, Plan), static reply => reply.Status == 201, AnswerBound);
            var path = $"/api/v2/watch/{begun.Data.GetProperty("watch_id").GetString()}";
            await Said(api, path, session, 2, AnswerBound);

            var usual = cluster.Models.Script;
            var gate = new TaskCompletionSource();
            if (inMidCall)
            {
                cluster.Models.Script = usual with { Delivery = new() { Until = gate.Task } };
                await Market.Eventually(() => Task.FromResult(cluster.Models.Open), static open => open > 0, AnswerBound);
            }

            var said = await Turns(api, path, session);
            var at = Stopwatch.GetTimestamp();
            await driver.DisposeAsync();
            (cluster.Models.Script, _) = (usual, gate.TrySetResult());
            await Said(api, path, session, said + 1, 2 * AnswerBound);
            Report($"kill -9 of a dialogue's driver {(inMidCall ? "in a call" : "between calls")} until its next turn is over", Seconds(Stopwatch.GetElapsedTime(at)));
            (await api.Post($"{path}/interventions", session.Token, """{"kind":"stop"}""", Guid.NewGuid().ToString())).Expect(200);
            await cluster.AllRun();
        }
    }

    private static async Task PutModel(ApiClient api) => (await api.Admin(HttpMethod.Put, "/admin/services/m", """
        {"name":"Model","description":"A model","category":"model","max_price_cents":100000,"endpoint":"model:scripted","provider":"house",
         "model":{"name":"scripted-small","max_output_tokens":64,"prices":[{"version":1,"from":"2020-01-01T00:00:00Z","rates":[{"input_cents":1000,"output_cents":1000}]}]}}
        """)).Expect(200);

    /// <summary>Those that are over.</summary>
    private static async Task<int> Turns(ApiClient api, string path, OpenSession session) => (await api.Get($"{path}?limit=1", session.Token)).Expect(200).Data.GetProperty("seen").GetProperty("turn").GetInt32() - 1;

    private static async Task Said(ApiClient api, string path, OpenSession session, int turns, TimeSpan patience)
    {
        using var timer = new PeriodicTimer(LookEvery);
        for (var since = Stopwatch.GetTimestamp(); await Turns(api, path, session) < turns;)
        {
            Assert.True(Stopwatch.GetElapsedTime(since) < patience, $"After {patience.TotalSeconds} s the dialogue has no {turns} turns.");
            await timer.WaitForNextTickAsync();
        }
    }

    private static IEnumerable<string> Warnings(string output, DateTimeOffset since) =>
        from line in output.Split('\n')
        where line.StartsWith('{')
        let entry = JsonDocument.Parse(line).RootElement
        where entry.GetProperty("LogLevel").GetString() is not "Information" && entry.GetProperty("Timestamp").GetDateTimeOffset() >= since
        select $"{entry.GetProperty("Category").GetString()}: {entry.GetProperty("Message").GetString()}";

    /// <param name="fault">Brings it about: when, what completes it, and what ends it.</param>
    private async Task Agents(string what, Func<SteadyLoad, Task<(long At, Task Done, Func<Task> End)>> fault)
    {
        for (var round = 0; round < Rounds; round++)
        {
            await cluster.AllReady();
            await using var one = await cluster.StartFrontEnd();
            await using var two = await cluster.StartFrontEnd();
            var load = await cluster.Load([one.Address, two.Address], AgentPatience);
            var (at, done, end) = await fault(load);
            await done;
            await Answers(what, load, at);
            await end();
            await cluster.AllRun();
        }
    }

    private async Task Answers(string what, SteadyLoad load, long at)
    {
        var (nineOfTen, all) = await load.SessionsAnswer(at);
        Report(what, $"{Seconds(nineOfTen)}; {Seconds(all)}");
        await load.Stop();
        await cluster.Ledger.Agrees(load);
        output.WriteLine($"{load.Acknowledged.Count()} runs acknowledged, the longest took {Seconds(load.Longest)}: {load}");
        Assert.InRange(all, TimeSpan.Zero, AnswerBound);
    }

    private void Report(string what, string took)
    {
        cluster.Times.Add(what, took);
        output.WriteLine($"{what}: {took}");
    }

    private static string Seconds(TimeSpan time) => $"{time.TotalSeconds.ToString("0.0", CultureInfo.InvariantCulture)} s";
}
