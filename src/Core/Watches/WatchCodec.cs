using System.Collections.Immutable;
using System.Text.Json;
using Agora.Core.Kernel;

namespace Agora.Core.Watches;

/// <summary>Stored names, for ever.</summary>
public static class WatchCodec
{
    public static readonly UnionCodec<WatchEvent> Events = new UnionCodec<WatchEvent>()
        .Case<WatchEvent.Begun>("watch.begun", personal: e => e.Brief, with: (e, brief) => e with { Brief = brief })
        .Case<WatchEvent.TurnBegun>("watch.turn_begun")
        .Case<WatchEvent.TurnHeld>("watch.turn_held")
        .Case<WatchEvent.TurnEnded>("watch.turn_ended")
        .Case<WatchEvent.TurnFailed>("watch.turn_failed")
        .Case<WatchEvent.Asked>("watch.asked")
        .Case<WatchEvent.Ended>("watch.ended")
        .Case<WatchEvent.Paused>("watch.paused")
        .Case<WatchEvent.Resumed>("watch.resumed")
        .Case<WatchEvent.Said>("watch.said", personal: e => e.Words, with: (e, words) => e with { Words = words })
        .Case<WatchEvent.SeatTaken>("watch.seat_taken")
        .Case<WatchEvent.SeatLeft>("watch.seat_left")
        .Case<WatchEvent.Stopped>("watch.stopped")
        .Case<WatchEvent.BudgetRaised>("watch.budget_raised");

    public static readonly UnionCodec<WatchCommand> Commands = new UnionCodec<WatchCommand>()
        .Case<WatchCommand.Begin>("watch.begin")
        .Case<WatchCommand.Get>("watch.get")
        .Case<WatchCommand.BeginTurn>("watch.begin_turn")
        .Case<WatchCommand.HoldTurn>("watch.hold_turn")
        .Case<WatchCommand.EndTurn>("watch.end_turn")
        .Case<WatchCommand.FailTurn>("watch.fail_turn")
        .Case<WatchCommand.Pause>("watch.pause")
        .Case<WatchCommand.Resume>("watch.resume")
        .Case<WatchCommand.Say>("watch.say")
        .Case<WatchCommand.TakeSeat>("watch.take_seat")
        .Case<WatchCommand.LeaveSeat>("watch.leave_seat")
        .Case<WatchCommand.Stop>("watch.stop")
        .Case<WatchCommand.RaiseBudget>("watch.raise_budget")
        .Case<WatchCommand.Tick>("watch.tick");

    public static byte[] Save(WatchState s) => JsonSerializer.SerializeToUtf8Bytes(
        new Saved(
            s.Stream.ToString(), s.AgentId, s.SessionId, s.Plan, s.Brief, s.Seats, s.Turn, s.Seat, s.Attempts, s.Failures, s.Under, s.Ahead, s.Silent, s.Pause, s.End, s.NotBefore, s.CreatedAt,
            [.. s.Interventions.Values.OrderBy(did => did.Number)]),
        StoredJson.Options);

    public static WatchState Restore(ReadOnlyMemory<byte> saved)
    {
        var s = JsonSerializer.Deserialize<Saved>(saved.Span, StoredJson.Options)!;
        return new WatchState(StreamId.Parse(s.Stream))
        {
            AgentId = s.AgentId,
            SessionId = s.SessionId,
            Plan = s.Plan,
            Brief = s.Brief,
            Seats = [.. s.Seats],
            Turn = s.Turn,
            Seat = s.Seat,
            Attempts = s.Attempts,
            Failures = s.Failures,
            Under = s.Under,
            Ahead = s.Ahead,
            Silent = s.Silent,
            Pause = s.Pause,
            End = s.End,
            NotBefore = s.NotBefore,
            CreatedAt = s.CreatedAt,
            Interventions = s.Interventions.ToImmutableSortedDictionary(did => did.Id, did => did),
        };
    }

    private sealed record Saved(
        string Stream,
        string AgentId,
        string SessionId,
        WatchPlan? Plan,
        Personal? Brief,
        IReadOnlyList<SeatStanding> Seats,
        int Turn,
        int Seat,
        int Attempts,
        int Failures,
        TurnUnderWay? Under,
        WordsAhead? Ahead,
        int Silent,
        WatchPause? Pause,
        Ending? End,
        DateTimeOffset NotBefore,
        DateTimeOffset CreatedAt,
        IReadOnlyList<Intervened> Interventions);
}
