using Agora.Api.Desk;
using Agora.Api.Hosts;
using Agora.Operator.Pages;
using Agora.Operator.Talk;
using Agora.Web;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Agora.Operator;

/// <summary>The console: pages for people over operators' routes, made by the server, which work without a script.</summary>
public static class ConsoleRoutes
{
    /// <summary>In which form a list is wanted, beside its filters.</summary>
    public const string As = "as";

    private const string Root = RouteMap.Root;
    internal const string SignInPath = $"{Root}/sign-in";

    // What an operator looks at first, each as far as the role lets it be seen.
    private static readonly (string Title, string Path, string Query)[] Cards =
    [
        ("Is all well", "/admin/health", ""),
        ("Held longest", "/admin/holds", ""),
        ("Runs that wait for an approval", "/admin/approvals", "?limit=5"),
        ("Refused last", "/admin/refusals", "?limit=8"),
        ("Paid last", "/admin/payments", "?limit=8"),
        ("Money in all", "/admin/ledger/trial-balance", ""),
        ("Done last by operators", "/admin/acts", "?limit=5"),
    ];

    public static IServiceCollection AddConsole(this IServiceCollection services)
    {
        services.AddRazorComponents();
        return services.AddSingleton(static provider => new Lazy<RouteMap>(() => new(provider.GetRequiredService<OperatorDesk>().Routes)));
    }

    public static IEndpointRouteBuilder MapConsole(this IEndpointRouteBuilder routes)
    {
        routes.MapGet($"{Root}/assets/{{name}}", Assets.Send);
        routes.MapGet(SignInPath, static (HttpContext http) => Page<SignIn>(http, null, 200, ("Back", AfterSignIn(http.Request.Query["back"])), ("Done", http.Request.Query["done"].ToString())));
        routes.MapPost(SignInPath, TakeKey);
        AccountRoutes.Map(routes);
        routes.MapSignInByIssuers();
        routes.MapPost($"{Root}/sign-out", SignOut);
        routes.MapGet($"{Root}/enter/{{link}}", ShowLink);
        routes.MapPost($"{Root}/enter/{{link}}", TakeLink);
        routes.MapPost($"{Root}/acts", Act);
        routes.MapPost($"{Root}/batch", ActTogether);
        routes.MapPost($"{Root}/schema-look", LookAtSchema);
        routes.MapGet($"{Root}/changes", Changes);
        routes.MapGet(Root, ShowOverview);
        routes.MapGet($"{Root}/{{**path}}", Show);
        routes.MapPost($"{Root}/{{**path}}", Ask);
        return routes.MapTalk();
    }

    private static async Task<IResult> TakeKey(HttpContext http, OperatorDesk desk)
    {
        if (!FromHere(http) || await ActForms.Read(http, ActForms.SignInBytes) is not { } form) return Foreign(http);

        var (cookie, refused) = await desk.SignIn(http, ActForms.Text(form, "key"));
        var back = AfterSignIn(ActForms.Text(form, "back"));
        if (cookie is null) return Page<SignIn>(http, null, 401, ("Why", Wording.Of(http.Request)[refused!]), ("Back", back));

        return SignedIn(http, cookie, back);
    }

    private static async Task<IResult> ShowLink(HttpContext http, OperatorDesk desk) => Unreferred(http, Page<Enter>(http, null, 200, ("SignedIn", (await desk.Who(http.Request))?.Name)));

    /// <summary>A link is its own proof; its page sends nothing else.</summary>
    private static async Task<IResult> TakeLink(HttpContext http, OperatorDesk desk, string link)
    {
        if (!FromHere(http)) return Foreign(http);
        if (await desk.Enter(link) is not { } cookie)
        {
            return Unreferred(http, Page<Enter>(http, null, StatusCodes.Status404NotFound, ("Why", "This link opens nothing, or nothing any more. Ask for another one.")));
        }

        return SignedIn(http, cookie, Root);
    }

