using Agora.Core.Kernel;
using Agora.Core.Responses;
using Agora.Core.Users;
using Agora.Core.Watches;

namespace Agora.Core.Tests.Watches;

public sealed class WatchTests
{
    [Fact]
    public void It_is_begun_once_and_shows_itself_as_it_was_planned()
    {
        var watch = Sample.Of().ThenEvents(typeof(WatchEvent.Begun)).ThenAnswered<WatchView>(view =>
        {
            Assert.Equal((Sample.Id.ToString("N"), "ann", "a", "s-1"), (view.WatchId, view.UserId, view.AgentId, view.SessionId));
            Assert.Equal((WatchStandings.Running, 1, 0, 0, 0), (view.Standing, view.Turn, view.Seat, view.Attempts, view.Interventions));
            Assert.Equal("You say no.", view.Brief!.Read<WatchBrief>()!.Seats[1].Role);
        });
        watch.When(new WatchCommand.Begin("a", "s-1", Sample.Plan with { Turns = 3 }, Sample.Brief)).Then().ThenAnswered(watch.State.View)
            .When(new WatchCommand.Get()).ThenAnswered(watch.State.View)
            .When(new WatchCommand.Begin("b", "s-1", Sample.Plan, Sample.Brief)).ThenRejected(WatchRejection.Exists);
    }

    public static TheoryData<string> Plans => [.. Refused.Keys];

    private static readonly Seat Model = new("m", 5);
    private static readonly Seat Person = new(null, 0);

    private static readonly SortedDictionary<string, (WatchPlan Plan, Rejection Why)> Refused = new(StringComparer.Ordinal)
    {
        ["one seat"] = (Sample.Plan with { Seats = [Model] }, WatchRejection.Seats),
        ["nine seats"] = (Sample.Plan with { Seats = [.. Enumerable.Repeat(Model, WatchLimits.Seats + 1)] }, WatchRejection.Seats),
        ["people alone"] = (Sample.Plan with { Seats = [Person, Person] }, WatchRejection.NoModels),
        ["a person with a budget"] = (Sample.Plan with { Seats = [Model, Person with { BudgetMicros = 1 }] }, WatchRejection.Budgets),
        ["less than nothing"] = (Sample.Plan with { Seats = [Model, Model with { BudgetMicros = -1 }] }, WatchRejection.Budgets),
        ["more than any amount"] = (Sample.Plan with { Seats = [Model, Model with { BudgetMicros = Limits.MaxMicros + 1 }] }, WatchRejection.Budgets),
        ["no turn"] = (Sample.Plan with { Turns = 0 }, WatchRejection.Turns),
        ["too many turns"] = (Sample.Plan with { Turns = WatchLimits.Turns + 1 }, WatchRejection.Turns),
        ["pace below 0"] = (Sample.Plan with { PaceSeconds = -1 }, WatchRejection.Pace),
        ["pace of more than an hour"] = (Sample.Plan with { PaceSeconds = WatchLimits.PaceSeconds + 1 }, WatchRejection.Pace),
        ["silence below 0"] = (Sample.Plan with { SilentTurns = -1 }, WatchRejection.Silence),
        ["a long silence"] = (Sample.Plan with { SilentTurns = WatchLimits.SilentTurns + 1 }, WatchRejection.Silence),
    };

    [Theory]
    [MemberData(nameof(Plans))]
    public void A_plan_that_none_can_keep_is_refused(string what) => Sample.Of(Refused[what].Plan).ThenRejected(Refused[what].Why);

    [Fact]
    public void The_widest_plan_is_taken_and_a_brief_that_is_longer_than_any_is_not()
    {
        Sample.Of(new([.. Enumerable.Repeat(Model, WatchLimits.Seats - 1), Person], WatchLimits.Turns, WatchLimits.PaceSeconds, WatchLimits.SilentTurns)).ThenEvents(typeof(WatchEvent.Begun));
        Sample.New().When(new WatchCommand.Begin("a", "s-1", Sample.Plan, new(new byte[WatchLimits.BriefBytes + 1]))).ThenRejected(WatchRejection.BriefTooLong)
            .When(new WatchCommand.Begin("a", "s-1", Sample.Plan, new(new byte[WatchLimits.BriefBytes]))).ThenEvents(typeof(WatchEvent.Begun));
    }

