using System.Text.Json;
using Agora.Api.Desk;
using Agora.Core.Kernel;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Agora.Operator.Talk;

/// <summary>
/// Pages in which people speak with models: chats, dialogues, practice, what is remembered and how replies are to be. Whoever has a session's token is let in, as far as its scopes and budgets go. Pages are made by the server from what agents' routes answer, and
/// work without a script; with one, replies appear as they are made.
/// </summary>
public static class TalkRoutes
{
    public const string Root = "/talk";
    internal const string SignInPath = $"{Root}/sign-in";
    internal const string SignOutPath = $"{Root}/sign-out";

    // With these a session is over, or never was: its page is the sign-in.
    private static readonly string[] Over = [Codes.Unauthorized, Codes.SessionExpired, Codes.SessionRevoked];

    public static IEndpointRouteBuilder MapTalk(this IEndpointRouteBuilder routes)
    {
        routes.MapGet($"{Root}/assets/{{name}}", Assets.Send);
        routes.MapGet(SignInPath, static (HttpContext http) => Page<TalkSignIn>(http, null, StatusCodes.Status200OK, ("Back", Back(http.Request.Query["back"])), ("Why", null), ("Done", http.Request.Query["done"].ToString())));
        routes.MapPost(SignInPath, SignIn);
        routes.MapPost(SignOutPath, SignOut);
        TalkChats.Map(routes);
        TalkWatches.Map(routes);
        TalkPractice.Map(routes);
        TalkMemories.Map(routes);
        TalkPreferences.Map(routes);
        routes.MapGet($"{Root}/{{**path}}", static (HttpContext http, TalkDesk desk) => For(http, desk, who => Task.FromResult(NotFound(http, who))));
        return routes;
    }

    private static async Task<IResult> SignIn(HttpContext http, TalkDesk desk)
    {
        if (!ConsoleRoutes.FromHere(http) || await ActForms.Read(http, ActForms.SignInBytes) is not { } form) return Foreign(http);

        var (token, back) = (ActForms.Text(form, "token"), Back(ActForms.Text(form, "back")));
        if (token.Length is 0 or > TalkDesk.TokenLength || token.AsSpan().ContainsAnyExceptInRange('!', '~'))
        {
            return Again("This is no token of a session.");
        }

        var reply = await desk.Send(http, token, new("flow_status", []));
        if (reply.IsRefusal) return Again(reply.Error.GetProperty("message").GetString()!);

        if (await desk.SignIn(token) is not { } cookie) return Again("This is no token of a session.");

        http.Response.Cookies.Append(TalkDesk.Cookie, cookie, ConsoleRoutes.Cookie());
        return ConsoleRoutes.See(http, back);

        IResult Again(string why) => Page<TalkSignIn>(http, null, StatusCodes.Status401Unauthorized, ("Why", Wording.Of(http.Request)[why]), ("Back", back));
    }

    private static async Task<IResult> SignOut(HttpContext http, TalkDesk desk)
    {
        // A sign-in that has already ended needs no form code, since only this browser's cookie is left. Only a short form without files is read.
        if (!ConsoleRoutes.FromHere(http)) return Foreign(http);
        var isEverywhere = false;
        if (await desk.TokenOf(http.Request) is { } token)
        {
            var form = await ActForms.Read(http, ActForms.SignInBytes);
            if (form is null || !ConsoleRoutes.HasCode(form, desk.FormCode(token))) return Foreign(http);

            isEverywhere = ActForms.Text(form, "do") == AccountRoutes.Everywhere;
            await (isEverywhere ? desk.SignOutEverywhere(token) : desk.SignOut(http.Request));
        }

        http.Response.Cookies.Delete(TalkDesk.Cookie, ConsoleRoutes.Cookie());
        return ConsoleRoutes.See(http, isEverywhere ? $"{SignInPath}?done={AccountRoutes.Everywhere}" : SignInPath);
    }

    /// <summary>Whoever has the token of a session that goes on.</summary>
    /// <param name="isPart">The session counts what is asked afterwards, and not this.</param>
    /// <returns>Or what is shown in its place.</returns>
    internal static async Task<(Talker? Who, IResult? Shown)> Who(HttpContext http, TalkDesk desk, bool isPart = false)
    {
        if (await desk.TokenOf(http.Request) is not { } token) return (null, ToSignIn(http));

        var status = await desk.Send(http, token, new("flow_status", [], IsPart: isPart));
        return !status.IsRefusal ? (new(token, desk.FormCode(token), status.Data, http, desk), null)
            : IsOver(status) ? (null, ToSignIn(http))
            : (null, Page<TalkNothing>(http, null, status.Status, ("Why", status.Error.GetProperty("message").GetString()), ("Title", "Not now")));
    }