    /// <summary>The page's address is a credential: what it loads is asked for from this host, and not from this address.</summary>
    private static WholePage Unreferred(HttpContext http, WholePage page)
    {
        http.Response.Headers["Referrer-Policy"] = "strict-origin";
        return page;
    }

    private static async Task<IResult> SignOut(HttpContext http, OperatorDesk desk)
    {
        if (await desk.Who(http.Request) is not { } who || await Own(http, who) is null) return Foreign(http);

        await desk.SignOut(http.Request);
        return SignedOut(http);
    }

    internal static void RetryAfter(HttpContext http, SignInRefusal refused)
    {
        if (refused.RetryAfterSeconds is { } seconds)
        {
            http.Response.Headers.RetryAfter = seconds.ToString(System.Globalization.CultureInfo.InvariantCulture);
        }
    }

    internal static IResult SignedIn(HttpContext http, string cookie, string back)
    {
        http.Response.Cookies.Append(OperatorDesk.Cookie, cookie, Cookie());
        return See(http, back);
    }

    /// <param name="done">What was done that ended it, as the page knows it; null: it was signed out.</param>
    internal static IResult SignedOut(HttpContext http, string? done = null)
    {
        http.Response.Cookies.Delete(OperatorDesk.Cookie, Cookie());
        return See(http, done is null ? SignInPath : $"{SignInPath}?done={done}");
    }

    private static async Task<IResult> ShowOverview(HttpContext http, OperatorDesk desk, Lazy<RouteMap> map) =>
        await desk.Who(http.Request) is { } who ? await Overview(http, desk, map, who, null, StatusCodes.Status200OK) : ToSignIn(http);

    private static async Task<IResult> Overview(HttpContext http, OperatorDesk desk, Lazy<RouteMap> map, DeskOperator who, Refused? refused, int status)
    {
        var cards = new List<Card>();
        foreach (var (title, path, query) in who.IsOwner ? OwnPages.Cards(who) : Cards)
        {
            if (await Read(path, query) is { } reply)
            {
                cards.Add(new(title, RouteMap.Page(path) + (who.IsOwner ? query : ""), reply));
            }
        }

        var ofDay = http.Request.Query["over"] == "day";
        var own = OwnPages.Self(who);
        return Page<Overview>(
            http, who, status, Root + (ofDay ? "?over=day" : ""), ("Cards", (IReadOnlyList<Card>)cards), ("Self", own is null ? null : map.Value.Find("GET", own)), ("SelfNow", own is null ? null : await Read(own, "")), ("Done", refused is null ? DoneAt(http, desk) : null), ("Refused", refused), ("Activity", who.IsOwner ? null : await Read("/admin/activity", ofDay ? "?over=day" : "")), ("Days", who.IsOwner ? null : await Read("/admin/days", "")), ("IsFirst", await Read("/admin/people", "?limit=1") is { IsRefusal: false } people && Shown.Items(people.Data) is { } items && items.GetArrayLength() == 0));

        async Task<DeskReply?> Read(string path, string query) =>
            map.Value.Find("GET", path) is { } place && place.Route.IsFor(who) ? await desk.Send(http, who, new(place.Route, place.Ids, query), http.RequestAborted) : null;
    }

    private static async Task<IResult> Show(HttpContext http, OperatorDesk desk, Lazy<RouteMap> map)
    {
        if (await desk.Who(http.Request) is not { } who) return ToSignIn(http);

        var path = RouteMap.Api(http.Request.Path.ToUriComponent());
        return map.Value.Find("GET", path) is { } place ? place.Route.IsList && http.Request.Query[As] == "csv" ? new Saved(desk, who, place) : await ShowThing(http, desk, who, place, null)
            : map.Value.Find("POST", path) is { Route.IsQuestion: true } question ? Page<Question>(http, who, 200, ("Route", question.Route))
            : Page<Nothing>(http, who, 404);
    }

