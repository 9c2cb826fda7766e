using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Playwright;

namespace Agora.Operator.Tests;

/// <summary>The console in Chromium, beside agents that spend meanwhile.</summary>
public sealed class InBrowserTests(ConsoleWorld world) : IClassFixture<ConsoleWorld>, IAsyncLifetime
{
    private const string Schema = """{"type":"object","required":["rating"],"properties":{"rating":{"type":"integer","minimum":1,"maximum":5}}}""";

    private WebApplication _service = null!;
    private InChromium? _chromium;

    public async Task InitializeAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        _service = builder.Build();
        _service.Urls.Add("http://127.0.0.1:0");
        _service.MapPost("/run", static () => Results.Json(new { output = new { text = "done" } }));
        await _service.StartAsync();
        _chromium = Chromium.Path is null ? null : await InChromium.Start(world);
    }

    public async Task DisposeAsync()
    {
        await (_chromium?.DisposeAsync() ?? default);
        await _service.DisposeAsync();
    }

    [ChromiumFact]
    public async Task An_operator_makes_a_market_sees_an_agent_spend_live_lifts_a_cap_and_stops_it()
    {
        var page = await SignedIn(new());
        await Do(page, "/console/services", "put_service", ("id.service_id", "upper"), ("body.name", "Upper"), ("body.description", "Says it again"), ("body.category", "text"), ("body.price_cents", "25"), ("body.endpoint", _service.Urls.First() + "/run"), ("body.provider", "texts"));
        await page.GotoAsync("/console/campaigns");
        await page.Locator(".acts details:has(input[name=act][value=put_campaign]) > summary").ClickAsync();
        var schema = page.Locator("textarea[data-schema]");
        await schema.FillAsync("""{"type":"object","properties":{"rating":{"type":"number of stars"}}}""");
        await Assertions.Expect(page.Locator(".look .refused")).ToContainTextAsync("/properties/rating/type");
        await schema.FillAsync(Schema);
        await Assertions.Expect(page.Locator(".look .preview")).ToContainTextAsync("Rating");
        await Picture(page, "schema");
        await Do(page, "/console/campaigns", "put_campaign", ("id.campaign_id", "tasting"), ("body.sponsor", "Acme"), ("body.task.name", "Tasting"), ("body.task.type", "survey"), ("body.task.description", "One question"), ("body.task.schema", Schema), ("body.task.data_types", "preferences"), ("body.task.consents", "data_sharing"), ("body.services.0.service_id", "upper"), ("body.runs_per_completion", "100"));
        await Do(page, "/console/campaigns/tasting", "fund_campaign", ("body.amount_cents", "1000"));
        await Assertions.Expect(page.Locator("figure.limit figcaption").First).ToContainTextAsync("$10.00 free");
        await Do(page, "/console/users", "put_user", ("id.user_id", "bob"), ("body.daily_cap_cents", "40"));

        var token = await Session("bob");
        await page.GotoAsync("/console/payments?user_id=bob");
        Assert.Equal(200, (await Run(token)).Status);
        await Assertions.Expect(page.Locator("main table")).ToContainTextAsync("$0.25");

        await page.Locator("main table a").First.ClickAsync();
        await Assertions.Expect(page.Locator("h1")).ToContainTextAsync("Payment");
        await Assertions.Expect(page.Locator("main")).ToContainTextAsync("tasting");
        await Picture(page, "payment");
        var slow = new TaskCompletionSource();
        await page.RouteAsync(static address => address.Contains("/verify", StringComparison.Ordinal), async script =>
        {
            await slow.Task;
            await script.ContinueAsync();
        });
        await page.Locator("nav.links a", new() { HasTextString = "Receipt" }).ClickAsync();
        await Assertions.Expect(page.Locator(".verify button")).ToBeDisabledAsync(); // until its script is there
        slow.SetResult();
        await page.Locator(".verify button").ClickAsync();
        await Assertions.Expect(page.Locator(".verify output")).ToContainTextAsync("Verified in this browser: 0.25 USD");

        var (status, refused) = await Run(token);
        Assert.Equal(("budget_exceeded", true), (CodeOf(refused), status >= 400));
        await page.GotoAsync("/console/refusals?user_id=bob");
        await Assertions.Expect(page.Locator("main table")).ToContainTextAsync("daily_cap");
        await page.Locator("main table a").First.ClickAsync();
        await Assertions.Expect(page.Locator("figure.limit figcaption").First).ToContainTextAsync("$0.25 spent · $0.00 held · $0.15 free · of $0.40");
        await page.Locator(".offered [name='body.reason']").FillAsync("Asked by phone");
        await Picture(page, "refusal");
        await page.Locator(".offered form button").ClickAsync();
        await Assertions.Expect(page.Locator("[role=status].done")).ToContainTextAsync("Done:");
        await Assertions.Expect(page.Locator("figure.limit figcaption").First).ToContainTextAsync("of $0.50");
        await page.GotoAsync("/console/users/bob/limits");
        await Picture(page, "limits");
        await page.GotoAsync("/console/users/bob");
        await Picture(page, "user");
        Assert.Equal(200, (await Run(token)).Status);

        await Do(page, "/console/users/bob", "pause_user", ("body.reason", "Looks odd"));
        Assert.NotEqual(200, (await Run(token)).Status);
        await page.GotoAsync("/console/acts?target_id=bob");
        await Assertions.Expect(page.Locator("main table")).ToContainTextAsync("Looks odd");
        await page.GotoAsync("/console");
        await Picture(page, "console");
    }

    [ChromiumFact]
    public async Task A_page_that_is_open_goes_on_showing_what_changes_after_the_server_was_restarted()
    {
        var page = await SignedIn(new());
        await page.GotoAsync("/console/users");
        await world.RestartInPlace();
        await page.WaitForTimeoutAsync(3_500);
        await world.Put("/admin/users/came-later", "{}");
        await Assertions.Expect(page.Locator("main table")).ToContainTextAsync("came-later");
    }

    [ChromiumFact]
    public async Task A_telephone_in_Japanese_and_in_the_dark_shows_all_without_scrolling_sideways()
    {
        var page = await SignedIn(new() { ViewportSize = new() { Width = 400, Height = 800 }, Locale = "ja-JP", ColorScheme = ColorScheme.Dark });
        foreach (var path in new[] { "/console", "/console/users", "/console/users/alice", "/console/campaigns/own", "/console/search?q=alice" })
        {
            await page.GotoAsync(path);
            Assert.Equal("ja", await page.Locator("html").GetAttributeAsync("lang"));
            Assert.True(await page.EvaluateAsync<bool>("document.documentElement.scrollWidth <= 400"), $"{path} is wider than the screen");
            Assert.Equal("rgb(21, 23, 27)", await page.EvaluateAsync<string>("getComputedStyle(document.body).backgroundColor"));
        }

        await page.GotoAsync("/console/users/alice");
        await Picture(page, "console-ja");
    }

    [ChromiumFact]
    public async Task All_is_reached_by_the_keyboard_from_the_search_box_to_an_act()
    {
        var page = await SignedIn(new());
        await page.GotoAsync("/console/users/alice");
        await page.Keyboard.PressAsync("Tab");
        Assert.Equal("#main", await page.EvaluateAsync<string>("document.activeElement.getAttribute('href')"));
        for (var n = 0; n < 60 && !await page.EvaluateAsync<bool>("document.activeElement.matches('.acts summary')"); n++)
        {
            await page.Keyboard.PressAsync("Tab");
        }

        await page.Keyboard.PressAsync("Enter");
        Assert.Equal(1, await page.Locator(".acts details[open]").CountAsync());
    }

    [ChromiumFact]
    public async Task A_user_approves_and_pauses_by_a_link_on_a_telephone_in_Japanese()
    {
        await world.Put("/admin/users/hanako", """{"daily_cap_cents":500}""");
        await world.Put("/admin/users/hanako/grants/a1", """{"scopes":{"allowed_task_types":["*"],"allowed_data_types":["*"],"allowed_categories":["*"],"allowed_consents":["*"],"budget_limit_cents":100},"require_approval_above_cents":1}""");
        await world.Agent("/admin/wallets/agent:a1/deposit", ConsoleWorld.Admin, """{"amount_cents":100}""");
        var token = (await world.Agent("/agent/auth", ConsoleWorld.Platform, """{"agent_id":"a1","user_id":"hanako"}""")).Body.GetProperty("data").GetProperty("token").GetString()!;
        await world.Agent("/agent/services/summary/run", token, """{"input":{"text":"x"},"pay_with":"wallet","max_price_cents":5}""");
        var link = (await world.Agent("/admin/users/hanako/link", ConsoleWorld.Admin, "{}")).Body.GetProperty("data").GetProperty("link").GetString()!;

        var page = await Page(new() { ViewportSize = new() { Width = 400, Height = 800 }, Locale = "ja-JP" });
        await page.GotoAsync(new Uri(world.Http.BaseAddress!, link).PathAndQuery);
        await page.Locator("main button").ClickAsync();
        await Assertions.Expect(page.Locator(".waiting")).ToContainTextAsync("$0.05");
        Assert.True(await page.EvaluateAsync<bool>("document.documentElement.scrollWidth <= 400"), "it is wider than the screen");
        await Picture(page, "own-user-ja");
        await page.Locator(".waiting button").First.ClickAsync();
        await Assertions.Expect(page.Locator("[role=status].done")).ToBeVisibleAsync();
        Assert.Equal(1, (await world.Read("/admin/approvals?user_id=hanako&state=approved")).GetProperty("approvals").GetArrayLength());

        var pause = page.Locator(".acts details:has(input[name=act][value=pause_user])");
        await pause.Locator("> summary").ClickAsync();
        await pause.Locator("[name='body.reason']").FillAsync("もう十分です");
        await pause.Locator("button").ClickAsync();
        await Assertions.Expect(page.Locator("[role=status].done")).ToBeVisibleAsync();
        Assert.True((await world.Read("/admin/users/hanako")).GetProperty("paused").GetBoolean());
    }

    [ChromiumFact]
    public async Task Without_a_script_all_of_it_is_there()
    {
        var page = await SignedIn(new() { JavaScriptEnabled = false });
        await Do(page, "/console/users", "put_user", ("id.user_id", "scriptless"), ("body.daily_cap_cents", "700"));
        await Do(page, "/console/users/scriptless", "put_raise", ("body.daily_cap_cents", "900"), ("body.until", DateTimeOffset.UtcNow.AddHours(1).ToString("yyyy-MM-dd'T'HH:mm", CultureInfo.InvariantCulture)), ("body.reason", "For an hour"));
        await Assertions.Expect(page.Locator("figure.limit figcaption").First).ToContainTextAsync("of $9.00");
        await page.GotoAsync("/console");
        await Assertions.Expect(page.Locator(".chart").First).ToContainTextAsync("Runs a second");
    }

    [ChromiumFact]
    public async Task Times_are_in_the_zone_of_whoever_looks_and_say_it_and_stay_so_when_the_page_is_read_again()
    {
        await world.Put("/admin/users/timed", "{}");
        var page = await SignedIn(new() { TimezoneId = "Asia/Tokyo" });
        await page.GotoAsync("/console/acts");
        var time = page.Locator("main time").First;
        await Assertions.Expect(time).ToContainTextAsync("GMT+9");

        var at = DateTimeOffset.Parse((await time.GetAttributeAsync("datetime"))!, CultureInfo.InvariantCulture);
        Assert.Equal($"{at.ToOffset(TimeSpan.FromHours(9)):yyyy-MM-dd HH:mm:ss} GMT+9", await time.TextContentAsync());
        Assert.Equal($"{at.UtcDateTime:yyyy-MM-dd HH:mm:ss} UTC", await time.GetAttributeAsync("title"));

        await world.Put("/admin/users/timed-later", "{}");
        await Assertions.Expect(page.Locator("main")).ToContainTextAsync("timed-later"); // read again, by its script
        await Assertions.Expect(page.Locator("main time").First).ToContainTextAsync("GMT+9");
    }

    [ChromiumFact]
    public async Task A_row_of_a_service_is_no_higher_than_its_words_whatever_its_schema()
    {
        await world.Put("/admin/services/brief", """{"name":"Brief","description":"Has a brief schema","category":"text","provider":"texts","endpoint":"https://texts.example/run","price_cents":5,"input_schema":{"type":"object"}}""");
        var members = string.Join(',', Enumerable.Range(0, 30).Select(static n => $$"""
            "m{{n}}":{"type":"string"}
            """));
        await world.Put("/admin/services/long", """{"name":"Long","description":"Has a long schema","category":"text","provider":"texts","endpoint":"https://texts.example/run","price_cents":5,"input_schema":{"type":"object","properties":{""" + members + "}}}");
        var page = await SignedIn(new());
        await page.GotoAsync("/console/services");

        foreach (var row in await page.Locator("main tbody tr").AllAsync()) Assert.InRange((await row.BoundingBoxAsync())!.Height, 1, 60);
    }

    [AxeFact]
    public async Task No_page_has_a_barrier_that_axe_calls_serious()
    {
        await world.Put("/admin/users/axed", """{"daily_cap_cents":500}""");
        var axe = await File.ReadAllTextAsync(AxeFactAttribute.Script);
        foreach (var scheme in new[] { ColorScheme.Light, ColorScheme.Dark })
        {
            var page = await SignedIn(new() { ColorScheme = scheme, BypassCSP = true });
            foreach (var path in new[] { "/console", "/console/users", "/console/users/axed", "/console/users/axed/limits", "/console/campaigns/own", "/console/journal/user/axed", "/console/policies/replay", "/console/approvals", "/console/health", "/console/nothing" })
            {
                await page.GotoAsync(path);
                await page.EvaluateAsync("for (const one of document.querySelectorAll('.acts > details')) one.open = true");
                await page.EvaluateAsync(axe);
                var found = await page.EvaluateAsync<string[]>("axe.run().then(({ violations }) => violations.filter(({ impact }) => impact === 'serious' || impact === 'critical').map(({ id, nodes }) => `${id}: ${nodes[0].html}`))");
                Assert.True(found.Length == 0, $"{path} ({scheme}): {string.Join("; ", found)}");
            }
        }
    }

    private Task<IPage> Page(BrowserNewContextOptions options) => _chromium!.Page(options);

    private Task<IPage> SignedIn(BrowserNewContextOptions options) => _chromium!.SignedIn(options);

    private static async Task Do(IPage page, string where, string act, params (string Name, string Value)[] filled)
    {
        await page.GotoAsync(where);
        var form = page.Locator($".acts details:has(input[name=act][value={act}])");
        await form.Locator("> summary").ClickAsync();
        foreach (var (name, value) in filled) await form.Locator($"[name='{name}']").FillAsync(value);
        await form.Locator("button").ClickAsync();
        await Assertions.Expect(page.Locator("[role=status].done, [role=alert]").First).ToContainTextAsync("Done:");
    }

    private async Task<string> Session(string user)
    {
        const string All = """["*"]""";
        var (status, opened) = await world.Agent("/agent/auth", ConsoleWorld.Platform, $$$"""
            {"agent_id":"a1","user_id":"{{{user}}}","scopes":{"allowed_task_types":{{{All}}},"allowed_data_types":{{{All}}},"allowed_categories":{{{All}}},"allowed_consents":{{{All}}},"budget_limit_cents":1000}}
            """);
        Assert.True(status == 201, opened.ToString());
        var token = opened.GetProperty("data").GetProperty("token").GetString()!;
        await Eventually(() => world.Agent("/agent/tasks/tasting/complete", token, """{"output":{"rating":5},"consents":[{"type":"data_sharing","granted":true}]}"""), 201);
        return token;
    }

    private async Task<(int Status, JsonElement Body)> Run(string token) => await Eventually(() => world.Agent("/agent/services/upper/run", token, """{"input":{"text":"again"}}"""), 200, "budget_exceeded", "session_suspended");

    // What operators put is found by agents within a second.
    private static async Task<(int Status, JsonElement Body)> Eventually(Func<Task<(int Status, JsonElement Body)>> ask, int status, params string[] or)
    {
        for (var n = 0; ; n++)
        {
            var answer = await ask();
            if (answer.Status == status || or.Contains(CodeOf(answer.Body))) return answer;

            Assert.True(n < 20, answer.Body.ToString());
            await Task.Delay(250);
        }
    }

    private static string? CodeOf(JsonElement body) => body.TryGetProperty("error", out var error) && error.ValueKind == JsonValueKind.Object ? error.GetProperty("code").GetString() : null;

    private static Task Picture(IPage page, string name) => InChromium.Picture(page, name);
}

/// <summary>Where there is no Chromium the test is skipped by name.</summary>
public sealed class ChromiumFactAttribute : FactAttribute
{
    public ChromiumFactAttribute() => Skip = Chromium.Path is null ? Chromium.Missing : null;
}

internal static class Chromium
{
    public const string Missing = "Chromium is missing: apt-get install chromium";

    public static readonly string? Path = new[] { "/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome" }.FirstOrDefault(File.Exists);
}
