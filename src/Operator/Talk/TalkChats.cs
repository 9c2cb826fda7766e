using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Agora.Api.Desk;
using Agora.Web;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Agora.Operator.Talk;

/// <summary>Pages of chats: the list, and one with its turns, a branch at a time.</summary>
internal static class TalkChats
{
    /// <summary>Where something is said: as a form, or for its events.</summary>
    public const string SayPath = $"{TalkRoutes.Root}/say";

    private const string ChatPath = $"{TalkRoutes.Root}/chats/{{chat_id}}";
    private const string TurnPath = $"{ChatPath}/turns/{{turn}}";
    private const int TurnsShown = 40;

    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet(TalkRoutes.Root, (HttpContext http, TalkDesk desk) => TalkRoutes.For(http, desk, who => List(http, who, null, StatusCodes.Status200OK)));
        routes.MapPost(SayPath, (HttpContext http, TalkDesk desk) => TalkRoutes.Acts(http, desk, (who, form) => Say(http, who, form)));
        routes.MapGet(ChatPath, (HttpContext http, TalkDesk desk, string chat_id) => TalkRoutes.For(http, desk, who => Chat(http, who, chat_id, Number(http, "branch"), null, StatusCodes.Status200OK)));
        routes.MapGet($"{TurnPath}/events", Events);
        routes.MapPost($"{TurnPath}/stop", (HttpContext http, TalkDesk desk, string chat_id, string turn) => TalkRoutes.Acts(http, desk, (who, form) => InTurn(http, who, form, chat_id, turn, new("stop_turn", Ids(chat_id, turn)))));
        routes.MapPost($"{TurnPath}/feedback", (HttpContext http, TalkDesk desk, string chat_id, string turn) => TalkRoutes.Acts(http, desk, (who, form) => Rate(http, who, form, chat_id, turn)));
        routes.MapPost($"{ChatPath}/delete", (HttpContext http, TalkDesk desk, string chat_id) => TalkRoutes.Acts(http, desk, async (who, form) =>
            await who.Do(new("delete_chat", [("chat_id", chat_id)], Key: TalkForms.Key(form))) is { IsRefusal: true } refused ? await Chat(http, who, chat_id, null, refused, refused.Status) : ConsoleRoutes.See(http, TalkRoutes.Root)));
    }

    /// <param name="turn">That is looked at; null: the last.</param>
    public static string PathOf(string chatId, int branch, int? turn = null) => string.Create(CultureInfo.InvariantCulture, $"{TalkRoutes.Root}/chats/{chatId}?branch={branch}#turn-{turn ?? branch}");

    private static async Task<IResult> List(HttpContext http, Talker who, Refusal? refused, int status)
    {
        var offset = Number(http, "offset") ?? 0;
        var chats = await who.Read(new("list_chats", [], Query(("offset", offset), ("limit", 50))));
        if (TalkRoutes.IsOver(chats)) return TalkRoutes.ToSignIn(http);

        return TalkRoutes.Page<ChatsPage>(http, who, status, ("Chats", chats), ("Models", await Models(who)), ("Refused", refused));
    }

    private static async Task<IResult> Chat(HttpContext http, Talker who, string chatId, int? branch, DeskReply? refused, int status, IFormCollection? given = null)
    {
        // The newest turn ends the branch that is shown where none is named.
        var ends = await who.Read(new("get_chat", [("chat_id", chatId)], Query(("limit", 1))));
        if (ends.IsRefusal) return TalkRoutes.NotFound(http, who);

        var leaf = branch ?? ends.Data.GetProperty("total_count").GetInt32();
        var found = await Branch(who, chatId, leaf, Number(http, "offset"));
        if (found is null) return TalkRoutes.NotFound(http, who);

        var first = ends.Data.GetProperty("turns")[0].GetProperty("text").GetString();
        return TalkRoutes.Page<ChatPage>(http, who, status, ("Chat", found), ("Leaf", leaf), ("First", first), ("Leaves", await Leaves(who, chatId, found)), ("Models", await Models(who)), ("Refused", refused is null ? null : Refusal.Of(refused, given)));
    }

    /// <summary>The end of a branch, or from a turn of it on.</summary>
    private static async Task<DeskReply?> Branch(Talker who, string chatId, int leaf, int? offset)
    {
        var (of, isEnd) = (new[] { ("chat_id", chatId) }, offset is null);
        if (offset is null)
        {
            var end = await who.Read(new("get_chat", of, Query(("branch", leaf), ("limit", 1))));
            if (end.IsRefusal) return null;

            offset = Math.Max(0, end.Data.GetProperty("total_count").GetInt32() - TurnsShown);
        }

        while (true)
        {
            var chat = await who.Read(new("get_chat", of, Query(("branch", leaf), ("offset", offset.Value), ("limit", TurnsShown))));
            if (chat.IsRefusal || chat.Data.GetProperty("turns").GetArrayLength() is not (> 0 and var shown)) return null;

            offset += shown;
            if (!isEnd || offset >= chat.Data.GetProperty("total_count").GetInt32()) return chat; // long turns may need several pages
        }
    }

    /// <summary>Of each turn, the newest below it: who goes to another branch sees it to its end. Nothing is read where nothing was said otherwise.</summary>
    private static async Task<IReadOnlyDictionary<int, int>> Leaves(Talker who, string chatId, DeskReply shown)
    {
        var leaves = new Dictionary<int, int>();
        if (!shown.Data.GetProperty("turns").EnumerateArray().Any(static turn => turn.GetProperty("siblings").GetArrayLength() > 1)) return leaves;

        var after = new List<int>();
        for (var total = 1; after.Count < total;)
        {
            var page = await who.Read(new("get_chat", [("chat_id", chatId)], Query(("offset", after.Count), ("limit", 100))));
            if (page.IsRefusal) return leaves;

            total = page.Data.GetProperty("total_count").GetInt32();
            after.AddRange(page.Data.GetProperty("turns").EnumerateArray().Select(static turn => turn.GetProperty("after").GetInt32()));
        }

        for (var turn = after.Count; turn > 0; turn--)
        {
            var leaf = leaves[turn] = leaves.GetValueOrDefault(turn, turn);
            leaves[after[turn - 1]] = Math.Max(leaf, leaves.GetValueOrDefault(after[turn - 1]));
        }

        return leaves;
    }

    private static async Task<IResult> Say(HttpContext http, Talker who, IFormCollection form)
    {
        var (hashes, refused) = await Kept(who, form);
        if (refused is not null) return await Refused(http, who, form, refused);

        var body = TalkForms.Body(
            ("chat_id", TalkForms.Words(form, "chat_id")), ("text", TalkForms.Words(form, "text")), ("model", TalkForms.Words(form, "model")?.Trim()), ("instructions", TalkForms.Words(form, "instructions")),
            ("after", TalkForms.Number(form, "after")), ("edits", TalkForms.Number(form, "edits")), ("repeats", TalkForms.Number(form, "repeats")),
            ("attachments", hashes.Count == 0 ? null : new JsonArray([.. hashes.Select(static hash => JsonValue.Create(hash))])),
            ("memories", TalkForms.Flag(form, "memories") ? new JsonObject() : null),
            ("sentiment", Judging(form)));
        var wanted = new TalkRequest("say_in_chat", [], Body: body, Key: TalkForms.Key(form));
        if (EventStream.IsWanted(http.Request.Headers.Accept)) return new Told(who, wanted);

        var reply = await who.Do(wanted);
        if (reply.IsRefusal) return await Refused(http, who, form, reply);

        var (chat, turn) = (reply.Data.GetProperty("chat_id").GetString()!, reply.Data.GetProperty("turn").GetInt32());
        return ConsoleRoutes.See(http, IsPlay(form) ? TalkPractice.PathOf(chat, turn) : PathOf(chat, turn));
    }

    /// <summary>Who judges how a turn sounds; null: nobody does.</summary>
    public static string? JudgeOf(JsonElement turn) => turn.GetProperty("sentiment") is { ValueKind: JsonValueKind.Object } judged ? judged.GetProperty("service_id").GetString() : null;

    /// <summary>Null: as in the turn before.</summary>
    private static JsonObject? Judging(IFormCollection form) => TalkForms.Flag(form, "unjudged") ? new() { ["on"] = false }
        : TalkForms.Words(form, "sentiment")?.Trim() is { } service ? TalkForms.Body(("service_id", service), ("max_price_cents", TalkForms.Number(form, "sentiment_cents"))) : null;

    private static async Task<IResult> Refused(HttpContext http, Talker who, IFormCollection form, DeskReply reply) =>
        TalkRoutes.IsOver(reply) ? TalkRoutes.ToSignIn(http)
            : IsPlay(form) && TalkForms.Words(form, "chat_id") is { } play ? await TalkPractice.Play(http, who, play, Refusal.Of(reply, form), reply.Status)
            : TalkForms.Words(form, "chat_id") is { } chat ? await Chat(http, who, chat, int.TryParse(ActForms.Text(form, "branch"), NumberStyles.None, CultureInfo.InvariantCulture, out var branch) ? branch : null, reply, reply.Status, form)
            : await List(http, who, Refusal.Of(reply, form), reply.Status);

    /// <summary>It is said in a play, whose page shows it.</summary>
    private static bool IsPlay(IFormCollection form) => ActForms.Text(form, "at") == "practice";

    /// <summary>Files are kept first, each once: what is said names them.</summary>
    private static async Task<(IReadOnlyList<string> Hashes, DeskReply? Refused)> Kept(Talker who, IFormCollection form)
    {
        var hashes = form["kept"].OfType<string>().ToList();
        foreach (var file in form.Files.Where(static file => file.Length > 0))
        {
            using var bytes = new MemoryStream();
            await file.CopyToAsync(bytes);
            var reply = await who.Do(new("keep_attachment", [], Body: TalkForms.Body(("media_type", file.ContentType.Split(';')[0].Trim()), ("data", Convert.ToBase64String(bytes.ToArray())))));
            if (reply.IsRefusal) return ([], reply);

            hashes.Add(reply.Data.GetProperty("hash").GetString()!);
        }

        return (hashes, null);
    }

    /// <summary>The events of a reply that is being made. A browser that was cut off says how far it was, and goes on there.</summary>
    private static Task<IResult> Events(HttpContext http, TalkDesk desk, string chat_id, string turn) => TalkRoutes.Events(http, desk, new("follow_turn", Ids(chat_id, turn), After(http)));

    private static Task<IResult> Rate(HttpContext http, Talker who, IFormCollection form, string chatId, string turn) => InTurn(http, who, form, chatId, turn, new(
        "rate_turn", Ids(chatId, turn),
        Body: TalkForms.Body(("thumb", ActForms.Text(form, "thumb") is { Length: > 0 } thumb ? thumb : "none"), ("text", TalkForms.Words(form, "text")), ("correction", TalkForms.Words(form, "correction"))),
        Key: TalkForms.Key(form)));

    private static async Task<IResult> InTurn(HttpContext http, Talker who, IFormCollection form, string chatId, string turn, TalkRequest wanted)
    {
        var reply = await who.Do(wanted);
        if (TalkRoutes.IsOver(reply)) return TalkRoutes.ToSignIn(http);
        if (!int.TryParse(turn, NumberStyles.None, CultureInfo.InvariantCulture, out var number)) return TalkRoutes.NotFound(http, who);

        var leaf = Number(http, "branch") ?? number;
        if (IsPlay(form))
        {
            return reply.IsRefusal ? await TalkPractice.Play(http, who, chatId, Refusal.Of(reply, form), reply.Status) : ConsoleRoutes.See(http, TalkPractice.PathOf(chatId, number));
        }

        return reply.IsRefusal ? await Chat(http, who, chatId, leaf, reply, reply.Status, form) : ConsoleRoutes.See(http, string.Create(CultureInfo.InvariantCulture, $"{TalkRoutes.Root}/chats/{Uri.EscapeDataString(chatId)}?branch={leaf}#turn-{number}"));
    }

    private static IReadOnlyList<(string, string)> Ids(string chatId, string turn) => [("chat_id", chatId), ("turn", turn)];

    /// <summary>Of an event stream: where it goes on.</summary>
    internal static string After(HttpContext http) => http.Request.Headers["Last-Event-ID"] is [{ Length: > 0 } last] ? QueryString.Create("after", last).Value! : "";

    internal static string Query(params (string Name, int Value)[] named) => QueryString.Create(named.Select(static one => KeyValuePair.Create<string, string?>(one.Name, one.Value.ToString(CultureInfo.InvariantCulture)))).Value ?? "";

    internal static int? Number(HttpContext http, string name) => int.TryParse(http.Request.Query[name], NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;

    /// <summary>Models that can be asked, for a form to offer.</summary>
    internal static async Task<IReadOnlyList<string>> Models(Talker who)
    {
        var reply = await who.Read(new("list_chat_models", [], Query(("limit", 100))));
        return reply.IsRefusal ? [] : [.. reply.Data.GetProperty("models").EnumerateArray().Select(static model => model.GetProperty("model").GetString()!)];
    }
}

/// <summary>A form's request that was refused, for it to be shown again with what was in it.</summary>
/// <param name="Code">Of the refusal.</param>
/// <param name="Why">A sentence.</param>
public sealed record Refusal(string Code, string Why, IReadOnlyDictionary<string, string> Given)
{
    internal static Refusal Of(DeskReply reply, IFormCollection? form) => new(
        reply.Error.GetProperty("code").GetString()!, reply.Error.GetProperty("message").GetString()!, form is null ? new Dictionary<string, string>(StringComparer.Ordinal) : ConsoleRoutes.Filled(form));
}

/// <summary>Events of a route, told as they come.</summary>
internal sealed class Told(Talker who, TalkRequest wanted) : IResult
{
    public Task ExecuteAsync(HttpContext http) => who.Desk.Tell(http, who.Token, wanted);
}
