using Agora.Api.Desk;
using Agora.Core.Access;
using Agora.Core.Kernel;
using Agora.Hosting;
using Agora.Web;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Orleans;
using Orleans.Dashboard;
using Orleans.Runtime;

namespace Agora.Api.Hosts;

/// <summary>The page that a browser gets in place of the dashboard.</summary>
/// <param name="who">Null if no one is signed in at this browser: it gets the sign-in page.</param>
/// <param name="why">In English, with a translation in the console's words.</param>
public delegate Task InsteadOfDashboard(HttpContext http, DeskOperator? who, int status, string why);

/// <summary>
/// Orleans' own dashboard at <c>/dashboard</c>. It shows the grains of every tenant, so it is for operators of the default tenant who may see all of it. A browser comes by the console's sign-in, a program by a bearer key or token.
/// The gate is before the routes, at the path itself: a route that another version of the dashboard adds is behind it, too, and so is a path that no route has.
/// </summary>
public static class Dashboard
{
    public const string Root = "/dashboard";

    // Its charts and diagrams set styles by themselves. Scripts, data and fonts come from this server alone.
    private const string Policy = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    private const string HistoryOfSilo = $"{Root}/HistoricalStats/{{*path}}";

    private static readonly Rejection NotOfTenants = new(Codes.NotFound, "The dashboard shows the whole installation. Only operators of the tenant default see it.");
    private static readonly Rejection NotOfRole = new(Codes.Forbidden, "The dashboard needs the role viewer, operator or admin.");
    private static readonly Rejection SignInFirst = new(Codes.Unauthorized, "Sign in at the console, or send an operator's key: Authorization: Bearer …");

    private static readonly Rejection NoSilo = new(Codes.NotFound, "No silo of the cluster has this address.");

    /// <summary>
    /// The log stays in the log. A line of the dashboard's stream has not gone through <see cref="RedactedLog"/>, so it would show links and tokens, and a stream that was opened before a sign-out would go on for an hour.
    /// </summary>
    public static void Configure(DashboardOptions options) => options.HideTrace = true;

    /// <summary>Whether somebody who has signed in at the console may see it.</summary>
    public static bool IsFor(DeskOperator who) => Refusal(who.Actor) is null;

    /// <param name="page">Null without the console: a browser gets the JSON that programs get.</param>
    /// <param name="started">Completes when the dashboard of this process has started. Null if the process only shows what the silos report.</param>
    public static void MapDashboard(this WebApplication app, AgoraSettings settings, InsteadOfDashboard? page, Func<Task>? started = null)
    {
        if (!settings.Cluster.Dashboard) return;

        var pages = new Lazy<RequestDelegate>(() => Pages(app, page, started));
        app.MapWhen(static http => http.Request.Path.StartsWithSegments(Root), branch => branch.Run(http => pages.Value(http)));
    }

    /// <summary>
    /// Routing, gate and routes of the dashboard, made at the first request for it: Orleans reads and compresses all files of its pages while it maps them, which is a tenth of a start.
    /// </summary>
    private static RequestDelegate Pages(WebApplication app, InsteadOfDashboard? page, Func<Task>? started)
    {
        var refusals = new DashboardRefusals(app.Services.GetRequiredService<TimeProvider>(), app.Services.GetRequiredService<ILogger<DashboardRefusals>>());
        var replies = app.Services.GetRequiredService<ReplyWriter>();
        var (desk, operators, grains) = (app.Services.GetRequiredService<OperatorDesk>(), app.Services.GetRequiredService<OperatorIdentities>(), app.Services.GetRequiredService<IGrainFactory>());
        var pages = new ApplicationBuilder(app.Services);
        pages.UseRouting().UseExactRoutes().Use(next => async http =>
        {
            var presented = Credentials.Bearer(http.Request.Headers.Authorization).ToString();
            var (who, actor, refusal) = presented.Length > 0 ? await ByKey(http, operators, presented) : await BySignIn(http, desk);
            refusal ??= Refusal(actor!);
            if (refusal is not null)
            {
                refusals.Refused(http, actor, isKey: presented.Length > 0, refusal);
                await (page is not null && presented.Length == 0 && IsPage(http.Request) ? page(http, who, Codes.StatusOf(refusal.Code), refusal.Message) : replies.Write(http, Reply.Refused(refusal)));
                return;
            }

            // All its routes are reads. One that is not would need the console's form codes before a cookie may call it.
            if (!HttpMethods.IsGet(http.Request.Method))
            {
                http.Response.StatusCode = StatusCodes.Status405MethodNotAllowed;
                http.Response.Headers.Allow = HttpMethods.Get;
                return;
            }

            http.Response.Headers.ContentSecurityPolicy = Policy;
            await (started?.Invoke() ?? Task.CompletedTask);
            await (await NamesStranger(http, grains) ? replies.Write(http, Reply.Refused(NoSilo)) : next(http));
        });
        return pages.UseEndpoints(static routes => routes.MapOrleansDashboard(Root)).Build();
    }

    /// <summary>A made-up address would bring a grain to life for each, and be 503 or a defect, which alerts count.</summary>
    private static async Task<bool> NamesStranger(HttpContext http, IGrainFactory grains) =>
        SiloOf(http) is { } named && !(await grains.GetGrain<IManagementGrain>(0).GetHosts()).Keys.Any(silo => silo.ToParsableString() == named);

    private static string? SiloOf(HttpContext http) =>
        http.GetRouteValue("address") as string ?? (http.GetEndpoint() is RouteEndpoint { RoutePattern.RawText: HistoryOfSilo } ? http.GetRouteValue("path") as string : null);

    private static async Task<(DeskOperator? Who, Actor? Actor, Rejection? Refusal)> ByKey(HttpContext http, OperatorIdentities operators, string presented)
    {
        var (actor, _, refused) = await operators.Identify(new ReceivedRequest(http), presented);
        return (null, actor, refused);
    }

    private static async Task<(DeskOperator? Who, Actor? Actor, Rejection? Refusal)> BySignIn(HttpContext http, OperatorDesk desk) =>
        await desk.Who(http.Request) is { } who ? (who, who.Actor, null) : (null, null, SignInFirst);

    private static Rejection? Refusal(Actor actor) => !actor.Tenant.IsDefault ? NotOfTenants : actor.Roles.Include(Role.Viewer) ? null : NotOfRole;

    /// <summary>A browser that opens a page. What a page of it fetches wants data, and would take the sign-in page for that.</summary>
    private static bool IsPage(HttpRequest request) => HttpMethods.IsGet(request.Method) && Routes.IsBrowser(request);
}