    /// <summary>A question is asked by a form, and answered on the page that it stands on. It changes nothing, so it has no key.</summary>
    private static async Task<IResult> Ask(HttpContext http, OperatorDesk desk, Lazy<RouteMap> map)
    {
        if (await desk.Who(http.Request) is not { } who) return ToSignIn(http);
        if (map.Value.Find("POST", RouteMap.Api(http.Request.Path.ToUriComponent())) is not { Route.IsQuestion: true } question || await Own(http, who) is not { } form)
        {
            return Foreign(http);
        }

        var (request, wrong) = ActForms.Request(question.Route, form);
        var reply = request is null ? null : await desk.Send(http, who, request with { Key = null }, http.RequestAborted);
        return Page<Question>(http, who, reply?.Status ?? StatusCodes.Status422UnprocessableEntity, ("Route", question.Route), ("Reply", reply), ("Wrong", wrong?.Name), ("Given", Filled(form)));
    }

    private static async Task<IResult> Act(HttpContext http, OperatorDesk desk, Lazy<RouteMap> map)
    {
        if (await desk.Who(http.Request) is not { } who) return ToSignIn(http);
        if (await Own(http, who) is not { } form || map.Value.Named(ActForms.Text(form, "act")) is not { IsRead: false } act) return Foreign(http);

        var back = Back(ActForms.Text(form, "back"));
        var (request, wrong) = ActForms.Request(act, form);
        var reply = request is null ? null : await desk.Send(http, who, request, http.RequestAborted);
        if (reply is { IsRefusal: false })
        {
            if (act.ShowsAnswer && map.Value.Find("GET", RouteMap.Api(back.Split('?')[0])) is { } shownAt)
            {
                return await ShowThing(http, desk, who, shownAt, null, shownAt: back, came: new(act, reply, Filled(form)));
            }

            return act.GivesSecret ? Page<Given>(http, who, 200, ("Act", act), ("Value", reply.Data), ("Back", back)) : See(http, $"{back}{(back.Contains('?', StringComparison.Ordinal) ? '&' : '?')}done={act.Name}");
        }

        var words = Wording.Of(http.Request);
        var why = wrong is not null ? $"{words.Member(wrong.Name)}: {words["This cannot be read."]}" : reply!.Error.GetProperty("message").GetString()!;
        var refused = new Refused(act, why, reply?.Details, Filled(form));
        var status = reply?.Status ?? StatusCodes.Status422UnprocessableEntity;
        return back.Split('?')[0] == Root ? await Overview(http, desk, map, who, refused, status)
            : map.Value.Find("GET", RouteMap.Api(back.Split('?')[0])) is { } place ? await ShowThing(http, desk, who, place, refused, status, back)
            : Page<Nothing>(http, who, 404);
    }

    /// <summary>First what it would be about, then what came of it.</summary>
    private static async Task<IResult> ActTogether(HttpContext http, OperatorDesk desk, Lazy<RouteMap> map)
    {
        if (await desk.Who(http.Request) is not { } who) return ToSignIn(http);
        if (await Own(http, who) is not { } form || map.Value.Named(ActForms.Text(form, "act")) is not { IsRead: false, GivesSecret: false } act || act.Method == HttpMethods.Put)
        {
            return Foreign(http);
        }

        string[] ids = [.. form[Batch.Ids].OfType<string>().Distinct(StringComparer.Ordinal)];
        var back = Back(ActForms.Text(form, "back"));
        if (ids.Length is 0 or > Batch.AtMost || RouteMap.Missing(act, []).ToList() is not [var name]) return See(http, back);

        var (does, items) = (ActForms.Text(form, "do") == "yes", new List<BatchItem>());
        var (request, wrong) = does ? ActForms.Request(act, form) : (null, null);
        foreach (var (n, id) in ids.Index())
        {
            var thing = map.Value.Find("GET", string.Join('/', act.Path.Split('/').Take(3)) + $"/{Uri.EscapeDataString(id)}");
            var now = thing is null ? "" : Batch.Line(await desk.Send(http, who, new(thing.Route, thing.Ids), http.RequestAborted), Wording.Of(http.Request));
            var came = request is null ? null : await desk.Send(http, who, request with { Ids = [(name, id)], Key = Batch.KeyOf(ActForms.Text(form, "key"), n) }, http.RequestAborted);
            items.Add(new(id, now, wrong is null ? came is null ? null : Batch.Line(came, Wording.Of(http.Request)) : wrong.Name, wrong is not null || came is { IsRefusal: true }));
        }

        return Page<BatchLook>(http, who, 200, ("Act", act), ("Items", (IReadOnlyList<BatchItem>)items), ("IsDone", does), ("Back", back));
    }

