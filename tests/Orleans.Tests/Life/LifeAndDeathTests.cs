using System.Diagnostics;
using System.Globalization;
using System.Net;
using Agora.Core.Kernel;
using Agora.Crash.Support;
using Agora.Orleans.Tests.Cluster;
using Agora.Orleans.Tests.Life.Support;
using Agora.Testing;
using Xunit.Abstractions;

namespace Agora.Orleans.Tests.Life;

/// <summary>
/// Three silos on PostgreSQL under a steady load of sponsored runs, and what may become of silos, their network and their database. After each
/// scenario, over the database: nothing acknowledged is lost, nothing is done twice, nobody overspends, and nothing is held.
/// <para>The scenarios share a cluster and run in this order; each prints the table of times so far.</para>
/// </summary>
[Collection(LifeCollection.Name)]
[TestCaseOrderer("Agora.Orleans.Tests.Life.Support.DeclaredOrder", "Agora.Orleans.Tests")]
public sealed class LifeAndDeathTests(LifeCluster cluster, ITestOutputHelper output)
{
    /// <summary>What the design promises after faults stop; then funds ask each other to forget what has rested for long enough, which is the last alarm.</summary>
    private static readonly TimeSpan RestBound = TimeSpan.FromSeconds(120) + Limits.ReleaseAfter;

    /// <summary>Longer is a fault on any machine. The table of times has how long each took, to compare with the documents: a busy machine may be slower.</summary>
    private static readonly TimeSpan AnswerBound = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan PausedFor = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan CutFor = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan StoppedFor = TimeSpan.FromSeconds(Length.Of(20, shorter: 5));

    /// <summary>What waits is tried again after 5 s, 30 s and 2 minutes.</summary>
    private static readonly TimeSpan TellingBound = TimeSpan.FromMinutes(4);

    [PostgresFact]
    public async Task What_is_put_at_one_silo_is_found_at_the_others()
    {
        await cluster.AllReady();
        var session = cluster.Sleepers[0];
        var took = new List<TimeSpan>();
        for (var n = 0; n < 2 * LifeCluster.Silos; n++)
        {
            var word = $"freshly{Market.Of(n)}";
            using var at = cluster.Api(n % LifeCluster.Silos);
            (await at.Admin(HttpMethod.Put, $"/admin/services/fresh-{Market.Of(n)}", Service(word))).Expect(200);
            var put = Stopwatch.GetTimestamp();
            await Task.WhenAll(Enumerable.Range(1, LifeCluster.Silos - 1).Select(other => Found((n + other) % LifeCluster.Silos, session, word)));
            took.Add(Stopwatch.GetElapsedTime(put));
        }

        Report("PUT at one silo until a search at both others finds it, longest", took.Max());
        Assert.InRange(took.Max(), TimeSpan.Zero, AnswerBound);
    }

    [PostgresFact]
    public async Task After_kill_9_of_one_all_grains_answer_again_and_survivors_decide_what_it_left()
    {
        await cluster.AllReady();
        var load = await cluster.Load();
        var victim = await cluster.Busiest(load);
        using var survivor = cluster.Api((victim + 1) % LifeCluster.Silos);
        var asleep = cluster.Sleepers.Select(s => survivor.Post(Market.RunRoute, s.Token, Market.Input($"asleep {s.UserId}"))).ToList();
        var gate = await cluster.AllInTheMiddle(cluster.Sessions.Count + cluster.Sleepers.Count);

        var killed = Stopwatch.GetTimestamp();
        await cluster.Kill(victim);
        gate.SetResult();
        var answered = await load.EverySessionAnswers(killed);
        Report("kill -9 of one silo until every session answers again", answered);
        var replies = await Task.WhenAll(asleep);
        Assert.All(replies, reply => Assert.True(reply.Status is 200 or 202 or 503 or 504, $"{reply.Status} {reply.Json}"));
        await AtRest("  until nothing is left to do, from the last request", load);

        Report("  since the kill", Stopwatch.GetElapsedTime(killed));
        var decided = cluster.Sleepers.Select(s => Assert.Single(cluster.Ledger.Concluded(s.Id))).ToList();
        Assert.All(replies.Zip(decided), pair => Assert.True(pair.First.Status == 202 || pair.Second.Posted == (pair.First.Status == 200), $"{pair.First.Status}, posted: {pair.Second.Posted}")); // 202: it was not decided yet
        var voided = decided.Count(d => !d.Posted) + load.Ended.Count(r => r.Acknowledged is null);
        output.WriteLine($"{voided} runs were voided, {decided.Count(d => !d.Posted)} of them though nobody asked again");
        Assert.InRange(answered, TimeSpan.Zero, AnswerBound);
        Assert.Contains(decided, d => !d.Posted);
        await cluster.VerifiesByProgram();
    }

