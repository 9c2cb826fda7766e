using Agora.Api.Desk;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Agora.Operator.Talk;

/// <summary>The page of how the user wants replies: seen, changed and erased.</summary>
internal static class TalkPreferences
{
    public const string Root = $"{TalkRoutes.Root}/preferences";

    private static readonly string[] Members = ["language", "tone", "length", "address", "format", "about"];

    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet(Root, (HttpContext http, TalkDesk desk) => TalkRoutes.For(http, desk, who => Show(http, who, null, StatusCodes.Status200OK)));
        routes.MapPost(Root, (HttpContext http, TalkDesk desk) => TalkRoutes.Acts(http, desk, (who, form) =>
            Do(http, who, form, new("put_preferences", [], Body: TalkForms.Body([.. Members.Select(name => (name, (System.Text.Json.Nodes.JsonNode?)TalkForms.Words(form, name)))]), Key: TalkForms.Key(form)))));
        routes.MapPost($"{Root}/erase", (HttpContext http, TalkDesk desk) => TalkRoutes.Acts(http, desk, (who, form) => Do(http, who, form, new("erase_preferences", [], Key: TalkForms.Key(form)))));
    }

    private static async Task<IResult> Show(HttpContext http, Talker who, Refusal? refused, int status)
    {
        var reply = await who.Read(new("get_preferences", []));
        return TalkRoutes.IsOver(reply) ? TalkRoutes.ToSignIn(http) : TalkRoutes.Page<PreferencesPage>(http, who, reply.IsRefusal ? reply.Status : status, ("Preferences", reply), ("Refused", refused));
    }

    private static async Task<IResult> Do(HttpContext http, Talker who, IFormCollection form, TalkRequest wanted)
    {
        var reply = await who.Do(wanted);
        return TalkRoutes.IsOver(reply) ? TalkRoutes.ToSignIn(http) : reply.IsRefusal ? await Show(http, who, Refusal.Of(reply, form), reply.Status) : ConsoleRoutes.See(http, Root);
    }
}