    /// <summary>What a route would say of a JSON Schema, and the form that it asks for: a part of a page.</summary>
    private static async Task<IResult> LookAtSchema(HttpContext http, OperatorDesk desk)
    {
        if (await desk.Who(http.Request) is not { } who || await Own(http, who) is not { } form) return Foreign(http);

        var (faults, schema) = OperatorDesk.LookAtSchema(ActForms.Text(form, "schema"));
        return Page<SchemaLook>(http, who, 200, ("Faults", faults), ("Fields", schema is { } good ? FormField.OfSchema(good) : []));
    }

    /// <summary>Server-sent events (the HTML standard, section 9.2): "changed" and nothing else, until who watches is not signed in any more or the process ends. A browser comes again by itself.</summary>
    private static async Task Changes(HttpContext http, OperatorDesk desk, DeskChanges changes, IHostApplicationLifetime lifetime)
    {
        if (await desk.Who(http.Request) is not { } who)
        {
            http.Response.StatusCode = StatusCodes.Status401Unauthorized;
            return;
        }

        http.Response.ContentType = EventStream.Type;
        using var over = CancellationTokenSource.CreateLinkedTokenSource(http.RequestAborted, lifetime.ApplicationStopping);
        try
        {
            await http.Response.WriteAsync("retry: 3000\n\n", over.Token);
            await http.Response.Body.FlushAsync(over.Token);
            await foreach (var changed in changes.Watch((who.Tenant, who.Name), over.Token))
            {
                if (await desk.Who(http.Request) is null) return;

                await http.Response.WriteAsync(changed ? "event: changed\ndata:\n\n" : EventStream.Heartbeat, over.Token);
                await http.Response.Body.FlushAsync(over.Token);
            }
        }
        catch (OperationCanceledException) when (over.IsCancellationRequested)
        {
            // Whoever watched has gone, or the process ends.
        }
    }

    private static async Task<IResult> ShowThing(HttpContext http, OperatorDesk desk, DeskOperator who, Place place, Refused? refused, int? status = null, string? shownAt = null, Came? came = null)
    {
        var given = Given(http);
        var query = QueryString.Create(given!).Value ?? "";
        var reply = await desk.Send(http, who, new(place.Route, place.Ids, query), http.RequestAborted);
        var (ofDays, progress, wallet) = (await DaysOf(http, desk, who, place, reply), await Beside("get_campaign", id => $"/admin/campaigns/{id}/progress"), await Beside("get_agent", static id => $"/admin/wallets/agent:{id}"));
        return Page<Thing>(
            http,
            who,
            status ?? reply.Status,
            shownAt ?? http.Request.Path.ToUriComponent() + query,
            ("Place", place),
            ("Reply", reply),
            ("Given", given.Where(static one => one.Key != "cursor").ToDictionary(StringComparer.Ordinal)),
            ("Named", Said(http).Where(static one => IsNamed(one.Key)).ToDictionary(StringComparer.Ordinal)),
            ("Refused", refused),
            ("Came", came),
            ("Days", ofDays),
            ("Progress", progress),
            ("Wallet", wallet),
            ("Done", refused is null ? DoneAt(http, desk) : null));

        async Task<DeskReply?> Beside(string route, Func<string, string> path) =>
            !reply.IsRefusal && place.Route.Name == route && Map(http).Find("GET", path(Uri.EscapeDataString(place.Ids[0].Value))) is { } beside && beside.Route.IsFor(who) ? await desk.Send(http, who, new(beside.Route, beside.Ids), http.RequestAborted) : null;
    }