    [PostgresFact]
    public async Task Through_front_ends_nothing_that_was_under_way_in_a_killed_silo_hangs_longer_than_its_death_takes()
    {
        await cluster.AllReady();
        await using var one = await cluster.StartFrontEnd();
        await using var two = await cluster.StartFrontEnd();
        var load = await cluster.Load([one.Address, two.Address]);
        var victim = await cluster.Busiest(load);
        using var api = new ApiClient(one.Address);
        var runs = cluster.Sleepers.Select(s => Timed(api.Post(Market.RunRoute, s.Token, Market.Input($"by a front end {s.UserId}")))).ToList();
        var gate = await cluster.AllInTheMiddle(cluster.Sessions.Count + cluster.Sleepers.Count);
        var killed = Stopwatch.GetTimestamp();
        await cluster.Kill(victim);
        gate.SetResult();

        // Sent before anyone can know that the silo is gone, to each session's grain.
        var reads = cluster.Sessions.Select(s => Timed(api.Get("/agent/runs", s.Token))).ToList();
        var replies = await Task.WhenAll([.. runs, .. reads]);
        var longest = replies.Max(r => Stopwatch.GetElapsedTime(killed, r.At));
        Report("kill -9 of one silo until the last request under way at a front end is answered", longest);
        Assert.All(replies, r => Assert.True(r.Reply.Status is 200 or 202 or 503 or 504, $"{r.Reply.Status} {r.Reply.Json}"));
        Assert.InRange(longest, TimeSpan.Zero, AnswerBound);
        var answered = await load.EverySessionAnswers(killed);
        Report("  until every session answers again", answered);
        await Agrees(load);
        Assert.InRange(answered, TimeSpan.Zero, AnswerBound);
    }

    /// <summary>One session's events are refused, so they wait; whoever tells the endpoint is known by the address that it comes from. Everything is asked by way of a front end, which tells nothing itself.</summary>
    [NetworkFact]
    public async Task When_the_silo_that_tells_an_endpoint_is_killed_another_tells_what_waits_and_what_happens_in_order()
    {
        await cluster.AllReady();
        await using var frontEnd = await cluster.StartFrontEnd();
        using var api = new ApiClient(frontEnd.Address);
        var receiver = cluster.Receiver;
        var refused = $"session/{cluster.Sessions[0].Id}";
        receiver.Answers = message => (message.Subject == refused ? 503 : 204, null);
        (await api.Admin(HttpMethod.Put, "/admin/webhooks/books", $$"""{"url":"{{receiver.Address}}","types":["run.succeeded","run.failed"]}""")).Expect(200);
        var secret = (await api.Admin(HttpMethod.Post, "/admin/webhooks/books/secrets", "{}")).Expect(201).Data.GetProperty("secret").GetString()!;
        var load = await cluster.Load([frontEnd.Address]);
        await Market.Eventually(() => Task.FromResult(receiver.Taken.Count), taken => taken >= 2 * cluster.Sessions.Count, TellingBound);
        Assert.DoesNotContain(receiver.Taken, message => message.Subject == refused);

        var (teller, killed, before) = (receiver.Received.Last().From, Stopwatch.GetTimestamp(), receiver.Received.Count);
        await cluster.Kill(Enumerable.Range(0, LifeCluster.Silos).Single(silo => SiloNetwork.Address(silo) == teller));
        await Market.Eventually(() => Task.FromResult(receiver.Received.Skip(before).Count(message => message.From != teller)), told => told > 0, TellingBound);
        Report("kill -9 of the silo that tells an endpoint until another tells it", Stopwatch.GetElapsedTime(killed));
        receiver.Answers = static _ => (204, null);
        await load.EverySessionAnswers(killed);
        await Agrees(load);

        var acknowledged = load.Acknowledged.Select(run => run.Acknowledged!).Order(StringComparer.Ordinal).ToList();
        await Market.Eventually(() => Task.FromResult(acknowledged.Except(Succeeded(receiver.Taken)).Count()), missing => missing == 0, TellingBound);
        Report("  until all that happened has been told", Stopwatch.GetElapsedTime(killed));
        Assert.All(receiver.Received, message => Assert.True(message.IsSignedBy(secret)));
        Assert.All(receiver.Received.GroupBy(message => message.Data.GetProperty("run_id").GetString()), tries => Assert.Single(tries.Select(message => message.Id).Distinct()));
        Assert.All(receiver.Taken.GroupBy(message => message.Subject), subject => Assert.Equal(Sequences(subject).Order(), Sequences(subject)));
        output.WriteLine($"{receiver.Taken.Count} were taken, {receiver.Taken.Count - receiver.Taken.DistinctBy(message => message.Id).Count()} of them once more");
        Assert.Equal("taken", (await api.Admin(HttpMethod.Post, "/admin/webhooks/books/test", "{}")).Expect(200).Data.GetProperty("state").GetString());
        (await api.Admin(HttpMethod.Delete, "/admin/webhooks/books")).Expect(200);
        await cluster.AllReady();
    }

