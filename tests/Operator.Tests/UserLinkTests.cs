using System.Diagnostics;
using System.Net;
using System.Text;
using Agora.Api.Desk;
using Agora.Core.Access;

namespace Agora.Operator.Tests;

/// <summary>The person whose money agents spend, who comes by a link.</summary>
public sealed class UserLinkTests(ConsoleWorld world) : IClassFixture<ConsoleWorld>
{
    [Fact]
    public async Task A_link_opens_the_users_pages_when_it_is_followed_and_not_when_it_is_looked_at()
    {
        var browser = new Browser(world.Http, null);
        var link = await Link("linked");
        await browser.Open(link);
        Assert.Equal((HttpStatusCode.OK, null), (browser.Status, browser.Cookie));

        await Enter(browser, link);

        Assert.Equal((HttpStatusCode.OK, "/console"), (browser.Status, browser.Address));
        Assert.NotNull(browser.Page.QuerySelector(".tree"));
        Assert.True(browser.Offers("pause_user") && browser.Offers("lower_caps") && browser.Offers("erase_user"));
        Assert.False(browser.Offers("put_user") || browser.Offers("put_raise") || browser.Offers("patch_user"));
        foreach (var list in browser.Page.QuerySelectorAll("body > nav a").Select(entry => entry.GetAttribute("href")!).ToList())
        {
            await browser.Open(list);
            Assert.True(browser.Status == HttpStatusCode.OK, $"{list}: {browser.Status} {browser.Text}");
            Assert.Null(browser.Page.QuerySelector(".refused"));
        }
    }

    /// <summary>For a second whoever signed in is still believed.</summary>
    [Fact]
    public async Task Whoever_came_by_a_link_to_a_test_tenant_that_begins_anew_finds_nothing_and_no_fault()
    {
        await world.Agent("/test/reset", ConsoleWorld.OfTests, """{"confirm":"default"}""");
        using var user = await world.Http.SendAsync(Asked(HttpMethod.Put, "/admin/users/tested", "{}"));
        using var made = await world.Http.SendAsync(Asked(HttpMethod.Post, "/admin/users/tested/link", "{}"));
        var link = System.Text.Json.JsonElement.Parse(await made.Content.ReadAsStringAsync()).GetProperty("data").GetProperty("link").GetString();
        var browser = new Browser(world.Http, null);
        await Enter(browser, new Uri(new Uri("http://localhost"), link).AbsolutePath);
        Assert.Equal(HttpStatusCode.OK, browser.Status);
        await browser.Open("/console/users/tested");
        Assert.Equal(HttpStatusCode.OK, browser.Status);

        Assert.Equal(200, (await world.Agent("/test/reset", ConsoleWorld.OfTests, """{"confirm":"default"}""")).Status);

        await SignedOut(browser, "/console/users/tested");

        Assert.Equal("/console/sign-in", browser.Address.Split('?')[0]);

        static HttpRequestMessage Asked(HttpMethod method, string path, string body) =>
            new(method, path) { Content = new StringContent(body, Encoding.UTF8, "application/json"), Headers = { { "Authorization", $"Bearer {ConsoleWorld.OfTests}" } } };
    }

    [Fact]
    public async Task A_user_lowers_caps_and_raises_none()
    {
        var browser = await Entered("lowering", """{"daily_cap_cents":500,"attributes":{"country":"DE"}}""");
        await browser.Send(browser.Form("lower_caps"), ("body.daily_cap_cents", "100"), ("body.monthly_cap_cents", "900"));
        Assert.Equal(HttpStatusCode.OK, browser.Status);
        var user = await world.Read("/admin/users/lowering");
        Assert.Equal((100, 900, "DE"), (user.GetProperty("daily_cap_cents").GetInt32(), user.GetProperty("monthly_cap_cents").GetInt32(), user.GetProperty("attributes").GetProperty("country")[0].GetString()));

        await browser.Send(browser.Form("lower_caps"), ("body.daily_cap_cents", "101"));
        Assert.Equal(HttpStatusCode.UnprocessableEntity, browser.Status);
        Assert.Equal(100, (await world.Read("/admin/users/lowering")).GetProperty("daily_cap_cents").GetInt32());
    }

