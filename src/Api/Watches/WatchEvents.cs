using System.Diagnostics;
using System.Text.Json.Serialization;
using Agora.Application.Models;
using Agora.Application.Values;
using Agora.Application.Watches;
using Agora.Core;
using Agora.Core.Chats;
using Agora.Core.Kernel;
using Agora.Core.Responses;
using Agora.Core.Users;
using Agora.Core.Watches;
using Agora.Grains.Kernel;
using Agora.Models;
using Agora.Web;

namespace Agora.Api.Watches;

/// <summary>
/// The events of a dialogue as server-sent events, read from the journal, whichever process drives the dialogue. The id of an event is its place, so a client that reconnects behind the last id misses nothing. Text and interventions of one turn are
/// in two streams, and their order is not recorded: after a reconnect behind an intervention the turn's text is sent again, and behind a piece of text the turn's interventions are, each with the same id as before. All text of a turn is sent
/// before the event that ends the turn.
/// </summary>
internal sealed class WatchEvents(PersonalLog log, TimeProvider time)
{
    private static readonly TimeSpan LookAgain = TimeSpan.FromMilliseconds(100);

    public async IAsyncEnumerable<string> Follow(AgentCall call, StreamId stream, Guid watchId, WatchPlace after)
    {
        var (state, seq, number, turn, isBehind, isOver, spoke) = (new WatchState(stream), 0L, 0, (TurnText?)null, false, false, time.GetTimestamp());
        yield return EventStream.Heartbeat; // the reply begins
        while (!call.Cancel.IsCancellationRequested)
        {
            foreach (var (at, when, happened) in await log.Read(WatchEntity.Entity, stream, seq, CancellationToken.None))
            {
                (seq, state, number, isBehind) = (at, state.Evolve(happened, when), number + 1, isBehind || Passed(number + 1 > after.Events, turn, after));
                if (happened is WatchEvent.TurnEnded or WatchEvent.TurnFailed)
                {
                    foreach (var text in isBehind && turn is not null ? await turn.More() : []) yield return Frame(watchId, turn!.Place(text), turn.Said(text));
                    turn = null;
                }
                else if (happened is WatchEvent.TurnBegun e)
                {
                    turn = new(log, call.Tenant.Response(OwnedIds.Of(e.RunId, OwnedIds.UserOf(stream.Id))), e, number);
                }

                isOver = happened is WatchEvent.Ended;
                if (!isBehind || WatchEventData.Of(watchId, happened, state) is not { } told) continue;

                spoke = time.GetTimestamp();
                yield return Frame(watchId, new(number, 0), told);
            }

            isBehind = isBehind || Passed(number >= after.Events, turn, after);
            foreach (var text in isBehind && turn is not null ? await turn.More() : [])
            {
                spoke = time.GetTimestamp();
                yield return Frame(watchId, turn!.Place(text), turn.Said(text));
            }

            if (state.Standing == WatchStandings.Ended)
            {
                // What stopped it is its last event, or the turn that was under way then: that it is over is told behind them, too.
                if (!isOver && after.Events <= number)
                {
                    yield return Frame(watchId, new(number + 1, 0), WatchEventData.Over(state));
                }

                yield break;
            }

            if (!await call.Stands()) yield break;

            if (time.GetElapsedTime(spoke) >= ChatLimits.HeartbeatEvery)
            {
                spoke = time.GetTimestamp();
                yield return EventStream.Heartbeat;
            }

            await Task.Delay(LookAgain, time);
        }
    }

    /// <summary>From here on everything is told.</summary>
    private static bool Passed(bool isBehind, TurnText? turn, WatchPlace after)
    {
        if (isBehind && turn is not null)
        {
            turn.Told = after.Pieces;
        }

        return isBehind;
    }

    private static string Frame(Guid watchId, WatchPlace place, WatchEventData data) => EventStream.Event(place.Id(watchId), data.Type, data);

    /// <summary>What a turn's model says, piece by piece: each row of its reply that has text is one, for ever.</summary>
    private sealed class TurnText(PersonalLog log, StreamId reply, WatchEvent.TurnBegun turn, int number)
    {
        private long _seq;
        private int _read;