    private static RouteMap Map(HttpContext http) => http.RequestServices.GetRequiredService<Lazy<RouteMap>>().Value;

    /// <summary>What the payments of a user, an agent or a service came to; null: it is none of these, or not for whoever looks. A campaign says so itself, to its sponsor too.</summary>
    private static async Task<DeskReply?> DaysOf(HttpContext http, OperatorDesk desk, DeskOperator who, Place place, DeskReply reply)
    {
        if (reply.IsRefusal || place.Route.Name == "get_campaign" || place is not { Route.Segments: ["admin", _, ['{', ..]], Ids: [var (name, id)] })
        {
            return null;
        }

        var days = Map(http).Find("GET", "/admin/days");
        return days is { } found && found.Route.IsFor(who) && found.Route.Parameters.ContainsKey(name)
            ? await desk.Send(http, who, new(found.Route, [], QueryString.Create(name, id).Value ?? ""), http.RequestAborted)
            : null;
    }

    internal static IReadOnlyDictionary<string, string> Filled(IFormCollection form) => form.ToDictionary(static field => field.Key, static field => field.Value.ToString(), StringComparer.Ordinal);

    // What a browser leaves empty in a form of filters is none.
    private static Dictionary<string, string> Given(HttpContext http) => Said(http).Where(static one => one.Key is not ("done" or As) && !IsNamed(one.Key)).ToDictionary(StringComparer.Ordinal);

    private static IEnumerable<KeyValuePair<string, string>> Said(HttpContext http) =>
        http.Request.Query.Where(static one => one.Value is [{ Length: > 0 }]).Select(static one => KeyValuePair.Create(one.Key, one.Value.ToString()));

    /// <summary>Whether the parameter belongs to a row's link, which opens the form of an act and fills an id into it. Such a parameter is not a filter.</summary>
    private static bool IsNamed(string key) => key == ActForms.Opened || key.StartsWith(ActForms.Id, StringComparison.Ordinal);

    /// <summary>What was done by the form that led here; null: it was none.</summary>
    private static string? DoneAt(HttpContext http, OperatorDesk desk) =>
        http.Request.Query["done"] is [{ Length: > 0 } done] && desk.Routes.Any(route => route.Name == done) ? Wording.Of(http.Request).Act(done) : null;

    internal static WholePage Page<TPage>(HttpContext http, DeskOperator? who, int status, params (string Name, object? Value)[] parameters)
        where TPage : IComponent
        => Page<TPage>(http, who, status, http.Request.Path.ToUriComponent(), parameters);

    private static WholePage Page<TPage>(HttpContext http, DeskOperator? who, int status, string path, params (string Name, object? Value)[] parameters)
        where TPage : IComponent
    {
        PageHeaders.Set(http);
        var all = parameters.ToDictionary(static one => one.Name, static one => one.Value, StringComparer.Ordinal);
        all["View"] = new View(who, Wording.Of(http.Request), http.RequestServices.GetRequiredService<Lazy<RouteMap>>().Value, path);
        return new(new RazorComponentResult(typeof(TPage), all) { StatusCode = status });
    }

    internal static WholePage Foreign(HttpContext http) => Page<Nothing>(http, null, StatusCodes.Status403Forbidden, ("Title", "The form was not accepted"), ("Why", "This form is not of this page, or too old. Open the page again."));

    /// <summary>For a browser that may not see the dashboard, or not yet.</summary>
    public static Task InsteadOfDashboard(HttpContext http, DeskOperator? who, int status, string why) =>
        (who is null ? ToSignIn(http) : Page<Nothing>(http, who, status, ("Title", "Orleans dashboard"), ("Why", why))).ExecuteAsync(http);

