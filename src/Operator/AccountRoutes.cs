using Agora.Api.Desk;
using Agora.Operator.Pages;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Agora.Operator;

/// <summary>Where people sign in with a password, choose and change it, and where anyone who is signed in can end all sign-ins under their name.</summary>
internal static class AccountRoutes
{
    public const string SignIn = $"{ConsoleRoutes.SignInPath}/password";

    /// <summary>Where a password is chosen, with a code.</summary>
    public const string Choose = $"{RouteMap.Root}/password";

    public const string Account = $"{RouteMap.Root}/account";

    /// <summary>What the form of the page wants: one of these.</summary>
    public const string Password = "password", Factor = "factor", Everywhere = "everywhere";

    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapPost(SignIn, TakePassword);
        routes.MapGet(Choose, static (HttpContext http) => ConsoleRoutes.Page<ChoosePassword>(http, null, StatusCodes.Status200OK));
        routes.MapPost(Choose, TakeCode);
        routes.MapGet(Account, ShowAccount);
        routes.MapPost(Account, ChangeAccount);
    }

    private static async Task<IResult> TakePassword(HttpContext http, OperatorDesk desk)
    {
        if (!ConsoleRoutes.FromHere(http) || await ActForms.Read(http, ActForms.SignInBytes) is not { } form) return ConsoleRoutes.Foreign(http);

        var name = ActForms.Text(form, "name");
        var (cookie, refused) = await desk.SignIn(http, name, Whole(form, "password"), ActForms.Text(form, "code"));
        var back = ConsoleRoutes.AfterSignIn(ActForms.Text(form, "back"));
        if (cookie is not null) return ConsoleRoutes.SignedIn(http, cookie, back);

        ConsoleRoutes.RetryAfter(http, refused!);
        return ConsoleRoutes.Page<SignIn>(http, null, refused!.Status, ("Why", Wording.Of(http.Request)[refused.Why]), ("Back", back), ("Name", name));
    }

    private static async Task<IResult> TakeCode(HttpContext http, OperatorDesk desk)
    {
        if (!ConsoleRoutes.FromHere(http) || await ActForms.Read(http, ActForms.SignInBytes) is not { } form) return ConsoleRoutes.Foreign(http);

        var name = ActForms.Text(form, "name");
        var why = Whole(form, "password") != Whole(form, "again") ? Twice : await desk.ChoosePassword(http, name, ActForms.Text(form, "code"), Whole(form, "password"));
        return ConsoleRoutes.Page<ChoosePassword>(
            http, null, why is null ? StatusCodes.Status200OK : StatusCodes.Status422UnprocessableEntity, ("Why", why is null ? null : Wording.Of(http.Request)[why]), ("IsDone", why is null), ("Name", name));
    }

    private static async Task<IResult> ShowAccount(HttpContext http, OperatorDesk desk) => await desk.Who(http.Request) is not { } who ? ConsoleRoutes.ToSignIn(http)
        : Shown(http, who, null);

    private static async Task<IResult> ChangeAccount(HttpContext http, OperatorDesk desk)
    {
        if (await desk.Who(http.Request) is not { } who) return ConsoleRoutes.ToSignIn(http);
        if (await ConsoleRoutes.Own(http, who) is not { } form) return ConsoleRoutes.Foreign(http);

        var wanted = ActForms.Text(form, "do");
        var why = (wanted, who.Person) switch
        {
            (Everywhere, _) => await desk.SignOutEverywhere(who),
            (Password, { }) when Whole(form, "password") != Whole(form, "again") => Twice,
            (Password, { } person) => await desk.ChangePassword(http, person, Whole(form, "former"), Whole(form, "password")),
            (Factor, { } person) => await desk.SetFactor(http, person, Whole(form, "former"), ActForms.Text(form, "former_code"), ActForms.Text(form, "secret"), ActForms.Text(form, "code")),
            _ => "This form is not of this page, or too old. Open the page again.",
        };
        return why is null ? ConsoleRoutes.SignedOut(http, wanted) : Shown(http, who, why, wanted == Factor ? ActForms.Text(form, "secret") : null);
    }

    /// <param name="secret">That an app was given, so that a wrong code takes nothing from it; null: it is to get one.</param>
    private static IResult Shown(HttpContext http, DeskOperator who, string? why, string? secret = null) => ConsoleRoutes.Page<Account>(
        http,
        who,
        why is null ? StatusCodes.Status200OK : StatusCodes.Status422UnprocessableEntity,
        ("Person", who.Person),
        ("Why", why is null ? null : Wording.Of(http.Request)[why]),
        ("Secret", secret is { Length: > 0 } && OperatorDesk.IsFactor(secret) ? secret : OperatorDesk.NewFactor()));

    // A password may begin or end with a blank.
    private static string Whole(IFormCollection form, string name) => form.TryGetValue(name, out var sent) && sent is [{ } text] ? text : "";

    private const string Twice = "The two are not the same.";
}
