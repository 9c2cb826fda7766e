using System.Buffers.Text;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using Agora.Api.Desk;
using Agora.Core.Kernel;
using AngleSharp.Html.Dom;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Playwright;

namespace Agora.Operator.Tests;

/// <summary>People sign in at the console by a provider of another maker: what it says of them counts, and what others make of its answers does not.</summary>
public sealed class OpenIdTests(OpenIdWorld world) : IClassFixture<OpenIdWorld>
{
    private const string SignedIn = "__Host-agora";
    private const string NotBegun = "was not begun in this browser";

    [ProviderTheory]
    [InlineData("corp", "erika", "corp/erika", true)]
    [InlineData("corp", "sepp", "corp/sepp", false)]
    [InlineData("open", "erika", "open/erika", true)]
    [InlineData("corp", "of-two-audiences-for-us", "corp/of-two-audiences-for-us", true)]
    public async Task Whoever_signs_in_sees_the_page_that_was_wanted_with_the_role_of_the_claim(string issuer, string account, string name, bool isAdmin)
    {
        var visitor = Visitor();
        await Return(visitor, issuer, account, "/console/users/alice");
        await visitor.Open(visitor.Halted!.ToString());

        Assert.Equal((HttpStatusCode.OK, "/console/users/alice"), (visitor.Status, visitor.Address.PathAndQuery));
        Assert.Contains(name, visitor.Page.QuerySelector("header .who")!.TextContent, StringComparison.Ordinal);
        Assert.Equal(isAdmin, visitor.Page.QuerySelector("input[name=act][value=pause_user]") is not null);
        Assert.Null(visitor[OpenIdSignIns.Cookie]);
    }

    [ProviderFact]
    public async Task The_provider_is_asked_for_a_code_with_S256_and_the_cookie_is_this_hosts_for_ten_minutes()
    {
        var visitor = Visitor();
        await Begin(visitor, "corp", "/console");
        var cookie = Assert.Single(visitor.Answer.Headers.GetValues("Set-Cookie"));
        var address = new Uri(Assert.Single(visitor.Page.QuerySelectorAll("main a")).GetAttribute("href")!);
        var query = QueryHelpers.ParseQuery(address.Query);

        Assert.All(["__Host-agora-flow=", "; path=/", "; secure", "; httponly", "; samesite=lax", "; max-age=600"], part => Assert.Contains(part, cookie, StringComparison.OrdinalIgnoreCase));
        Assert.Equal($"0; url={address.OriginalString}", Assert.Single(visitor.Answer.Headers.GetValues("Refresh")));
        Assert.Equal($"{world.Issuer}/auth", address.GetLeftPart(UriPartial.Path));
        Assert.Equal(("code", "console", $"{world.Origin}/console/sign-in/back", "openid profile", "S256"), (query["response_type"].ToString(), query["client_id"].ToString(), query["redirect_uri"].ToString(), query["scope"].ToString(), query["code_challenge_method"].ToString()));
        Assert.All(["state", "nonce", "code_challenge"], name => Assert.Equal(43, query[name].ToString().Length));
        Assert.Contains("form-action 'self'", Assert.Single(visitor.Answer.Headers.GetValues("Content-Security-Policy")), StringComparison.Ordinal);
        Assert.Equal("no-store", visitor.Answer.Headers.CacheControl!.ToString());
    }

    [ProviderFact]
    public async Task No_sign_in_begins_by_looking_or_by_a_form_from_elsewhere()
    {
        foreach (var (method, name, value) in new[] { (HttpMethod.Get, "Accept", "text/html"), (HttpMethod.Post, "Sec-Fetch-Site", "cross-site"), (HttpMethod.Post, "Origin", "https://evil.example") })
        {
            using var request = new HttpRequestMessage(method, "/console/sign-in/with/corp") { Content = method == HttpMethod.Post ? new FormUrlEncodedContent([new("back", "/console")]) : null };
            request.Headers.TryAddWithoutValidation(name, value);
            using var answer = await world.Console.Http.SendAsync(request);

            Assert.Equal(method == HttpMethod.Get ? HttpStatusCode.SeeOther : HttpStatusCode.Forbidden, answer.StatusCode);
            Assert.False(answer.Headers.Contains("Set-Cookie"));
            Assert.False(answer.Headers.Contains("Refresh"));
        }
    }

