namespace Agora.Operator.Tests;

/// <summary>Signing out ends the sign-in at the server: a copy of its cookie opens nothing afterwards, on any process.</summary>
public sealed class SignOutTests(ConsoleWorld world) : IClassFixture<ConsoleWorld>
{
    [Theory]
    [InlineData(ConsoleWorld.Admin)]
    [InlineData(ConsoleWorld.Sponsor)]
    public async Task A_copied_cookie_of_a_key_is_refused_after_its_sign_out_and_after_a_restart(string key)
    {
        await using var own = new ConsoleWorld();
        await own.InitializeAsync();
        var (browser, other) = (await own.SignIn(key), await own.SignIn(key));
        var copy = new Browser(own.Http, null) { Cookie = browser.Cookie };

        await browser.Send(browser.Form("/console/sign-out"));

        Assert.StartsWith("/console/sign-in", browser.Address, StringComparison.Ordinal);
        await SignedOut(copy);
        await other.Open("/console/campaigns");
        Assert.Equal("/console/campaigns", other.Address);

        await own.RestartInPlace();
        await SignedOut(new Browser(own.Http, null) { Cookie = copy.Cookie });
    }

    [Fact]
    public async Task An_act_with_a_copied_cookie_and_its_form_after_the_sign_out_changes_nothing()
    {
        await world.Put("/admin/users/kept-out", "{}");
        var browser = await world.SignIn(ConsoleWorld.Admin);
        var copy = new Browser(world.Http, null) { Cookie = browser.Cookie };
        await copy.Open("/console/users/kept-out");
        var form = copy.Form("pause_user");

        await browser.Send(browser.Form("/console/sign-out"));
        await copy.Send(form, ("body.reason", "A test"));

        Assert.False((await world.Read("/admin/users/kept-out")).GetProperty("paused").GetBoolean());
    }

    [Fact]
    public async Task Signing_out_everywhere_ends_every_sign_in_of_a_key_and_none_of_another()
    {
        await using var own = new ConsoleWorld();
        await own.InitializeAsync();
        var (one, other, another) = (await own.SignIn(ConsoleWorld.Admin), await own.SignIn(ConsoleWorld.Admin), await own.SignIn(ConsoleWorld.Viewer));
        var copies = new[] { one.Cookie, other.Cookie };
        await one.Open("/console/account");
        var form = one.Page.Forms.First(form => form.QuerySelector("button[value=everywhere]") is not null);
        await one.Send(form, [.. Browser.Fields(form), new("do", "everywhere")]);
        Assert.Equal("/console/sign-in?done=everywhere", one.Address);

        foreach (var copy in copies) await SignedOut(new Browser(own.Http, null) { Cookie = copy });
        await another.Open("/console/campaigns");
        Assert.Equal("/console/campaigns", another.Address);
        Assert.Equal("/console", (await own.SignIn(ConsoleWorld.Admin)).Address);
    }

    private static async Task SignedOut(Browser browser)
    {
        var cookie = browser.Cookie;
        await browser.Open("/console/campaigns");
        Assert.StartsWith("/console/sign-in", browser.Address, StringComparison.Ordinal);
        browser.Cookie = cookie;
    }
}
