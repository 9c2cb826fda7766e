using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Agora.Core.Kernel;

namespace Agora.Operator.Tests;

/// <summary>People with a password: how they come to one, sign in, and are signed out.</summary>
public sealed class AccountTests(ConsoleWorld world) : IClassFixture<ConsoleWorld>
{
    private const string Good = "correct horse battery";

    [Fact]
    public async Task The_first_person_is_put_at_the_console_chooses_a_password_and_signs_in()
    {
        await using var fresh = new ConsoleWorld();
        await fresh.InitializeAsync();
        var browser = await fresh.SignIn(ConsoleWorld.Admin);
        Assert.Contains("Nobody signs in with a password yet", browser.Text, StringComparison.Ordinal);
        await browser.Open(browser.Page.QuerySelector("main p.done a")!.GetAttribute("href")!);
        await browser.Send(browser.Form("put_person"), ("id.person_id", "ann"), ("body.role", "operator"));
        await browser.Open("/console/people/ann");
        await browser.Send(browser.Form("issue_person_code"));
        var code = browser.Page.QuerySelectorAll("dd").Select(value => value.TextContent.Trim()).First(value => value.StartsWith("apc_", StringComparison.Ordinal));

        var own = new Browser(fresh.Http, null);
        await Choose(own, "ann", code, Good);
        Assert.Contains("The password is chosen", own.Text, StringComparison.Ordinal);
        await SignIn(own, "ann", Good);

        Assert.Equal((HttpStatusCode.OK, "/console"), (own.Status, own.Address));
        Assert.DoesNotContain("Nobody signs in with a password yet", own.Text, StringComparison.Ordinal);
        await own.Open("/console/users/alice");
        await own.Send(own.Form("pause_user"), ("body.reason", "A test"));
        Assert.True((await fresh.Read("/admin/users/alice")).GetProperty("paused").GetBoolean());
        Assert.Contains("person/ann", (await fresh.Read("/admin/acts")).ToString(), StringComparison.Ordinal);
        await own.Open("/console/people");
        Assert.Equal(HttpStatusCode.Forbidden, own.Status); // an operator makes no operators
    }

    [Fact]
    public async Task A_code_is_good_once_and_the_one_before_it_no_more()
    {
        await world.Put("/admin/people/once", """{"role":"viewer"}""");
        var (former, code) = (await Code("once"), await Code("once"));
        var browser = new Browser(world.Http, null);

        await Choose(browser, "once", former, Good);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, browser.Status);
        await Choose(browser, "once", code, Good);
        Assert.Equal(HttpStatusCode.OK, browser.Status);
        await Choose(browser, "once", code, "another long password");
        Assert.Equal(HttpStatusCode.UnprocessableEntity, browser.Status);
        await SignIn(browser, "once", Good);