    [ProviderFact]
    public async Task An_issuer_that_is_none_is_not_found()
    {
        var visitor = Visitor();
        await visitor.Open("/console/sign-in");
        visitor.Page.QuerySelector("form[action='/console/sign-in/with/corp']")!.SetAttribute("action", "/console/sign-in/with/nobody");
        await visitor.Send(Form(visitor, "/console/sign-in/with/nobody"));

        Assert.Equal((HttpStatusCode.NotFound, "Nobody signs in with nobody here."), (visitor.Status, Why(visitor)));
    }

    [ProviderFact]
    public async Task Another_state_or_none_or_one_that_stands_there_twice_signs_nobody_in()
    {
        foreach (var change in new Func<string, string>[] { static query => query.Replace("state=", "state=A", StringComparison.Ordinal), static query => query.Replace("state=", "estate=", StringComparison.Ordinal), static query => $"{query}&state=other" })
        {
            var visitor = Visitor();
            await Return(visitor, "corp", "erika");
            await visitor.Open(change(visitor.Halted!.ToString()));
            Refused(visitor, HttpStatusCode.BadRequest, NotBegun);
            Assert.Null(visitor[OpenIdSignIns.Cookie]);
        }
    }

    [ProviderFact]
    public async Task An_answer_counts_in_the_browser_that_began_only()
    {
        var (attacker, victim, stranger) = (Visitor(), Visitor(), Visitor());
        await Return(attacker, "corp", "erika");
        await Begin(victim, "corp", "/console");

        await victim.Open(attacker.Halted!.ToString());
        Refused(victim, HttpStatusCode.BadRequest, NotBegun);
        await stranger.Open(attacker.Halted.ToString());
        Refused(stranger, HttpStatusCode.BadRequest, NotBegun);
    }

    [ProviderFact]
    public async Task Another_browsers_code_under_the_right_state_is_refused_for_its_verifier()
    {
        var (attacker, victim) = (Visitor(), Visitor());
        await Return(attacker, "corp", "erika");
        await Return(victim, "corp", "sepp");
        var (theirs, own) = (QueryHelpers.ParseQuery(attacker.Halted!.Query), QueryHelpers.ParseQuery(victim.Halted!.Query));
        await victim.Open(victim.Halted.ToString().Replace(own["code"]!, theirs["code"]!, StringComparison.Ordinal));

        Refused(victim, HttpStatusCode.Unauthorized, "corp does not take the code");
    }

    [ProviderFact]
    public async Task An_answer_that_comes_again_signs_nobody_in()
    {
        var visitor = Visitor();
        await Return(visitor, "corp", "erika");
        var (answer, flow) = (visitor.Halted!.ToString(), visitor[OpenIdSignIns.Cookie]);
        await visitor.Open(answer);
        Assert.NotNull(visitor[SignedIn]);

        visitor[SignedIn] = null;
        await visitor.Open(answer);
        Refused(visitor, HttpStatusCode.BadRequest, NotBegun);
        visitor[OpenIdSignIns.Cookie] = flow;
        await visitor.Open(answer);
        Refused(visitor, HttpStatusCode.BadRequest, NotBegun);
    }

    [ProviderFact]
    public async Task An_answer_that_says_another_issuer_or_none_is_refused()
    {
        foreach (var change in new Func<string, string>[] { static query => query.Replace("iss=", "iss=https%3A%2F%2Fevil.example", StringComparison.Ordinal), static query => query.Replace("iss=", "miss=", StringComparison.Ordinal) })
        {
            var visitor = Visitor();
            await Return(visitor, "corp", "erika");
            await visitor.Open(change(visitor.Halted!.ToString()));
            Refused(visitor, HttpStatusCode.BadRequest, "The answer is of another issuer than corp.");
        }
    }

