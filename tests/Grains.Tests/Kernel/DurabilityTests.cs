using Agora.Contracts;
using Agora.Core.Kernel;
using Agora.Journal;
using Agora.Journal.Memory;

namespace Agora.Grains.Tests.Kernel;

/// <summary>reply_after_durable and one_writer, under a journal that is slow, lost, away or taken over.</summary>
public sealed class DurabilityTests
{
    private static readonly TimeSpan Slow = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Almost = Slow - TimeSpan.FromMilliseconds(1);
    private readonly Bench _bench = new();

    [Fact]
    public void Of_changes_that_are_decided_in_one_instant_each_is_later_than_the_one_before()
    {
        var host = _bench.Activate();
        for (var n = 0; n < 3; n++) _bench.Ask(host, new TallyCommand.Add(1));

        var times = _bench.Rows().SelectMany(RowCodec.Decode).Select(entry => entry.AtMicros).ToList();
        Assert.Equal([0, 1, 2], times.Select(at => at - times[0]));
    }

    [Fact]
    public void An_answer_leaves_only_when_it_is_durable()
    {
        var host = _bench.Activate();
        _bench.Appends(after: Slow);
        var sent = _bench.Send(host, new TallyCommand.Add(5));
        _bench.Scheduler.RunFor(Almost);
        Assert.False(sent.IsCompleted);
        Assert.Single(_bench.Rows());
        _bench.Scheduler.RunFor(TimeSpan.FromMilliseconds(1));
        Assert.Equal(5, Bench.SumIn(Bench.Now(sent)));
    }

    [Fact]
    public void A_refusal_leaves_only_when_what_it_rests_on_is_durable()
    {
        var host = _bench.Activate();
        _bench.Appends(before: Slow);
        _bench.Send(host, new TallyCommand.Add(1_000));
        var refused = _bench.Send(host, new TallyCommand.Add(1));
        _bench.Scheduler.RunFor(Almost);
        Assert.False(refused.IsCompleted);
        _bench.Scheduler.RunUntil(refused);
        Assert.Equal(TallyDecider.TooMuch, ((Answer)Bench.Now(refused)).Rejection);
    }

    [Fact]
    public void A_query_waits_for_what_is_in_flight_and_then_shows_it()
    {
        var host = _bench.Activate();
        _bench.Ask(host, new TallyCommand.Add(1));
        _bench.Appends(before: Slow);
        _bench.Send(host, new TallyCommand.Add(5));
        var query = _bench.Send(host, new TallyCommand.Get());
        _bench.Scheduler.RunFor(Almost);
        Assert.False(query.IsCompleted);
        _bench.Scheduler.RunUntil(query);
        Assert.Equal(6, Bench.SumIn(Bench.Now(query)));
    }

    [Fact]
    public void A_query_that_nothing_is_in_flight_for_is_answered_at_once_for_a_second_and_then_asks_the_journal()
    {
        var host = _bench.Activate();
        _bench.Ask(host, new TallyCommand.Add(1));
        _bench.Appends(before: Slow);
        Assert.True(_bench.Send(host, new TallyCommand.Get()).IsCompleted);
        _bench.Scheduler.RunFor(Limits.StaleAtMost + TimeSpan.FromMilliseconds(1));
        Assert.False(_bench.Send(host, new TallyCommand.Get()).IsCompleted);
    }

    [Fact]
    public void Commands_that_come_while_an_append_is_under_way_share_the_next_one()
    {
        var host = _bench.Activate();
        _bench.Appends(before: Slow);
        var all = Enumerable.Range(1, 10).Select(i => _bench.Send(host, new TallyCommand.Add(1))).ToList();
        _bench.Scheduler.RunUntil(Task.WhenAll(all));
        Assert.Equal(Enumerable.Range(1, 10).Select(i => (long)i), all.Select(a => Bench.SumIn(Bench.Now(a))));
        Assert.Equal(2, _bench.Rows().Count);
    }