    [Fact]
    public void Nothing_is_done_in_one_that_was_not_begun()
    {
        var seen = new Seen(1, 0);
        foreach (var command in new WatchCommand[]
        {
            new WatchCommand.Get(), new WatchCommand.BeginTurn(Sample.Driver, 1, 1, 1), new WatchCommand.HoldTurn(Sample.Driver, 1, 1), new WatchCommand.EndTurn(Sample.Driver, 1, 1, TurnFinish.Said, 1),
            new WatchCommand.FailTurn(Sample.Driver, 1, 1, Codes.Internal, 1), new WatchCommand.Pause(Sample.Id, seen), new WatchCommand.Resume(Sample.Id, seen), new WatchCommand.Say(Sample.Id, seen, Sample.Words),
            new WatchCommand.TakeSeat(Sample.Id, seen, 0), new WatchCommand.LeaveSeat(Sample.Id, seen, 0), new WatchCommand.Stop(Sample.Id, seen), new WatchCommand.RaiseBudget(Sample.Id, seen, 0, 1),
        })
        {
            Sample.New().When(command).ThenRejected(WatchRejection.NotFound);
        }

        Sample.New().When(new WatchCommand.Tick()).Then();
    }

    [Fact]
    public void Seats_speak_one_behind_the_other_and_each_pays_for_itself()
    {
        var watch = Sample.Of();
        for (var turn = 1; turn <= 4; turn++)
        {
            watch.BeginTurn().ThenState(s => Assert.Equal((turn, (turn - 1) % 2, 1), (s.Under!.Number, s.Under.Seat, s.Under.Attempt))).EndTurn(turn);
        }

        Assert.Equal([1 + 3L, 2 + 4L], watch.State.Seats.Select(seat => seat.SpentMicros));
        Assert.Equal((5, 0), (watch.State.Turn, watch.State.Seat));
    }

    [Fact]
    public void It_ends_behind_its_last_turn_a_turn_with_its_word_and_as_many_silent_ones_as_the_plan_says()
    {
        Sample.Of(Sample.Plan with { Turns = 2 }).Spoken().ThenEvents(typeof(WatchEvent.TurnEnded)).Spoken().ThenEvents(typeof(WatchEvent.TurnEnded), typeof(WatchEvent.Ended))
            .ThenState(s => Assert.Equal((Ending.Turns, WatchStandings.Ended), (s.End, s.Standing)))
            .When(new WatchCommand.BeginTurn(Sample.Driver, 3, 1, 1)).ThenRejected(WatchRejection.Over);

        Sample.Of().BeginTurn().EndTurn(finish: TurnFinish.StopWord).ThenState(s => Assert.Equal(Ending.StopWord, s.End));

        var silent = Sample.Of(Sample.Plan with { SilentTurns = 2 }).BeginTurn().EndTurn(finish: TurnFinish.Silent).Spoken().BeginTurn().EndTurn(finish: TurnFinish.Silent).ThenState(s => Assert.Null(s.End))
            .Say().BeginTurn().EndTurn(finish: TurnFinish.Silent).ThenState(s => Assert.Null(s.End));
        silent.BeginTurn().EndTurn(finish: TurnFinish.Silent).ThenState(s => Assert.Equal(Ending.Silence, s.End));
        Sample.Of().BeginTurn().EndTurn(finish: TurnFinish.Silent).BeginTurn().EndTurn(finish: TurnFinish.Silent).ThenState(s => Assert.Null(s.End));
    }

    [Fact]
    public void The_next_turn_begins_at_the_plans_pace()
    {
        var watch = Sample.Of(Sample.Plan with { PaceSeconds = 60 }).Spoken().After(TimeSpan.FromSeconds(59.5));
        watch.BeginTurn().ThenRejected(WatchRejection.TooSoon(TimeSpan.FromSeconds(0.5)));
        watch.After(TimeSpan.FromSeconds(0.5)).BeginTurn().ThenEvents(typeof(WatchEvent.TurnBegun));
    }

