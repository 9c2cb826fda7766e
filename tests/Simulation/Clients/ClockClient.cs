using Agora.Contracts;
using Agora.Core.Clocks;
using Agora.Core.Kernel;
using Agora.Core.Services;
using Agora.Journal;

namespace Agora.Simulation.Clients;

/// <summary>Whoever tests in the tenant for tests: advances its clock by seconds, hours and weeks while agents are at work there, rings what that made due, resets it, and says how services answer; and an edge, which looks at the clock again and again.</summary>
public sealed class ClockClient(Tenant tenant) : Caller(tenant, new Random(unchecked((tenant.Cluster.Options.Seed * 113) + 71 + (1_000_003 * (tenant.Own.Generation!.Value - 1)))))
{
    private static readonly TimeSpan Longest = TimeSpan.FromDays(40);

    /// <summary>An alarm that did not help is put off by less, by whichever clock.</summary>
    private TimeSpan Overdue => (2 * Limits.UnfinishedAlarm) + (4 * Cluster.Options.Rates.MaxSkew);

    private EntityRef<ClockCommand> Clock => Cluster.Outside.In(Tenant.Own).Clock;

    public async Task Follow()
    {
        while (true)
        {
            try
            {
                await Cluster.Times.Current(Tenant.Own);
            }
            catch (OperatingException)
            {
                // It is looked at again: until then an edge is behind, and what it sends may be refused.
            }

            await Task.Delay(Limits.ClockFresh, Cluster.Time);
        }
    }

    public async Task Live()
    {
        while (await GoesOn(12 * Cluster.Options.Think) && !Tenant.Clocks.IsOver)
        {
            await (Random.Next(3) == 0 ? Answer() : Advance());
        }
    }

    /// <summary>Whoever resets the tenant does so once, however often it takes: the next generation has clients of its own.</summary>
    public async Task Reset()
    {
        var share = (double)Tenant.Own.Generation!.Value / Cluster.Options.Generations;
        var left = Cluster.Options.Start + (Cluster.Options.Safety * share * (1 + Random.NextDouble()) / 2) - Cluster.Time.GetUtcNow();
        await Task.Delay(left > TimeSpan.Zero ? left : TimeSpan.Zero, Cluster.Time);
        Answer? answer = null;
        for (var sending = new Sending(Cluster.NewId(), null); answer is null;)
        {
            answer = await Ask(Clock, new ClockCommand.Reset(), sending, "A reset", given => given.Reply is ClockView view
                ? history => history.Count<ClockEvent.GenerationBegun>(Clock.Stream, (e, _) => e.View == view)
                : null);
        }

        if (answer.Reply is ClockView told)
        {
            await Cluster.Times.Heard(Tenant.Own, told);
            Tenant.Clocks.Ended(Cluster.Time.GetUtcNow());
        }
    }

    private Task Answer() =>
        new OperatorClient(Tenant).PutAnswers(Any(Tenant.Catalogue.Services).ServiceId, Random.Next(2) == 0 ? null : Any(TestFailures.All));

    private async Task Advance()
    {
        var by = Random.Next(3) switch
        {
            0 => TimeSpan.FromSeconds(Random.Next(1, 120)),
            1 => TimeSpan.FromMinutes(Random.Next(1, 3_000)),
            _ => Longest * Random.NextDouble() + TimeSpan.FromSeconds(1),
        };
        Cluster.History.CatchUp();
        var before = Cluster.History.Streams.ToDictionary(stream => stream.Key, stream => stream.Value.Head.Seq);
        var sending = new Sending(Cluster.NewId(), null); // the clock's own time is the world's
        var answer = await Ask(Clock, new ClockCommand.Advance(by, null), sending, "An advance", given => given.Reply is ClockView view
            ? history => history.Count<ClockEvent.Advanced>(Clock.Stream, (e, _) => e.View == view)
            : null);
        if (answer?.Reply is ClockView told)
        {
            await Cluster.Times.Heard(Tenant.Own, told);
            var tenant = Cluster.Tenants.Single(tenant => tenant.Own == Tenant.Own.Of(told.Generation)); // it may have been reset meanwhile: the clock is advanced of the one that there is
            tenant.Clocks.Acknowledged(told);
            if (Cluster.Options.Rings)
            {
                await Ring(tenant, before, by > Overdue);
            }
        }
    }

    /// <param name="before">Rows of each stream, before the clock was advanced.</param>
    /// <param name="isFar">Even what had just been put off is due now.</param>
    private async Task Ring(Tenant tenant, Dictionary<string, long> before, bool isFar)
    {
        var by = tenant.Now;
        try
        {
            var (_, left) = await Cluster.Alarms.Ring(tenant.Own, CancellationToken.None);
            Cluster.History.CatchUp();
            if (left == 0 && isFar && !tenant.Clocks.IsOver)
            {
                tenant.Clocks.Rang(
                    Cluster.History.Streams.Values.Where(log => log.Stream.Tenant == tenant.Name && before.GetValueOrDefault(log.Stream.ToString()) == log.Head.Seq).Select(log => (log.Stream.ToString(), log.Replay.Due)), by);
            }
        }
        catch (JournalUnavailableException)
        {
            // As over HTTP: nobody is told that anything rang.
        }
    }
}
