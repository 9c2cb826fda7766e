using Agora.Contracts;
using Agora.Core.Kernel;
using Agora.Core.Runs;
using Agora.Core.Users;
using Agora.Journal;
using Agora.Journal.Memory;
using Agora.Testing;

namespace Agora.Grains.Tests;

/// <summary>Two processes that both believe to be the only one, over one journal: whoever is stale finds out, and the money agrees.</summary>
public sealed class TwoProcessesTests
{
    private const long Price = 20_000;
    private readonly SimTimeProvider _time = new();
    private readonly SimScheduler _scheduler;
    private readonly MemoryJournal _journal;

    public TwoProcessesTests() => (_scheduler, _journal) = (new(new Random(3), _time), new(_time));

    [Fact]
    public void A_run_through_each_in_turn_happens_once_each_and_no_hold_is_left()
    {
        var (one, two) = (Start(), Start());
        var session = Prepare(one);
        for (var i = 0; i < 4; i++)
        {
            var world = i % 2 == 0 ? two : one;
            Assert.Equal(RunState.Succeeded, Assert.IsType<RunView>(_scheduler.Run(() => world.Run(session, "c1", Price, $"input {i}")).Reply).State);
        }

        Rest(one, two);
        Concluded(Start(), session, runs: 4);

        // Each process was overtaken by the other: it may call before it learns so, and calls again under the same run's id.
        Assert.Equal(4, one.Service.Calls.Concat(two.Service.Calls).Select(call => call.RunId).Distinct().Count());
        Assert.InRange(one.Service.Calls.Count + two.Service.Calls.Count, 4, 8);
    }

    [Fact]
    public void A_run_that_its_process_leaves_in_the_middle_is_voided_everywhere_and_its_repeat_is_told_so()
    {
        var faults = new Faults();
        var first = Start(faults);
        var session = Prepare(first);
        first.Service.Answers = _ => new TaskCompletionSource<StepOutcome>().Task;
        var context = first.New(World.Key(session, "k1"));
        var lost = _scheduler.Start(() => first.Run(session, "c1", Price, key: context.Key, context: context));
        _scheduler.RunFor(TimeSpan.FromSeconds(2));
        Assert.Single(first.Service.Calls);
        faults.Away = true; // nothing of it is written from now on: it is as good as dead

        var second = Start();
        Assert.Equal(Price, _scheduler.Run(() => second.Campaign("c1")).Escrow.HeldMicros);
        Assert.Equal(0, _scheduler.Run(() => second.Session(session)).Budget.ReservedMicros);
        var repeat = _scheduler.Run(() => second.Run(session, "c1", Price, key: World.Key(session, "k1")));
        Assert.Equal((Codes.UpstreamTimeout, true), (repeat.Rejection!.Code, repeat.Replayed));
        Rest(second);
        Concluded(second, session, runs: 0);
        Assert.Empty(second.Service.Calls);
        Assert.False(lost.IsCompletedSuccessfully);
    }

    private World Start(Faults? faults = null) => Processes.WorldOn(_journal.Connect(faults is null ? null : _ => faults.Away ? new(JournalFailure.Unavailable) : default), _scheduler, _time);

    private string Prepare(World world) => _scheduler.Run(world.Prepare);

    private void Concluded(World world, string session, int runs)
    {
        var escrow = _scheduler.Run(() => world.Campaign("c1")).Escrow;
        var budget = _scheduler.Run(() => world.Session(session)).Budget;
        var sponsored = Assert.Single(((Sponsorship)_scheduler.Run(() => world.Entities.User("u1").Send(new UserCommand.GetSponsorship(), world.New())).Reply!).Completed);
        Assert.Equal((0L, runs * Price), (escrow.HeldMicros, escrow.SpentMicros));
        Assert.Equal((0L, runs * Price), (budget.ReservedMicros, budget.SpentMicros));
        Assert.Equal((runs, runs * Price), (sponsored.RunsUsed, sponsored.MicrosUsed));
        var broken = new List<BrokenPlace>();
        _scheduler.Run(() => Verifier.Verify(_journal, broken.Add, default));
        Assert.Empty(broken);
    }

    /// <summary>Rings what is due until nothing is, as the sweepers of the processes would: who was paid is told to forget two minutes later.</summary>
    private void Rest(params IReadOnlyList<World> worlds)
    {
        for (var minute = 0; minute < 10; minute++)
        {
            _scheduler.RunFor(TimeSpan.FromMinutes(1));
            var due = _scheduler.Run(() => _journal.Alarms(_time.GetUtcNow().ToMicros(), null, 100, default));
            _scheduler.Run(() => Task.WhenAll(due.SelectMany(a => worlds.Select(w => w.Entities.Wake(StreamId.Parse(a.Stream), w.New().CommandId)))));
        }

        Assert.Empty(_scheduler.Run(() => _journal.Alarms(long.MaxValue, null, 100, default)));
    }

    private sealed class Faults
    {
        public bool Away { get; set; }
    }
}
