using Agora.Contracts;
using Agora.Core.Kernel;
using Agora.Journal;
using Agora.Journal.Memory;
using Agora.Testing;

namespace Agora.Grains.Tests.Kernel;

/// <summary>A command id is decided once, whenever and wherever it comes again; a client's key is the same with a memory.</summary>
public sealed class RepeatTests
{
    private static readonly TimeSpan Slow = TimeSpan.FromSeconds(5);
    private readonly Bench _bench = new();

    [Fact]
    public void A_repeat_in_flight_shares_the_first_answer()
    {
        var (host, id) = (_bench.Activate(), _bench.NewId());
        _bench.Appends(before: Slow);
        var (first, again) = (_bench.Send(host, new TallyCommand.Add(5), id), _bench.Send(host, new TallyCommand.Add(5), id));
        _bench.Scheduler.RunUntil(Task.WhenAll(first, again));
        Assert.Equal((5, 5), (Bench.SumIn(Bench.Now(first)), Bench.SumIn(Bench.Now(again))));
        Assert.Equal(5, _bench.Sum(host));
    }

    [Fact]
    public void A_repeat_in_flight_shares_the_first_failure()
    {
        var (host, id) = (_bench.Activate(), _bench.NewId());
        _bench.Appends(before: Slow, fails: JournalFailure.Unavailable);
        var (first, again) = (_bench.Send(host, new TallyCommand.Add(5), id), _bench.Send(host, new TallyCommand.Add(5), id));
        _bench.Scheduler.RunUntil(Task.WhenAll(first, again));
        Assert.Equal((FailureKind.Unavailable, FailureKind.Unavailable), (Bench.FailureIn(Bench.Now(first)), Bench.FailureIn(Bench.Now(again))));
    }

    [Fact]
    public void A_repeat_is_answered_from_the_journal_here_and_after_a_restart()
    {
        var (host, id) = (_bench.Activate(), _bench.NewId());
        _bench.Ask(host, new TallyCommand.Add(5), id);
        _bench.Ask(host, new TallyCommand.Add(6));
        var next = _bench.Next();
        foreach (var again in new[] { _bench.Ask(host, new TallyCommand.Add(5), id), next.Ask(next.Activate(), new TallyCommand.Add(5), id) })
        {
            Assert.Equal((5, true), (Bench.SumIn(again), ((Answer)again).Replayed));
        }

        Assert.Equal(11, next.Sum(next.Activate()));
    }

    [Fact]
    public void Who_asks_for_an_outcome_gets_the_stored_one_or_nothing_and_changes_nothing()
    {
        var (host, key) = (_bench.Activate(), Bench.Key("once"));
        Assert.IsType<Nothing>(_bench.Outcome(host, key).Reply);
        Assert.Empty(_bench.Rows());

        _bench.Ask(host, new TallyCommand.Add(5), Bench.IdOf(key), key);
        _bench.Ask(host, new TallyCommand.Add(6));

        var next = _bench.Next();
        foreach (var outcome in new[] { _bench.Outcome(host, Bench.Key("once")), next.Outcome(next.Activate(), Bench.Key("once")) })
        {
            Assert.Equal((5, true), (Bench.SumIn(outcome), outcome.Replayed));
        }

        Assert.Equal(Codes.IdempotencyConflict, _bench.Outcome(host, Bench.Key("once", body: 1)).Rejection?.Code);
        Assert.Equal(11, _bench.Sum(host));
    }

    [Theory]
    [InlineData(Riding.Awaited)]
    [InlineData(Riding.No)]
    public void A_repeat_of_what_waited_for_its_ride_is_answered_from_its_own_row(Riding riding)
    {
        var (host, id) = (_bench.Activate(), _bench.NewId());
        _bench.Ask(host, new TallyCommand.Add(1));
        _bench.Ask(host, new TallyCommand.Pass(5, riding), id);
        _bench.Ask(host, new TallyCommand.Add(1));
        Assert.Equal(6, Bench.SumIn(_bench.Ask(host, new TallyCommand.Pass(5, riding), id)));
        Assert.Equal(7, _bench.Sum(host));
    }