    [Fact]
    public void Of_two_drivers_one_has_the_turn_and_alone_says_what_becomes_of_it()
    {
        var watch = Sample.Of().BeginTurn(most: 100).ThenAnswered<WatchView>(view => Assert.Equal(Sample.Driver, view.Under!.Caller));
        var under = watch.State.Under!;
        watch.When(new WatchCommand.BeginTurn(Sample.Another, 1, 1, 100)).ThenRejected(WatchRejection.UnderWay(under, watch.Now))
            .When(new WatchCommand.BeginTurn(Sample.Driver, 1, 1, 50)).Then().ThenAnswered(watch.State.View)
            .When(new WatchCommand.HoldTurn(Sample.Another, 1, 1)).ThenRejected(WatchRejection.UnderWay(under, watch.Now))
            .When(new WatchCommand.EndTurn(Sample.Another, 1, 1, TurnFinish.Said, 1)).ThenRejected(WatchRejection.UnderWay(under, watch.Now))
            .When(new WatchCommand.FailTurn(Sample.Another, 1, 1, Codes.Internal, 1)).ThenRejected(WatchRejection.UnderWay(under, watch.Now))
            .EndTurn().Then(new WatchEvent.TurnEnded(1, 1, under.RunId, TurnFinish.Said, 70));
    }

    [Fact]
    public void A_driver_that_says_that_it_is_there_keeps_its_turn_and_one_that_says_nothing_loses_it_and_never_the_call()
    {
        var watch = Sample.Of().BeginTurn().After(WatchLimits.HeldFor - TimeSpan.FromSeconds(1)).When(new WatchCommand.HoldTurn(Sample.Driver, 1, 1)).ThenEvents(typeof(WatchEvent.TurnHeld));
        watch.After(WatchLimits.HeldFor - TimeSpan.FromSeconds(1)).When(new WatchCommand.HoldTurn(Sample.Another, 1, 1)).ThenRejected(WatchRejection.UnderWay(watch.State.Under!, watch.Now))
            .After(TimeSpan.FromSeconds(1)).When(new WatchCommand.HoldTurn(Sample.Another, 1, 1))
            .Then(new WatchEvent.TurnHeld(1, 1, Sample.Another, watch.Now + WatchLimits.HeldFor)).ThenState(s => Assert.Equal((Sample.Another, Sample.Driver), (s.Under!.Driver, s.Under.Caller)));
        var under = watch.State.Under!;

        // Whoever came after it is not its caller, and who was is not heard.
        watch.When(new WatchCommand.BeginTurn(Sample.Another, 1, 1, 100)).ThenRejected(WatchRejection.UnderWay(under, watch.Now))
            .When(new WatchCommand.HoldTurn(Sample.Driver, 1, 1)).ThenRejected(WatchRejection.UnderWay(under, watch.Now))
            .EndTurn().ThenRejected(WatchRejection.UnderWay(under, watch.Now))
            .When(new WatchCommand.EndTurn(Sample.Another, 1, 1, TurnFinish.Said, 60)).ThenEvents(typeof(WatchEvent.TurnEnded))
            .When(new WatchCommand.EndTurn(Sample.Driver, 1, 1, TurnFinish.Said, 70)).Then();
        Assert.Equal(60, watch.State.Seats[0].SpentMicros);
    }