    [Fact]
    public void A_stale_activation_conflicts_and_what_it_decided_is_never_seen()
    {
        var other = _bench.Next();
        var (stale, fresh) = (_bench.Activate(), other.Activate());
        Assert.Equal(5, Bench.SumIn(other.Ask(fresh, new TallyCommand.Add(5))));
        var decided = _bench.Send(stale, new TallyCommand.Add(100));
        var query = _bench.Send(stale, new TallyCommand.Get());
        var refusal = _bench.Send(stale, new TallyCommand.Add(1_000));
        _bench.Scheduler.RunUntil(Task.WhenAll(decided, query, refusal));
        Assert.All([decided, query, refusal], sent => Assert.Equal(FailureKind.Conflict, Bench.FailureIn(Bench.Now(sent))));
        Assert.Equal(1, _bench.Ended);
        Assert.Equal(FailureKind.Conflict, Bench.FailureIn(_bench.Ask(stale, new TallyCommand.Add(1))));
        Assert.Equal(5, other.Sum(fresh));
    }

    [Fact]
    public void A_stale_activation_that_only_refuses_finds_out_before_it_does()
    {
        var other = _bench.Next();
        var fresh = other.Activate();
        other.Ask(fresh, new TallyCommand.Add(1_000));
        var stale = _bench.Activate();
        other.Ask(fresh, new TallyCommand.Add(-500));
        Assert.Equal(FailureKind.Conflict, Bench.FailureIn(_bench.Ask(stale, new TallyCommand.Add(1))));
    }

    [Fact]
    public void What_is_sent_again_after_a_conflict_happens_once()
    {
        var other = _bench.Next();
        var (stale, fresh) = (_bench.Activate(), other.Activate());
        other.Ask(fresh, new TallyCommand.Add(5));
        var id = _bench.NewId();
        Assert.Equal(FailureKind.Conflict, Bench.FailureIn(_bench.Ask(stale, new TallyCommand.Add(7), id)));
        Assert.Equal(12, Bench.SumIn(other.Ask(fresh, new TallyCommand.Add(7), id)));
        var again = Assert.IsType<Answer>(other.Ask(fresh, new TallyCommand.Add(7), id));
        Assert.Equal((12, true), (Bench.SumIn(again), again.Replayed));
        Assert.Equal(12, other.Sum(fresh));
    }

    [Fact]
    public void A_store_that_is_away_is_said_to_be_and_a_fresh_activation_goes_on()
    {
        var host = _bench.Activate();
        _bench.Appends(fails: JournalFailure.Unavailable);
        Assert.Equal(FailureKind.Unavailable, Bench.FailureIn(_bench.Ask(host, new TallyCommand.Add(5))));
        Assert.Equal(1, _bench.Ended);
        _bench.Appends();
        Assert.Equal(0, _bench.Sum(_bench.Activate()));
    }

    [Theory]
    [InlineData(JournalFailure.LostAfter)]
    [InlineData(JournalFailure.LostBefore)]
    public void An_append_of_unknown_fate_is_asked_about_until_it_is_known_and_happens_once(JournalFailure lost)
    {
        var host = _bench.Activate();
        var failures = 3;
        _bench.Fault = call => call == JournalCall.Append && failures-- > 0 ? new(lost) : default;
        Assert.Equal(5, Bench.SumIn(_bench.Ask(host, new TallyCommand.Add(5))));
        Assert.Equal(0, _bench.Ended);
        Assert.Single(_bench.Rows());
    }

    [Fact]
    public void An_append_that_the_process_stops_before_its_fate_is_known_fails_its_command_and_ends_the_activation()
    {
        var host = _bench.Activate();
        _bench.Appends(fails: JournalFailure.LostAfter);
        var sent = _bench.Send(host, new TallyCommand.Add(5));
        _bench.Scheduler.Run(async () => await _bench.Committer.DisposeAsync());
        _bench.Scheduler.RunUntil(sent);
        Assert.IsType<OperatingFailure>(Bench.Now(sent));
        Assert.Equal(1, _bench.Ended);
        Assert.Equal(5, _bench.Next().Sum(_bench.Next().Activate()));
    }