        /// <summary>So many pieces were told.</summary>
        public int Told { get; set; }

        /// <summary>Those that were not told yet, with their numbers; none of a reply that was deleted.</summary>
        public async Task<IReadOnlyList<(int Number, string Text)>> More()
        {
            var (more, events) = (new List<(int, string)>(), await log.Read(ResponseEntity.Entity, reply, _seq, CancellationToken.None));
            if (events.Any(static e => e.Happened is ResponseEvent.Deleted)) return more;

            foreach (var (seq, _, happened) in events)
            {
                _seq = seq;
                if (happened is not ResponseEvent.Said { Part: { } part } || TextOf(part) is not { Length: > 0 } text || ++_read <= Told) continue;

                more.Add((_read, text));
            }

            return more;
        }

        public WatchPlace Place((int Number, string Text) piece) => new(number, Told = piece.Number);

        public WatchEventData Said((int Number, string Text) piece) => new("text") { Turn = turn.Number, Seat = turn.Seat, Text = piece.Text };

        private static string TextOf(Personal part) => string.Concat(ModelEvents.Read(part.Utf8.Span).Select(ReplyTexts.Of));
    }
}

/// <summary>An event of a dialogue. Members that do not belong to its type are absent.</summary>
internal sealed record WatchEventData(string Type)
{
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? WatchId { get; init; }

    /// <summary>How the dialogue stands behind it.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? State { get; init; }

    /// <summary>What an intervention says that was made behind it.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public WatchSeenData? Seen { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? Turn { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? Seat { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? RunId { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Text { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Finish { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Code { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public Cents? CostCents { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public Cents? AmountCents { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public WatchPauseData? Pause { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Ending { get; init; }

    public static WatchEventData Over(WatchState state) => new("ended") { Ending = WatchNames.Of(state.End!.Value), State = state.Standing, Seen = new(state.Turn, state.Interventions.Count) };

    /// <returns>Null: there is nothing to tell.</returns>
    public static WatchEventData? Of(Guid watchId, WatchEvent happened, WatchState state) => (happened switch
    {
        WatchEvent.TurnHeld => null,
        WatchEvent.Begun => new WatchEventData("begun") { WatchId = watchId.ToString("D") },
        WatchEvent.TurnBegun e => new("turn_begun") { Turn = e.Number, Seat = e.Seat, RunId = e.RunId.ToString("D") },
        WatchEvent.TurnEnded e => new("turn_ended") { Turn = e.Number, RunId = e.RunId.ToString("D"), Finish = WatchNames.Of(e.Finish), CostCents = new(e.CostMicros) },
        WatchEvent.TurnFailed e => new("turn_failed") { Turn = e.Number, RunId = e.RunId.ToString("D"), Code = e.Code, CostCents = new(e.CostMicros) },
        WatchEvent.Asked e => new("asks") { Pause = WatchPauseData.Of(e.Pause) },
        WatchEvent.Ended e => new("ended") { Ending = WatchNames.Of(e.Why) },
        WatchEvent.Intervention e => Of(e),
        _ => throw new UnreachableException(happened.GetType().Name),
    }) is { } data ? data with { State = state.Standing, Seen = new(state.Turn, state.Interventions.Count) } : null;

    private static WatchEventData Of(WatchEvent.Intervention happened) => (happened switch
    {
        WatchEvent.Paused => new WatchEventData("paused"),
        WatchEvent.Resumed => new("resumed"),
        WatchEvent.Said e => new("said") { Turn = e.Did.Turn, Text = e.Words?.Read<string>() },
        WatchEvent.SeatTaken => new("seat_taken"),
        WatchEvent.SeatLeft => new("seat_left"),
        WatchEvent.Stopped => new("stopped"),
        WatchEvent.BudgetRaised e => new("budget_raised") { AmountCents = new(e.Micros) },
        _ => throw new UnreachableException(happened.GetType().Name),
    }) with { Seat = happened.Did.Seat };
}
