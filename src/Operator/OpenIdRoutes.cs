using Agora.Api.Desk;
using Agora.Core.Kernel;
using Agora.Operator.Pages;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Agora.Operator;

/// <summary>Signing in by an issuer: there by a form, back by a link.</summary>
internal static class OpenIdRoutes
{
    private const string Begun = $"{ConsoleRoutes.SignInPath}/with/";

    public static string With(string issuer) => Begun + issuer;

    public static void MapSignInByIssuers(this IEndpointRouteBuilder routes)
    {
        routes.MapPost($"{Begun}{{issuer}}", Begin);
        routes.MapGet($"{Begun}{{issuer}}", static (HttpContext http) => ConsoleRoutes.See(http, ConsoleRoutes.SignInPath)); // a page of a refusal that is read again
        routes.MapGet(OpenIdSignIns.ReturnPath, End);
    }

    /// <summary>
    /// The issuer's page is opened by the answer's page and not by a redirect: in Chromium the policy of the page with the form (<c>form-action</c>) counts for every redirect that follows, so it would have to name every host that
    /// an issuer itself may send people on to, which nobody here knows. <c>Refresh</c> (the HTML standard, “The `Refresh` header”) is no part of a form, needs no script, and leaves no page in the history.
    /// </summary>
    private static async Task<IResult> Begin(HttpContext http, OpenIdSignIns signIns, string issuer)
    {
        if (!ConsoleRoutes.FromHere(http) || await ActForms.Read(http, ActForms.SignInBytes) is not { } form) return ConsoleRoutes.Foreign(http);

        var back = ConsoleRoutes.AfterSignIn(ActForms.Text(form, "back"));
        var (begun, refused) = await signIns.Begin(http.Request, issuer, back);
        if (begun is null) return Refused(http, refused!, back);

        http.Response.Cookies.Append(OpenIdSignIns.Cookie, begun.Flow, Cookie(Limits.DeskFlow));
        http.Response.Headers["Refresh"] = $"0; url={begun.Address}";
        return ConsoleRoutes.Page<ToIssuer>(http, null, StatusCodes.Status200OK, ("Issuer", begun.Issuer), ("Address", begun.Address));
    }

    private static async Task<IResult> End(HttpContext http, OpenIdSignIns signIns)
    {
        var (done, refused) = await signIns.End(http.Request);
        if (refused is not { Status: StatusCodes.Status503ServiceUnavailable })
        {
            http.Response.Cookies.Delete(OpenIdSignIns.Cookie, Cookie(null));
        }

        if (done is null) return Refused(http, refused!, null);

        return ConsoleRoutes.SignedIn(http, done.Cookie, ConsoleRoutes.AfterSignIn(done.Back));
    }

    private static IResult Refused(HttpContext http, SignInRefusal refused, string? back)
    {
        ConsoleRoutes.RetryAfter(http, refused);
        return ConsoleRoutes.Page<SignIn>(http, null, refused.Status, ("Why", Wording.Of(http.Request).Of(refused.Why, refused.About)), ("Back", ConsoleRoutes.AfterSignIn(back)));
    }

    private static CookieOptions Cookie(TimeSpan? age)
    {
        var cookie = ConsoleRoutes.Cookie();
        cookie.MaxAge = age;
        return cookie;
    }
}
