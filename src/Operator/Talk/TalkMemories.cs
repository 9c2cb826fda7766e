using Agora.Api.Desk;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Agora.Operator.Talk;

/// <summary>The page of what is remembered of the user: seen, found, put right and erased.</summary>
internal static class TalkMemories
{
    public const string Root = $"{TalkRoutes.Root}/memories";

    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet(Root, (HttpContext http, TalkDesk desk) => TalkRoutes.For(http, desk, who => Show(http, who, null, StatusCodes.Status200OK)));
        routes.MapPost(Root, (HttpContext http, TalkDesk desk) => TalkRoutes.Acts(http, desk, (who, form) => Do(http, who, form, new("keep_memory", [], Body: Text(form), Key: TalkForms.Key(form)))));
        routes.MapPost($"{Root}/{{memory_id}}", (HttpContext http, TalkDesk desk, string memory_id) => TalkRoutes.Acts(http, desk, (who, form) =>
            Do(http, who, form, new("edit_memory", [("memory_id", memory_id)], Body: Text(form), Key: TalkForms.Key(form)))));
        routes.MapPost($"{Root}/{{memory_id}}/erase", (HttpContext http, TalkDesk desk, string memory_id) => TalkRoutes.Acts(http, desk, (who, form) =>
            Do(http, who, form, new("forget_memory", [("memory_id", memory_id)], Key: TalkForms.Key(form)))));
    }

    private static async Task<IResult> Show(HttpContext http, Talker who, Refusal? refused, int status)
    {
        var wanted = http.Request.Query["q"].ToString();
        var reply = string.IsNullOrWhiteSpace(wanted)
            ? await who.Read(new("list_memories", [], TalkChats.Query(("offset", TalkChats.Number(http, "offset") ?? 0), ("limit", 50))))
            : await who.Read(new("search_memories", [], Body: TalkForms.Body(("query", wanted))));
        return TalkRoutes.IsOver(reply) ? TalkRoutes.ToSignIn(http) : TalkRoutes.Page<MemoriesPage>(http, who, reply.IsRefusal ? reply.Status : status, ("Memories", reply), ("Wanted", wanted), ("Refused", refused));
    }

    private static async Task<IResult> Do(HttpContext http, Talker who, IFormCollection form, TalkRequest wanted)
    {
        var reply = await who.Do(wanted);
        return TalkRoutes.IsOver(reply) ? TalkRoutes.ToSignIn(http) : reply.IsRefusal ? await Show(http, who, Refusal.Of(reply, form), reply.Status) : ConsoleRoutes.See(http, Root);
    }

    private static System.Text.Json.Nodes.JsonObject Text(IFormCollection form) => TalkForms.Body(("text", TalkForms.Words(form, "text")), ("pinned", TalkForms.Flag(form, "pinned")), ("model", TalkForms.Words(form, "model")?.Trim()));
}