    /// <summary>The form, if one of these pages sent it from the browser of the signed-in person. Else null.</summary>
    private static async Task<IFormCollection?> Form(HttpContext http, Talker who) =>
        ConsoleRoutes.FromHere(http) && await TalkForms.Read(http) is { } form && ConsoleRoutes.HasCode(form, who.FormCode) ? form : null;

    /// <summary>A page for somebody who is there: its session counts it once, whatever it asks.</summary>
    internal static async Task<IResult> For(HttpContext http, TalkDesk desk, Func<Talker, Task<IResult>> show) => await Who(http, desk) switch { ({ } who, _) => await show(who), var (_, shown) => shown! };

    /// <summary>What a form asks for.</summary>
    internal static async Task<IResult> Acts(HttpContext http, TalkDesk desk, Func<Talker, IFormCollection, Task<IResult>> act)
    {
        var (who, shown) = await Who(http, desk, isPart: true);
        if (who is null) return shown!;
        if (TalkForms.IsTooLarge(http))
        {
            return Page<TalkNothing>(http, who, StatusCodes.Status413PayloadTooLarge, ("Why", "A file has at most 2 MiB, and all of a form 4 MiB."), ("Title", "Not now"));
        }

        return await Form(http, who) is { } form ? await act(who, form) : Foreign(http);
    }

    /// <summary>Events of a route, as they come.</summary>
    internal static async Task<IResult> Events(HttpContext http, TalkDesk desk, TalkRequest wanted) => await Who(http, desk, isPart: true) is ({ } who, _) ? new Told(who, wanted) : Results.StatusCode(StatusCodes.Status401Unauthorized);

    internal static IResult ToSignIn(HttpContext http) => ConsoleRoutes.See(http, $"{SignInPath}?back={Uri.EscapeDataString(http.Request.Method == HttpMethods.Get ? http.Request.Path.ToUriComponent() + http.Request.QueryString : Root)}");

    internal static bool IsOver(DeskReply reply) => reply.IsRefusal && Over.Contains(reply.Error.GetProperty("code").GetString(), StringComparer.Ordinal);

    internal static IResult NotFound(HttpContext http, Talker who) => Page<TalkNothing>(http, who, StatusCodes.Status404NotFound);

    internal static IResult Foreign(HttpContext http) => Page<TalkNothing>(http, null, StatusCodes.Status403Forbidden, ("Title", "The form was not accepted"), ("Why", "This form is not of this page, or too old. Open the page again."));

    internal static WholePage Page<TPage>(HttpContext http, Talker? who, int status, params (string Name, object? Value)[] parameters)
        where TPage : IComponent
    {
        PageHeaders.Set(http);
        var all = parameters.ToDictionary(static one => one.Name, static one => one.Value, StringComparer.Ordinal);
        all["Talk"] = new TalkView(new(null, Wording.Of(http.Request), http.RequestServices.GetRequiredService<Lazy<RouteMap>>().Value, http.Request.Path.ToUriComponent()), who);
        return new(new RazorComponentResult(typeof(TPage), all) { StatusCode = status });
    }

    /// <summary>A path of these pages: whoever is sent back is never sent elsewhere.</summary>
    internal static string Back(string? asked) => ConsoleRoutes.Within(Root, asked);
}

/// <summary>What every part of a page knows.</summary>
/// <param name="Who">Null: nobody is there.</param>
public sealed record TalkView(View View, Talker? Who)
{
    public Wording Words => View.Words;

    /// <summary>Stands in each form.</summary>
    public string Code => Who?.FormCode ?? "";

    /// <summary>Under which what a form asks for is done once, however often it is sent.</summary>
    public static string NewKey() => Guid.CreateVersion7().ToString("D");
}

/// <summary>Somebody with the token of a session.</summary>
/// <param name="Status">As <c>flow_status</c> answers.</param>
public sealed record Talker(string Token, string FormCode, JsonElement Status, HttpContext Http, TalkDesk Desk)
{
    public string Name => $"{Status.GetProperty("session").GetProperty("user_id").GetString()} · {Status.GetProperty("session").GetProperty("agent_id").GetString()}";

    /// <summary>What the session may still spend; null: it has no bound of its own.</summary>
    public JsonElement? Left => Status.TryGetProperty("budget", out var budget) && budget.ValueKind == JsonValueKind.Object && budget.TryGetProperty("remaining_cents", out var left) && left.ValueKind == JsonValueKind.Number ? left : null;

    /// <summary>What a page reads is part of the request that its session has counted.</summary>
    internal Task<DeskReply> Read(TalkRequest wanted) => Do(wanted with { IsPart = true });

    internal Task<DeskReply> Do(TalkRequest wanted) => Desk.Send(Http, Token, wanted);
}