    [Fact]
    public void A_call_that_failed_is_made_once_more_as_another_run_and_after_three_people_are_asked()
    {
        var watch = Sample.Of().BeginTurn();
        var first = watch.State.Under!.RunId;
        watch.FailTurn(cost: 40).Then(new WatchEvent.TurnFailed(1, 1, first, Codes.Unavailable, 40))
            .BeginTurn().ThenRejected(WatchRejection.TooSoon(WatchLimits.TryAgainAfter))
            .After(WatchLimits.TryAgainAfter).BeginTurn().ThenState(s => Assert.Equal((1, 2), (s.Under!.Number, s.Under.Attempt)));
        Assert.NotEqual(first, watch.State.Under!.RunId);
        watch.When(new WatchCommand.FailTurn(Sample.Driver, 1, 1, Codes.Internal, 1)).Then() // of the first nothing more is heard
            .When(new WatchCommand.EndTurn(Sample.Driver, 1, 3, TurnFinish.Said, 1)).ThenRejected(Codes.PreconditionFailed)
            .FailTurn().After(WatchLimits.TryAgainAfter).BeginTurn().FailTurn().ThenEvents(typeof(WatchEvent.TurnFailed), typeof(WatchEvent.Asked))
            .ThenState(s => Assert.Equal((new WatchPause(Pausing.Failed, 0, Codes.Unavailable), WatchStandings.Paused, 40), (s.Pause, s.Standing, s.Seats[0].SpentMicros)));
        watch.After(WatchLimits.TryAgainAfter).BeginTurn().ThenRejected(WatchRejection.IsPaused(watch.State))
            .Resume().BeginTurn().ThenState(s => Assert.Equal((1, 4), (s.Under!.Number, s.Under.Attempt)))
            .FailTurn().ThenEvents(typeof(WatchEvent.TurnFailed));
    }

    [Fact]
    public void A_call_that_would_be_refused_again_is_not_made_again()
    {
        Sample.Of().BeginTurn().FailTurn(Codes.ScopeViolation, isFinal: true).ThenState(s => Assert.Equal(new(Pausing.Refused, 0, Codes.ScopeViolation), s.Pause));
        Sample.Of().BeginTurn().FailTurn(Codes.BudgetExceeded).ThenState(s => Assert.Equal(new(Pausing.Budget, null, Codes.BudgetExceeded), s.Pause));
    }

    [Fact]
    public void Whose_budget_does_not_pay_the_next_call_asks_and_goes_on_with_more()
    {
        var watch = Sample.Of().BeginTurn(Sample.Budget).EndTurn(Sample.Budget - 50).Spoken();
        watch.BeginTurn(51).ThenRejected(WatchRejection.BudgetSpent(0, 51, 50), new WatchEvent.Asked(new(Pausing.Budget, 0, Codes.BudgetExceeded)))
            .ThenState(s => Assert.Equal(WatchStandings.Paused, s.Standing))
            .BeginTurn(50).ThenRejected(WatchRejection.IsPaused(watch.State))
            .Raise(0, 1).ThenEvents(typeof(WatchEvent.BudgetRaised)).BeginTurn(51).ThenRejected(Codes.PreconditionFailed)
            .Resume().BeginTurn(51).ThenEvents(typeof(WatchEvent.TurnBegun)).EndTurn(51)
            .ThenState(s => Assert.Equal((0, Sample.Budget + 1), (s.Seats[0].LeftMicros, s.Seats[0].BudgetMicros)));
    }

    /// <summary>As the session posts: what a provider counts beyond it is ours.</summary>
    [Fact]
    public void What_a_call_cost_is_no_more_than_it_could_and_no_number_is_no_cost()
    {
        Sample.Of().BeginTurn(100).EndTurn(101).ThenState(s => Assert.Equal(100, s.Seats[0].SpentMicros));
        Sample.Of().BeginTurn(100).FailTurn(cost: 101).ThenState(s => Assert.Equal(100, s.Seats[0].SpentMicros));
        Sample.Of().BeginTurn(-1).ThenRejected(WatchRejection.CostOutOfRange).BeginTurn(0).EndTurn(-1).ThenRejected(WatchRejection.CostOutOfRange).FailTurn(cost: -1).ThenRejected(WatchRejection.CostOutOfRange)
            .EndTurn(0).ThenEvents(typeof(WatchEvent.TurnEnded));
    }

    [Fact]
    public void A_driver_that_is_behind_begins_nothing()
    {
        var watch = Sample.Of().Spoken();
        foreach (var (number, attempt) in new[] { (1, 1), (1, 2), (2, 2), (2, 0), (3, 1) })
        {
            watch.When(new WatchCommand.BeginTurn(Sample.Driver, number, attempt, 1)).ThenRejected(WatchRejection.Changed(watch.State));
        }

        watch.When(new WatchCommand.HoldTurn(Sample.Driver, 1, 1)).ThenRejected(WatchRejection.Changed(watch.State));
    }