    internal static IResult ToSignIn(HttpContext http) => See(http, $"{SignInPath}?back={Uri.EscapeDataString(http.Request.Method == HttpMethods.Get ? http.Request.Path.ToUriComponent() + http.Request.QueryString : Root)}");

    /// <summary>RFC 9110 section 15.4.4: what comes of it is read there.</summary>
    internal static IResult See(HttpContext http, string path)
    {
        PageHeaders.Set(http);
        http.Response.Headers.Location = path;
        return Results.StatusCode(StatusCodes.Status303SeeOther);
    }

    /// <summary>Null: it is no form of a page that this browser was sent.</summary>
    internal static async Task<IFormCollection?> Own(HttpContext http, DeskOperator who) =>
        FromHere(http) && await ActForms.Read(http) is { } form && IsOwn(form, who) ? form : null;

    private static bool IsOwn(IFormCollection form, DeskOperator who) => HasCode(form, who.FormCode);

    /// <summary>Compared in constant time.</summary>
    internal static bool HasCode(IFormCollection form, string code) =>
        System.Security.Cryptography.CryptographicOperations.FixedTimeEquals(System.Text.Encoding.UTF8.GetBytes(ActForms.Text(form, "form_code")), System.Text.Encoding.UTF8.GetBytes(code));

    /// <summary>What a browser says of where a form was sent from (Fetch metadata, and Origin of RFC 6454), where it says it.</summary>
    internal static bool FromHere(HttpContext http)
    {
        var headers = http.Request.Headers;
        return headers["Sec-Fetch-Site"].ToString() is "" or "same-origin" or "none"
            && (headers.Origin.Count == 0 || (Uri.TryCreate(headers.Origin.ToString(), UriKind.Absolute, out var origin) && origin.Authority == http.Request.Host.Value));
    }

    /// <summary>A path of the console: whoever is sent back is never sent elsewhere.</summary>
    internal static string Back(string? asked) => Within(Root, asked);

    /// <summary>The page that was wanted before the sign-in: one of the console, or the dashboard, which has no sign-in of its own.</summary>
    internal static string AfterSignIn(string? asked) => IsBelow(Dashboard.Root, asked) ? asked! : Back(asked);

    /// <summary>The path that is asked for, if it is one of the pages below this root; otherwise the root.</summary>
    internal static string Within(string root, string? asked) => IsBelow(root, asked) ? asked! : root;

    private static bool IsBelow(string root, string? asked) =>
        asked is not null && (asked == root || asked.StartsWith($"{root}/", StringComparison.Ordinal) || asked.StartsWith($"{root}?", StringComparison.Ordinal)) && IsPlain(asked);

    /// <summary>A path that a browser reads as it stands.</summary>
    private static bool IsPlain(string path) =>
        !path.AsSpan().ContainsAnyExceptInRange('!', '~') && !path.Contains('\\', StringComparison.Ordinal) && !path.Contains("..", StringComparison.Ordinal) && !path.Contains("//", StringComparison.Ordinal) && !path.Contains("%2e", StringComparison.OrdinalIgnoreCase);

    internal static CookieOptions Cookie() => new() { HttpOnly = true, Secure = true, SameSite = SameSiteMode.Lax, Path = "/" };

    /// <summary>All of a list, under its filters, as a file: however many a page of it has.</summary>
    private sealed class Saved(OperatorDesk desk, DeskOperator who, Place list) : IResult
    {
        public Task ExecuteAsync(HttpContext http)
        {
            PageHeaders.Set(http);
            http.Response.Headers.ContentDisposition = $"attachment; filename=\"{list.Route.Segments[^1].Trim('{', '}')}.csv\"";
            return desk.SendCsv(http, who, new(list.Route, list.Ids, QueryString.Create(Given(http).Where(static one => one.Key != "limit")!).Value ?? ""));
        }
    }
}
