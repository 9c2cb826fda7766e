using System.Collections.Immutable;
using System.Diagnostics;
using Agora.Core.Kernel;
using Agora.Core.Users;

namespace Agora.Core.Watches;

/// <summary>
/// A dialogue as it stands. What was said is in the journal: people's words in its own stream, models' in those of their runs' replies.
/// <para>Invariants: <c>one_call_of_a_turn</c>, <c>within_budget</c>, <c>few_interventions</c>, <c>words_are_next</c>, <c>turn_in_plan</c>, <c>each_intervention_once</c>.</para>
/// </summary>
public sealed record WatchState(StreamId Stream)
{
    /// <summary>Its user stands in its id, as of a reply that is kept.</summary>
    public string PersonalKey { get; } = UserState.PersonalKeyOf(Stream.Tenant, OwnedIds.UserOf(Stream.Id));

    public string AgentId { get; init; } = "";

    public string SessionId { get; init; } = "";

    /// <summary>Null: it was never begun.</summary>
    public WatchPlan? Plan { get; init; }

    public Personal? Brief { get; init; }

    public ImmutableArray<SeatStanding> Seats { get; init; } = [];

    /// <summary>Under way, or next; from 1 on.</summary>
    public int Turn { get; init; } = 1;

    /// <summary>Whose turn that is.</summary>
    public int Seat { get; init; }

    /// <summary>Of that turn, the one under way among them.</summary>
    public int Attempts { get; init; }

    /// <summary>Of those, the ones that failed since the dialogue was resumed.</summary>
    public int Failures { get; init; }

    public TurnUnderWay? Under { get; init; }

    public WordsAhead? Ahead { get; init; }

    /// <summary>Turns in a row in which nothing was said.</summary>
    public int Silent { get; init; }

    public WatchPause? Pause { get; init; }

    /// <summary>Null: it goes on. A turn may still be under way.</summary>
    public Ending? End { get; init; }

    public DateTimeOffset NotBefore { get; init; }

    public DateTimeOffset CreatedAt { get; init; }

    /// <summary>All there were, by their ids.</summary>
    public ImmutableSortedDictionary<Guid, Intervened> Interventions { get; init; } = ImmutableSortedDictionary<Guid, Intervened>.Empty;

    public Seen Seen => new(Turn, Interventions.Count);

    /// <summary>Whose turn it is when the one under way is over.</summary>
    public int NextSeat => Under is null ? Seat : Behind(Seat);

    public string Standing =>
        End is not null ? Under is null ? WatchStandings.Ended : WatchStandings.Ending
        : Pause is not null ? Under is null ? WatchStandings.Paused : WatchStandings.Pausing
        : WatchStandings.Running;

    public WatchView View => new(
        OwnedIds.OwnOf(Stream.Id), OwnedIds.UserOf(Stream.Id), AgentId, SessionId, Plan!, Brief, Seats, Standing, Turn, Seat, Attempts, Interventions.Count, NotBefore, CreatedAt, Under, Ahead, Pause, End);

    public WatchState Evolve(WatchEvent happened, DateTimeOffset at) => happened switch
    {
        WatchEvent.Begun e => this with { AgentId = e.AgentId, SessionId = e.SessionId, Plan = e.Plan, Brief = e.Brief, Seats = [.. e.Plan.Seats.Select(seat => new SeatStanding(seat.Model, seat.BudgetMicros))], NotBefore = at, CreatedAt = at },
        WatchEvent.TurnBegun e => this with { Attempts = e.Attempt, Under = new(e.Number, e.Seat, e.Attempt, e.RunId, e.SessionId, e.Driver, e.Driver, e.MostMicros, e.Until) },
        WatchEvent.TurnHeld e => this with { Under = Under! with { Driver = e.Driver, Until = e.Until } },
        WatchEvent.TurnEnded e => Paid(e.CostMicros).Over(isSeats: true, at) with { Silent = Ahead is null && e.Finish == TurnFinish.Silent ? Silent + 1 : 0 },
        WatchEvent.TurnFailed e => Paid(e.CostMicros) with { Failures = Failures + 1, NotBefore = at + WatchLimits.TryAgainAfter },
        WatchEvent.Asked e => this with { Pause = e.Pause },
        WatchEvent.Ended e => this with { End = e.Why },
        WatchEvent.Intervention e => (this with { Interventions = Interventions.Add(e.Did.Id, e.Did) }).Intervene(e, at),
        _ => throw new UnreachableException(happened.GetType().Name),
    };

    private WatchState Intervene(WatchEvent.Intervention happened, DateTimeOffset at) => happened switch
    {
        WatchEvent.Paused => this with { Pause = new(Pausing.Person) },
        WatchEvent.Resumed e => this with { Pause = null, Failures = 0, SessionId = e.SessionId ?? SessionId },
        WatchEvent.Said e => Under is null ? Over(e.Did.Seat is not null, at) with { Silent = 0 } : this with { Ahead = new(e.Did.Turn, e.Did.Seat) },
        WatchEvent.SeatTaken e => With(e.Did.Seat!.Value, seat => seat with { IsTaken = true }),
        WatchEvent.SeatLeft e => With(e.Did.Seat!.Value, seat => seat with { IsTaken = false }),
        WatchEvent.Stopped => this with { End = Ending.Stopped },
        WatchEvent.BudgetRaised e => With(e.Did.Seat!.Value, seat => seat with { BudgetMicros = seat.BudgetMicros + e.Micros }),
        _ => throw new UnreachableException(happened.GetType().Name),
    };

    private WatchState Paid(long costMicros) => With(Under!.Seat, seat => seat with { SpentMicros = seat.SpentMicros + costMicros }) with { Under = null };

    /// <summary>The turn is over; so is the next, where a person has said it already.</summary>
    private WatchState Over(bool isSeats, DateTimeOffset at)
    {
        var over = this with { Turn = Turn + 1, Seat = isSeats ? Behind(Seat) : Seat, Attempts = 0, Failures = 0, Ahead = null, NotBefore = at.AddSeconds(Plan!.PaceSeconds) };
        return Ahead is { } words ? over.Over(words.Seat is not null, at) : over;
    }

    private WatchState With(int seat, Func<SeatStanding, SeatStanding> change) => this with { Seats = Seats.SetItem(seat, change(Seats[seat])) };

    private int Behind(int seat) => (seat + 1) % Seats.Length;

    public void CheckInvariants(bool thorough)
    {
        Invariant.Check(Under is null || (Under.Number == Turn && Under.Seat == Seat && Under.Attempt == Attempts), "one_call_of_a_turn");
        Invariant.Check(Ahead is null || Ahead.Number == Turn + 1, "words_are_next");
        Invariant.Check(Plan is null || Turn <= Plan.Turns + 1, "turn_in_plan");
        Invariant.Check(Interventions.Count <= WatchLimits.Interventions + 1, "few_interventions");
        for (var seat = 0; seat < Seats.Length; seat++)
        {
            Invariant.Check(Seats[seat].SpentMicros + (Under?.Seat == seat ? Under.MostMicros : 0) <= Seats[seat].BudgetMicros, "within_budget");
        }

        if (!thorough) return;

        Invariant.Check(Interventions.Values.Select(did => did.Number).Order().SequenceEqual(Enumerable.Range(1, Interventions.Count)), "each_intervention_once");
    }
}