    [Fact]
    public async Task A_user_pauses_and_resumes_and_lifts_no_pause_of_an_operators()
    {
        var browser = await Entered("pausing", "{}");
        await browser.Send(browser.Form("pause_user"), ("body.reason", "Enough"));
        Assert.True((await world.Read("/admin/users/pausing")).GetProperty("paused").GetBoolean());
        Assert.False(browser.Offers("pause_user"), "It is paused.");
        Assert.Contains("nothing is spent in your name", browser.Text, StringComparison.Ordinal);
        await browser.Send(browser.Form("resume_user"), ("body.reason", "Go on"));
        Assert.False((await world.Read("/admin/users/pausing")).GetProperty("paused").GetBoolean());
        Assert.True(browser.Offers("pause_user") && !browser.Offers("resume_user"), "It goes on.");

        await Post("/admin/users/pausing/pause", """{"reason":"Fraud"}""");
        await browser.Open("/console");
        await browser.Send(browser.Form("resume_user"), ("body.reason", "Let me"));
        Assert.Equal(HttpStatusCode.Forbidden, browser.Status);
        Assert.True((await world.Read("/admin/users/pausing")).GetProperty("paused").GetBoolean());
    }

    [Fact]
    public async Task A_user_approves_what_waits_for_it_and_nobody_elses()
    {
        var (own, others) = (await Waits("approving"), await Waits("another"));
        var browser = await Entered("approving");

        var form = browser.Page.QuerySelector(".waiting form") as AngleSharp.Html.Dom.IHtmlFormElement;
        Assert.Equal(own, form!.QuerySelector("[name='id.run_id']")!.GetAttribute("value"));
        var fields = form.QuerySelectorAll("input").Select(field => KeyValuePair.Create(field.GetAttribute("name")!, field.GetAttribute("value") ?? "")).Append(new("body.decision", "approve")).ToList();
        await browser.Send(form, fields);
        Assert.True(browser.Status == HttpStatusCode.OK, browser.Text);
        Assert.Equal("operator:user/approving", (await world.Read("/admin/approvals?user_id=approving&state=approved")).GetProperty("approvals")[0].GetProperty("decided_by").GetString());

        await browser.Send(form, [.. fields.Select(field => field.Key == "id.run_id" ? new(field.Key, others) : field.Key == "key" ? new(field.Key, Guid.NewGuid().ToString()) : field)]);
        Assert.Equal(HttpStatusCode.NotFound, browser.Status);
        Assert.Equal(1, (await world.Read("/admin/approvals?user_id=another")).GetProperty("approvals").GetArrayLength());
    }

    [Fact]
    public async Task A_user_sees_nothing_of_others_by_any_route()
    {
        await Waits("watched");
        var browser = await Entered("prying");
        var seen = new List<string>();
        foreach (var route in world.Routes.Where(static route => route.IsRead))
        {
            var path = route.Path.Replace("{user_id}", "watched", StringComparison.Ordinal).Replace("{kind}", "user", StringComparison.Ordinal).Replace("{entity_id}", "watched", StringComparison.Ordinal);
            foreach (var query in new[] { "", "?user_id=watched", "?agent_id=a1" })
            {
                await browser.Open(RouteMap.Page(path.Replace('{', 'x').Replace('}', 'x')) + query);
                if (browser.Status == HttpStatusCode.OK)
                {
                    seen.Add($"{route.Name}{query}");
                }
            }
        }

        Assert.Empty(seen);
        await browser.Open("/console/sessions?user_id=prying");
        Assert.Equal(HttpStatusCode.OK, browser.Status);
    }

