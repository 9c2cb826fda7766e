using Agora.Crash.Support;

namespace Agora.Orleans.Tests.Cluster;

/// <summary>The clock of a tenant for tests where one silo is told of an advance and another decides.</summary>
[Collection(TwoSilosCollection.Name)]
public sealed class ClockTests(TwoSilos cluster)
{
    private const int Sessions = 12;
    private static readonly TimeSpan Patience = Hang.Timeout;
    private static readonly TimeSpan Day = TimeSpan.FromDays(1);

    [PostgresFact]
    public async Task What_was_advanced_through_one_silo_is_what_the_other_decides_by_when_the_answer_says_so()
    {
        PlayTenant[] tests = [.. cluster.Apis.Select(api => new PlayTenant(api))];
        var (generation, _) = await Begin(tests[0], "advanced");
        for (var round = 1; round <= 2; round++)
        {
            var (here, there) = (tests[round % 2], tests[(round + 1) % 2]);
            var sessions = await Open(there, $"round-{round}");

            // Who asks in the meantime keeps what the other silo knows of the clock as old as it may be.
            var advance = here.Advance(Day, $"advance-{round}");
            while (!advance.IsCompleted)
            {
                await Task.WhenAll(sessions.Select(there.Status));
            }

            Assert.Equal((generation, round * Day), PlayTenant.Of((await advance).Expect(200).Data));
            var decided = await Task.WhenAll(sessions.Select(session => there.Run(session)));

            Assert.All(decided, reply => Assert.Equal("session_expired", reply.Expect(401).Code));
            Assert.Equal((generation, round * Day), await there.Clock());
        }

        var before = await Open(tests[0], "before");
        Assert.Equal((generation + 1, TimeSpan.Zero), PlayTenant.Of((await tests[0].Reset("anew")).Expect(200).Data));
        Assert.All(await Task.WhenAll(before.Select(tests[1].Status)), reply => Assert.Equal("test_reset", reply.Expect(401).Code));
    }

    [PostgresTheory]
    [InlineData(0)]
    [InlineData(1)]
    public async Task An_advance_in_whose_midst_a_silo_is_killed_stands_and_each_reward_is_paid_once(int killed)
    {
        PlayTenant[] tests = [.. cluster.Apis.Select(api => new PlayTenant(api))];
        var (generation, _) = await Begin(tests[0], $"killed-{killed}");
        var sessions = await Open(tests[0], "of-one");
        sessions.AddRange(await Open(tests[1], "of-the-other"));
        var (left, key, ahead) = (tests[1 - killed], $"killed-{killed}", 8 * Day);

        var advance = tests[0].Advance(ahead, key);
        await Market.Eventually(tests[1].Clock, clock => clock == (generation, ahead), Patience);
        await cluster.Kill(killed);
        await Ended(advance);

        // Whatever became of the answer.
        var again = await Market.Eventually(() => Ended(left.Advance(ahead, key)), reply => reply?.Status == 200, Patience);
        Assert.Equal((generation, ahead), PlayTenant.Of(again!.Data));
        await EachExpires(left, sessions);
        await Market.Eventually(left.Rewarded, cents => cents == sessions.Count * PlayTenant.RewardCents, Patience);
        await cluster.Start(killed);
        Assert.Equal((generation, ahead), await tests[killed].Clock());
        await EachExpires(tests[killed], sessions);
        Assert.Equal((sessions.Count * PlayTenant.RewardCents, 0m), (await tests[killed].Rewarded(), await tests[killed].Held()));
        Assert.Equal(0, (await left.Get("/admin/ledger/trial-balance")).GetProperty("sum_cents").GetDecimal());
    }

    /// <summary>A generation of its own.</summary>
    private static async Task<(int Generation, TimeSpan Ahead)> Begin(PlayTenant tests, string name)
    {
        var clock = PlayTenant.Of((await tests.Reset($"begin-{name}")).Expect(200).Data);
        await tests.Load();
        return clock;
    }

    private static async Task<List<OpenSession>> Open(PlayTenant tests, string name) =>
        [.. await Task.WhenAll(Enumerable.Range(0, Sessions).Select(user => tests.Open($"{name}-{user}")))];

    // A session whose grain was in the silo that died answers when the cluster has noticed.
    private static Task EachExpires(PlayTenant tests, IReadOnlyList<OpenSession> sessions) => Market.Eventually(
        async () => (await Task.WhenAll(sessions.Select(tests.Status))).Count(reply => reply.Status == 401 && reply.Code == "session_expired"),
        expired => expired == sessions.Count,
        Patience);

    /// <returns>Null: nobody knows.</returns>
    private static async Task<Received?> Ended(Task<Received> asked)
    {
        try
        {
            return await asked;
        }
        catch (HttpRequestException)
        {
            return null;
        }
    }
}
