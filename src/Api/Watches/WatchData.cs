using Agora.Application.Values;
using Agora.Application.Watches;
using Agora.Core.Watches;

namespace Agora.Api.Watches;

/// <summary>A dialogue of a list.</summary>
/// <param name="Topic">Null: the user's data were erased.</param>
/// <param name="Turn">Under way, or next.</param>
internal sealed record WatchListedData(string WatchId, string? Topic, string State, int Turn, DateTimeOffset UpdatedAt);

internal sealed record WatchesData(IReadOnlyList<WatchListedData> Watches, long? TotalCount, string? TotalCountUnknown, int Offset, int Limit)
{
    public const string Example = $$"""{"watches":[{"watch_id":"{{WatchData.IdExample}}","topic":"Is tea better than coffee?","state":"running","turn":2,"updated_at":"2030-01-01T00:01:00.000000Z"}],"total_count":1,"total_count_unknown":null,"offset":0,"limit":50}""";
}

/// <summary>A dialogue, with a page of its turns.</summary>
/// <param name="Pause">Why it stands still, or will when the turn under way is over; null: it does not.</param>
/// <param name="Ending">Why it is over, or will be; null: it goes on.</param>
/// <param name="Seen">What an intervention says that its person saw.</param>
/// <param name="Seat">Whose turn is under way, or next.</param>
internal sealed record WatchData(
    string WatchId, string State, WatchPauseData? Pause, string? Ending, WatchSeenData Seen, int Seat, WatchPlanData Plan, DateTimeOffset CreatedAt, IReadOnlyList<WatchTurnData> Turns, int TotalCount, int Offset, int Limit)
{
    public const string IdExample = "0198c0de-0000-7000-8000-000000000001";

    public const string Example = $$"""{"watch_id":"{{IdExample}}","state":"running","pause":null,"ending":null,"seen":{"turn":2,"interventions":0},"seat":1,"plan":{"topic":"Is tea better than coffee?","seats":[{"seat":0,"name":"Ann","role":"You love tea.","model":"fast","budget_cents":10,"spent_cents":0.2,"is_taken":false},{"seat":1,"name":"Bob","role":"You love coffee.","model":"strong","budget_cents":50,"spent_cents":0,"is_taken":false}],"turns":10,"pace_seconds":0,"silent_turns":0,"stop_word":null},"created_at":"2030-01-01T00:00:00.000000Z","turns":[{"turn":1,"seat":0,"at":"2030-01-01T00:00:00.000000Z","state":"said","text":"Tea, of course.","run_id":"0198c0de-0000-7000-8000-000000000002","attempts":1,"cost_cents":0.2}],"total_count":1,"offset":0,"limit":50}""";

    public static readonly IReadOnlyList<string> Untrusted = ["data.plan.topic", "data.plan.seats[].name", "data.plan.seats[].role", "data.turns[].text"];

    public static WatchData Of(WatchShown watch)
    {
        var (watchId, book, turns, page) = watch;
        var (state, brief) = (book.State, book.Brief);
        var seats = state.Seats.Select((seat, at) => new WatchSeatData(at, brief?.Seats[at].Name, brief?.Seats[at].Role, seat.Model, new(seat.BudgetMicros), new(seat.SpentMicros), seat.IsTaken));
        return new(
            watchId.ToString("D"), state.Standing, state.Pause is { } pause ? WatchPauseData.Of(pause) : null, state.End is { } end ? WatchNames.Of(end) : null, new(state.Turn, state.Interventions.Count), state.Seat,
            new(brief?.Topic, [.. seats], state.Plan!.Turns, state.Plan.PaceSeconds, state.Plan.SilentTurns, brief?.StopWord), state.CreatedAt, [.. turns.Select(static one => WatchTurnData.Of(one.Turn, one.Text))], book.Turns.Count, page.Offset, page.Limit);
    }
}

/// <param name="Topic">Null: the user's data were erased.</param>
internal sealed record WatchPlanData(string? Topic, IReadOnlyList<WatchSeatData> Seats, int Turns, int PaceSeconds, int SilentTurns, string? StopWord);

/// <param name="Model">Null: a person's.</param>
internal sealed record WatchSeatData(int Seat, string? Name, string? Role, string? Model, Cents BudgetCents, Cents SpentCents, bool IsTaken);

internal sealed record WatchSeenData(int Turn, int Interventions);

/// <param name="Seat">Null: a person wants it.</param>
/// <param name="Code">Null: nothing failed or was refused.</param>
internal sealed record WatchPauseData(string Why, int? Seat, string? Code)
{
    public static WatchPauseData Of(WatchPause pause) => new(WatchNames.Of(pause.Why), pause.Seat, pause.Code);
}

/// <param name="Seat">Null: a person's words between the seats.</param>
/// <param name="Text">As far as it is there; null: nothing of it is kept.</param>
/// <param name="RunId">Of the last call; null: a person has said it.</param>
/// <param name="Attempts">Calls of a model, those that failed among them.</param>
/// <param name="CostCents">Of them all, as far as they are over.</param>
internal sealed record WatchTurnData(int Turn, int? Seat, DateTimeOffset At, string State, string? Text, string? RunId, int Attempts, Cents CostCents)
{
    public const string UnderWay = "under_way";
    public const string Failed = "failed";

    public static IReadOnlyList<string> States { get; } = [UnderWay, Failed, .. Enum.GetValues<TurnFinish>().Select(static finish => WatchNames.Of(finish))];

    public static WatchTurnData Of(WatchTurn turn, string? text)
    {
        var state = turn.IsPersons || turn.Call is null ? WatchNames.Of(TurnFinish.Said) : turn.Call.Finish is { } finish ? WatchNames.Of(finish) : turn.Call.FailureCode is null ? UnderWay : Failed;
        return new(turn.Number, turn.Seat, turn.At, state, text, turn.IsPersons ? null : turn.Call?.RunId.ToString("D"), turn.Calls.Count, new(turn.Calls.Sum(static call => call.CostMicros ?? 0)));
    }
}

/// <summary>What an intervention did.</summary>
/// <param name="Number">Of the dialogue's interventions, from 1 on.</param>
/// <param name="Turn">Of words, the turn that they are; otherwise the one that was under way, or next.</param>
/// <param name="Seat">Null: it is about none.</param>
internal sealed record InterventionData(string WatchId, string InterventionId, string Kind, int Number, int Turn, int? Seat)
{
    public const string Example = $$"""{"watch_id":"{{WatchData.IdExample}}","intervention_id":"0198c0de-0000-7000-8000-000000000003","kind":"pause","number":1,"turn":2,"seat":null}""";

    public static InterventionData Of(Guid watchId, Intervened did) => new(watchId.ToString("D"), did.Id.ToString("D"), WatchNames.Of(did.What), did.Number, did.Turn, did.Seat);
}