    [ProviderFact]
    public async Task A_token_with_the_nonce_of_another_sign_in_is_refused()
    {
        var visitor = Visitor();
        await Return(visitor, "corp", "erika", change: static address => address.Replace("nonce=", "nonce=A", StringComparison.Ordinal));
        await visitor.Open(visitor.Halted!.ToString());

        Refused(visitor, HttpStatusCode.Unauthorized, "its nonce is not the one that was sent");
    }

    [ProviderTheory]
    [InlineData("of-another-audience", "The token is for another audience.")]
    [InlineData("of-two-audiences", "The token was issued to another client: its claim azp says so.")]
    [InlineData("of-another-party", "The token was issued to another client: its claim azp says so.")]
    [InlineData("of-another-party-alone", "The token was issued to another client: its claim azp says so.")]
    [InlineData("of-another-issuer", "The token is of another issuer.")]
    [InlineData("of-no-nonce", "The token is of another sign-in: its nonce is not the one that was sent.")]
    [InlineData("of-no-time", "The token does not say when it was issued: its claim iat is missing.")]
    [InlineData("of-yesterday", "The token has expired; sign in again.")]
    [InlineData("of-another-key", "The token's signature is wrong.")]
    public async Task What_a_token_says_wrongly_signs_nobody_in(string account, string why)
    {
        var visitor = Visitor();
        await Return(visitor, "corp", account);
        await visitor.Open(visitor.Halted!.ToString());

        Refused(visitor, HttpStatusCode.Unauthorized, why);
    }

    [ProviderFact]
    public async Task Whoever_signed_in_by_a_token_signs_in_again_when_it_has_ended()
    {
        await using var later = new OpenIdWorld();
        await later.InitializeAsync();
        var visitor = new Visitor(later.Console.Http, OpenIdSignIns.ReturnPath);
        await Return(visitor, "corp", "of-five-minutes");
        await visitor.Open(visitor.Halted!.ToString());

        later.Console.Clock.Move(TimeSpan.FromMinutes(4));
        await visitor.Open("/console/users");
        Assert.Equal("/console/users", visitor.Address.AbsolutePath);

        later.Console.Clock.Move(TimeSpan.FromMinutes(2));
        await visitor.Open("/console/users");
        Assert.Equal("/console/sign-in", visitor.Address.AbsolutePath);
    }

    [ProviderFact]
    public async Task Whoever_has_no_role_is_told_which_claim_was_looked_at()
    {
        var visitor = Visitor();
        await Return(visitor, "corp", "tom");
        await visitor.Open(visitor.Halted!.ToString());

        Refused(visitor, HttpStatusCode.Forbidden, "the claim “groups” of the token of corp names none that is known");
    }

    [ProviderFact]
    public async Task Whoever_turns_back_at_the_provider_reads_so()
    {
        var visitor = Visitor();
        await Begin(visitor, "corp", "/console");
        await visitor.Open(visitor.Page.QuerySelector("main a")!.GetAttribute("href")!);
        await visitor.Open(visitor.Page.QuerySelector("a[href$='/abort']")!.GetAttribute("href")!);
        await visitor.Open(visitor.Halted!.ToString());

        Refused(visitor, HttpStatusCode.Unauthorized, "corp did not sign you in: access_denied.");
        Assert.Null(visitor[OpenIdSignIns.Cookie]);
    }

    [ProviderFact]
    public async Task What_is_no_answer_of_a_token_endpoint_is_a_bad_gateway()
    {
        var visitor = Visitor();
        await Return(visitor, "corp", "of-nonsense");
        await visitor.Open(visitor.Halted!.ToString());

        Refused(visitor, HttpStatusCode.BadGateway, "corp answered what is not understood here.");
    }

