using Agora.Api.Documents;
using Agora.Operator.Pages.Docs;
using Agora.Web;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Net.Http.Headers;

namespace Agora.Operator.Reference;

/// <summary>The API reference: pages that say what <c>/openapi/v1.json</c> says, for people. As public as that, without a script, with nothing of elsewhere.</summary>
public static class DocsRoutes
{
    public const string Root = "/docs";
    public const string Errors = $"{Root}/errors";
    public const string Search = $"{Root}/search";

    // Narrower than the console's: nothing here runs, and nothing is sent but what is searched for.
    private const string Policy = "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

    public static readonly string Css = Assets.Address(Root, "console.css");

    public static readonly string OwnCss = Assets.Address(Root, "docs.css");

    public static readonly string Icon = Assets.Address(Root, "icon.svg");

    public static IServiceCollection AddDocs(this IServiceCollection services)
    {
        services.AddRazorComponents();
        return services.AddSingleton(static provider => new Lazy<ApiReference>(() => new(provider.GetRequiredService<IApiDocument>())));
    }

    public static IEndpointRouteBuilder MapDocs(this IEndpointRouteBuilder routes)
    {
        routes.MapGet($"{Root}/assets/{{name}}", Assets.Send);
        routes.MapGet(Root, static (HttpContext http, Lazy<ApiReference> reference) => Page<Contents>(http, StatusCodes.Status200OK, ("Reference", reference.Value)));
        routes.MapGet(Errors, static (HttpContext http, Lazy<ApiReference> reference) => Page<ErrorsPage>(http, StatusCodes.Status200OK, ("Reference", reference.Value)));
        routes.MapGet($"{Errors}/{{code}}", ShowError);
        routes.MapGet(Search, ShowFound);
        routes.MapGet($"{Root}/{{area}}", Show);
        return routes;
    }

    private static WholePage Show(HttpContext http, Lazy<ApiReference> reference, string area) =>
        reference.Value.Areas.FirstOrDefault(one => one.Slug == area) is { } found
            ? Page<AreaPage>(http, StatusCodes.Status200OK, ("Reference", reference.Value), ("Area", found))
            : Page<NoPage>(http, StatusCodes.Status404NotFound, ("Reference", reference.Value));

    private static WholePage ShowError(HttpContext http, Lazy<ApiReference> reference, IApiDocument source, string code)
    {
        http.Response.Headers.Vary = HeaderNames.AcceptLanguage;
        var language = Languages.NameOf(http.Request);
        return source.Error(code, language) is { } page
            ? Page<ErrorPage>(http, StatusCodes.Status200OK, ("Reference", reference.Value), ("Error", ApiError.Read(code, page)), ("Language", language))
            : Page<NoPage>(http, StatusCodes.Status404NotFound, ("Reference", reference.Value));
    }

    private static WholePage ShowFound(HttpContext http, Lazy<ApiReference> reference)
    {
        var text = http.Request.Query["q"].ToString();
        return Page<FoundPage>(http, StatusCodes.Status200OK, ("Reference", reference.Value), ("Text", Agora.Models.Excerpt.Of(text, ApiReference.SearchLength)));
    }

    private static WholePage Page<TPage>(HttpContext http, int status, params (string Name, object? Value)[] parameters)
        where TPage : IComponent
    {
        http.Response.Headers.ContentSecurityPolicy = Policy;
        return new(new RazorComponentResult(typeof(TPage), parameters.ToDictionary(static one => one.Name, static one => one.Value, StringComparer.Ordinal)) { StatusCode = status });
    }
}