    [PostgresFact]
    public async Task No_more_than_the_cap_is_spent_whichever_silos_are_asked_and_die()
    {
        await cluster.AllReady();
        var apis = Enumerable.Range(0, LifeCluster.Silos).Select(cluster.Api).ToList();
        try
        {
            output.WriteLine(await new Overspend(apis, "overspender", Market.PriceCents, Restart).Prove());
        }
        finally
        {
            apis.ForEach(api => api.Dispose());
        }

        async Task Restart()
        {
            await cluster.Kill(1);
            await cluster.Start(1);
            await cluster.Ready(1);
        }
    }

    [PostgresFact]
    public async Task A_rolling_restart_is_no_failure_beyond_a_retryable_503()
    {
        await cluster.AllReady();
        var load = await cluster.Load();
        var begun = Stopwatch.GetTimestamp();
        for (var silo = 0; silo < LifeCluster.Silos; silo++)
        {
            var told = Stopwatch.GetTimestamp();
            await cluster.Stop(silo);
            Report($"SIGTERM of silo {Market.Of(silo + 1)} until it has ended with 0", Stopwatch.GetElapsedTime(told));
            await cluster.Start(silo);
            await cluster.Ready(silo);
        }

        Report("rolling restart of all three", Stopwatch.GetElapsedTime(begun));
        await load.EverySessionAnswers(Stopwatch.GetTimestamp());
        await Agrees(load);
        await cluster.AllRun(); // a silo that is declared dead ends at once, and breaks its connections
        load.AssertOnlyRetryable();
        Assert.InRange(load.Longest, TimeSpan.Zero, AnswerBound);
    }

    [PostgresFact]
    public async Task A_silo_that_was_paused_for_30_s_cannot_write_and_ends_itself_to_be_started_again()
    {
        await cluster.AllReady();
        var load = await cluster.Load();
        var victim = await cluster.Busiest(load);
        var gate = await cluster.AllInTheMiddle(cluster.Sessions.Count);
        var paused = Stopwatch.GetTimestamp();
        cluster.Pause(victim);
        gate.SetResult(); // Its replies wait for it.
        var pause = Task.Delay(PausedFor);
        var answered = await load.EverySessionAnswers(paused);
        Report("SIGSTOP of one silo until every session answers again", answered);
        await pause;

        var resumed = Stopwatch.GetTimestamp();
        cluster.Continue(victim);
        var (exitCode, said) = await cluster.Ended(victim);
        Report($"SIGCONT until it has ended itself, with {Market.Of(exitCode)}", Stopwatch.GetElapsedTime(resumed));
        Assert.True(exitCode == 3, $"{exitCode}: {said}");
        Assert.Single(said.Split('\n'), line => line.StartsWith("This silo ends: ", StringComparison.Ordinal));
        await cluster.AllReady();
        Report("  until it is a member again, started anew", Stopwatch.GetElapsedTime(resumed));
        await load.EverySessionAnswers(Stopwatch.GetTimestamp());
        await Agrees(load);
        Assert.InRange(answered, TimeSpan.Zero, AnswerBound);

        // Some had their run there: others voided it, and what the resumed one knew of its outcome was refused.
        Assert.Contains(load.Ended, r => r.Acknowledged is null);
    }

    [PostgresFact]
    public async Task PostgreSQL_stopped_and_started_is_503_meanwhile_and_nothing_lost()
    {
        await cluster.AllReady();
        var load = await cluster.Load();
        cluster.Postgres.Stop();
        await Task.Delay(StoppedFor);
        cluster.Postgres.Resume();
        var resumed = Stopwatch.GetTimestamp();
        var answered = await load.EverySessionAnswers(resumed);
        Report($"PostgreSQL back after {StoppedFor.TotalSeconds} s until every session answers again", answered);
        for (var silo = 0; silo < LifeCluster.Silos; silo++)
        {
            await cluster.Ready(silo);
        }

        Report("  until all silos are ready, none restarted", Stopwatch.GetElapsedTime(resumed));
        await cluster.AllRun();
        await Agrees(load);
        Assert.True(load.Answers.GetValueOrDefault("503 unavailable") > 0, $"{load}");
        Assert.InRange(answered, TimeSpan.Zero, AnswerBound);
    }