    [ProviderTheory]
    [InlineData("https://evil.example/")]
    [InlineData("//evil.example/console/")]
    [InlineData("/consolevil")]
    [InlineData("/console\\..\\evil")]
    [InlineData("javascript:alert(1)")]
    [InlineData(null)]
    public async Task Nobody_is_sent_elsewhere_after_signing_in(string? back)
    {
        var visitor = Visitor();
        await Return(visitor, "corp", "erika", back ?? $"/console/{new string('a', 1_025)}");
        await visitor.Open(visitor.Halted!.ToString());

        Assert.Equal((HttpStatusCode.OK, $"{world.Origin}/console"), (visitor.Status, visitor.Address.ToString()));
        Assert.NotNull(visitor[SignedIn]);
    }

    [ProviderFact]
    public async Task A_cookie_of_a_sign_in_that_we_did_not_make_or_that_is_too_old_is_none()
    {
        static string Made(long until, string label = "agora.desk-flow.v1\n")
        {
            var said = Encoding.ASCII.GetBytes($"{until}\ncorp\nstate\nnonce\nverifier\n/console");
            return $"{Base64Url.EncodeToString(said)}.{Base64Url.EncodeToString(HMACSHA256.HashData(Convert.FromBase64String(OpenIdWorld.TokenKey), (byte[])[.. Encoding.UTF8.GetBytes(label), .. said]))}";
        }

        var (visitor, now) = (Visitor(), DateTimeOffset.UtcNow.ToUnixTimeSeconds());
        foreach (var cookie in new[] { Made(now - 1), Made(now + 600, "agora.desk-sign-in.v1\n"), Made(now + 600)[..^1], "a.b", "a", "%00", new string('A', 4_000) })
        {
            visitor[OpenIdSignIns.Cookie] = cookie;
            await visitor.Open("/console/sign-in/back?state=state&code=x");
            Refused(visitor, HttpStatusCode.BadRequest, NotBegun);
        }

        // What is one goes on to the provider, which knows no such code.
        visitor[OpenIdSignIns.Cookie] = Made(now + 600);
        await visitor.Open($"/console/sign-in/back?state=state&code=x&iss={Uri.EscapeDataString(world.Issuer)}");
        Refused(visitor, HttpStatusCode.Unauthorized, "corp does not take the code");
        visitor[SignedIn] = Made(now + 600);
        await visitor.Open("/console/users");
        Assert.Equal("/console/sign-in", visitor.Address.AbsolutePath);
    }

    [ProviderFact]
    public async Task An_issuer_that_is_away_is_said_to_be()
    {
        await using var leaving = new OpenIdWorld();
        await leaving.InitializeAsync();
        var visitor = new Visitor(leaving.Console.Http, OpenIdSignIns.ReturnPath);
        await Return(visitor, "corp", "erika");
        await leaving.End();
        var answer = visitor.Halted!.ToString();
        for (var times = 0; times < 2; times++)
        {
            await visitor.Open(answer);
            Refused(visitor, HttpStatusCode.ServiceUnavailable, "corp cannot be reached."); // also when the page is opened again: its sign-in is not over
        }
    }

    [Fact]
    public async Task An_issuer_that_was_never_there_is_said_to_be_away_in_either_language()
    {
        await using var alone = new ConsoleWorld { Settings = [new("AGORA_ISSUERS", OpenIdWorld.Trusting("http://localhost:1"))] };
        await alone.InitializeAsync();
        foreach (var (language, offered, why) in new[] { ("en", "Sign in with corp", "corp cannot be reached."), ("ja", "corp でサインイン", "corp に接続できません。") })
        {
            var browser = new Browser(alone.Http, language);
            await browser.Open("/console/sign-in?back=/console/users");
            Assert.Contains(offered, browser.Text, StringComparison.Ordinal);
            await browser.Send(browser.Form("/console/sign-in/with/corp"));

            Assert.Equal(HttpStatusCode.ServiceUnavailable, browser.Status);
            Assert.StartsWith(why, browser.Page.QuerySelector("[role=alert]")!.TextContent, StringComparison.Ordinal);
            Assert.Equal("/console/users", browser.Form("/console/sign-in").QuerySelector("[name=back]")!.GetAttribute("value"));
        }
    }

