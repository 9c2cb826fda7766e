using System.Text.Json.Nodes;
using Agora.Application.Chats;
using Agora.Application.Operations;
using Agora.Application.Values;
using Agora.Core.Kernel;
using Agora.Core.Watches;

namespace Agora.Application.Watches;

/// <summary>A dialogue that is to begin.</summary>
internal sealed record WatchAsked(WatchPlan Plan, WatchBrief Brief)
{
    private const int TopicLength = 8_192;
    private const int RoleLength = 4_096;

    public static WatchAsked Read(Call call)
    {
        var body = call.Body;
        var topic = ChatAsked.Words(body, "topic", "What is talked about: every seat's model is told it.", TopicLength, required: true);
        var seats = body.Objects("seats", "Who speaks, in this order, the first behind the last.", WatchLimits.Seats, minItems: WatchLimits.SeatsLeast).Select(Seat).ToList();
        var turns = body.Integer("turns", "It ends behind so many turns, those of people among them.", 1, WatchLimits.Turns, absent: null, required: true) ?? 1;
        var pace = body.Integer("pace_seconds", "So long from the end of one turn to the next.", 0, WatchLimits.PaceSeconds, 0) ?? 0;
        var silent = body.Integer("silent_turns", "It ends behind so many turns of models in a row in which nothing was said; 0: it does not end by that.", 0, WatchLimits.SilentTurns, 0) ?? 0;
        var stopWord = body.Text("stop_word", "It ends behind the turn of a model that says this, whoever brought it to; absent: no word ends it.", Limits.NameLength, required: false);
        return new(new([.. seats.Select(static seat => seat.Seat)], turns, pace, silent), new(topic ?? "", [.. seats.Select(static seat => seat.Brief)], stopWord));
    }

    private static (Seat Seat, SeatBrief Brief) Seat(Fields seat)
    {
        var name = seat.Text("name", "Who it is: the others are told what it says under this name.", Limits.NameLength) ?? "";
        var model = seat.Id("model", "The model that speaks; absent: a person does.", required: false);
        var role = ChatAsked.Words(seat, "role", "What its model is to be.", RoleLength) ?? "";
        var budget = seat.Cents("budget_cents", "All that its model's calls may cost; of a person's it is absent.", required: false);
        seat.Rule(static schema =>
        {
            schema["if"] = JsonNode.Parse("""{"required":["model"],"properties":{"model":{"type":"string"}}}""");
            schema["then"] = JsonNode.Parse("""{"required":["budget_cents"],"properties":{"budget_cents":{"not":{"type":"null"}}}}""");
        });
        if (model is not null && budget is null)
        {
            seat.Violate("budget_cents", "required", "A model's seat has a budget: all that its calls may cost.");
        }

        seat.Finish();
        return (new(model, budget ?? 0), new(name, role));
    }
}

/// <summary>A dialogue that is looked at.</summary>
internal sealed record WatchLooked(Guid? WatchId, Page Page)
{
    public static WatchLooked Read(Call call) => new(IdOf(call), call.Query.Page());

    public static Guid? IdOf(Call call) => PathIds.IsGuid(call.Id("watch_id"), out var watch) ? watch : null;
}

/// <summary>A dialogue that is followed.</summary>
/// <param name="After">The id of the last event that was received; null: from the first on.</param>
internal sealed record WatchFollowed(Guid? WatchId, string? After)
{
    public static WatchFollowed Read(Call call) => new(WatchLooked.IdOf(call), call.Query.Text("after", "Of an event stream, the id of the last event that was received: it goes on behind that one.", Limits.CursorLength));
}

/// <summary>What a person does to a dialogue.</summary>
internal sealed record WatchIntervention(Guid? WatchId, string? Kind, string? Text, int? Seat, long? Micros, Seen? Seen)
{
    public static readonly IReadOnlyList<string> Kinds = [.. Enum.GetValues<Intervening>().Select(static what => WatchNames.Of(what))];

    public static WatchIntervention Read(Call call)
    {
        var body = call.Body;
        var asked = new WatchIntervention(
            WatchLooked.IdOf(call),
            body.OneOf("kind", "What is done.", Kinds, required: true),
            ChatAsked.Words(body, "text", "Of say: what the person says.", WatchLimits.WordsBytes),
            body.Integer("seat", "Which seat it is about, from 0 on. Of say: in whose place it is said, where it is that one's turn; absent: between the seats.", 0, WatchLimits.Seats - 1, absent: null),
            body.Amount("amount_cents", "Of raise_budget: so much more.", required: false),
            SeenOf(body.Object("seen", "The dialogue as the person saw it: where it has changed since, nothing is done. Only pause and stop may be meant for whatever there is.", required: false)));
        if (asked is { Kind: "say", Text: null })
        {
            call.Findings.Violate("/text", "required", "What is said has words.");
        }

        if (asked is { Kind: "take_seat" or "leave_seat" or "raise_budget", Seat: null })
        {
            call.Findings.Violate("/seat", "required", "It is about one seat: say which.");
        }

        if (asked is { Kind: "raise_budget", Micros: null })
        {
            call.Findings.Violate("/amount_cents", "required", "Say by how much the budget is raised.");
        }

        return asked;
    }

    private static Seen? SeenOf(Fields? seen)
    {
        if (seen is null) return null;

        var (turn, interventions) = (seen.Integer("turn", "The turn that was under way, or next.", 1, WatchLimits.Turns + 1, absent: null, required: true), seen.Integer("interventions", "So many there had been.", 0, WatchLimits.Interventions + 1, absent: null, required: true));
        seen.Finish();
        return turn is null || interventions is null ? null : new(turn.Value, interventions.Value);
    }

    /// <param name="sessionId">With which it goes on.</param>
    public WatchCommand.Intervention Command(Guid id, string sessionId) => Kind switch
    {
        "pause" => new WatchCommand.Pause(id, Seen),
        "resume" => new WatchCommand.Resume(id, Seen, sessionId),
        "say" => new WatchCommand.Say(id, Seen, Personal.Of(Text!), Seat),
        "take_seat" => new WatchCommand.TakeSeat(id, Seen, Seat!.Value),
        "leave_seat" => new WatchCommand.LeaveSeat(id, Seen, Seat!.Value),
        "raise_budget" => new WatchCommand.RaiseBudget(id, Seen, Seat!.Value, Micros!.Value),
        _ => new WatchCommand.Stop(id, Seen),
    };

    /// <summary>The one that was done under the same id asked for the same.</summary>
    public bool IsOf(WatchEvent.Intervention done) => done switch
    {
        WatchEvent.Said e => e.Words is null || e.Words.Read<string>() == Text,
        WatchEvent.BudgetRaised e => e.Micros == Micros,
        _ => true,
    };
}
