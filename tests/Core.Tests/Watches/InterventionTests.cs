using Agora.Core.Kernel;
using Agora.Core.Watches;
using Watch = Agora.Core.Tests.Kernel.Scenario<Agora.Core.Watches.WatchState, Agora.Core.Watches.WatchCommand, Agora.Core.Watches.WatchEvent>;

namespace Agora.Core.Tests.Watches;

public sealed class InterventionTests
{
    private static readonly Guid First = Guid.Parse("01957a00-0000-7000-8000-0000000000b1");
    private static readonly Guid Second = Guid.Parse("01957a00-0000-7000-8000-0000000000b2");

    [Fact]
    public void The_same_is_taken_once_and_answered_with_what_it_did_however_late()
    {
        var say = new WatchCommand.Say(First, new(1, 0), Sample.Words);
        var did = new Intervened(First, Intervening.Say, 1, 1);
        var watch = Sample.Of().When(say).Then(new WatchEvent.Said(did) { Words = Sample.Words }).ThenAnswered(did).When(say).Then().ThenAnswered(did);
        watch.Spoken().Pause().Resume().Stop().After(TimeSpan.FromDays(300)).When(say).Then().ThenAnswered(did);
        Assert.Equal(3, watch.State.Turn);
    }

    [Fact]
    public void Another_under_the_same_id_is_refused()
    {
        Sample.Of().Take(1).When(new WatchCommand.TakeSeat(First, new(1, 1), 0)).ThenEvents(typeof(WatchEvent.SeatTaken))
            .When(new WatchCommand.TakeSeat(First, new(1, 2), 1)).ThenRejected(WatchRejection.Other)
            .When(new WatchCommand.LeaveSeat(First, new(1, 2), 0)).ThenRejected(WatchRejection.Other);
    }

    [Fact]
    public void Of_two_at_once_one_is_taken_and_the_other_told_of_the_turn_that_is()
    {
        var seen = new Seen(1, 0);
        var watch = Sample.Of().When(new WatchCommand.Pause(First, seen)).ThenAnswered(new Intervened(First, Intervening.Pause, 1, 1));
        watch.When(new WatchCommand.Say(Second, seen, Sample.Words)).ThenRejected(WatchRejection.Changed(watch.State));
        var told = watch.Last.Answer!.Rejection!;
        Assert.Equal(("paused", "1", "1"), (told.FactOf("state"), told.FactOf("turn"), told.FactOf("interventions")));

        // It has done nothing: under the same id it is taken in the dialogue as it is now.
        watch.When(new WatchCommand.Say(Second, new(1, 1), Sample.Words)).ThenAnswered(new Intervened(Second, Intervening.Say, 2, 1));
    }

    [Fact]
    public void What_was_meant_for_another_turn_is_refused_and_a_pause_or_a_stop_may_be_meant_for_any()
    {
        foreach (var intervention in new Func<Seen?, WatchCommand.Intervention>[]
        {
            seen => new WatchCommand.Resume(First, seen), seen => new WatchCommand.Say(First, seen, Sample.Words), seen => new WatchCommand.TakeSeat(First, seen, 0), seen => new WatchCommand.LeaveSeat(First, seen, 0),
            seen => new WatchCommand.RaiseBudget(First, seen, 0, 1), seen => new WatchCommand.Pause(First, seen), seen => new WatchCommand.Stop(First, seen),
        })
        {
            foreach (var seen in new Seen[] { new(1, 0), new(3, 0), new(2, 1) })
            {
                var watch = Sample.Of().Spoken();
                watch.When(intervention(seen)).ThenRejected(WatchRejection.Changed(watch.State));
            }

            var unseen = Sample.Of().Spoken().When(intervention(null));
            Assert.Equal(intervention(null) is WatchCommand.Pause or WatchCommand.Stop ? null : Codes.ValidationFailed, unseen.Last.Answer?.Rejection?.Code);
        }
    }

    [Fact]
    public void A_pause_lets_the_turn_under_way_end_and_then_nothing_follows_until_it_is_resumed()
    {
        var watch = Sample.Of().Resume();
        watch.ThenRejected(WatchRejection.NotPaused(watch.State)).BeginTurn().Pause().ThenAnswered<Intervened>(did => Assert.Equal(1, did.Turn))
            .Pause().ThenRejected(WatchRejection.IsPaused(watch.State)).EndTurn().ThenEvents(typeof(WatchEvent.TurnEnded));
        watch.BeginTurn().ThenRejected(WatchRejection.IsPaused(watch.State)).Resume().ThenEvents(typeof(WatchEvent.Resumed)).BeginTurn().ThenEvents(typeof(WatchEvent.TurnBegun));
    }

