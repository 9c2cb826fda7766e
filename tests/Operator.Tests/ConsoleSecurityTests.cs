using System.Net;
using System.Text.Json;

namespace Agora.Operator.Tests;

/// <summary>What somebody else's site, a stolen or forged cookie, a lesser role and what third parties wrote do not do.</summary>
public sealed class ConsoleSecurityTests(ConsoleWorld world) : IClassFixture<ConsoleWorld>
{
    [Fact]
    public async Task A_form_without_its_code_or_from_elsewhere_changes_nothing()
    {
        await world.Put("/admin/users/kept", "{}");
        var browser = await world.SignIn(ConsoleWorld.Admin);
        await browser.Open("/console/users/kept");
        var form = browser.Form("pause_user");
        var right = Browser.Fields(form, ("body.reason", "A test"));
        List<(List<KeyValuePair<string, string>> Fields, (string, string)[] Headers)> attempts =
        [
            ([.. right.Where(field => field.Key != "form_code")], []),
            ([.. right.Select(field => field.Key == "form_code" ? new(field.Key, new string('A', field.Value.Length)) : field)], []),
            (right, [("Origin", "https://evil.example")]),
            (right, [("Origin", "null")]),
            (right, [("Sec-Fetch-Site", "cross-site")]),
            (right, [("Sec-Fetch-Site", "same-site")]),
        ];
        foreach (var (fields, headers) in attempts)
        {
            await browser.Send(form, fields, headers);
            Assert.Equal((HttpStatusCode.Forbidden, "The form was not accepted"), (browser.Status, browser.Page.QuerySelector("h1")!.TextContent));
        }

        Assert.False((await world.Read("/admin/users/kept")).GetProperty("paused").GetBoolean());

        await browser.Send(form, right, ("Origin", world.Http.BaseAddress!.GetLeftPart(UriPartial.Authority)), ("Sec-Fetch-Site", "same-origin"));
        Assert.True(browser.Status == HttpStatusCode.OK, browser.Text);
        Assert.True((await world.Read("/admin/users/kept")).GetProperty("paused").GetBoolean());
    }

    [Fact]
    public async Task Another_browsers_form_code_is_none_here()
    {
        await world.Put("/admin/users/kept-too", "{}");
        var (one, other) = (await world.SignIn(ConsoleWorld.Admin), await world.SignIn(ConsoleWorld.Admin));
        await one.Open("/console/users/kept-too");
        var form = one.Form("pause_user");
        await other.Send(form, Browser.Fields(form));

        Assert.Equal(HttpStatusCode.Forbidden, other.Status);
        Assert.False((await world.Read("/admin/users/kept-too")).GetProperty("paused").GetBoolean());
    }

