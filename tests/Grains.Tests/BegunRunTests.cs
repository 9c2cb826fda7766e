using Agora.Contracts;
using Agora.Core.Campaigns;
using Agora.Core.Kernel;
using Agora.Core.Runs;
using Agora.Core.Services;
using Agora.Core.Sessions;
using Agora.Core.Wallets;
using Agora.Journal;
using Agora.Journal.Memory;
using Agora.Testing;

namespace Agora.Grains.Tests;

/// <summary>A run's request has no row of its own where the session was confirmed lately: what is called, shown, lost and begun again meanwhile.</summary>
public sealed class BegunRunTests
{
    private const long Price = 20_000;
    private readonly SimTimeProvider _time = new();
    private readonly SimScheduler _scheduler;
    private readonly MemoryJournal _journal;
    private readonly World _world;
    private readonly string _session;
    private bool _away;

    public BegunRunTests()
    {
        (_scheduler, _journal) = (new(new Random(3), _time), new(_time));
        _world = Processes.WorldOn(_journal.Connect(_ => _away ? new(JournalFailure.Unavailable) : default), _scheduler, _time);
        _session = _scheduler.Run(_world.Prepare);
    }

    [Fact]
    public void Request_and_outcome_of_a_session_that_was_confirmed_lately_are_one_row()
    {
        var before = Rows().Count;
        Assert.Equal(RunState.Succeeded, Assert.IsType<RunView>(_scheduler.Run(() => _world.Run(_session, "c1", Price)).Reply).State);
        Assert.Equal(before + 1, Rows().Count);
        Assert.Equal(["session.run_requested", "session.run_settled"], RowCodec.Decode(Rows()[^1]).SelectMany(entry => entry.Events).Select(e => e.Name));
    }

    [Fact]
    public void Whoever_looks_at_a_run_that_has_begun_waits_until_it_is_durable()
    {
        var before = Rows().Count;
        var run = Hanging(() => _world.Run(_session, "c1", Price));
        Assert.Equal((before, 1), (Rows().Count, _world.Service.Calls.Count));

        Assert.Equal(RunState.Pending, Assert.Single(_scheduler.Run(() => _world.Session(_session)).Runs).State);
        Assert.Equal(before + 1, Rows().Count);
        Assert.False(run.IsCompleted);
    }

    [Fact]
    public void A_run_that_lasts_longer_than_rows_ride_is_durable_by_itself()
    {
        var before = Rows().Count;
        _ = Hanging(() => _world.Run(_session, "c1", Price));
        _scheduler.RunFor(Limits.RideAtMost);
        Assert.Equal(before + 1, Rows().Count);
    }

    [Fact]
    public void What_may_be_called_for_once_only_is_durable_before_it_is_called()
    {
        var before = Rows().Count;
        _ = Hanging(() => _world.Run(_session, "c1", Price, once: true));
        Assert.Equal((before + 1, 1), (Rows().Count, _world.Service.Calls.Count));
    }

    [Fact]
    public void A_session_that_the_journal_has_not_confirmed_lately_appends_the_request_at_once()
    {
        _scheduler.RunFor(Limits.BegunAfterConfirmed + TimeSpan.FromMilliseconds(1));
        var before = Rows().Count;
        _ = Hanging(() => _world.Run(_session, "c1", Price));
        Assert.Equal((before + 1, 1), (Rows().Count, _world.Service.Calls.Count));
    }