    [Fact]
    public void A_dialogue_goes_on_with_the_session_of_whoever_resumes_it_and_a_turn_under_way_is_the_formers()
    {
        var watch = Sample.Of().BeginTurn().Pause().When(new WatchCommand.Resume(First, new(1, 1), "s-2")).ThenState(s => Assert.Equal(("s-2", "s-1"), (s.SessionId, s.Under!.SessionId)))
            .EndTurn().BeginTurn().ThenState(s => Assert.Equal("s-2", s.Under!.SessionId));
        watch.EndTurn().Pause().Resume().ThenState(s => Assert.Equal("s-2", s.SessionId))
            .When(new WatchCommand.Begin("a", "s-1", Sample.Plan, Sample.Brief)).ThenAnswered(watch.State.View);
    }

    [Fact]
    public void A_call_that_fails_while_a_person_pauses_asks_nobody_and_is_made_again_when_it_is_resumed()
    {
        var watch = Sample.Of().BeginTurn().Pause().FailTurn(isFinal: true).ThenEvents(typeof(WatchEvent.TurnFailed)).ThenState(s => Assert.Equal(new(Pausing.Person), s.Pause));
        watch.After(WatchLimits.TryAgainAfter).Resume().BeginTurn().ThenState(s => Assert.Equal((1, 2), (s.Under!.Number, s.Under.Attempt)));
    }

    [Fact]
    public void Words_between_the_seats_are_a_turn_and_the_next_seat_stays_the_next()
    {
        var watch = Sample.Of().Spoken().Say().ThenAnswered<Intervened>(did => Assert.Equal((2, null), (did.Turn, did.Seat))).ThenState(s => Assert.Equal((3, 1), (s.Turn, s.Seat)));
        watch.BeginTurn().ThenState(s => Assert.Equal((3, 1), (s.Under!.Number, s.Under.Seat)));
    }

    [Fact]
    public void Words_during_a_turn_come_behind_it_and_nothing_else_does_before_it_is_over()
    {
        var watch = Sample.Of().BeginTurn().Say().ThenAnswered<Intervened>(did => Assert.Equal(2, did.Turn)).ThenState(s => Assert.Equal((1, new(2, null)), (s.Turn, s.Ahead)));
        watch.Say().ThenRejected(WatchRejection.WordsWait(watch.State)).Say(seat: 1).ThenRejected(WatchRejection.WordsWait(watch.State))
            .EndTurn(finish: TurnFinish.Silent).ThenState(s => Assert.Equal((3, 1, null, 0), (s.Turn, s.Seat, s.Ahead, s.Silent)));
    }

    [Fact]
    public void Words_in_a_models_place_are_its_turn()
    {
        var watch = Sample.Of().Say(seat: 1);
        watch.ThenRejected(WatchRejection.NotItsTurn(watch.State)).Say(seat: 0).ThenState(s => Assert.Equal((2, 1), (s.Turn, s.Seat)))
            .BeginTurn().Say(seat: 1).ThenRejected(WatchRejection.NotItsTurn(watch.State))
            .Say(seat: 0).ThenAnswered<Intervened>(did => Assert.Equal((3, 0), (did.Turn, did.Seat)))
            .EndTurn().ThenState(s => Assert.Equal((4, 1), (s.Turn, s.Seat)))
            .Say(seat: 2).ThenRejected(WatchRejection.NoSuchSeat).Say(seat: -1).ThenRejected(WatchRejection.NoSuchSeat)
            .Say(new(new byte[WatchLimits.WordsBytes + 1])).ThenRejected(WatchRejection.WordsTooLong).Say(new(new byte[WatchLimits.WordsBytes])).ThenEvents(typeof(WatchEvent.Said));
    }

    [Fact]
    public void Where_a_call_came_to_nothing_a_person_takes_its_place_before_the_words_that_stand_behind_it()
    {
        var watch = Sample.Of().BeginTurn().Say().FailTurn(isFinal: true).ThenState(s => Assert.Equal((1, new(2, null)), (s.Turn, s.Ahead)));
        watch.Say().ThenRejected(WatchRejection.WordsWait(watch.State)).Say(seat: 0).ThenAnswered<Intervened>(did => Assert.Equal(1, did.Turn))
            .ThenState(s => Assert.Equal((3, 1, 0, null), (s.Turn, s.Seat, s.Attempts, s.Ahead)));
    }

    [Fact]
    public void What_a_person_says_is_a_turn_of_the_plan()
    {
        var plan = Sample.Plan with { Turns = 2 };
        Sample.Of(plan).Say().Say().ThenEvents(typeof(WatchEvent.Said), typeof(WatchEvent.Ended)).ThenState(s => Assert.Equal(Ending.Turns, s.End));
        Sample.Of(plan).BeginTurn().Say().EndTurn().ThenEvents(typeof(WatchEvent.TurnEnded), typeof(WatchEvent.Ended));
        var last = Sample.Of(plan).Spoken().BeginTurn();
        last.Say().ThenRejected(WatchRejection.NoTurnLeft(last.State));
    }

