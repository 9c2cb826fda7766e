using Agora.Core.Kernel;

namespace Agora.Grains.Tests.Kernel;

/// <summary>What begins rides: its own steps go on, and nobody outside is shown it before it is durable.</summary>
public sealed class BegunTests
{
    private static readonly TimeSpan Slow = TimeSpan.FromSeconds(4);
    private static readonly TimeSpan Moment = TimeSpan.FromMilliseconds(1);
    private readonly Bench _bench = new();

    [Fact]
    public void What_begins_after_the_journal_has_confirmed_the_activation_lately_rides_and_leaves_in_time()
    {
        var host = _bench.Activate();
        _bench.Scheduler.RunFor(Limits.BegunAfterConfirmed);
        _bench.Send(host, new TallyCommand.AskTwice());
        _bench.Ask(host, new TallyCommand.Add(1)); // with an alarm, as all that is the first to be unfinished
        var rows = _bench.Rows().Count;
        _bench.Send(host, new TallyCommand.AskTwice());
        _bench.Scheduler.RunFor(TimeSpan.FromMilliseconds(500));
        Assert.Equal(rows, _bench.Rows().Count);
        _bench.Scheduler.RunFor(Limits.RideAtMost);
        Assert.Equal(rows + 1, _bench.Rows().Count);
    }

    [Fact]
    public void What_begins_when_the_journal_has_confirmed_nothing_lately_is_appended_at_once()
    {
        var host = Warm();
        _bench.Scheduler.RunFor(Limits.BegunAfterConfirmed + Moment);
        var rows = _bench.Rows().Count;
        _bench.Send(host, new TallyCommand.AskTwice());
        Assert.Equal(rows + 1, _bench.Rows().Count);
    }

    [Fact]
    public void What_begins_where_too_much_rides_already_is_appended_at_once()
    {
        const int Most = 4;
        var bench = new Bench(new() { HardEntries = 2 * Most });
        var host = Warm(bench);
        for (var n = 0; n < Most; n++) bench.Ask(host, new TallyCommand.Pass(1, Riding.UntilAlarm));
        var rows = bench.Rows().Count;
        bench.Send(host, new TallyCommand.AskTwice());
        Assert.Equal(rows + 1, bench.Rows().Count);
    }

    [Fact]
    public void What_begins_and_is_decided_soon_is_one_row()
    {
        var host = Warm();
        var (rows, asked) = (_bench.Rows().Count, _bench.Steps.Asked);
        var answer = _bench.Send(host, new TallyCommand.AskTwice());
        _bench.Steps.Answer(asked, PlayedSteps.Yes);
        _bench.Scheduler.RunReady();
        _bench.Steps.Answer(asked + 1, PlayedSteps.Yes);
        _bench.Scheduler.RunUntil(answer);
        Assert.Equal((1L, rows + 1), (Bench.SumIn(Bench.Now(answer)), _bench.Rows().Count));
    }

    [Fact]
    public void A_query_from_outside_waits_until_what_has_begun_is_durable()
    {
        var host = Warm();
        _bench.Appends(before: Slow);
        _bench.Send(host, new TallyCommand.AskTwice());
        var query = _bench.Send(host, new TallyCommand.Get());
        _bench.Scheduler.RunFor(Slow - Moment);
        Assert.False(query.IsCompleted);
        _bench.Scheduler.RunUntil(query);
    }

    [Fact]
    public void An_answer_that_an_own_step_gives_waits_until_what_has_begun_is_durable()
    {
        var host = Warm();
        var asked = _bench.Steps.Asked;
        var refused = _bench.Send(host, new TallyCommand.AskInVain());
        _bench.Appends(before: Slow);
        _bench.Send(host, new TallyCommand.AskTwice());
        _bench.Steps.Answer(asked, PlayedSteps.Yes);
        _bench.Scheduler.RunFor(Slow - Moment);
        Assert.False(refused.IsCompleted);
        _bench.Scheduler.RunUntil(refused);
        Assert.Equal(TallyDecider.TooMuch, Assert.IsType<Answer>(Bench.Now(refused)).Rejection);
    }

    [Fact]
    public void An_own_step_goes_on_with_what_has_begun_while_that_is_not_durable()
    {
        var host = Warm();
        _bench.Appends(before: Slow);
        var asked = _bench.Steps.Asked;
        _bench.Send(host, new TallyCommand.AskTwice());
        _bench.Scheduler.RunFor(Limits.StaleAtMost + Moment); // it is written by now, and not yet durable
        _bench.Steps.Answer(asked, PlayedSteps.Yes);
        _bench.Scheduler.RunReady();
        Assert.Equal(asked + 2, _bench.Steps.Asked);
    }

    [Fact]
    public void An_own_step_of_an_activation_that_was_confirmed_too_long_ago_asks_the_journal_first()
    {
        var host = Warm();
        _bench.Appends(before: 2 * Limits.GoesOnAfterConfirmed);
        var asked = _bench.Steps.Asked;
        _bench.Send(host, new TallyCommand.AskTwice());
        _bench.Scheduler.RunFor(Limits.GoesOnAfterConfirmed + Moment);
        _bench.Steps.Answer(asked, PlayedSteps.Yes);
        _bench.Scheduler.RunReady();
        Assert.Equal(asked + 1, _bench.Steps.Asked);
    }

    [Fact]
    public void What_has_begun_and_was_lost_with_its_process_is_as_if_it_had_never_been_asked_for()
    {
        var host = Warm();
        var rows = _bench.Rows().Count;
        _bench.Send(host, new TallyCommand.AskTwice());
        var next = _bench.Next();
        next.Activate();
        Assert.Equal((1, rows), (next.Steps.Asked, _bench.Rows().Count)); // that of Warm
    }

    // Something is unfinished already, so that the alarm stands, and the journal has just confirmed the activation.
    private TallyHost Warm(Bench? bench = null)
    {
        bench ??= _bench;
        var host = bench.Activate();
        bench.Send(host, new TallyCommand.Ask(Phase.AfterCommit));
        bench.Ask(host, new TallyCommand.Add(1));
        return host;
    }
}