    [Fact]
    public void A_persons_seat_waits_for_its_person()
    {
        var watch = Sample.Of(Sample.Plan with { Seats = [new("m", 100), new(null, 0)] }).Spoken();
        watch.BeginTurn(0).ThenRejected(WatchRejection.SeatIsPersons(watch.State))
            .Say(seat: 0).ThenRejected(WatchRejection.NotItsTurn(watch.State))
            .Say(seat: 1).ThenEvents(typeof(WatchEvent.Said)).ThenState(s => Assert.Equal((3, 0), (s.Turn, s.Seat)))
            .Leave(1).ThenRejected(WatchRejection.NoModel)
            .Raise(1, 5).ThenRejected(WatchRejection.NoModel)
            .Take(1).ThenRejected(WatchRejection.SeatIsPersons(watch.State));
    }

    [Fact]
    public void Its_row_says_how_it_stands_and_not_that_its_driver_is_there()
    {
        var watch = Sample.Of().BeginTurn();
        Assert.Equal([WatchStandings.Running, 1L], Row(watch.State, new WatchEvent.Paused(new(Sample.Id, Intervening.Pause, 1, 1))));
        Assert.Equal(WatchStandings.Pausing, watch.Pause().State.Standing);
        Assert.Equal([WatchStandings.Paused, 2L], Row(watch.EndTurn().State, watch.Last.Events[0]));
        Assert.Equal(WatchStandings.Ending, watch.Resume().BeginTurn().Stop().State.Standing);
        Assert.Equal([WatchStandings.Ended, 3L], Row(watch.EndTurn().State, watch.Last.Events[0]));
        Assert.Empty(WatchTables.Rows(watch.State, new WatchEvent.TurnHeld(1, 1, Sample.Driver, watch.Now), watch.Now));

        object?[] Row(WatchState state, WatchEvent happened)
        {
            var row = Assert.Single(WatchTables.Rows(state, happened, watch.Now));
            Assert.Equal(["default", Sample.Id.ToString("N"), "ann", "a"], row.Values.Take(4));
            return [.. row.Values.Skip(4).Take(2)];
        }
    }

    /// <summary>A driver does not read those that wait for people, however many there are.</summary>
    [Fact]
    public void Its_row_is_due_when_a_driver_has_something_to_do_and_never_while_it_waits_for_a_person()
    {
        var watch = Sample.Of(Sample.Plan with { Seats = [new("m", 100), new(null, 0)], PaceSeconds = 3_600 });
        Assert.Equal(watch.Now, Due());
        Assert.Equal(watch.BeginTurn().Now + WatchLimits.HeldFor, Due());
        Assert.Null(watch.EndTurn().Due());
        watch.Say(seat: 1);
        Assert.Equal(watch.State.NotBefore - WatchLimits.SleepAtMost, Due());
        Assert.Null(watch.Pause().Due());
        Assert.NotNull(watch.Resume().Due());
        Assert.Null(watch.Stop().Due());

        DateTimeOffset? Due() => watch.Due();
    }

    /// <summary>Its driver sleeps until then, and no other looks at it before.</summary>
    [Fact]
    public void A_turn_that_is_near_is_due_at_its_time()
    {
        var watch = Sample.Of(Sample.Plan with { PaceSeconds = (int)WatchLimits.SleepAtMost.TotalSeconds }).BeginTurn().EndTurn();
        Assert.Equal((watch.Now + WatchLimits.SleepAtMost, watch.State.NotBefore), (watch.Due()!.Value, watch.Due()!.Value));
    }

    [Fact]
    public void What_people_said_goes_with_their_users_key()
    {
        var watch = Sample.Of();
        Assert.Equal(Tenant.Default.Response(OwnedIds.Of(Sample.Id, "ann")), new(watch.State.Stream.Tenant, Kinds.Response, watch.State.Stream.Id));
        Assert.Equal(new ResponseState(Tenant.Default.Response(OwnedIds.Of(Sample.Id, "ann")), null).PersonalKey, watch.State.PersonalKey);
    }
}