    [Fact]
    public async Task A_cookie_with_any_character_changed_signs_nobody_in()
    {
        var browser = await world.SignIn(ConsoleWorld.Admin);
        var right = browser.Cookie!;
        for (var at = 0; at < right.Length; at += 7)
        {
            browser.Cookie = $"{right[..at]}{(right[at] == 'A' ? 'B' : 'A')}{right[(at + 1)..]}";
            await browser.Open("/console/users");
            Assert.StartsWith("/console/sign-in", browser.Address, StringComparison.Ordinal);
        }

        foreach (var made in new[] { ".", "a.b", "e30.e30", new string('A', 5_000), "%00", "a.b.c" })
        {
            browser.Cookie = made;
            await browser.Open("/console/users");
            Assert.StartsWith("/console/sign-in", browser.Address, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task The_cookie_is_this_hosts_for_no_script_and_the_key_stands_nowhere_in_it()
    {
        var browser = new Browser(world.Http, null);
        await browser.Open("/console/sign-in");
        using var request = new HttpRequestMessage(HttpMethod.Post, "/console/sign-in") { Content = new FormUrlEncodedContent([new("key", ConsoleWorld.Admin)]) };
        using var answer = await world.Http.SendAsync(request);
        var cookie = Assert.Single(answer.Headers.GetValues("Set-Cookie"));

        Assert.All(["__Host-agora=", "; path=/", "; secure", "; httponly", "; samesite=lax"], part => Assert.Contains(part, cookie, StringComparison.OrdinalIgnoreCase));
        Assert.DoesNotContain("domain", cookie, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain(ConsoleWorld.Admin, cookie, StringComparison.Ordinal);
        Assert.DoesNotContain(Convert.ToBase64String(System.Text.Encoding.UTF8.GetBytes(ConsoleWorld.Admin)).TrimEnd('='), cookie, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_viewer_is_offered_no_act_and_may_send_none()
    {
        await world.Put("/admin/users/watched", "{}");
        var (viewer, admin) = (await world.SignIn(ConsoleWorld.Viewer), await world.SignIn(ConsoleWorld.Admin));
        await viewer.Open("/console/users/watched");
        Assert.Equal(HttpStatusCode.OK, viewer.Status);
        Assert.False(viewer.Offers("pause_user"));

        await admin.Open("/console/users/watched");
        var code = viewer.Page.QuerySelector("input[name=form_code]")!.GetAttribute("value")!;
        await viewer.Send(admin.Form("pause_user"), [.. Browser.Fields(admin.Form("pause_user")).Select(field => field.Key == "form_code" ? new(field.Key, code) : field)]);

        Assert.Equal(HttpStatusCode.Forbidden, viewer.Status);
        Assert.False((await world.Read("/admin/users/watched")).GetProperty("paused").GetBoolean());
    }

    [Fact]
    public async Task A_sponsor_sees_its_own_campaigns_and_no_others()
    {
        var sponsor = await world.SignIn(ConsoleWorld.Sponsor);
        await sponsor.Open("/console/campaigns");
        Assert.Contains("own", sponsor.Page.QuerySelectorAll("td").Select(cell => cell.TextContent.Trim()));
        Assert.DoesNotContain("theirs", sponsor.Text, StringComparison.Ordinal);

        await sponsor.Open("/console/campaigns/theirs");
        Assert.Equal(HttpStatusCode.NotFound, sponsor.Status);

        await sponsor.Open("/console/users");
        Assert.Equal(HttpStatusCode.Forbidden, sponsor.Status);
    }

    [Fact]
    public async Task What_others_wrote_is_text_wherever_it_is_shown()
    {
        const string Attack = "<script>alert(1)</script><img src=x onerror=alert(2)>\"'><b>";
        await world.Put("/admin/campaigns/attack", ConsoleWorld.Campaign("other", Attack));
        await world.Put("/admin/agents/attack", "{}");
        await world.Put("/admin/users/attack", JsonSerializer.Serialize(new { attributes = new Dictionary<string, string> { ["note"] = Attack } }));
        var browser = await world.SignIn(ConsoleWorld.Admin);
        foreach (var address in new[] { "/console/campaigns", "/console/campaigns/attack", "/console/agents", "/console/agents/attack", "/console/users/attack", $"/console/search?q={Uri.EscapeDataString(Attack)}", $"/console/users?done={Uri.EscapeDataString(Attack)}&agent={Uri.EscapeDataString(Attack)}" })
        {
            await browser.Open(address);
            Assert.Empty(browser.Page.QuerySelectorAll("script:not([src^='/console/assets/']), img, main b:not(.refused b)"));
        }
    }

    [Fact]
    public async Task No_page_has_a_script_or_style_within_it_and_all_say_so_to_browsers()
    {
        var browser = await world.SignIn(ConsoleWorld.Admin);
        foreach (var address in new[] { "/console", "/console/users/alice", "/console/campaigns/own", "/console/sign-in", "/console/nothing" })
        {
            await browser.Open(address);
            var policy = Assert.Single(browser.Answer.Headers.GetValues("Content-Security-Policy"));
            Assert.DoesNotContain("unsafe", policy, StringComparison.Ordinal);
            Assert.All(["default-src 'none'", "frame-ancestors 'none'", "base-uri 'none'", "form-action 'self'"], part => Assert.Contains(part, policy, StringComparison.Ordinal));
            Assert.Empty(browser.Page.QuerySelectorAll("[style], style, script:not([src]), [onclick], [onload]"));
            Assert.Equal("no-store", browser.Answer.Headers.CacheControl!.ToString());
            Assert.Equal("nosniff", Assert.Single(browser.Answer.Headers.GetValues("X-Content-Type-Options")));
        }

        await browser.Open(browser.Page.QuerySelector("link[rel=stylesheet]")!.GetAttribute("href")!);
        Assert.Contains("immutable", browser.Answer.Headers.CacheControl!.ToString(), StringComparison.Ordinal);
        await browser.Open("/console/assets/nothing.css");
        Assert.Equal(HttpStatusCode.NotFound, browser.Status);
    }

    [Theory]
    [InlineData("https://evil.example/")]
    [InlineData("//evil.example/console/")]
    [InlineData("/console\\..\\evil")]
    [InlineData("/consolevil")]
    [InlineData("/console/%2e%2E/evil")]
    [InlineData("/console/\r\nSet-Cookie: a=b")]
    [InlineData("javascript:alert(1)")]
    public async Task Nobody_is_sent_elsewhere_after_signing_in(string back)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/console/sign-in") { Content = new FormUrlEncodedContent([new("key", ConsoleWorld.Admin), new("back", back)]) };
        using var answer = await world.Http.SendAsync(request);

        Assert.Equal(HttpStatusCode.SeeOther, answer.StatusCode);
        Assert.Equal("/console", answer.Headers.Location!.ToString());
    }

    [Fact]
    public async Task Whoever_signed_in_by_a_key_signs_in_again_after_12_hours()
    {
        await using var later = new ConsoleWorld();
        await later.InitializeAsync();
        var browser = await later.SignIn(ConsoleWorld.Admin);

        later.Clock.Move(TimeSpan.FromHours(12) - TimeSpan.FromMinutes(2));
        await browser.Open("/console/users");
        Assert.Equal("/console/users", browser.Address);

        later.Clock.Move(TimeSpan.FromMinutes(2));
        await browser.Open("/console/users");
        Assert.StartsWith("/console/sign-in", browser.Address, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Whoever_has_signed_out_or_whose_key_is_gone_signs_in_again()
    {
        var (browser, support) = (await world.SignIn(ConsoleWorld.Admin), await world.SignIn(ConsoleWorld.Viewer));
        await browser.Send(browser.Form("/console/sign-out"));
        Assert.Null(browser.Cookie);
        await browser.Open("/console/users");
        Assert.StartsWith("/console/sign-in", browser.Address, StringComparison.Ordinal);

        await world.Restart($"support:{ConsoleWorld.Viewer}:operator");
        var again = new Browser(world.Http, null) { Cookie = support.Cookie };
        await again.Open("/console/users/alice");
        Assert.True(again.Offers("pause_user"), "The role is that of now.");

        await world.Restart($"support:{ConsoleWorld.Sponsor}:viewer");
        var gone = new Browser(world.Http, null) { Cookie = support.Cookie };
        await gone.Open("/console/users");
        Assert.StartsWith("/console/sign-in", gone.Address, StringComparison.Ordinal);
        await world.Restart(ConsoleWorld.Operators);
    }
}