    /// <summary>Otherwise a visitor with such an answer could have the issuer asked in our name again and again.</summary>
    [Fact]
    public async Task A_code_that_the_issuer_refused_is_not_sent_to_it_again()
    {
        await using var issuer = await HeldIssuer.Start();
        issuer.Answer();
        await using var console = new ConsoleWorld { Settings = [new("AGORA_ISSUERS", OpenIdWorld.Trusting(issuer.Name)), new("AGORA_OUTBOUND_ALLOW", "127.0.0.1/32")] };
        await console.InitializeAsync();
        var visitor = new Visitor(console.Http, OpenIdSignIns.ReturnPath);
        await Begin(visitor, "corp", "/console");
        var (answer, flow) = (AnswerTo(visitor), visitor[OpenIdSignIns.Cookie]);

        await visitor.Open(answer);
        Refused(visitor, HttpStatusCode.Unauthorized, "corp does not take the code");
        visitor[OpenIdSignIns.Cookie] = flow;
        await visitor.Open(answer);

        Refused(visitor, HttpStatusCode.BadRequest, NotBegun);
        Assert.Equal(1, issuer.Codes);
    }

    [Fact]
    public async Task Of_one_address_three_codes_are_redeemed_at_once_and_another_address_is_not_kept_waiting()
    {
        await using var issuer = await HeldIssuer.Start();
        await using var console = new ConsoleWorld { Settings = [new("AGORA_ISSUERS", OpenIdWorld.Trusting(issuer.Name)), new("AGORA_TRUSTED_PROXIES", "127.0.0.1/32"), new("AGORA_OUTBOUND_ALLOW", "127.0.0.1/32")] };
        await console.InitializeAsync();
        var states = new List<(Visitor Visitor, string Address)>();
        foreach (var from in Enumerable.Repeat("203.0.113.1", Limits.IssuerCodesOfOne + 1).Append("203.0.113.2"))
        {
            var visitor = new Visitor(console.From(from), OpenIdSignIns.ReturnPath);
            await Begin(visitor, "corp", "/console");
            states.Add((visitor, AnswerTo(visitor)));
        }

        console.Clock.HoldsTimers = true;
        var first = states[..Limits.IssuerCodesOfOne].Select(static one => one.Visitor.Open(one.Address)).ToList();
        await issuer.Came(Limits.IssuerCodesOfOne, Hang.Timeout);
        var (tooMany, elsewhere) = (states[^2], states[^1]);
        await tooMany.Visitor.Open(tooMany.Address);
        var other = elsewhere.Visitor.Open(elsewhere.Address);
        await issuer.Came(1, Hang.Timeout);

        Refused(tooMany.Visitor, HttpStatusCode.ServiceUnavailable, "Too many people sign in");
        Assert.Equal(TimeSpan.FromSeconds(1), tooMany.Visitor.Answer.Headers.RetryAfter!.Delta);
        Assert.Equal(Limits.IssuerCodesOfOne + 1, issuer.Codes);
        issuer.Answer();
        await Task.WhenAll([.. first, other]);
        foreach (var (visitor, _) in states.Where(one => one != tooMany)) Refused(visitor, HttpStatusCode.Unauthorized, "corp does not take the code");
    }

    [Fact]
    public async Task Codes_of_strangers_take_no_place_of_an_address_that_has_signed_in_before()
    {
        const string Known = "198.51.100.1";
        await using var issuer = await HeldIssuer.Start();
        await using var console = new ConsoleWorld { Settings = [new("AGORA_ISSUERS", OpenIdWorld.Trusting(issuer.Name)), new("AGORA_TRUSTED_PROXIES", "127.0.0.1/32"), new("AGORA_OUTBOUND_ALLOW", "127.0.0.1/32")] };
        await console.InitializeAsync();
        await console.PutPerson("erika", Known);
        await ConsoleWorld.SignInByPassword(new(console.From(Known), null), "erika");
        var strangers = new List<Visitor>();
        foreach (var from in Enumerable.Range(1, Limits.IssuerCodesAtOnce + 1).Select(static n => $"203.0.113.{n}"))
        {
            strangers.Add(new(console.From(from), OpenIdSignIns.ReturnPath));
            await Begin(strangers[^1], "corp", "/console");
        }

        var known = new Visitor(console.From(Known), OpenIdSignIns.ReturnPath);
        await Begin(known, "corp", "/console");
        console.Clock.HoldsTimers = true;
        var first = strangers[..^1].Select(static one => one.Open(AnswerTo(one))).ToList();
        await issuer.Came(Limits.IssuerCodesAtOnce, Hang.Timeout);
        await strangers[^1].Open(AnswerTo(strangers[^1]));
        Refused(strangers[^1], HttpStatusCode.ServiceUnavailable, "Too many people sign in");
        var own = known.Open(AnswerTo(known));
        await issuer.Came(1, Hang.Timeout);

        issuer.Answer();
        await Task.WhenAll([.. first, own]);
        Refused(known, HttpStatusCode.Unauthorized, "corp does not take the code");
    }