    [Fact]
    public void A_journal_that_breaks_is_a_defect_that_ends_the_activation_and_the_next_one_goes_on()
    {
        var host = _bench.Activate();
        _bench.Fault = call => call == JournalCall.Append ? throw new InvalidOperationException("broken") : default;
        var (first, again) = (_bench.NewId(), _bench.NewId());
        Assert.Equal(FailureKind.Defect, Bench.FailureIn(_bench.Ask(host, new TallyCommand.Add(5), first)));
        Assert.Equal(FailureKind.Defect, Bench.FailureIn(_bench.Ask(host, new TallyCommand.Add(5), again)));
        Assert.Equal(1, _bench.Ended);
        _bench.Appends();
        Assert.Equal(5, Bench.SumIn(_bench.Ask(_bench.Activate(), new TallyCommand.Add(5), first)));
    }

    /// <summary>A caller that may send commands to one kind of entity would otherwise end the commands of all other callers there.</summary>
    [Fact]
    public void A_command_of_another_kind_fails_with_ArgumentException_and_ends_nothing()
    {
        var host = _bench.Activate();
        _bench.Appends(before: Slow);
        var others = _bench.Send(host, new TallyCommand.Add(1));
        var wrong = _bench.Scheduler.Start(() => host.Send(new(_bench.NewId(), null, Nothing.Value)));
        _bench.Scheduler.RunReady();
        Assert.IsType<ArgumentException>(wrong.Exception?.InnerException);
        _bench.Scheduler.RunUntil(others);
        Assert.Equal((1, 0), (Bench.SumIn(Bench.Now(others)), _bench.Ended));
    }

    [Fact]
    public void A_broken_invariant_writes_nothing_and_ends_the_activation()
    {
        var host = _bench.Activate();
        _bench.Ask(host, new TallyCommand.Add(5));
        Assert.Equal(FailureKind.Defect, Bench.FailureIn(_bench.Ask(host, new TallyCommand.Break())));
        Assert.Equal(1, _bench.Ended);
        Assert.Single(_bench.Rows());
        Assert.Equal(5, _bench.Sum(_bench.Activate()));
    }

    [Fact]
    public void An_event_that_cannot_be_written_leaves_no_trace_in_what_others_are_answered()
    {
        var host = _bench.Activate();
        _bench.Ask(host, new TallyCommand.Add(5));
        _bench.Appends(before: Slow);
        var bad = _bench.Send(host, new TallyCommand.WriteBadly());
        var good = _bench.Send(host, new TallyCommand.Add(1));
        _bench.Scheduler.RunUntil(Task.WhenAll(bad, good));
        Assert.Equal(FailureKind.Defect, Bench.FailureIn(Bench.Now(bad)));
        Assert.Equal(6, Bench.SumIn(Bench.Now(good)));
        Assert.Equal(6, _bench.Sum(_bench.Activate()));
    }

    [Fact]
    public void When_too_much_is_queued_new_commands_are_refused_steps_pass_and_nothing_ends()
    {
        var bench = new Bench(new() { SoftEntries = 1 });
        var host = bench.Activate();
        bench.Appends(before: Slow);
        var first = bench.Send(host, new TallyCommand.Add(1));
        Assert.Equal(FailureKind.Overloaded, Bench.FailureIn(Bench.Now(bench.Send(host, new TallyCommand.Add(1)))));
        var step = bench.Send(host, new TallyCommand.Add(1), isStep: true);
        bench.Scheduler.RunUntil(Task.WhenAll(first, step));
        Assert.Equal((2, 0), (Bench.SumIn(Bench.Now(step)), bench.Ended));
    }
}