    [Fact]
    public void A_command_that_may_have_been_decided_and_forgotten_is_refused_and_a_step_is_not()
    {
        var host = _bench.Activate();
        var late = Ids.Derive(_bench.Time.GetUtcNow() - Limits.OutcomeKept - TimeSpan.FromSeconds(1), Guid.Empty, 9);
        Assert.Equal(Codes.Unavailable, ((Answer)_bench.Ask(host, new TallyCommand.Add(5), late)).Rejection!.Code);
        Assert.Equal(1, Bench.SumIn(_bench.Ask(host, new TallyCommand.Add(1), late, isStep: true)));
    }

    [Fact]
    public void A_key_used_again_is_answered_with_its_outcome_for_as_long_as_it_is_kept()
    {
        var (host, key) = (_bench.Activate(), Bench.Key("k1"));
        _bench.Ask(host, new TallyCommand.Add(5), Bench.IdOf(key), key);
        _bench.Time.Advance(TimeSpan.FromHours(1));
        var next = _bench.Next();
        var again = next.Ask(next.Activate(), new TallyCommand.Add(5), Bench.IdOf(key), Bench.Key("k1"));
        Assert.Equal((5, true), (Bench.SumIn(again), ((Answer)again).Replayed));
    }

    [Fact]
    public void A_repeat_that_arrives_while_its_key_is_looked_up_for_another_body_is_answered_what_it_was_answered()
    {
        var (host, key) = (_bench.Activate(), Bench.Key("k1"));
        _bench.Ask(host, new TallyCommand.Add(5), Bench.IdOf(key), key);
        var next = _bench.Next();
        var anew = next.Activate();
        next.Fault = call => call is JournalCall.FindKey ? new(Before: Slow) : default;
        var other = next.Send(anew, new TallyCommand.Add(6), Bench.IdOf(key), Bench.Key("k1", body: 1));
        var repeat = next.Send(anew, new TallyCommand.Add(5), Bench.IdOf(key), Bench.Key("k1"));
        next.Scheduler.RunUntil(Task.WhenAll(other, repeat));
        Assert.Equal(Codes.IdempotencyConflict, ((Answer)Bench.Now(other)).Rejection!.Code);
        Assert.Equal((5, true), (Bench.SumIn(Bench.Now(repeat)), ((Answer)Bench.Now(repeat)).Replayed));
    }

    [Fact]
    public void A_key_with_another_body_is_a_conflict_in_flight_and_after()
    {
        var (host, key) = (_bench.Activate(), Bench.Key("k1"));
        _bench.Appends(before: Slow);
        var first = _bench.Send(host, new TallyCommand.Add(5), Bench.IdOf(key), key);
        var inFlight = _bench.Ask(host, new TallyCommand.Add(6), Bench.IdOf(key), Bench.Key("k1", body: 1));
        _bench.Scheduler.RunUntil(first);
        var after = _bench.Ask(host, new TallyCommand.Add(6), Bench.IdOf(key), Bench.Key("k1", body: 1));
        Assert.All([inFlight, after], body => Assert.Equal(Codes.IdempotencyConflict, ((Answer)body).Rejection!.Code));
        Assert.Equal(5, _bench.Sum(host));
    }

    [Fact]
    public void A_second_request_with_the_key_in_flight_is_told_so_and_a_duplicated_message_shares_the_answer()
    {
        var (host, key) = (_bench.Activate(), Bench.Key("k1"));
        _bench.Appends(before: Slow);
        var first = _bench.Send(host, new TallyCommand.Add(5), Bench.IdOf(key), key);
        var message = _bench.Send(host, new TallyCommand.Add(5), Bench.IdOf(key), key);
        var request = _bench.Ask(host, new TallyCommand.Add(5), Bench.IdOf(key), Bench.Key("k1"));
        _bench.Scheduler.RunUntil(Task.WhenAll(first, message));
        Assert.Equal(Codes.IdempotencyInFlight, ((Answer)request).Rejection!.Code);
        Assert.Equal((5, 5), (Bench.SumIn(Bench.Now(first)), Bench.SumIn(Bench.Now(message))));
    }

    [Fact]
    public void A_key_that_another_entity_took_is_a_conflict()
    {
        var key = Bench.Key("k1");
        _bench.Ask(_bench.Activate("t1"), new TallyCommand.Add(5), Bench.IdOf(key), key);
        Assert.Equal(Codes.IdempotencyConflict, ((Answer)_bench.Ask(_bench.Activate("t2"), new TallyCommand.Add(5), Bench.IdOf(key), key)).Rejection!.Code);
    }