    [Fact]
    public async Task A_link_that_was_changed_or_is_over_opens_nothing()
    {
        var link = await Link("strict");
        var (path, end) = (link[..^1], link[^1]);
        foreach (var wrong in new[] { path + (end == 'A' ? 'B' : 'A'), link.Replace("strict", "alice", StringComparison.Ordinal), link.Replace(".0.", ".1.", StringComparison.Ordinal), "/console/enter/aul_alice.0.99999999999.AAAA", "/console/enter/aul_alice.0.AAAA", "/console/enter/aul_alice..9.AAAA", "/console/enter/x" })
        {
            var browser = new Browser(world.Http, null);
            await Enter(browser, wrong);
            Assert.Equal((HttpStatusCode.NotFound, null), (browser.Status, browser.Cookie));
        }

        var refused = await world.Agent("/admin/users/strict/link", ConsoleWorld.Admin, """{"expires_in_seconds":604801}""");
        Assert.Equal(422, refused.Status);
        Assert.Equal(403, (await world.Agent("/admin/users/strict/link", ConsoleWorld.Viewer, "{}")).Status);
    }

    [Theory]
    [InlineData("by-operator")]
    [InlineData("by-user")]
    public async Task Links_that_were_ended_open_nothing_and_whoever_came_by_one_is_signed_out(string user)
    {
        var (first, second) = (await Link(user), await Link(user));
        var (browser, other) = (new Browser(world.Http, null), new Browser(world.Http, null));
        await Enter(browser, first);
        await Enter(other, second);
        if (user == "by-user")
        {
            await browser.Send(browser.Form("end_links"));
        }
        else
        {
            using var request = new HttpRequestMessage(HttpMethod.Delete, $"/admin/users/{user}/link") { Headers = { { "Authorization", $"Bearer {ConsoleWorld.Admin}" }, { "Idempotency-Key", "end" } } };
            using var ended = await world.Http.SendAsync(request);
            Assert.True(ended.IsSuccessStatusCode);
        }

        await SignedOut(browser, "/console/sessions?user_id=" + user);
        await other.Open("/console");
        Assert.True(IsSignedOut(browser) && IsSignedOut(other));
        var late = new Browser(world.Http, null);
        await Enter(late, second);
        Assert.Equal((HttpStatusCode.NotFound, null), (late.Status, late.Cookie));

        await Enter(late, await Link(user)); // at once, though the end was read a moment ago
        Assert.Equal(HttpStatusCode.OK, late.Status);
        var admin = await world.SignIn(ConsoleWorld.Admin);
        foreach (var (one, has) in new[] { (user, true), ("unlinked", false) })
        {
            await world.Put("/admin/users/unlinked", "{}");
            await admin.Open($"/console/users/{one}");
            Assert.Equal(has, admin.Offers("end_links"));
            Assert.Equal(has, (await world.Read($"/admin/users/{one}")).TryGetProperty("links_until", out _));
        }
    }

    [Fact]
    public async Task A_link_that_was_made_before_its_user_was_erased_opens_nothing_and_who_came_by_it_is_signed_out()
    {
        var link = await Link("forgotten");
        var browser = new Browser(world.Http, null);
        await Enter(browser, link);
        Assert.False(IsSignedOut(browser));

        using var request = new HttpRequestMessage(HttpMethod.Delete, "/admin/users/forgotten/personal-data") { Headers = { { "Authorization", $"Bearer {ConsoleWorld.Admin}" }, { "Idempotency-Key", "erase" } } };
        using var erased = await world.Http.SendAsync(request);
        Assert.True(erased.IsSuccessStatusCode, await erased.Content.ReadAsStringAsync());

        await SignedOut(browser, "/console/sessions?user_id=forgotten");
        var late = new Browser(world.Http, null);
        await Enter(late, link);
        Assert.Equal((true, HttpStatusCode.NotFound, null), (IsSignedOut(browser), late.Status, late.Cookie));
    }

