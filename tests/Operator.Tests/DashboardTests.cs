using System.Net;
using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Routing;

namespace Agora.Operator.Tests;

/// <summary>Orleans' dashboard shows the grains of every tenant, so it is behind the console's sign-in, and for operators of the default tenant who may see all of it.</summary>
public sealed partial class DashboardTests(DashboardWorld world) : IClassFixture<DashboardWorld>
{
    private const string Page = "text/html,application/xhtml+xml,*/*;q=0.8";
    private const string Json = "application/json";

    [Fact]
    public void Every_route_of_the_dashboard_is_read_by_GET_alone()
    {
        var endpoints = Endpoints();
        Assert.InRange(endpoints.Count, 20, 60);
        Assert.All(endpoints, endpoint => Assert.Equal(["GET"], endpoint.Metadata.GetRequiredMetadata<IHttpMethodMetadata>().HttpMethods)); // a route that changes something needs the console's form codes first
    }

    /// <summary>Orleans reads and compresses all files of its pages while it maps its routes: a tenth of a start, and 70 MB, for pages that most processes never show.</summary>
    [Fact]
    public async Task Its_routes_are_mapped_at_the_first_request_for_it_and_not_at_the_start()
    {
        await using var console = new ConsoleWorld();
        await console.InitializeAsync();
        Assert.Empty(EndpointsOf(console));

        using var first = await Get(console, "/dashboard/GrainTypes", null, Json, ConsoleWorld.Viewer);
        Assert.Equal(HttpStatusCode.OK, first.StatusCode);
        Assert.NotEmpty(EndpointsOf(console));
    }

    [Fact]
    public async Task Every_route_is_redirected_to_the_sign_in_or_401_without_a_sign_in()
    {
        foreach (var path in Paths())
        {
            foreach (var cookie in new[] { null, "forged.cookie" })
            {
                using var page = await Get(path, cookie, Page);
                Assert.Equal((path, HttpStatusCode.SeeOther, $"/console/sign-in?back={Uri.EscapeDataString(path)}"), (path, page.StatusCode, page.Headers.Location?.ToString()));
                using var data = await Get(path, cookie, Json);
                Assert.Equal((path, HttpStatusCode.Unauthorized), (path, data.StatusCode));
            }
        }
    }

    /// <summary>Routing ignores the case of letters, and so does the gate. ExactRoutes, which takes such a path for none, would only be the second thing to keep it shut.</summary>
    [Fact]
    public async Task Every_route_in_other_letters_is_401_without_a_sign_in()
    {
        var opened = new List<(string Path, HttpStatusCode Status)>();
        foreach (var path in Paths().SelectMany(static path => new[] { path.ToUpperInvariant(), path.Replace("/dashboard", "/Dashboard", StringComparison.Ordinal) }))
        {
            using var data = await Get(path, null, Json);
            opened.AddRange(data.StatusCode == HttpStatusCode.Unauthorized ? [] : [(path, data.StatusCode)]);
        }

        Assert.Empty(opened);
    }

    [Theory]
    [InlineData(ConsoleWorld.Admin)]
    [InlineData(ConsoleWorld.Viewer)]
    [InlineData(DashboardWorld.Runner)]
    public async Task Every_route_is_shown_to_operators_of_the_default_tenant_who_see_all_200(string key)
    {
        var signedIn = await world.Console.SignIn(key);
        foreach (var path in Paths())
        {
            using var byCookie = await Get(path, signedIn.Cookie, Page);
            using var byKey = await Get(path, null, Json, key);
            var expected = path == "/dashboard" ? HttpStatusCode.MovedPermanently : path == "/dashboard/Trace" ? HttpStatusCode.Forbidden : HttpStatusCode.OK;
            Assert.Equal((path, expected, expected), (path, byCookie.StatusCode, byKey.StatusCode));
        }
    }

