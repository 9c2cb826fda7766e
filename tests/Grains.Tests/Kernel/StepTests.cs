using Agora.Contracts;
using Agora.Core.Kernel;
using Agora.Journal.Memory;

namespace Agora.Grains.Tests.Kernel;

/// <summary>Steps, and the answers that come with them: after commit or beside it, resumed by a restart and by the alarm.</summary>
public sealed class StepTests
{
    private static readonly TimeSpan Slow = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);
    private readonly Bench _bench = new();

    [Theory]
    [InlineData(Phase.AtOnce, 1)]
    [InlineData(Phase.AfterCommit, 0)]
    public void A_step_starts_beside_its_append_only_when_it_may(Phase phase, int startedBefore)
    {
        var host = _bench.Activate();
        _bench.Appends(before: Slow);
        _bench.Send(host, new TallyCommand.Ask(phase));
        Assert.Equal(startedBefore, _bench.Steps.Asked);
        _bench.Scheduler.RunFor(Slow);
        Assert.Equal(1, _bench.Steps.Asked);
    }

    [Fact]
    public void A_late_answer_comes_with_the_decision_that_gives_it_and_not_before_it_is_durable()
    {
        var host = _bench.Activate();
        var asked = _bench.Send(host, new TallyCommand.Ask(Phase.AfterCommit));
        Assert.False(asked.IsCompleted);
        _bench.Appends(before: Slow);
        _bench.Steps.Answer(0, PlayedSteps.Yes);
        _bench.Scheduler.RunFor(Slow - TimeSpan.FromMilliseconds(1));
        Assert.False(asked.IsCompleted);
        _bench.Scheduler.RunUntil(asked);
        Assert.Equal(1, Bench.SumIn(Bench.Now(asked)));
    }

    [Fact]
    public void A_step_that_breaks_has_no_outcome_and_its_command_is_answered_so()
    {
        var host = _bench.Activate();
        _bench.Steps.Throws = new InvalidOperationException("broken");
        Assert.Equal(0, Bench.SumIn(_bench.Ask(host, new TallyCommand.Ask(Phase.AfterCommit))));
        Assert.Equal(0, _bench.Ended);
    }

    [Fact]
    public void A_later_answer_that_does_not_come_is_a_timeout_after_a_grain_call_and_may_be_waited_for_again()
    {
        var (host, id) = (_bench.Activate(), _bench.NewId());
        var quick = _bench.Send(host, new TallyCommand.Ask(Phase.AfterCommit));
        var asked = _bench.Send(host, new TallyCommand.Ask(Phase.AfterCommit), id);
        _bench.Steps.Answer(0, PlayedSteps.Yes);
        _bench.Scheduler.RunFor(Limits.GrainCallTimeout);
        Assert.True(quick.IsCompleted && !asked.IsCompleted);
        _bench.Scheduler.RunFor(TimeSpan.FromMilliseconds(1));
        Assert.Equal(FailureKind.Timeout, Bench.FailureIn(Bench.Now(asked)));

        var again = _bench.Send(host, new TallyCommand.Ask(Phase.AfterCommit), id);
        _bench.Steps.Answer(1, PlayedSteps.Yes);
        _bench.Scheduler.RunUntil(again);
        Assert.Equal(1, Bench.SumIn(Bench.Now(again)));
    }

    [Fact]
    public void What_waits_for_a_later_answer_fails_when_the_activation_loses_its_place()
    {
        var host = _bench.Activate();
        var asked = _bench.Send(host, new TallyCommand.Ask(Phase.AfterCommit));
        var other = _bench.Next();
        other.Ask(other.Activate(), new TallyCommand.Add(1));
        _bench.Ask(host, new TallyCommand.Add(1));
        Assert.Equal(FailureKind.Conflict, Bench.FailureIn(Bench.Now(asked)));
    }

    [Fact]
    public void A_restart_takes_up_what_was_unfinished_and_a_repeat_shares_the_outcome()
    {
        var id = _bench.NewId();
        _bench.Send(_bench.Activate(), new TallyCommand.Ask(Phase.AfterCommit), id);
        var next = _bench.Next();
        var host = next.Activate();
        Assert.Equal(1, next.Steps.Asked);
        var again = next.Send(host, new TallyCommand.Ask(Phase.AfterCommit), id);
        Assert.Equal(1, next.Steps.Asked);
        next.Steps.Answer(0, PlayedSteps.Yes);
        next.Scheduler.RunUntil(again);
        Assert.Equal(1, Bench.SumIn(Bench.Now(again)));
        Assert.True(((Answer)next.Ask(host, new TallyCommand.Ask(Phase.AfterCommit), id)).Replayed);
    }

    [Fact]
    public void A_keyed_command_that_was_decided_after_its_caller_was_gone_is_answered_by_its_key_for_ever()
    {
        var key = Bench.Key("k1");
        _bench.Send(_bench.Activate(), new TallyCommand.Ask(Phase.AfterCommit), Bench.IdOf(key), key);
        var next = _bench.Next();
        next.Activate();
        next.Steps.Answer(0, PlayedSteps.Yes);
        next.Scheduler.RunReady();
        next.Time.Advance(TimeSpan.FromHours(1));
        var last = next.Next();
        var host = last.Activate();
        Assert.Equal(1, Bench.SumIn(last.Ask(host, new TallyCommand.Ask(Phase.AfterCommit), Bench.IdOf(key), Bench.Key("k1"))));
        Assert.Equal(Codes.IdempotencyConflict, ((Answer)last.Ask(host, new TallyCommand.Ask(Phase.AfterCommit), Bench.IdOf(key), Bench.Key("k1", body: 1))).Rejection!.Code);
        Assert.Equal(0, last.Steps.Asked);
    }

    [Fact]
    public void The_alarm_takes_up_only_what_nothing_works_on()
    {
        var host = _bench.Activate();
        var asked = _bench.Send(host, new TallyCommand.Ask(Phase.AfterCommit));
        _bench.Ask(host, TallyDecider.Entity.Tick, isStep: true);
        Assert.Equal(1, _bench.Steps.Asked);
        Assert.False(asked.IsCompleted);
    }

    [Fact]
    public void Closing_waits_for_steps_as_long_as_its_patience_and_then_ends()
    {
        var host = _bench.Activate();
        _bench.Send(host, new TallyCommand.Ask(Phase.AfterCommit));
        var closed = _bench.Scheduler.Start(() => host.Close(Patience));
        _bench.Scheduler.RunFor(Patience - TimeSpan.FromMilliseconds(1));
        Assert.False(closed.IsCompleted);
        _bench.Scheduler.RunUntil(closed);
        Assert.Equal(FailureKind.Conflict, Bench.FailureIn(_bench.Ask(host, new TallyCommand.Add(1))));
    }

    [Fact]
    public void Closing_does_not_wait_for_a_step_that_can_be_left_and_the_next_activation_takes_it_up()
    {
        var host = _bench.Activate();
        _bench.Send(host, new TallyCommand.Ask(Phase.AfterCommit, CanBeLeft: true));
        var closed = _bench.Scheduler.Start(() => host.Close(Patience));
        _bench.Scheduler.RunReady();
        Assert.True(closed.IsCompleted);
        var next = _bench.Next();
        next.Activate();
        Assert.Equal(1, next.Steps.Asked);
    }

    [Theory]
    [InlineData(false, false, false)]
    [InlineData(false, true, true)]
    [InlineData(true, true, false)]
    public void Settling_waits_for_steps_but_for_those_that_another_process_can_take_up_and_commands_are_still_decided(bool isLast, bool canBeLeft, bool atOnce)
    {
        var host = _bench.Activate();
        var asked = _bench.Send(host, new TallyCommand.Ask(Phase.AfterCommit, canBeLeft));
        var settled = _bench.Scheduler.Start(() => host.Settle(isLast));
        _bench.Scheduler.RunReady();
        Assert.Equal(atOnce, settled.IsCompleted);

        Assert.Equal(1, Bench.SumIn(_bench.Ask(host, new TallyCommand.Add(1))));
        _bench.Steps.Answer(0, PlayedSteps.Yes);
        _bench.Scheduler.RunReady();
        Assert.True(settled.IsCompleted);
        Assert.True(asked.IsCompleted);
        Assert.Equal((true, 0), (_bench.Scheduler.Run(() => host.Settle(isLast)), _bench.Ended));
    }

    [Fact]
    public void Closing_ends_as_soon_as_the_last_step_has_and_its_answer_is_given()
    {
        var host = _bench.Activate();
        var asked = _bench.Send(host, new TallyCommand.Ask(Phase.AfterCommit));
        var closed = _bench.Scheduler.Start(() => host.Close(Patience));
        _bench.Scheduler.RunReady();
        _bench.Steps.Answer(0, PlayedSteps.Yes);
        _bench.Scheduler.RunReady();
        Assert.True(closed.IsCompleted);
        Assert.Equal(1, Bench.SumIn(Bench.Now(asked)));
    }

    /// <summary>Its row would have no steps: the next activation would find an abandoned run, and void it.</summary>
    [Fact]
    public void A_command_whose_key_is_still_looked_up_when_the_activation_writes_its_last_is_not_decided_there_Conflict()
    {
        var host = _bench.Activate();
        _bench.Ask(host, new TallyCommand.Pass(1, Riding.Soon));
        _bench.Fault = static call => call switch
        {
            JournalCall.FindKey => new(Before: Slow / 2),
            JournalCall.Append => new(Before: Slow),
            _ => default,
        };
        var key = Bench.Key("k1");
        var asked = _bench.Send(host, new TallyCommand.Ask(Phase.AtOnce), Bench.IdOf(key), key);

        var closed = _bench.Scheduler.Start(() => host.Close(Patience));
        _bench.Scheduler.RunUntil(closed);

        Assert.Equal(FailureKind.Conflict, Bench.FailureIn(Bench.Now(asked)));
        Assert.Equal(0, _bench.Steps.Asked);
        _bench.Fault = static _ => default;
        var next = _bench.Next();
        var again = next.Send(next.Activate(), new TallyCommand.Ask(Phase.AtOnce), Bench.IdOf(key), Bench.Key("k1"));
        Assert.Equal(1, next.Steps.Asked);
        next.Steps.Answer(0, PlayedSteps.Yes);
        next.Scheduler.RunUntil(again);
        Assert.Equal(1, Bench.SumIn(Bench.Now(again)));
    }

    [Fact]
    public void Of_what_comes_later_one_waits_at_a_time_and_when_it_has_come_the_next_may()
    {
        var host = _bench.Activate();
        _bench.Ask(host, new TallyCommand.AddLater(1));
        _bench.Ask(host, new TallyCommand.AddLater(2));
        Assert.Equal(1, _bench.Steps.Asked);
        _bench.Steps.Answer(0, PlayedSteps.Yes);
        _bench.Scheduler.RunReady();
        Assert.Equal(1, _bench.Sum(host));
        _bench.Ask(host, new TallyCommand.AddLater(4));
        Assert.Equal(2, _bench.Steps.Asked);
    }

    [Fact]
    public void What_comes_later_comes_when_the_activation_closes_and_none_begins_to_wait_then()
    {
        var host = _bench.Activate();
        _bench.Send(host, new TallyCommand.Ask(Phase.AfterCommit));
        _bench.Ask(host, new TallyCommand.AddLater(1));
        var closed = _bench.Scheduler.Start(() => host.Close(Patience));
        _bench.Scheduler.RunReady();
        Assert.Equal([false, true], _bench.Steps.Endings.Select(ending => ending.IsCancellationRequested));

        _bench.Steps.Answer(1, PlayedSteps.Yes);
        _bench.Ask(host, new TallyCommand.AddLater(2));
        Assert.Equal((2, false), (_bench.Steps.Asked, closed.IsCompleted));
        _bench.Steps.Answer(0, PlayedSteps.Yes);
        _bench.Scheduler.RunReady();
        Assert.True(closed.IsCompleted);
    }

    [Fact]
    public void An_unfinished_stream_has_one_alarm_half_a_minute_away_that_is_cleared_when_it_rings_for_nothing()
    {
        var host = _bench.Activate();
        var start = _bench.Time.GetUtcNow();
        var asked = _bench.Send(host, new TallyCommand.Ask(Phase.AfterCommit));
        Assert.Equal((start + Limits.UnfinishedAlarm).ToMicros(), _bench.AlarmOf());
        _bench.Time.Advance(TimeSpan.FromSeconds(10));
        _bench.Ask(host, new TallyCommand.Add(1));
        Assert.Equal((start + Limits.UnfinishedAlarm).ToMicros(), _bench.AlarmOf());

        _bench.Steps.Answer(0, PlayedSteps.Yes);
        _bench.Scheduler.RunUntil(asked);
        Assert.NotNull(_bench.AlarmOf());
        _bench.Time.Advance(Limits.UnfinishedAlarm);
        _bench.Ask(host, TallyDecider.Entity.Tick, isStep: true);
        Assert.Null(_bench.AlarmOf());
        var rows = _bench.Rows().Count;
        _bench.Ask(host, TallyDecider.Entity.Tick, isStep: true);
        Assert.Equal(rows, _bench.Rows().Count);
    }

    [Fact]
    public void An_alarm_that_rings_while_something_is_unfinished_is_set_again()
    {
        var host = _bench.Activate();
        _bench.Send(host, new TallyCommand.Ask(Phase.AfterCommit));
        _bench.Time.Advance(Limits.UnfinishedAlarm);
        _bench.Ask(host, TallyDecider.Entity.Tick, isStep: true);
        Assert.Equal((_bench.Time.GetUtcNow() + Limits.UnfinishedAlarm).ToMicros(), _bench.AlarmOf());
    }

    [Fact]
    public void An_alarm_that_is_wanted_earlier_is_moved_and_one_that_is_wanted_later_stands_until_it_rings()
    {
        var (host, start) = (_bench.Activate(), _bench.Time.GetUtcNow());
        foreach (var (wanted, stands) in new[] { (20, 20), (10, 10), (15, 10) })
        {
            _bench.Ask(host, new TallyCommand.WakeAt(start.AddMinutes(wanted)));
            Assert.Equal(start.AddMinutes(stands).ToMicros(), _bench.AlarmOf());
        }

        _bench.Time.Advance(TimeSpan.FromMinutes(10));
        _bench.Ask(host, TallyDecider.Entity.Tick, isStep: true);
        Assert.Equal(start.AddMinutes(15).ToMicros(), _bench.AlarmOf());
    }

    [Fact]
    public void What_rides_is_answered_at_once_and_written_within_its_time()
    {
        var host = _bench.Activate();
        _bench.Ask(host, new TallyCommand.Add(1));
        Assert.Equal(3, Bench.SumIn(Bench.Now(_bench.Send(host, new TallyCommand.Pass(2, Riding.Soon)))));
        _bench.Scheduler.RunFor(Limits.RideAtMost - TimeSpan.FromMilliseconds(1));
        Assert.Single(_bench.Rows());
        _bench.Scheduler.RunFor(TimeSpan.FromMilliseconds(1));
        Assert.Equal(2, _bench.Rows().Count);
    }

    [Fact]
    public void What_rides_of_many_streams_leaves_together()
    {
        var (early, late) = (_bench.Activate("early"), _bench.Activate("late"));
        _bench.Scheduler.RunFor(TimeSpan.FromMilliseconds(10));
        _bench.Ask(early, new TallyCommand.Pass(2, Riding.Soon));
        _bench.Scheduler.RunFor(TimeSpan.FromMilliseconds(80));
        _bench.Ask(late, new TallyCommand.Pass(2, Riding.Soon));
        _bench.Scheduler.RunFor(Limits.RideAtMost - TimeSpan.FromMilliseconds(91));
        Assert.Empty(_bench.Rows("early").Concat(_bench.Rows("late")));
        _bench.Scheduler.RunFor(TimeSpan.FromMilliseconds(1));
        Assert.Single(_bench.Rows("early"));
        Assert.Single(_bench.Rows("late"));
    }

    [Fact]
    public void A_stream_that_is_read_all_the_time_is_confirmed_by_its_rides_and_no_read_waits()
    {
        var host = _bench.Activate();
        _bench.Ask(host, new TallyCommand.Add(1));
        _bench.Appends(before: TimeSpan.FromMilliseconds(100));
        for (var i = 0; i < 50; i++)
        {
            Assert.True(_bench.Send(host, new TallyCommand.Pass(1, Riding.Soon)).IsCompleted, $"read {i} waits");
            _bench.Scheduler.RunFor(TimeSpan.FromMilliseconds(100));
        }

        Assert.InRange(_bench.Rows().Count, 6, 9);
    }

    [Fact]
    public void What_others_act_on_is_answered_only_with_the_row_that_it_rides_in()
    {
        var host = _bench.Activate();
        _bench.Ask(host, new TallyCommand.Add(1));
        var alone = _bench.Send(host, new TallyCommand.Pass(2, Riding.Awaited));
        _bench.Scheduler.RunFor(Limits.RideAtMost - TimeSpan.FromMilliseconds(1));
        Assert.False(alone.IsCompleted);
        _bench.Scheduler.RunFor(TimeSpan.FromMilliseconds(1));
        Assert.Equal(3, Bench.SumIn(Bench.Now(alone)));

        var carried = _bench.Send(host, new TallyCommand.Pass(2, Riding.Awaited));
        _bench.Ask(host, new TallyCommand.Add(1));
        Assert.Equal(5, Bench.SumIn(Bench.Now(carried)));
        Assert.Equal(3, _bench.Rows().Count);
    }

    [Fact]
    public void What_rides_until_the_alarm_goes_with_the_next_append_or_with_closing()
    {
        var host = _bench.Activate();
        _bench.Ask(host, new TallyCommand.Add(1));
        _bench.Ask(host, new TallyCommand.Pass(2, Riding.UntilAlarm));
        _bench.Scheduler.RunFor(TimeSpan.FromMinutes(1));
        Assert.Single(_bench.Rows());
        _bench.Scheduler.Run(() => host.Close(Patience));
        Assert.Equal(2, _bench.Rows().Count);
        Assert.Equal(3, _bench.Sum(_bench.Activate()));
    }

    [Fact]
    public void A_ride_that_cannot_be_written_ends_the_activation_before_it_decides_or_shows_anything_more()
    {
        var host = _bench.Activate();
        _bench.Ask(host, new TallyCommand.Add(1));
        _bench.Ask(host, new TallyCommand.Pass(2, Riding.Soon));
        _bench.Appends(fails: JournalFailure.Unavailable);
        _bench.Scheduler.RunFor(Limits.RideAtMost);
        _bench.Appends();
        Assert.Equal(FailureKind.Unavailable, Assert.IsType<OperatingFailure>(_bench.Ask(host, new TallyCommand.Get())).Kind);
        Assert.Equal(1, _bench.Ended);
        Assert.Equal(1, _bench.Sum(_bench.Activate()));
    }
}
