using System.Text.Json.Nodes;
using Agora.Api.Desk;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Agora.Operator.Talk;

/// <summary>Pages of dialogues between models: the list, and one that people watch and step into.</summary>
internal static class TalkWatches
{
    public const string Root = $"{TalkRoutes.Root}/watch";

    /// <summary>That a form of a new dialogue has places for.</summary>
    public const int Seats = 4;

    private const string WatchPath = $"{Root}/{{watch_id}}";
    private const int TurnsShown = 40;

    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet(Root, (HttpContext http, TalkDesk desk) => TalkRoutes.For(http, desk, who => List(http, who, null, StatusCodes.Status200OK)));
        routes.MapPost(Root, (HttpContext http, TalkDesk desk) => TalkRoutes.Acts(http, desk, (who, form) => Begin(http, who, form)));
        routes.MapGet(WatchPath, (HttpContext http, TalkDesk desk, string watch_id) => TalkRoutes.For(http, desk, who => Watch(http, who, watch_id, null, StatusCodes.Status200OK)));
        routes.MapGet($"{WatchPath}/events", (HttpContext http, TalkDesk desk, string watch_id) => TalkRoutes.Events(http, desk, new("follow_watch", [("watch_id", watch_id)], TalkChats.After(http))));
        routes.MapPost($"{WatchPath}/interventions", (HttpContext http, TalkDesk desk, string watch_id) => TalkRoutes.Acts(http, desk, (who, form) => Intervene(http, who, form, watch_id)));
    }

    private static async Task<IResult> List(HttpContext http, Talker who, Refusal? refused, int status)
    {
        var watches = await who.Read(new("list_watches", [], TalkChats.Query(("offset", TalkChats.Number(http, "offset") ?? 0), ("limit", 50))));
        if (TalkRoutes.IsOver(watches)) return TalkRoutes.ToSignIn(http);

        return TalkRoutes.Page<WatchesPage>(http, who, status, ("Watches", watches), ("Models", await TalkChats.Models(who)), ("Refused", refused));
    }

    private static async Task<IResult> Begin(HttpContext http, Talker who, IFormCollection form)
    {
        var seats = new JsonArray();
        foreach (var n in Enumerable.Range(0, Seats))
        {
            // A seat of which anything is said is one: its route says what is missing.
            var seat = TalkForms.Body(
                ("name", TalkForms.Words(form, $"seats.{n}.name")?.Trim()), ("model", TalkForms.Words(form, $"seats.{n}.model")?.Trim()), ("role", TalkForms.Words(form, $"seats.{n}.role")), ("budget_cents", TalkForms.Number(form, $"seats.{n}.budget_cents")));
            if (seat.Count > 0)
            {
                seats.Add(seat);
            }
        }

        var body = TalkForms.Body(
            ("topic", TalkForms.Words(form, "topic")), ("seats", seats), ("turns", TalkForms.Number(form, "turns")), ("pace_seconds", TalkForms.Number(form, "pace_seconds")), ("silent_turns", TalkForms.Number(form, "silent_turns")),
            ("stop_word", TalkForms.Words(form, "stop_word")?.Trim()));
        var reply = await who.Do(new("begin_watch", [], Body: body, Key: TalkForms.Key(form)));
        return reply.IsRefusal ? await List(http, who, Refusal.Of(reply, form), reply.Status) : ConsoleRoutes.See(http, $"{Root}/{reply.Data.GetProperty("watch_id").GetString()}");
    }

    private static async Task<IResult> Watch(HttpContext http, Talker who, string watchId, Refusal? refused, int status)
    {
        var first = await who.Read(Page(watchId, 0, 1));
        if (first.IsRefusal) return TalkRoutes.NotFound(http, who);

        var offset = TalkChats.Number(http, "offset") ?? Math.Max(0, first.Data.GetProperty("total_count").GetInt32() - TurnsShown);
        var watch = await who.Read(Page(watchId, offset, TurnsShown));
        return watch.IsRefusal ? TalkRoutes.NotFound(http, who) : TalkRoutes.Page<WatchPage>(http, who, status, ("Watch", watch.Data), ("Refused", refused));
    }

    /// <summary>The form says what its person saw: where the dialogue has changed since, nothing is done, and the page shows it as it stands.</summary>
    private static async Task<IResult> Intervene(HttpContext http, Talker who, IFormCollection form, string watchId)
    {
        // Pause and stop are meant for whatever there is.
        var kind = ActForms.Text(form, "kind");
        var body = TalkForms.Body(
            ("kind", kind), ("text", TalkForms.Words(form, "text")), ("seat", TalkForms.Number(form, "seat")), ("amount_cents", TalkForms.Number(form, "amount_cents")),
            ("seen", kind is "pause" or "stop" ? null : TalkForms.Body(("turn", TalkForms.Number(form, "turn")), ("interventions", TalkForms.Number(form, "interventions")))));
        var reply = await who.Do(new("intervene_in_watch", [("watch_id", watchId)], Body: body, Key: TalkForms.Key(form)));
        return TalkRoutes.IsOver(reply) ? TalkRoutes.ToSignIn(http)
            : reply.IsRefusal ? await Watch(http, who, watchId, Refusal.Of(reply, form), reply.Status)
            : ConsoleRoutes.See(http, $"{Root}/{Uri.EscapeDataString(watchId)}#standing");
    }

    private static TalkRequest Page(string watchId, int offset, int limit) => new("get_watch", [("watch_id", watchId)], TalkChats.Query(("offset", offset), ("limit", limit)));
}
