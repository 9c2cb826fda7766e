using Agora.Core.Kernel;
using Agora.Core.Runs;
using Agora.Core.Sessions;
using Agora.Journal.Memory;
using Agora.Testing;
using Xunit.Abstractions;

namespace Agora.Grains.Tests.Kernel;

/// <summary>
/// What a sponsored run writes, over all tables, from its request until nothing of it is left to do: rows of the journal and of
/// query tables, alarms, client keys. The budget is the product's throughput.
/// </summary>
public sealed class WriteBudgetTests(ITestOutputHelper output)
{
    private const int RunsEach = 10;

    [Fact]
    public void A_run_spread_over_users_and_campaigns_writes_at_most_8_rows() => Assert.InRange(RowsOfARun(campaigns: 20, sessions: 20, keyed: false), 1, 8);

    [Fact]
    public void A_run_on_a_hot_campaign_writes_at_most_5_rows() => Assert.InRange(RowsOfARun(campaigns: 1, sessions: 100, keyed: false), 1, 5);

    [Theory]
    [InlineData(20, 20)]
    [InlineData(1, 100)]
    public void A_clients_key_adds_its_own_row_and_no_other(int campaigns, int sessions) =>
        Assert.Equal(1.0, RowsOfARun(campaigns, sessions, keyed: true) - RowsOfARun(campaigns, sessions, keyed: false), 0.01);

    private double RowsOfARun(int campaigns, int sessions, bool keyed)
    {
        var time = new SimTimeProvider();
        var scheduler = new SimScheduler(new Random(1), time);
        var journal = new CountingJournal(new MemoryJournal(time), time, TimeSpan.FromMilliseconds(2));
        var world = Processes.WorldOn(journal, scheduler, time);
        var open = scheduler.Run(() => Prepare(world, campaigns, sessions));
        Rest(world, scheduler);
        var before = journal.Total;

        scheduler.Run(() => Task.WhenAll(open.Select((session, i) => RunAll(world, session, $"c{i % campaigns}", keyed))));
        Rest(world, scheduler);

        var written = journal.Total - before;
        var runs = sessions * RunsEach;
        output.WriteLine($"{campaigns} campaigns, {sessions} sessions, {(keyed ? "keyed" : "unkeyed")}: {(double)written.All / runs:0.00} rows a run: "
            + $"journal {(double)written.Rows / runs:0.00}, tables {(double)written.Upserts / runs:0.00}, alarms {(double)written.Alarms / runs:0.00}, keys {(double)written.Keys / runs:0.00}");
        Assert.Equal(runs * 100L, scheduler.Run(() => Spent(world, campaigns)));
        return (double)written.All / runs;
    }

    private static async Task<List<string>> Prepare(World world, int campaigns, int sessions)
    {
        for (var i = 0; i < campaigns; i++)
        {
            await world.PutCampaign($"c{i}", 1_000_000, runsPerCompletion: 1_000);
        }

        var open = new List<string>();
        for (var i = 0; i < sessions; i++)
        {
            open.Add(await world.OpenSession($"u{i}", "a1", 500_000));
            Assert.IsType<Completed>((await world.Complete(open[i], $"c{i % campaigns}")).Reply);
        }

        return open;
    }

    private static async Task RunAll(World world, string session, string campaign, bool keyed)
    {
        for (var i = 0; i < RunsEach; i++)
        {
            var answer = await world.Run(session, campaign, 100, $"input {i}", keyed ? World.Key(session, $"k{i}") : null);
            Assert.Equal(RunState.Succeeded, Assert.IsType<RunView>(answer.Reply).State);
        }
    }

    private static async Task<long> Spent(World world, int campaigns)
    {
        var spent = 0L;
        for (var i = 0; i < campaigns; i++)
        {
            var escrow = (await world.Campaign($"c{i}")).Escrow;
            Assert.Equal(0, escrow.HeldMicros);
            spent += escrow.SpentMicros;
        }

        return spent;
    }

    /// <summary>Until no alarm is left: whatever rides is written, whatever is unfinished is done.</summary>
    private static void Rest(World world, SimScheduler scheduler)
    {
        for (var minute = 0; minute < 10; minute++)
        {
            scheduler.RunFor(TimeSpan.FromMinutes(1));
            var due = scheduler.Run(() => world.Journal.Alarms(world.Time.GetUtcNow().ToMicros(), null, 10_000, default));
            if (due.Count == 0) return;

            scheduler.Run(() => Task.WhenAll(due.Select(alarm => world.Entities.Wake(StreamId.Parse(alarm.Stream), Guid.CreateVersion7(world.Time.GetUtcNow())))));
        }

        Assert.Fail("Something is unfinished for ten minutes.");
    }
}