    /// <summary>A browser's own rules: what its policy lets a form lead to, and which cookies come back from another site.</summary>
    [ProviderInChromiumFact]
    public async Task In_Chromium_without_a_script_a_button_leads_to_the_provider_and_back()
    {
        using var playwright = await Playwright.CreateAsync();
        await using var chromium = await playwright.Chromium.LaunchAsync(new() { ExecutablePath = Chromium.Path, Args = ["--no-sandbox"] });
        foreach (var withScript in new[] { true, false })
        {
            var page = await (await chromium.NewContextAsync(new() { BaseURL = world.Origin, JavaScriptEnabled = withScript })).NewPageAsync();
            await page.GotoAsync("/console/users/alice");
            await page.Locator("form[action='/console/sign-in/with/corp'] button").ClickAsync();
            await page.Locator("input[name=login]").FillAsync("sepp");
            await page.Locator("input[name=password]").FillAsync("any");
            await page.Locator("button[type=submit]").ClickAsync();
            await page.Locator("button[type=submit]:has-text('Continue')").ClickAsync();

            await Assertions.Expect(page.Locator("header .who")).ToContainTextAsync("corp/sepp");
            Assert.Equal($"{world.Origin}/console/users/alice", page.Url);
        }
    }

    private Visitor Visitor() => new(world.Console.Http, OpenIdSignIns.ReturnPath);

    private static IHtmlFormElement Form(Visitor visitor, string action) => visitor.Page.Forms.First(form => form.GetAttribute("action") == action);

    /// <summary>With a code that no issuer gave.</summary>
    private static string AnswerTo(Visitor begun) =>
        $"{OpenIdSignIns.ReturnPath}?state={QueryHelpers.ParseQuery(new Uri(begun.Page.QuerySelector("main a")!.GetAttribute("href")!).Query)["state"]}&code=made-up";

    private static async Task Begin(Visitor visitor, string issuer, string back)
    {
        await visitor.Open("/console/sign-in");
        await visitor.Send(Form(visitor, $"/console/sign-in/with/{issuer}"), ("back", back));
        Assert.True(visitor.Status == HttpStatusCode.OK, visitor.Text);
    }

    /// <summary>Signs in at the provider, up to where it sends the browser back.</summary>
    private static async Task Return(Visitor visitor, string issuer, string account, string back = "/console", Func<string, string>? change = null)
    {
        await Begin(visitor, issuer, back);
        var address = visitor.Page.QuerySelector("main a")!.GetAttribute("href")!;
        await visitor.Open(change is null ? address : change(address));
        await visitor.Send(visitor.Page.Forms[0], ("login", account), ("password", "any"));
        await visitor.Send(visitor.Page.Forms[0]);
        Assert.True(visitor.Halted is not null, visitor.Text);
    }

    private static string Why(Visitor visitor) => visitor.Page.QuerySelector("[role=alert]")!.TextContent;

    private static void Refused(Visitor visitor, HttpStatusCode status, string why)
    {
        Assert.Equal(status, visitor.Status);
        Assert.Contains(why, Why(visitor), StringComparison.Ordinal);
        Assert.Null(visitor[SignedIn]);
    }
}