    [Fact]
    public void A_request_that_is_lost_is_begun_again_by_its_repeat_under_the_same_id_and_no_hold_is_left()
    {
        var key = World.Key(_session, "k1");
        _ = Hanging(() => _world.Run(_session, "c1", Price, key: key));
        var first = Assert.Single(_world.Service.Calls);
        _away = true; // as good as dead

        var next = Processes.WorldOn(_journal, _scheduler, _time);
        Assert.Empty(_scheduler.Run(() => next.Session(_session)).Runs);
        var repeat = Assert.IsType<RunView>(_scheduler.Run(() => next.Run(_session, "c1", Price, key: World.Key(_session, "k1"))).Reply);
        Assert.Equal((RunState.Succeeded, first.RunId), (repeat.State, repeat.RunId));
        Assert.Equal(first.RunId, Assert.Single(next.Service.Calls).RunId);
        Assert.Equal(2 * Price, Escrow(next).HeldMicros + Escrow(next).SpentMicros);

        for (var minute = 0; minute < 5; minute++)
        {
            _scheduler.RunFor(TimeSpan.FromMinutes(1));
            var due = _scheduler.Run(() => _journal.Alarms(_time.GetUtcNow().ToMicros(), null, 100, default));
            _scheduler.Run(() => Task.WhenAll(due.Select(alarm => next.Entities.Wake(StreamId.Parse(alarm.Stream), next.New().CommandId))));
        }

        Assert.Equal((0, Price), (Escrow(next).HeldMicros, Escrow(next).SpentMicros));
        Assert.True(_scheduler.Run(() => next.Run(_session, "c1", Price, key: World.Key(_session, "k1"))).Replayed);
    }

    [Fact]
    public void A_run_whose_request_travelled_with_its_outcome_is_told_again_under_its_key()
    {
        var first = _scheduler.Run(() => _world.Run(_session, "c1", Price, key: World.Key(_session, "k1")));
        var repeat = _scheduler.Run(() => _world.Run(_session, "c1", Price, key: World.Key(_session, "k1")));
        var other = _scheduler.Run(() => _world.Run(_session, "c1", Price, key: World.Key(_session, "k1", body: 1)));
        Assert.Equal((true, ((RunView)first.Reply!).RunId), (repeat.Replayed, ((RunView)repeat.Reply!).RunId));
        Assert.Equal(Codes.IdempotencyConflict, other.Rejection!.Code);
        Assert.Single(_world.Service.Calls);
    }

    /// <summary>A session's key may name what another stream decides, such as what is said in a conversation: nobody has a service work for nothing by that.</summary>
    [Fact]
    public void A_run_whose_key_another_stream_takes_while_its_service_works_is_paid_and_answered()
    {
        _world.Service.Answers = async _ =>
        {
            await Task.Delay(TimeSpan.FromMilliseconds(200), _time);
            return new ServiceOutcome.Output("{}"u8.ToArray(), 1);
        };
        var run = _scheduler.Start(() => _world.Run(_session, "c1", Price, key: World.Key(_session, "k1")));
        _scheduler.RunFor(TimeSpan.FromMilliseconds(50));
        Assert.Null(_scheduler.Run(() => _world.Entities.Wallet("other").Send(new WalletCommand.Deposit(1), _world.New(World.Key(_session, "k1", body: 1)))).Rejection);
        _scheduler.RunUntil(run);
        Assert.Equal(RunState.Succeeded, Assert.IsType<RunView>(_scheduler.Run(() => run).Reply).State);
        Assert.Equal((1, Price), (_world.Service.Calls.Count, _scheduler.Run(() => _world.Session(_session)).Budget.SpentMicros));
        Assert.Equal(Codes.IdempotencyConflict, _scheduler.Run(() => _world.Run(_session, "c1", Price, key: World.Key(_session, "k1"))).Rejection!.Code);
    }

    private Task<Answer> Hanging(Func<Task<Answer>> run)
    {
        _world.Service.Answers = static _ => new TaskCompletionSource<StepOutcome>().Task;
        var begun = _scheduler.Start(run);
        _scheduler.RunFor(TimeSpan.FromMilliseconds(50));
        return begun;
    }

    private IReadOnlyList<JournalRow> Rows() => _scheduler.Run(() => _journal.Read(new StreamId(StreamId.DefaultTenant, SessionEntity.Kind, _session).ToString(), 0, 1_000, default));

    private Escrow Escrow(World world) => _scheduler.Run(() => world.Campaign("c1")).Escrow;
}