    [Theory]
    [InlineData("Sec-Fetch-Site", "cross-site")]
    [InlineData("Origin", "https://evil.example")]
    public async Task A_link_that_is_followed_by_a_form_from_elsewhere_signs_nobody_in(string name, string value)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, await Link("framed")) { Content = new FormUrlEncodedContent([]) };
        request.Headers.TryAddWithoutValidation(name, value);
        using var answer = await world.Http.SendAsync(request);

        Assert.Equal(HttpStatusCode.Forbidden, answer.StatusCode);
        Assert.False(answer.Headers.Contains("Set-Cookie"));
    }

    [Fact]
    public async Task No_page_that_a_link_opens_has_its_address_told_to_what_it_loads()
    {
        foreach (var link in new[] { await Link("referred"), "/console/enter/aul_x.1.y" })
        {
            using var answer = await world.Http.GetAsync(link);
            Assert.Equal("strict-origin", answer.Headers.GetValues("Referrer-Policy").Single());
        }

        var browser = new Browser(world.Http, null);
        await Enter(browser, "/console/enter/aul_x.1.y");
        Assert.Equal("strict-origin", browser.Answer.Headers.GetValues("Referrer-Policy").Single());
    }

    [Fact]
    public async Task What_is_refused_of_what_the_first_page_offers_is_told_on_it()
    {
        await Waits("late");
        var browser = await Entered("late");
        var form = (AngleSharp.Html.Dom.IHtmlFormElement)browser.Page.QuerySelector(".waiting form")!;
        var fields = form.QuerySelectorAll("input").Select(field => KeyValuePair.Create(field.GetAttribute("name")!, field.GetAttribute("name") == "id.run_id" ? Guid.NewGuid().ToString() : field.GetAttribute("value") ?? "")).Append(new("body.decision", "approve")).ToList();
        await browser.Send(form, fields);

        Assert.Equal(HttpStatusCode.NotFound, browser.Status);
        Assert.NotEmpty(browser.Page.QuerySelector("p[role=alert]")!.TextContent);
        Assert.NotNull(browser.Page.QuerySelector(".waiting form"));

        var admin = await world.SignIn(ConsoleWorld.Admin);
        await admin.Open("/console");
        var own = (AngleSharp.Html.Dom.IHtmlFormElement)admin.Page.QuerySelector(".waiting form")!;
        await admin.Send(own, own.QuerySelectorAll("input").Select(field => KeyValuePair.Create(field.GetAttribute("name")!, field.GetAttribute("name") == "id.run_id" ? Guid.NewGuid().ToString() : field.GetAttribute("value") ?? "")).Append(new("body.decision", "deny")).ToList());
        Assert.Equal(HttpStatusCode.NotFound, admin.Status);
        Assert.NotEmpty(admin.Page.QuerySelector("p[role=alert]")!.TextContent);
    }

    [Fact]
    public async Task Each_link_of_a_users_pages_leads_to_one_that_the_user_may_see()
    {
        await Waits("crawled");
        var browser = await Entered("crawled");
        var (seen, waiting) = (new HashSet<string>(StringComparer.Ordinal), new Queue<string>(["/console"]));
        while (waiting.TryDequeue(out var address) && seen.Count < 200)
        {
            if (!seen.Add(address)) continue;

            await browser.Open(address);
            Assert.True(browser.Status == HttpStatusCode.OK || (browser.Status == HttpStatusCode.NotFound && browser.Text.Contains("one that is under way is shown by its session", StringComparison.Ordinal)), $"{address}: {browser.Status}");
            foreach (var link in browser.Page.QuerySelectorAll("main a[href^='/console'], nav a[href^='/console']").Select(static one => one.GetAttribute("href")!)) waiting.Enqueue(link.Split('#')[0]);
        }

        Assert.InRange(seen.Count, 10, 199);
    }

    [Fact]
    public void What_is_of_the_installation_is_offered_to_no_other_tenant_and_a_list_to_whoever_names_what_it_owns_or_need_not()
    {
        DeskOperator Of(string tenant) => new(tenant, "op", Role.Admin, null, DateTimeOffset.MaxValue, "");

        Assert.Contains(world.Routes, route => route.IsFor(Of("default")) && !route.IsFor(Of("acme")));
        Assert.All(world.Routes.Where(route => !route.IsFor(Of("acme"))), route => Assert.True(route.OfInstallation, route.Name));

        var (sponsor, campaigns, payments) = (Of("default") with { Roles = Role.Sponsor, Owner = "acme" }, Route("list_campaigns"), Route("list_payments"));
        Assert.True(campaigns.IsFor(sponsor, "/admin/campaigns") && payments.IsFor(sponsor, "/admin/payments?campaign_id=own"));
        Assert.False(payments.IsFor(sponsor, "/admin/payments") || payments.IsFor(sponsor, "/admin/payments?user_id=alice"));

        OperatorRoute Route(string name) => world.Routes.Single(route => route.Name == name);
    }

    /// <summary>What a process has read of a user counts for a second.</summary>
    private static async Task SignedOut(Browser browser, string page)
    {
        for (var since = Stopwatch.StartNew(); since.Elapsed < Hang.Timeout && !IsSignedOut(browser); await Task.Delay(100))
        {
            await browser.Open(page);
            Assert.True((int)browser.Status < 500, $"{browser.Status} {browser.Text}");
        }
    }

    private static bool IsSignedOut(Browser browser) => browser.Address.StartsWith("/console/sign-in", StringComparison.Ordinal);

    private async Task<string> Link(string user)
    {
        if (!(await world.Read("/admin/users?limit=100")).GetProperty("users").EnumerateArray().Any(one => one.GetProperty("user_id").GetString() == user))
        {
            await world.Put($"/admin/users/{user}", "{}");
        }

        var made = await world.Agent($"/admin/users/{user}/link", ConsoleWorld.Admin, "{}");
        Assert.Equal(200, made.Status);
        return new Uri(new Uri("http://localhost"), made.Body.GetProperty("data").GetProperty("link").GetString()).AbsolutePath;
    }

    private async Task<Browser> Entered(string user, string? caps = null)
    {
        if (caps is not null)
        {
            await world.Put($"/admin/users/{user}", caps);
        }

        var browser = new Browser(world.Http, null);
        await Enter(browser, await Link(user));
        Assert.Equal(HttpStatusCode.OK, browser.Status);
        return browser;
    }

    private static async Task Enter(Browser browser, string link)
    {
        await browser.Open(link);
        var form = (AngleSharp.Html.Dom.IHtmlFormElement)browser.Page.QuerySelector("main form")!;
        form.SetAttribute("action", link);
        await browser.Send(form);
    }

    /// <returns>The run that waits.</returns>
    private async Task<string> Waits(string user)
    {
        await world.Put($"/admin/users/{user}", "{}");
        await world.Put($"/admin/users/{user}/grants/a1", """{"scopes":{"allowed_task_types":["*"],"allowed_data_types":["*"],"allowed_categories":["*"],"allowed_consents":["*"],"budget_limit_cents":100},"require_approval_above_cents":1}""");
        await Post("/admin/wallets/agent:a1/deposit", """{"amount_cents":100}""");
        var opened = await world.Agent("/agent/auth", ConsoleWorld.Platform, $$"""{"agent_id":"a1","user_id":"{{user}}"}""");
        var asked = await world.Agent("/agent/services/summary/run", opened.Body.GetProperty("data").GetProperty("token").GetString()!, """{"input":{"text":"x"},"pay_with":"wallet","max_price_cents":5}""");
        Assert.True(asked.Status is 202 or 402 or 403, asked.Body.GetRawText());
        return (await world.Read($"/admin/approvals?user_id={user}")).GetProperty("approvals")[0].GetProperty("run_id").GetString()!;
    }

    private async Task Post(string path, string body)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Headers = { { "Authorization", $"Bearer {ConsoleWorld.Admin}" }, { "Idempotency-Key", Guid.NewGuid().ToString() } }, Content = new StringContent(body, Encoding.UTF8, "application/json") };
        using var answer = await world.Http.SendAsync(request);
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync());
    }
}
