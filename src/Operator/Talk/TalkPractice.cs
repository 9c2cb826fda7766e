using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Agora.Api.Desk;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Agora.Operator.Talk;

/// <summary>Pages of practice: scenarios that can be played, what was reached over time, a play with its hints and its score, and an author's dry run.</summary>
internal static class TalkPractice
{
    public const string Root = $"{TalkRoutes.Root}/practice";

    private const string PlayPath = $"{Root}/{{play_id}}";
    private const int TurnsShown = 100;

    public static string PathOf(string playId, int turn) => string.Create(CultureInfo.InvariantCulture, $"{Root}/{Uri.EscapeDataString(playId)}#turn-{turn}");

    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet(Root, (HttpContext http, TalkDesk desk) => TalkRoutes.For(http, desk, who => List(http, who, null, StatusCodes.Status200OK)));
        routes.MapPost(Root, (HttpContext http, TalkDesk desk) => TalkRoutes.Acts(http, desk, (who, form) => Begin(http, who, form)));
        routes.MapGet(PlayPath, (HttpContext http, TalkDesk desk, string play_id) => TalkRoutes.For(http, desk, who => Play(http, who, play_id, null, StatusCodes.Status200OK)));
        routes.MapPost($"{PlayPath}/hint", (HttpContext http, TalkDesk desk, string play_id) => TalkRoutes.Acts(http, desk, (who, form) => InPlay(http, who, form, play_id, "hint_in_play")));
        routes.MapPost($"{PlayPath}/score", (HttpContext http, TalkDesk desk, string play_id) => TalkRoutes.Acts(http, desk, (who, form) => InPlay(http, who, form, play_id, "score_play")));
    }

    private static async Task<IResult> List(HttpContext http, Talker who, Refusal? refused, int status)
    {
        var plays = await who.Read(new("list_plays", [], TalkChats.Query(("offset", TalkChats.Number(http, "offset") ?? 0), ("limit", 20))));
        if (TalkRoutes.IsOver(plays)) return TalkRoutes.ToSignIn(http);

        return TalkRoutes.Page<PracticePage>(
            http, who, status, ("Scenarios", await who.Read(new("list_scenarios", [], TalkChats.Query(("limit", 100))))), ("Plays", plays), ("Progress", await who.Read(new("get_progress", []))), ("Refused", refused));
    }

    /// <summary>Of a scenario that was put, or of a draft that its author tries.</summary>
    private static async Task<IResult> Begin(HttpContext http, Talker who, IFormCollection form)
    {
        JsonNode? draft = null;
        if (TalkForms.Words(form, "scenario") is { } text)
        {
            try
            {
                draft = JsonNode.Parse(text);
            }
            catch (JsonException e)
            {
                return await Unreadable(http, who, form, "This is no JSON (line {0}).", $"{e.LineNumber + 1}");
            }

            // JSON that readers interpret differently: no route accepts it.
            if (!OperatorDesk.IsJson(text))
            {
                return await Unreadable(http, who, form, "This JSON names a member twice, nests too deep, or has half a surrogate pair.");
            }
        }

        var reply = await who.Do(new("begin_play", [], Body: TalkForms.Body(("scenario_id", TalkForms.Words(form, "scenario_id")?.Trim()), ("scenario", draft)), Key: TalkForms.Key(form)));
        return TalkRoutes.IsOver(reply) ? TalkRoutes.ToSignIn(http) : reply.IsRefusal ? await List(http, who, Refusal.Of(reply, form), reply.Status) : ConsoleRoutes.See(http, $"{Root}/{reply.Data.GetProperty("play_id").GetString()}");
    }

    private static async Task<IResult> Unreadable(HttpContext http, Talker who, IFormCollection form, string why, params string[] values)
    {
        await who.Do(new("flow_status", [])); // the session counts this request, too
        return await List(http, who, new("validation_failed", Wording.Of(http.Request).Of(why, values), ConsoleRoutes.Filled(form)), StatusCodes.Status422UnprocessableEntity);
    }

    internal static async Task<IResult> Play(HttpContext http, Talker who, string playId, Refusal? refused, int status)
    {
        var play = await who.Read(new("get_play", [("play_id", playId)]));
        if (play.IsRefusal) return TalkRoutes.NotFound(http, who);

        // Nothing is said yet: there is no chat to be read.
        var turns = new List<JsonElement>();
        for (var all = play.Data.GetProperty("turns").GetInt32(); turns.Count < all;)
        {
            var page = await who.Read(new("get_chat", [("chat_id", playId)], TalkChats.Query(("offset", turns.Count), ("limit", TurnsShown))));
            if (page.IsRefusal || page.Data.GetProperty("turns").GetArrayLength() == 0) break;

            turns.AddRange(page.Data.GetProperty("turns").EnumerateArray());
        }

        return TalkRoutes.Page<PlayPage>(http, who, status, ("Play", play.Data), ("Turns", turns), ("Refused", refused));
    }

    private static async Task<IResult> InPlay(HttpContext http, Talker who, IFormCollection form, string playId, string route)
    {
        var reply = await who.Do(new(route, [("play_id", playId)], Key: TalkForms.Key(form)));
        return TalkRoutes.IsOver(reply) ? TalkRoutes.ToSignIn(http) : reply.IsRefusal ? await Play(http, who, playId, Refusal.Of(reply, form), reply.Status) : ConsoleRoutes.See(http, $"{Root}/{Uri.EscapeDataString(playId)}#standing");
    }
}