    /// <summary>They were answered as taken.</summary>
    [Fact]
    public void Words_behind_a_turn_that_ends_the_dialogue_stand() =>
        Sample.Of().BeginTurn().Say().EndTurn(finish: TurnFinish.StopWord).ThenState(s => Assert.Equal((3, Ending.StopWord), (s.Turn, s.End)));

    [Fact]
    public void A_seat_that_a_person_takes_is_the_persons_from_its_next_turn_on_until_it_is_left()
    {
        var watch = Sample.Of().Take(2).ThenRejected(WatchRejection.NoSuchSeat).Leave(-1).ThenRejected(WatchRejection.NoSuchSeat).Leave(0);
        watch.ThenRejected(WatchRejection.SeatIsModels(watch.State)).BeginTurn().Take(0).Take(0).ThenRejected(WatchRejection.SeatIsPersons(watch.State))
            .EndTurn().ThenEvents(typeof(WatchEvent.TurnEnded)).Spoken();
        watch.BeginTurn().ThenRejected(WatchRejection.SeatIsPersons(watch.State)).Say(seat: 0).Spoken().Leave(0).BeginTurn().ThenState(s => Assert.Equal((5, 0), (s.Under!.Number, s.Under.Seat)));
    }

    [Fact]
    public void A_stop_lets_the_turn_under_way_end_and_nothing_is_taken_behind_it()
    {
        Sample.Of().Stop().ThenState(s => Assert.Equal(WatchStandings.Ended, s.Standing));
        var watch = Sample.Of().BeginTurn().Stop().ThenState(s => Assert.Equal(WatchStandings.Ending, s.Standing));
        watch.Pause().ThenRejected(WatchRejection.Over).Say().ThenRejected(WatchRejection.Over).Stop().ThenRejected(WatchRejection.Over).Raise(0, 1).ThenRejected(WatchRejection.Over)
            .EndTurn(finish: TurnFinish.StopWord).ThenEvents(typeof(WatchEvent.TurnEnded)).ThenState(s => Assert.Equal((Ending.Stopped, WatchStandings.Ended, 70), (s.End, s.Standing, s.Seats[0].SpentMicros)));
        Sample.Of().BeginTurn().Stop().FailTurn(isFinal: true).ThenEvents(typeof(WatchEvent.TurnFailed)).ThenState(s => Assert.Equal((null, WatchStandings.Ended), (s.Pause, s.Standing)));
    }

    [Theory]
    [InlineData(0, false)]
    [InlineData(-1, false)]
    [InlineData(1, true)]
    [InlineData(Limits.MaxMicros - Sample.Budget, true)]
    [InlineData(Limits.MaxMicros - Sample.Budget + 1, false)]
    [InlineData(long.MaxValue, false)]
    public void A_budget_is_raised_to_what_an_amount_may_be(long micros, bool isTaken)
    {
        var watch = Sample.Of().Raise(1, micros);
        if (!isTaken)
        {
            watch.ThenRejected(WatchRejection.RaiseOutOfRange);
            return;
        }

        watch.ThenState(s => Assert.Equal(Sample.Budget + micros, s.Seats[1].BudgetMicros)).Raise(2, 1).ThenRejected(WatchRejection.NoSuchSeat);
    }

    [Fact]
    public void As_many_are_taken_as_are_remembered_and_a_stop()
    {
        List<WatchEvent> happened = [new WatchEvent.Begun("a", "s-1", Sample.Plan) { Brief = Sample.Brief }];
        for (var number = 1; number <= WatchLimits.Interventions; number++)
        {
            happened.Add(number % 2 == 1 ? new WatchEvent.Paused(Did(number, Intervening.Pause)) : new WatchEvent.Resumed(Did(number, Intervening.Resume)));
        }

        Sample.New().Given(happened).When(new WatchCommand.Pause(IdOf(1), null)).Then().ThenAnswered(Did(1, Intervening.Pause))
            .Pause().ThenRejected(WatchRejection.TooManyInterventions).Say().ThenRejected(WatchRejection.TooManyInterventions)
            .When(new WatchCommand.Stop(First, new(1, WatchLimits.Interventions))).ThenAnswered(new Intervened(First, Intervening.Stop, WatchLimits.Interventions + 1, 1));

        static Intervened Did(int number, Intervening what) => new(IdOf(number), what, number, 1);

        static Guid IdOf(int number) => Ids.Derive(Watch.Start, Guid.Empty, -number);
    }
}