    [Theory]
    [InlineData(ConsoleWorld.Sponsor, HttpStatusCode.Forbidden)]
    [InlineData(DashboardWorld.Principal, HttpStatusCode.Forbidden)]
    [InlineData(DashboardWorld.User, HttpStatusCode.Forbidden)]
    [InlineData(DashboardWorld.OtherTenant, HttpStatusCode.NotFound)]
    [InlineData(DashboardWorld.OtherTenantsViewer, HttpStatusCode.NotFound)]
    [InlineData(ConsoleWorld.OfTests, HttpStatusCode.NotFound)]
    public async Task Every_route_is_kept_from_roles_of_owners_403_and_from_other_tenants_404(string key, HttpStatusCode status)
    {
        var signedIn = await world.Console.SignIn(key);
        foreach (var path in (IEnumerable<string>)[.. Paths(), "/dashboard/no/such/page"])
        {
            using var page = await Get(path, signedIn.Cookie, Page);
            using var data = await Get(path, signedIn.Cookie, Json);
            using var byKey = await Get(path, null, Json, key);
            Assert.Equal((path, status, status, status), (path, page.StatusCode, data.StatusCode, byKey.StatusCode));
            Assert.DoesNotContain("Orleans Dashboard</title>", await page.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_refused_request_leaves_a_line_with_the_operator_or_the_address_and_the_routes_pattern()
    {
        await using var console = new ConsoleWorld();
        await console.InitializeAsync();
        foreach (var path in new[] { "/dashboard/GrainTypes", "/dashboard/", "/dashboard/no/such/page", "/dashboard/ClusterStats" })
        {
            using var stranger = await Get(console, path, null, Page);
            using var sponsor = await Get(console, path, null, Json, ConsoleWorld.Sponsor);
        }

        using var shown = await Get(console, "/dashboard/GrainTypes", null, Json, ConsoleWorld.Viewer);
        using var wrong = await Get(console, "/dashboard/GrainTypes", null, Json, "not-the-operators-key");
        const string Dashboard = "Agora.Api.Hosts.DashboardRefusals";
        Assert.Equal(
            [
                "A request without a sign-in from 127.0.0.1 was refused the dashboard (GET /dashboard/GrainTypes): 401 unauthorized, 1 in this minute",
                "Operator acme was refused the dashboard (GET /dashboard/GrainTypes): 403 forbidden",
                "A request without a sign-in from 127.0.0.1 was refused the dashboard (GET /dashboard/): 401 unauthorized, 2 in this minute",
                "Operator acme was refused the dashboard (GET /dashboard/): 403 forbidden",
                "Operator acme was refused the dashboard (GET of no route): 403 forbidden",
                "A request without a sign-in from 127.0.0.1 was refused the dashboard (GET /dashboard/ClusterStats): 401 unauthorized, 4 in this minute",
                "Operator acme was refused the dashboard (GET /dashboard/ClusterStats): 403 forbidden",
            ],
            console.Log.Of(Dashboard));
        Assert.Equal("A wrong operator key from 127.0.0.1 at GET /dashboard/GrainTypes: 1 in this minute", Assert.Single(console.Log.Of("Agora.Web.WrongKeys")));
    }

    [Fact]
    public async Task A_person_with_a_password_comes_to_the_dashboard_by_the_sign_in_that_it_was_redirected_to()
    {
        await world.Console.PutPerson("dora", "192.0.2.77");
        var browser = new Browser(world.Console.Http, null, Page);
        await browser.Open("/dashboard/");
        Assert.StartsWith("/console/sign-in?back=", browser.Address, StringComparison.Ordinal);
        await browser.Send(browser.Form("/console/sign-in/password"), ("name", "dora"), ("password", ConsoleWorld.Password), ("code", ""));

        Assert.Equal(("/dashboard/", HttpStatusCode.OK), (browser.Address, browser.Status));
        Assert.Contains("Orleans Dashboard", browser.Html, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_copied_cookie_opens_nothing_after_the_sign_out()
    {
        var browser = await world.Console.SignIn(ConsoleWorld.Viewer);
        var copy = browser.Cookie;
        using var before = await Get("/dashboard/GrainTypes", copy, Json);
        Assert.Equal(HttpStatusCode.OK, before.StatusCode);

        await browser.Send(browser.Form("/console/sign-out"));
        using var data = await Get("/dashboard/GrainTypes", copy, Json);
        using var page = await Get("/dashboard/", copy, Page);
        Assert.Equal((HttpStatusCode.Unauthorized, HttpStatusCode.SeeOther), (data.StatusCode, page.StatusCode));
    }

    [Theory]
    [InlineData("/dashboard", "/dashboard")]
    [InlineData("/dashboard/?a=b", "/dashboard/?a=b")]
    [InlineData("/dashboards", "/console")]
    [InlineData("/dashboard.evil.example", "/console")]
    [InlineData("//evil.example/dashboard", "/console")]
    [InlineData("https://evil.example/dashboard/", "/console")]
    [InlineData("/dashboard//evil.example", "/console")]
    [InlineData("/dashboard/../../evil", "/console")]
    [InlineData("/dashboard/%2e%2e/evil", "/console")]
    [InlineData("/dashboard/\\evil.example", "/console")]
    [InlineData("/dashboard/\r\nSet-Cookie: a=b", "/console")]
    public async Task The_sign_in_goes_back_to_the_dashboard_and_never_to_another_site(string back, string to)
    {
        var browser = new Browser(world.Console.Http, null);
        await browser.Open($"/console/sign-in?back={Uri.EscapeDataString(back)}");
        Assert.All(browser.Page.QuerySelectorAll("input[name=back]"), field => Assert.Equal(to, field.GetAttribute("value")));

        using var sent = new FormUrlEncodedContent([new("key", ConsoleWorld.Admin), new("back", back)]);
        using var answer = await world.Console.Http.PostAsync("/console/sign-in", sent);
        Assert.Equal((HttpStatusCode.SeeOther, to), (answer.StatusCode, answer.Headers.Location?.ToString()));
    }

    [Fact]
    public async Task Neither_a_form_of_another_site_nor_a_wrong_key_opens_it()
    {
        var browser = await world.Console.SignIn(ConsoleWorld.Admin);
        foreach (var method in new[] { HttpMethod.Post, HttpMethod.Put, HttpMethod.Delete, HttpMethod.Patch })
        {
            using var request = new HttpRequestMessage(method, "/dashboard/GrainTypes") { Headers = { { "Cookie", $"__Host-agora={browser.Cookie}" } } };
            using var answer = await world.Console.Http.SendAsync(request);
            Assert.Equal((HttpStatusCode.MethodNotAllowed, "GET"), (answer.StatusCode, string.Join(',', answer.Content.Headers.Allow)));
        }

        using var wrong = await Get("/dashboard/GrainTypes", null, Json, "not-the-operators-key");
        Assert.Equal(HttpStatusCode.Unauthorized, wrong.StatusCode);
        Assert.Contains("is not known here", await wrong.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Its_page_loads_from_this_server_alone_and_is_framed_nowhere()
    {
        var browser = await world.Console.SignIn(ConsoleWorld.Viewer);
        using var page = await Get("/dashboard/", browser.Cookie, Page);
        var policy = page.Headers.GetValues("Content-Security-Policy").Single();

        Assert.StartsWith("default-src 'none'; script-src 'self';", policy, StringComparison.Ordinal);
        Assert.Contains("frame-ancestors 'none'", policy, StringComparison.Ordinal);
        Assert.DoesNotContain("unsafe-eval", policy, StringComparison.Ordinal);
        Assert.DoesNotContain("http", policy, StringComparison.Ordinal);
        Assert.Equal(("nosniff", "DENY", true), (page.Headers.GetValues("X-Content-Type-Options").Single(), page.Headers.GetValues("X-Frame-Options").Single(), page.Headers.CacheControl?.NoStore));
    }

    /// <summary>The lines of its stream would not have gone through what takes credentials out of the log, and it would go on for an hour after the sign-out.</summary>
    [Fact]
    public async Task The_log_is_not_streamed_403()
    {
        using var answer = await Get("/dashboard/Trace", null, "*/*", ConsoleWorld.Admin);
        Assert.Equal(HttpStatusCode.Forbidden, answer.StatusCode);
    }

    [Fact]
    public async Task What_it_says_has_types_of_grains_and_neither_their_keys_nor_their_state()
    {
        await world.Console.Put("/admin/users/person-0451", """{"attributes":{"country":"secret-country"}}""");
        await world.Console.Read("/admin/users/person-0451");
        using var types = await Get("/dashboard/GrainTypes", null, Json, ConsoleWorld.Admin);
        string[] names = [.. JsonDocument.Parse(await types.Content.ReadAsStringAsync()).RootElement.EnumerateArray().Select(static name => name.GetString()!)];
        Assert.Contains(names, static name => name.EndsWith(".UserGrain", StringComparison.Ordinal));

        var states = names.Where(static name => name.StartsWith("Agora.", StringComparison.Ordinal)).Select(static name => $"/dashboard/GrainState?grainId=default/user/person-0451&grainType={Uri.EscapeDataString(name)}");
        foreach (var path in (IEnumerable<string>)[.. Paths(), .. states])
        {
            using var answer = await Get(path, null, Json, ConsoleWorld.Admin);
            var said = await answer.Content.ReadAsStringAsync();
            Assert.DoesNotContain("secret-country", said, StringComparison.Ordinal);
            Assert.DoesNotContain("person-0451", said, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task An_address_of_no_silo_is_404()
    {
        foreach (var path in Paths().Where(path => path.Contains(world.Console.Silo, StringComparison.Ordinal)))
        {
            foreach (var other in new[] { "10.0.0.1:11111@1", "no-address" })
            {
                using var answer = await Get(path.Replace(world.Console.Silo, other, StringComparison.Ordinal), null, Json, ConsoleWorld.Admin);
                Assert.Equal((path, HttpStatusCode.NotFound), (path, answer.StatusCode));
            }
        }
    }

    [Theory]
    [InlineData(ConsoleWorld.Admin, null, "Orleans dashboard")]
    [InlineData(ConsoleWorld.Viewer, "ja", "Orleans ダッシュボード")]
    [InlineData(ConsoleWorld.Sponsor, null, null)]
    [InlineData(DashboardWorld.OtherTenant, null, null)]
    public async Task The_console_links_to_it_for_those_who_may_open_it(string key, string? language, string? link)
    {
        var browser = await world.Console.SignIn(key, language);
        Assert.Equal(link, browser.Page.QuerySelector("nav a[href='/dashboard/']")?.TextContent);
    }

    [Fact]
    public async Task A_person_who_may_not_see_it_is_shown_why_in_their_language()
    {
        var browser = await world.Console.SignIn(ConsoleWorld.Sponsor, "ja");
        var page = new Browser(world.Console.Http, "ja", Page) { Cookie = browser.Cookie };
        await page.Open("/dashboard/");
        Assert.Equal((HttpStatusCode.Forbidden, "Orleans ダッシュボード"), (page.Status, page.Page.QuerySelector("h1")?.TextContent));
        Assert.Contains("役割", page.Page.QuerySelector(".refused")!.TextContent, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_the_console_it_takes_keys_and_without_the_dashboard_there_is_no_link()
    {
        await using var noConsole = new ConsoleWorld { Settings = [new("AGORA_CONSOLE", "false")] };
        await noConsole.InitializeAsync();
        using var stranger = await Get(noConsole, "/dashboard/", null, Page);
        using var operators = await Get(noConsole, "/dashboard/", null, Page, ConsoleWorld.Admin);
        Assert.Equal((HttpStatusCode.Unauthorized, HttpStatusCode.OK), (stranger.StatusCode, operators.StatusCode));

        await using var noDashboard = new ConsoleWorld { Settings = [new("AGORA_DASHBOARD", "false")] };
        await noDashboard.InitializeAsync();
        var browser = await noDashboard.SignIn(ConsoleWorld.Admin);
        Assert.Null(browser.Page.QuerySelector("nav a[href='/dashboard/']"));
        using var none = await Get(noDashboard, "/dashboard/", browser.Cookie, Page);
        Assert.Equal(HttpStatusCode.NotFound, none.StatusCode);
    }

    [ChromiumFact]
    public async Task Each_of_its_pages_works_in_Chromium_under_the_policy_and_asks_no_other_server()
    {
        await using var chromium = await InChromium.Start(world.Console);
        var page = await chromium.SignedIn(new());
        List<string> blocked = [], elsewhere = [];
        var own = world.Console.Http.BaseAddress!.GetLeftPart(UriPartial.Authority);
        page.Console += (_, line) => blocked.AddRange(line.Text.Contains("Content Security Policy", StringComparison.Ordinal) ? [line.Text] : []);
        page.Request += (_, request) => elsewhere.AddRange(request.Url.StartsWith(own, StringComparison.Ordinal) || request.Url.StartsWith("data:", StringComparison.Ordinal) ? [] : [request.Url]);

        await page.Locator("nav a[href='/dashboard/']").ClickAsync();
        await Microsoft.Playwright.Assertions.Expect(page.Locator("#content")).ToContainTextAsync("Total Activations", new() { IgnoreCase = true });
        await InChromium.Picture(page, "dashboard");
        foreach (var (address, said) in new[] { ("#/grains", "ClockGrain"), ("#/silos", "Active Silos"), ("#/lifecycle", "RuntimeInitialize"), ("#/grainDetails", "Grain"), ("#/reminders", "Reminders"), ("#/preferences", "Preferences") })
        {
            await page.Locator($"#menu a[href='{address}']").ClickAsync();
            await Microsoft.Playwright.Assertions.Expect(page.Locator("#content")).ToContainTextAsync(said);
        }

        Assert.Empty(blocked);
        Assert.Empty(elsewhere);
    }

    private IReadOnlyList<RouteEndpoint> Endpoints() => EndpointsOf(world.Console);

    private static IReadOnlyList<RouteEndpoint> EndpointsOf(ConsoleWorld console) => [.. console.Endpoints.Where(static endpoint => endpoint.RoutePattern.RawText!.TrimStart('/').StartsWith("dashboard", StringComparison.Ordinal))];

    /// <summary>A path of every endpoint, with what there is in its places.</summary>
    private IReadOnlyList<string> Paths() => [.. Endpoints().Select(static endpoint => endpoint.RoutePattern.RawText!.TrimStart('/')).Select(route => Placeholder().Replace($"/{route}", place => place.Groups[1].Value switch
    {
        "page" => "1",
        "grainName" => "Agora.Grains.UserGrain",
        "path" when route.Contains("fonts/", StringComparison.Ordinal) => "fa-solid-900.woff2",
        "path" when route.Contains("img/", StringComparison.Ordinal) => "OrleansLogo.png",
        _ => world.Console.Silo,
    })).Append("/dashboard").Distinct()];

    private Task<HttpResponseMessage> Get(string path, string? cookie, string accept, string? key = null) => Get(world.Console, path, cookie, accept, key);

    private static async Task<HttpResponseMessage> Get(ConsoleWorld console, string path, string? cookie, string accept, string? key = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.TryAddWithoutValidation("Accept", accept);
        if (cookie is not null)
        {
            request.Headers.Add("Cookie", $"__Host-agora={cookie}");
        }

        if (key is not null)
        {
            request.Headers.Authorization = new("Bearer", key);
        }

        return await console.Http.SendAsync(request);
    }

    [GeneratedRegex(@"\{\**(\w+)[^}]*\}")]
    private static partial Regex Placeholder();
}

/// <summary>A server whose keys are of every role, of two tenants.</summary>
public sealed class DashboardWorld : IAsyncLifetime
{
    public const string Runner = "runner-key-0123456789abcdef01234";
    public const string Principal = "principal-key-0123456789abcdef01";
    public const string User = "user-key-0123456789abcdef0123456";
    public const string OtherTenant = "globex-admin-key-0123456789abcde";
    public const string OtherTenantsViewer = "globex-viewer-key-0123456789abcd";

    public ConsoleWorld Console { get; } = new() { Settings = [new("AGORA_TRUSTED_PROXIES", "127.0.0.1/32")] };

    public async Task InitializeAsync()
    {
        await Console.InitializeAsync();
        await Console.Restart($"{ConsoleWorld.Operators},runs:{Runner}:operator,fleet:{Principal}:principal=acme,alice:{User}:user=alice,globex/root:{OtherTenant},globex/support:{OtherTenantsViewer}:viewer");
        using var first = await Console.Http.GetAsync(new Uri("/dashboard/", UriKind.Relative)); // its routes are in the routing table from then on
    }

    public Task DisposeAsync() => Console.DisposeAsync();
}