    [Fact]
    public void A_key_that_another_entity_takes_at_the_same_time_is_lost_and_then_found_to_be()
    {
        var key = Bench.Key("k1");
        var (one, two) = (_bench.Activate("t1"), _bench.Activate("t2"));
        _bench.Appends(before: Slow);
        var (first, second) = (_bench.Send(one, new TallyCommand.Add(5), Bench.IdOf(key), key), _bench.Send(two, new TallyCommand.Add(5), Bench.IdOf(key), key));
        _bench.Scheduler.RunUntil(Task.WhenAll(first, second));
        Assert.Equal((5, FailureKind.Conflict), (Bench.SumIn(Bench.Now(first)), Bench.FailureIn(Bench.Now(second))));
        Assert.Equal(Codes.IdempotencyConflict, ((Answer)_bench.Ask(_bench.Activate("t2"), new TallyCommand.Add(5), Bench.IdOf(key), key)).Rejection!.Code);
    }

    [Fact]
    public void A_refusal_does_not_take_the_key()
    {
        var (host, key) = (_bench.Activate(), Bench.Key("k1"));
        Assert.NotNull(((Answer)_bench.Ask(host, new TallyCommand.Add(2_000), Bench.IdOf(key), key)).Rejection);
        Assert.Equal(5, Bench.SumIn(_bench.Ask(host, new TallyCommand.Add(5), Bench.IdOf(key), Bench.Key("k1", body: 1))));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_key_whose_command_was_decided_a_thousand_rows_behind_its_opening_is_answered_with_that_outcome(bool restarted)
    {
        var (host, key) = (_bench.Activate(), Bench.Key("k1"));
        var opened = _bench.Send(host, new TallyCommand.Ask(Phase.AfterCommit), Bench.IdOf(key), key);
        AddRows(host, 1_100);
        _bench.Steps.Answer(0, PlayedSteps.Yes);
        _bench.Scheduler.RunUntil(opened);
        _bench.Time.Advance(Limits.OutcomeKept + Slow);
        AddRows(host, 1); // by now nobody remembers the command's id

        var asker = restarted ? _bench.Next() : _bench;
        var again = asker.Send(restarted ? asker.Activate() : host, new TallyCommand.Ask(Phase.AfterCommit), Bench.IdOf(key), Bench.Key("k1"));
        Assert.Equal((1, true), (Bench.SumIn(Bench.Now(again)), ((Answer)Bench.Now(again)).Replayed));
        Assert.Equal(restarted ? 0 : 1, asker.Steps.Asked);
    }

    [Fact]
    public void A_key_whose_command_a_restart_found_open_is_answered_with_what_the_restart_made_of_it()
    {
        var key = Bench.Key("k1");
        var first = _bench.Activate();
        _bench.Send(first, new TallyCommand.Ask(Phase.AfterCommit), Bench.IdOf(key), key);
        AddRows(first, 1_100);

        var second = _bench.Next();
        var host = second.Activate();
        second.Steps.Answer(0, new StepOutcome.Unreachable());
        second.Scheduler.RunReady();
        second.Time.Advance(Limits.OutcomeKept + Slow);
        AddRows(second, host, 1);

        var third = second.Next();
        var again = third.Send(third.Activate(), new TallyCommand.Ask(Phase.AfterCommit), Bench.IdOf(key), Bench.Key("k1"));
        Assert.Equal((0, true), (Bench.SumIn(Bench.Now(again)), ((Answer)Bench.Now(again)).Replayed));
    }

    [Fact]
    public void A_key_that_a_process_of_the_release_before_decided_far_behind_its_opening_is_answered_with_its_outcome()
    {
        var (host, key) = (_bench.Activate(), Bench.Key("k1"));
        _bench.Send(host, new TallyCommand.Ask(Phase.AfterCommit), Bench.IdOf(key), key);
        AddRows(host, 1_100);
        _bench.Steps.Answer(0, PlayedSteps.Yes);
        _bench.Scheduler.RunReady();
        _bench.Time.Advance(Limits.OutcomeKept + Slow);
        AddRows(host, 1);

        var next = _bench.Next(journal => new KeysOfOpeningRows(journal));
        var again = next.Send(next.Activate(), new TallyCommand.Ask(Phase.AfterCommit), Bench.IdOf(key), Bench.Key("k1"));
        Assert.Equal((1, true), (Bench.SumIn(Bench.Now(again)), ((Answer)Bench.Now(again)).Replayed));
    }

    [Fact]
    public void A_key_without_an_outcome_has_the_rows_behind_it_read_once_however_often_it_comes_again()
    {
        var (host, key) = (_bench.Activate(), Bench.Key("k1"));
        _bench.Send(host, new TallyCommand.Ask(Phase.AfterCommit), Bench.IdOf(key), key);
        AddRows(host, 2_100);
        LetCallersGo(); // so that the next request is looked up
        _bench.Send(host, new TallyCommand.Ask(Phase.AfterCommit), Bench.IdOf(key), Bench.Key("k1"));
        LetCallersGo();

        var reads = 0;
        _bench.Fault = call => { reads += call == JournalCall.Read ? 1 : 0; return default; };
        var again = _bench.Send(host, new TallyCommand.Ask(Phase.AfterCommit), Bench.IdOf(key), Bench.Key("k1"));
        Assert.InRange(reads, 1, 2);
        _bench.Steps.Answer(0, PlayedSteps.Yes);
        _bench.Scheduler.RunUntil(again);
        Assert.Equal((1, 1), (Bench.SumIn(Bench.Now(again)), _bench.Steps.Asked));
    }

    [Fact]
    public void A_repeat_that_comes_when_its_outcome_is_forgotten_is_refused_whatever_the_clocks_of_client_and_process_say()
    {
        var host = _bench.Activate();
        var ahead = Ids.Derive(_bench.Time.GetUtcNow() + Slow, Guid.Empty, 9); // minted by a clock that is ahead
        _bench.Ask(host, new TallyCommand.Add(5), ahead);
        _bench.Time.Advance(Limits.OutcomeKept + TimeSpan.FromSeconds(2));
        AddRows(host, 1);
        Assert.Equal((5, true), Replay(_bench.Ask(host, new TallyCommand.Add(5), ahead)));

        _bench.Time.Advance(TimeSpan.FromSeconds(4));
        AddRows(host, 1);
        var slow = _bench.Behind(TimeSpan.FromSeconds(10));
        Assert.Equal(Codes.Unavailable, ((Answer)slow.Ask(slow.Activate(), new TallyCommand.Add(5), ahead)).Rejection!.Code);
    }

    [Theory]
    [InlineData(JournalCall.FindKey)]
    [InlineData(JournalCall.Read)]
    public void A_repeat_that_cannot_be_looked_up_is_unavailable_and_nothing_ends(JournalCall away)
    {
        var (host, key) = (_bench.Activate(), Bench.Key("k1"));
        _bench.Ask(host, new TallyCommand.Add(5), Bench.IdOf(key), key);
        _bench.Fault = call => call == away ? new(JournalFailure.Unavailable) : default;
        Assert.Equal(FailureKind.Unavailable, Bench.FailureIn(_bench.Ask(host, new TallyCommand.Add(5), Bench.IdOf(key), key)));
        _bench.Fault = static _ => default;
        Assert.Equal((5, 0), (Bench.SumIn(_bench.Ask(host, new TallyCommand.Add(5), Bench.IdOf(key), key)), _bench.Ended));
    }

    private void LetCallersGo()
    {
        _bench.Time.Advance(Limits.GrainCallTimeout + Slow);
        _bench.Scheduler.RunReady();
    }

    private static (long Sum, bool Replayed) Replay(object body) => (Bench.SumIn(body), ((Answer)body).Replayed);

    private void AddRows(TallyHost host, int rows) => AddRows(_bench, host, rows);

    private static void AddRows(Bench bench, TallyHost host, int rows)
    {
        for (var i = 0; i < rows; i++)
        {
            bench.Ask(host, new TallyCommand.Add(i % 2 == 0 ? 1 : -1));
        }
    }

    /// <summary>Keys as a release leaves them that does not move them to the deciding row.</summary>
    private sealed class KeysOfOpeningRows(IJournal journal) : DelegatingJournal(journal)
    {
        public override async Task<ClientKey?> FindKey(string tenant, string credential, string key, CancellationToken cancel) =>
            await base.FindKey(tenant, credential, key, cancel) is { } found ? found with { Seq = 1 } : null;
    }
}