        Assert.Equal(HttpStatusCode.OK, browser.Status);
    }

    [Fact]
    public async Task A_code_that_is_asked_for_again_under_its_key_is_not_told_again_and_the_one_that_was_told_is_good()
    {
        await world.Put("/admin/people/asked", """{"role":"viewer"}""");
        var key = Guid.NewGuid().ToString();
        var (first, again) = (await Post("/admin/people/asked/code", key: key), await Post("/admin/people/asked/code", key: key));
        var browser = new Browser(world.Http, null);
        await Choose(browser, "asked", first.GetProperty("one_time_code").GetString()!, Good);

        Assert.Equal(JsonValueKind.Null, again.GetProperty("one_time_code").ValueKind);
        Assert.Equal(HttpStatusCode.OK, browser.Status);
    }

    [Theory]
    [InlineData("too short 1234")]
    [InlineData("aaaabbbbaaaabbbb")]
    [InlineData("my name is weakly here")]
    public async Task A_weak_password_is_not_taken_and_leaves_the_code(string password)
    {
        await world.Put("/admin/people/weakly", """{"role":"viewer"}""");
        var (browser, code) = (new Browser(world.Http, null), await Code("weakly"));
        await Choose(browser, "weakly", code, password);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, browser.Status);

        await Choose(browser, "weakly", code, Good);
        Assert.Equal(HttpStatusCode.OK, browser.Status);
    }

    [Fact]
    public async Task A_role_that_changes_counts_at_once_and_an_owner_sees_its_own()
    {
        var browser = await Signed("acmes", """{"role":"viewer"}""");
        await browser.Open("/console/campaigns");
        Assert.Contains("theirs", browser.Text, StringComparison.Ordinal);

        await world.Put("/admin/people/acmes", """{"role":"sponsor","owner":"acme"}""");
        await Believed();
        await browser.Open("/console/campaigns");

        Assert.Contains("own", browser.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("theirs", browser.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Signing_out_everywhere_ends_each_browser_and_so_do_another_password_and_being_kept_out()
    {
        var one = await Signed("many", """{"role":"viewer"}""");
        foreach (var (how, password) in (IEnumerable<(string, string)>)[("everywhere", Good), ("password", "another long password"), ("sign-out", "another long password"), ("disable", "")])
        {
            var other = new Browser(world.Http, null);
            await SignIn(other, "many", how == "password" ? Good : password.Length > 0 ? password : "another long password");
            if (how is "everywhere" or "password")
            {
                await other.Open("/console/account");
                var form = other.Page.Forms.First(form => form.QuerySelector($"button[value={how}]") is not null);
                await other.Send(form, [.. how == "password" ? Browser.Fields(form, ("former", Good), ("password", password), ("again", password)) : Browser.Fields(form), new("do", how)]);
                Assert.Equal($"/console/sign-in?done={how}", other.Address);
            }
            else
            {
                await Post($"/admin/people/many/{how}");
            }

            await Believed();
            foreach (var browser in (Browser[])[one, other])
            {
                await browser.Open("/console/users");
                Assert.StartsWith("/console/sign-in", browser.Address, StringComparison.Ordinal);
            }

            if (how == "disable") break;
            await SignIn(one, "many", how == "everywhere" ? Good : "another long password");
            Assert.Equal(HttpStatusCode.OK, one.Status);
        }

        await SignIn(one, "many", "another long password");
        Assert.Equal(HttpStatusCode.Unauthorized, one.Status);
        await Post("/admin/people/many/enable");
        await SignIn(one, "many", "another long password");
        Assert.Equal(HttpStatusCode.OK, one.Status);
    }

    [Fact]
    public async Task With_a_second_factor_the_password_alone_is_not_enough_and_a_code_counts_once()
    {
        var browser = await Signed("careful", """{"role":"viewer"}""");
        await browser.Open("/console/account");
        var form = browser.Page.Forms.First(form => form.QuerySelector("button[value=factor]") is not null);
        var secret = Browser.Fields(form).First(field => field.Key == "secret").Value;
        await browser.Send(form, [.. Browser.Fields(form, ("former", Good), ("code", "000000")), new("do", "factor")]);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, browser.Status);
        form = browser.Page.Forms.First(form => form.QuerySelector("button[value=factor]") is not null);
        Assert.Equal(secret, Browser.Fields(form).First(field => field.Key == "secret").Value); // which the app has
        Assert.NotNull(form.QuerySelector("svg.qr path"));
        var used = Totp(secret, 0);
        await browser.Send(form, [.. Browser.Fields(form, ("former", Good), ("code", used)), new("do", "factor")]);
        Assert.Equal((HttpStatusCode.OK, "/console/sign-in?done=factor"), (browser.Status, browser.Address));
        Assert.Contains("shows next", browser.Page.QuerySelector("[role=status]")!.TextContent, StringComparison.Ordinal);

        var other = new Browser(world.Http, null);
        await SignIn(other, "careful", Good);
        Assert.Equal(HttpStatusCode.Unauthorized, other.Status);
        await SignIn(other, "careful", Good, used);
        Assert.Equal(HttpStatusCode.Unauthorized, other.Status);
        var second = Totp(secret, 1); // once: half a minute may end between the two sign-ins
        await SignIn(other, "careful", Good, second);
        Assert.Equal(HttpStatusCode.OK, other.Status);
        await SignIn(new Browser(world.Http, null), "careful", Good, second, HttpStatusCode.Unauthorized);

        // Another app wants a code of the one that there is.
        await other.Open("/console/account");
        form = other.Page.Forms.First(form => form.QuerySelector("button[value=factor]") is not null);
        var next = Browser.Fields(form).First(field => field.Key == "secret").Value;
        await other.Send(form, [.. Browser.Fields(form, ("former", Good), ("former_code", second), ("code", Totp(next, 0))), new("do", "factor")]);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, other.Status);

        // Whoever lost the app is given a code, and has no second factor any more.
        await Choose(other, "careful", await Code("careful"), Good);
        await SignIn(other, "careful", Good);
        Assert.Equal(HttpStatusCode.OK, other.Status);
    }

    [Fact]
    public async Task A_page_that_is_open_is_told_nothing_more_once_its_person_is_signed_out()
    {
        await using var fresh = new ConsoleWorld();
        await fresh.InitializeAsync();
        var browser = await Signed("open", """{"role":"viewer"}""", fresh);
        using var request = new HttpRequestMessage(HttpMethod.Get, "/console/changes") { Headers = { { "Cookie", $"__Host-agora={browser.Cookie}" } } };
        using var answer = await fresh.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        using var told = new StreamReader(await answer.Content.ReadAsStreamAsync());
        Assert.Equal(("retry: 3000", ""), (await told.ReadLineAsync(), await told.ReadLineAsync()));

        fresh.Clock.Move(TimeSpan.FromMinutes(1)); // what was read of the person is not believed any more
        await Post("/admin/people/open/sign-out", fresh);
        await fresh.Put("/admin/users/written", "{}");

        Assert.Null(await told.ReadLineAsync().WaitAsync(Hang.Timeout));
    }

    [Fact]
    public async Task Who_signs_in_right_after_everybody_was_signed_out_stays_in()
    {
        var browser = await Signed("quick", """{"role":"viewer"}""");
        await browser.Open("/console");
        await Post("/admin/people/quick/sign-out");
        await SignIn(browser, "quick", Good);
        await browser.Open("/console/users");

        Assert.Equal((HttpStatusCode.OK, "/console/users"), (browser.Status, browser.Address));
    }

    [Fact]
    public async Task An_operator_reads_nothing_of_people_in_the_journal()
    {
        var browser = await Signed("curious", """{"role":"operator"}""");
        await browser.Open("/console/journal/person/curious");
        Assert.Equal(HttpStatusCode.NotFound, browser.Status);

        var admin = await world.SignIn(ConsoleWorld.Admin);
        await admin.Open("/console/journal/person/curious");
        Assert.Equal(HttpStatusCode.OK, admin.Status);
        Assert.DoesNotContain("pbkdf2", admin.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_form_of_the_account_from_elsewhere_changes_nothing()
    {
        var browser = await Signed("framed", """{"role":"viewer"}""");
        await browser.Open("/console/account");
        var form = browser.Page.Forms.First(form => form.QuerySelector("button[value=everywhere]") is not null);
        await browser.Send(form, (List<KeyValuePair<string, string>>)[new("do", "everywhere")]);
        Assert.Equal(HttpStatusCode.Forbidden, browser.Status);
        await browser.Send(form, [.. Browser.Fields(form), new("do", "everywhere")], ("Origin", "https://evil.example"));
        Assert.Equal(HttpStatusCode.Forbidden, browser.Status);

        await Believed();
        await browser.Open("/console");
        Assert.Equal("/console", browser.Address);
    }

    [Fact]
    public async Task Neither_password_nor_code_nor_secret_of_the_app_is_stored_as_it_is()
    {
        await using var fresh = new ConsoleWorld();
        await fresh.InitializeAsync();
        await fresh.Put("/admin/people/stored", """{"role":"viewer"}""");
        var code = await Code("stored", fresh);
        var browser = new Browser(fresh.Http, null);
        await Choose(browser, "stored", code, Good);
        await SignIn(browser, "stored", Good);
        await browser.Open("/console/account");
        var form = browser.Page.Forms.First(form => form.QuerySelector("button[value=factor]") is not null);
        var secret = Browser.Fields(form).First(field => field.Key == "secret").Value;
        await browser.Send(form, [.. Browser.Fields(form, ("former", Good), ("code", Totp(secret, 0))), new("do", "factor")]);
        Assert.Equal(HttpStatusCode.OK, browser.Status);

        foreach (var text in (string[])[Good, code, secret, "pbkdf2"])
        {
            Assert.False(fresh.Stores(text), text);
        }

        Assert.True(fresh.Stores("stored"));
    }

    private async Task<Browser> Signed(string name, string put, ConsoleWorld? at = null)
    {
        await (at ?? world).Put($"/admin/people/{name}", put);
        var browser = new Browser((at ?? world).Http, null);
        await Choose(browser, name, await Code(name, at), Good);
        await SignIn(browser, name, Good);
        Assert.Equal(HttpStatusCode.OK, browser.Status);
        return browser;
    }

    private static async Task Choose(Browser browser, string name, string code, string password)
    {
        await browser.Open("/console/password");
        await browser.Send(browser.Form("/console/password"), ("name", name), ("code", code), ("password", password), ("again", password));
    }

    private static async Task SignIn(Browser browser, string name, string password, string code = "", HttpStatusCode? wanted = null)
    {
        browser.Cookie = null;
        await browser.Open("/console/sign-in");
        await browser.Send(browser.Form("/console/sign-in/password"), ("name", name), ("password", password), ("code", code));
        if (wanted is { } status)
        {
            Assert.Equal(status, browser.Status);
        }
    }

    private async Task<string> Code(string name, ConsoleWorld? at = null) => (await Post($"/admin/people/{name}/code", at)).GetProperty("one_time_code").GetString()!;

    private async Task<JsonElement> Post(string path, ConsoleWorld? at = null, string? key = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Headers = { { "Authorization", $"Bearer {ConsoleWorld.Admin}" } }, Content = new StringContent("{}", Encoding.UTF8, "application/json") };
        if (key is not null)
        {
            request.Headers.Add("Idempotency-Key", key);
        }

        using var answer = await (at ?? world).Http.SendAsync(request);
        var text = await answer.Content.ReadAsStringAsync();
        Assert.True(answer.IsSuccessStatusCode, text);
        return JsonDocument.Parse(text).RootElement.GetProperty("data");
    }

    /// <summary>As long as what was read of a person is believed.</summary>
    private static Task Believed() => Task.Delay(1_100);

    /// <summary>As an app has it, written a second time from RFC 6238.</summary>
    private static string Totp(string secret, int later)
    {
        var bits = string.Concat(secret.Select(letter => Convert.ToString("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".IndexOf(letter, StringComparison.Ordinal), 2).PadLeft(5, '0')));
        var key = Enumerable.Range(0, bits.Length / 8).Select(n => Convert.ToByte(bits.Substring(n * 8, 8), 2)).ToArray();
        var counter = BitConverter.GetBytes(IPAddress.HostToNetworkOrder((DateTimeOffset.UtcNow.ToUnixTimeSeconds() / 30) + later));
        var hash = HMACSHA1.HashData(key, counter);
        var at = hash[19] & 15;
        var number = ((hash[at] & 127) << 24) | (hash[at + 1] << 16) | (hash[at + 2] << 8) | hash[at + 3];
        return (number % 1_000_000).ToString("D6", System.Globalization.CultureInfo.InvariantCulture);
    }
}

/// <summary>What is asked through pages again and again, or is no form, harms nobody.</summary>
public sealed class HarmlessTests(ConsoleWorld world) : IClassFixture<ConsoleWorld>
{
    [Fact]
    public async Task Pages_that_wait_for_events_leave_room_for_those_who_follow_them()
    {
        var browser = await world.SignIn(ConsoleWorld.Viewer);
        for (var n = 0; n < 12; n++)
        {
            await browser.Open("/console/events?wait_seconds=0");
            Assert.Equal(HttpStatusCode.OK, browser.Status);
        }

        await world.Read("/admin/events"); // has data: it is no refusal
    }

    [Theory]
    [InlineData("application/x-www-form-urlencoded; charset=utf-7", "name=a")]
    [InlineData("multipart/form-data; boundary=XX", "--XX\r\nContent-Disposition: form-data; name=a\r\n\r\nb")]
    [InlineData("application/x-www-form-urlencoded", null)]
    public async Task What_is_no_form_of_ours_or_too_large_is_refused(string type, string? body)
    {
        foreach (var path in (string[])["/console/sign-in/password", "/console/password", "/console/sign-in", "/console/acts"])
        {
            using var content = new StringContent(body ?? $"name={new string('n', 480_000)}");
            content.Headers.ContentType = System.Net.Http.Headers.MediaTypeHeaderValue.Parse(type);
            using var answer = await world.Http.PostAsync(path, content);
            Assert.True((int)answer.StatusCode is 303 or 403, $"{path}: {answer.StatusCode}");
        }
    }

    [Theory]
    [InlineData("true")]
    [InlineData("false")]
    [InlineData("{\"properties\":{\"a\\ud800\":{\"type\":\"string\"}}}")]
    [InlineData("{\"properties\":{\"a\":{\"enum\":[\"\\ud800\"]}}}")]
    [InlineData("{\"properties\":{},\"properties\":{}}")]
    public async Task Any_schema_is_looked_at(string schema)
    {
        var browser = await world.SignIn(ConsoleWorld.Admin);
        var code = Browser.Fields(browser.Form("/console/sign-out")).First(field => field.Key == "form_code").Value;
        using var request = new HttpRequestMessage(HttpMethod.Post, "/console/schema-look") { Content = new FormUrlEncodedContent([new("form_code", code), new("schema", schema)]), Headers = { { "Cookie", $"__Host-agora={browser.Cookie}" } } };
        using var answer = await world.Http.SendAsync(request);

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
    }
}

/// <summary>Whoever guesses is slowed, by the name and by the address.</summary>
public sealed class GuessTests(ConsoleWorld world) : IClassFixture<ConsoleWorld>
{
    [Fact]
    public async Task A_name_that_is_guessed_at_chooses_a_password_with_its_code_all_the_same_and_who_asks_on_waits_by_its_address()
    {
        await world.Put("/admin/people/locked", """{"role":"viewer"}""");
        var code = (await world.Agent("/admin/people/locked/code", ConsoleWorld.Admin, "{}")).Body.GetProperty("data").GetProperty("one_time_code").GetString()!;
        var texts = new List<string>();
        while (!texts.Exists(static text => text.Contains("Too many wrong passwords", StringComparison.Ordinal)))
        {
            Assert.True(texts.Count < 40, texts.LastOrDefault());
            texts.AddRange(await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Guess())));
        }

        var asked = await Task.WhenAll(Enumerable.Range(0, 2 * Limits.WrongKeysWaitingOfOne).Select(_ => Guess()));
        Assert.Contains(asked, static text => text.Contains("Too many wrong keys, codes or passwords", StringComparison.Ordinal));
        using var chosen = new FormUrlEncodedContent([new("name", "locked"), new("code", code), new("password", "a password of mine 1"), new("again", "a password of mine 1")]);
        using var good = await world.Http.PostAsync("/console/password", chosen);
        Assert.Equal(HttpStatusCode.OK, good.StatusCode);

        async Task<string> Guess()
        {
            using var content = new FormUrlEncodedContent([new("name", "locked"), new("password", "a guess of mine 1")]);
            using var answer = await world.Http.PostAsync("/console/sign-in/password", content);
            return await answer.Content.ReadAsStringAsync();
        }
    }

    [Fact]
    public async Task Guesses_at_a_name_are_slowed_and_say_nothing_of_whether_there_is_one()
    {
        await world.Put("/admin/people/guessed", """{"role":"admin"}""");
        var texts = new List<string>();
        foreach (var name in (string[])["guessed", "nobody", "no~such", "a b"])
        {
            var browser = new Browser(world.Http, null);
            await browser.Open("/console/sign-in");
            await browser.Send(browser.Form("/console/sign-in/password"), ("name", name), ("password", "a guess of mine 1"), ("code", ""));
            Assert.Equal(HttpStatusCode.Unauthorized, browser.Status);
            texts.Add(browser.Page.QuerySelector(".refused")!.TextContent);
        }

        Assert.Single(texts.Distinct());

        var last = "";
        for (var n = 0; n < 12 && !last.Contains("Too many wrong passwords", StringComparison.Ordinal); n++)
        {
            var browser = new Browser(world.Http, null);
            await browser.Open("/console/sign-in");
            await browser.Send(browser.Form("/console/sign-in/password"), ("name", "guessed"), ("password", "a guess of mine 1"), ("code", ""));
            last = browser.Page.QuerySelector(".refused")!.TextContent;
        }

        Assert.Contains("Too many wrong passwords", last, StringComparison.Ordinal);
    }
}
