using Agora.Operator.Pages;
using Agora.Operator.Reference;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Agora.Operator;

/// <summary>The page that a browser sees at the server's address: a list of the pages that are there. Programs get JSON at that address.</summary>
public static class FrontPage
{
    private const string Path = "/welcome";

    /// <returns>The page's path; null if neither kind of page is mapped, and so there is no front page.</returns>
    public static string? PathFor(bool hasConsole, bool hasDocs) => hasConsole || hasDocs ? Path : null;

    /// <param name="hasConsole">The pages of operators and users are mapped.</param>
    /// <param name="hasDocs">The API reference is mapped.</param>
    public static IEndpointRouteBuilder MapFrontPage(this IEndpointRouteBuilder routes, bool hasConsole, bool hasDocs)
    {
        if (PathFor(hasConsole, hasDocs) is null) return routes;

        routes.MapGet(Path, (HttpContext http) =>
        {
            PageHeaders.Set(http);
            return new WholePage(new RazorComponentResult(typeof(Welcome), new { Words = Wording.Of(http.Request), HasConsole = hasConsole, HasDocs = hasDocs }));
        });
        return routes;
    }

    /// <summary>The address of a file that the page loads, below the root of pages that are mapped.</summary>
    internal static string Asset(string name, bool hasConsole) => Assets.Address(hasConsole ? RouteMap.Root : DocsRoutes.Root, name);
}