    [NetworkFact]
    public async Task Two_silos_that_cannot_reach_each_other_for_30_s_overspend_nothing_and_converge()
    {
        await cluster.AllReady();
        var load = await cluster.Load();
        SiloNetwork.Cut(0, 1);
        await Task.Delay(CutFor);
        var before = load.Acknowledged.Count();
        SiloNetwork.Mend(0, 1);
        var mended = Stopwatch.GetTimestamp();
        var answered = await load.EverySessionAnswers(mended);
        Report($"network between two silos back after {CutFor.TotalSeconds} s until every session answers ({Market.Of(before)} runs meanwhile)", answered);
        await cluster.AllReady();
        await load.EverySessionAnswers(Stopwatch.GetTimestamp());
        await Agrees(load);
        Assert.InRange(answered, TimeSpan.Zero, AnswerBound);
    }

    [PostgresFact]
    public async Task When_all_were_killed_the_first_that_comes_back_is_ready_within_60_s()
    {
        await cluster.AllReady();
        var load = await cluster.Load();
        await Task.WhenAll(Enumerable.Range(0, LifeCluster.Silos).Select(cluster.Kill));
        var killed = Stopwatch.GetTimestamp();
        await cluster.Start(1);
        await cluster.Ready(1);
        var ready = Stopwatch.GetElapsedTime(killed);
        Report("kill -9 of all three until one that was started at once is ready", ready);
        Report("  until every session answers there", await load.EverySessionAnswers(killed));
        await cluster.AllReady();
        Report("  until all three are ready again", Stopwatch.GetElapsedTime(killed));
        await AtRest("  until nothing is left to do, from the last request", load);
        Assert.InRange(ready, TimeSpan.Zero, AnswerBound);
        await cluster.VerifiesByProgram();
    }

    private static IEnumerable<string> Succeeded(IEnumerable<ReceivedMessage> messages) =>
        messages.Where(message => message.Type == "run.succeeded").Select(message => message.Data.GetProperty("run_id").GetString()!);

    // The first time that each came.
    private static List<long> Sequences(IEnumerable<ReceivedMessage> messages) => [.. messages.DistinctBy(message => message.Id).Select(message => message.Data.GetProperty("sequence").GetInt64())];

    private static async Task<(Received Reply, long At)> Timed(Task<Received> request) => (await request, Stopwatch.GetTimestamp());

    private static string Service(string word) => $$"""
        {"name":"{{word}}","description":"Says it again","category":"text","price_cents":1,"endpoint":"https://service.example/{{word}}","provider":"text-provider"}
        """;

    private async Task Found(int silo, OpenSession session, string word)
    {
        using var api = cluster.Api(silo);
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
        var since = Stopwatch.GetTimestamp();
        while ((await api.Get($"/agent/services?q={word}", session.Token)).Expect((int)HttpStatusCode.OK).Data.GetProperty("total_count").GetInt32() == 0)
        {
            Assert.True(Stopwatch.GetElapsedTime(since) < AnswerBound, $"{word} is not found.");
            await timer.WaitForNextTickAsync();
        }
    }

    /// <summary>The load ends; the database agrees with all that agents were told. What this scenario left is at rest by the end of the last.</summary>
    private async Task Agrees(SteadyLoad load)
    {
        await load.Stop();
        await cluster.Ledger.Agrees(load);
        Say(load, "");
    }

    /// <summary>The same, and everything comes to rest: no hold, no step, no transfer is left, and all accounts agree.</summary>
    private async Task AtRest(string when, SteadyLoad load)
    {
        await load.Stop();
        var (rest, last) = await cluster.Ledger.AtRest(RestBound, load);
        Report(when, rest);
        Say(load, $"; the last that was left: {last ?? "nothing"}");
    }

    private void Say(SteadyLoad load, string more)
    {
        var voided = load.Ended.Count(r => r.Acknowledged is null);
        output.WriteLine($"{load.Acknowledged.Count()} runs acknowledged, {voided} voided, the longest took {Seconds(load.Longest)}: {load}{more}\n{cluster.Times}");
    }

    private void Report(string what, TimeSpan took)
    {
        cluster.Times.Add(what, Seconds(took));
        output.WriteLine($"{what}: {Seconds(took)}");
    }

    private static string Seconds(TimeSpan time) => $"{time.TotalSeconds.ToString("0.0", CultureInfo.InvariantCulture)} s";
}
