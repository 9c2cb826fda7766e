using System.Net;
using Agora.Samples.TextService;
using AngleSharp.Dom;
using AngleSharp.Html.Dom;

namespace Agora.Operator.Tests;

/// <summary>The pages in which people talk with models, without a script.</summary>
public sealed class TalkTests(TalkWorld world) : IClassFixture<TalkWorld>
{
    /// <summary>Only the head of the form is sent: a server that began to read the rest would say 100 first (RFC 9110 section 10.1.1), and keep in memory what came.</summary>
    [Theory]
    [InlineData("multipart/form-data; boundary=x")]
    [InlineData("application/x-www-form-urlencoded")]
    public async Task A_long_form_to_sign_out_is_refused_before_any_of_it_is_read(string type)
    {
        var cookie = (await world.SignedIn(await world.Token("uma")))["__Host-agora-talk"];
        var address = world.Console.Http.BaseAddress!;
        using var tcp = new System.Net.Sockets.TcpClient();
        await tcp.ConnectAsync(address.Host, address.Port);
        await using var stream = tcp.GetStream();
        await stream.WriteAsync(System.Text.Encoding.ASCII.GetBytes($"POST /talk/sign-out HTTP/1.1\r\nHost: {address.Authority}\r\nCookie: __Host-agora-talk={cookie}\r\nContent-Type: {type}\r\nContent-Length: 4000000\r\nExpect: 100-continue\r\n\r\n"));

        using var reader = new StreamReader(stream);
        Assert.Equal("HTTP/1.1 403 Forbidden", await reader.ReadLineAsync());
    }

    [Fact]
    public async Task A_person_says_something_and_reads_the_reply_with_what_it_cost_and_which_model_it_was()
    {
        var token = await world.Token("ann");
        var page = await world.SignedIn(token);
        Assert.Contains("$5.00", page.Page.QuerySelector("header .who")!.TextContent, StringComparison.Ordinal);

        await Say(page, Form(page, "/talk/say"), "Plan a trip to <b>Nara</b>.", "fast");
        Assert.Equal(HttpStatusCode.OK, page.Status);
        Assert.Equal("Plan a trip to <b>Nara</b>.", page.Page.QuerySelector(".said")!.TextContent);
        Assert.Equal("Begin at Kasuga Taisha.", page.Page.QuerySelector("[data-text]")!.TextContent);
        Assert.Matches(@"fast\s+· \$0\.00\d+", page.Page.QuerySelector("[data-about]")!.TextContent);

        // It is the chat that the API has.
        var chat = (await world.Read("/api/v2/chat", token)).GetProperty("data").GetProperty("chats")[0];
        Assert.Equal($"/talk/chats/{chat.GetProperty("chat_id").GetString()}", page.Address.AbsolutePath);
        await page.Open("/talk");
        Assert.Equal("Plan a trip to <b>Nara</b>.", page.Page.QuerySelector(".talks a")!.TextContent);
    }

    [Fact]
    public async Task The_same_form_sent_twice_is_one_turn_and_one_bill()
    {
        var token = await world.Token("bill");
        var page = await world.SignedIn(token);
        var form = Form(page, "/talk/say");
        await Say(page, form, "Once.", "fast");
        var spent = (await world.Read("/agent/flow/status", token)).GetProperty("data").GetProperty("budget").GetProperty("spent_cents").GetDecimal();
        await Say(page, form, "Once.", "fast");
        Assert.Single(page.Page.QuerySelectorAll(".turn"));
        Assert.Single((await world.Read("/api/v2/chat", token)).GetProperty("data").GetProperty("chats").EnumerateArray());
        Assert.Equal(spent, (await world.Read("/agent/flow/status", token)).GetProperty("data").GetProperty("budget").GetProperty("spent_cents").GetDecimal());
        Assert.True(spent > 0);
    }

    [Fact]
    public async Task A_form_and_the_page_that_it_leads_to_are_one_request_each_of_the_sessions_rate()
    {
        var token = await world.Token("rate");
        var page = await world.SignedIn(token);
        var (before, after) = ((Left: 0, Reset: 0), (Left: 0, Reset: 1));
        while (after.Reset > before.Reset) // another minute has begun meanwhile
        {
            await page.Open("/talk");
            before = await Rate();
            await Say(page, Form(page, "/talk/say"), "Hello.", "fast");
            after = await Rate();
        }

        Assert.Equal(HttpStatusCode.OK, page.Status);
        Assert.Equal(3, before.Left - after.Left); // and who asks for the rate

        async Task<(int Left, int Reset)> Rate()
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, "/agent/flow/status") { Headers = { { "Authorization", $"Bearer {token}" } } };
            using var answer = await world.Console.Http.SendAsync(request);
            return (Of("RateLimit-Remaining"), Of("RateLimit-Reset"));

            int Of(string header) => int.Parse(answer.Headers.GetValues(header).Single(), System.Globalization.CultureInfo.InvariantCulture);
        }
    }

    [Fact]
    public async Task The_same_form_sent_twice_is_one_memory()
    {
        var page = await world.SignedIn(await world.Token("rosa"));
        await page.Open("/talk/memories");
        var form = FormWith(page, "input[name=model]:not([type=hidden])");
        for (var n = 0; n < 2; n++) await page.Send(form, ("text", "Drinks tea."), ("pinned", ""));
        Assert.Equal("Drinks tea.", Assert.Single(page.Page.QuerySelectorAll(".talks .replied")).TextContent);
    }

    [Fact]
    public async Task The_same_form_sent_twice_is_one_dialogue()
    {
        var page = await world.SignedIn(await world.Token("sven"));
        await page.Open("/talk/watch");
        var (form, begun) = (Form(page, "/talk/watch"), new List<string>());
        for (var n = 0; n < 2; n++)
        {
            await page.Send(
                form, ("topic", "Tea?"), ("seats.0.name", "Ann"), ("seats.0.model", "fast"), ("seats.0.budget_cents", "50"), ("seats.1.name", "Bob"), ("seats.1.model", "strong"), ("seats.1.budget_cents", "50"), ("turns", "1"));
            begun.Add(page.Address.AbsolutePath);
        }

        Assert.Matches("^/talk/watch/[0-9a-f-]{36}$", begun[0]);
        Assert.Equal(begun[0], begun[1]);
    }

    [Fact]
    public async Task A_thought_that_is_sent_again_does_not_take_the_place_of_a_later_one()
    {
        var token = await world.Token("tara");
        var page = await world.SignedIn(token);
        await Say(page, Form(page, "/talk/say"), "Hello.", "fast");
        var (chat, first) = (page.Address.Segments[^1], FormWith(page, "input[name=thumb]"));
        await page.Send(first, ("thumb", "down"));
        await page.Send(FormWith(page, "input[name=thumb]"), ("thumb", "up"));
        await page.Send(first, ("thumb", "down"));
        Assert.Equal(HttpStatusCode.OK, page.Status);
        Assert.Equal("up", (await world.Read($"/api/v2/chat/{chat}/turns/1", token)).GetProperty("data").GetProperty("feedback").GetProperty("thumb").GetString());
    }

    [Fact]
    public async Task What_is_said_otherwise_and_another_reply_are_branches_that_are_gone_to_by_links()
    {
        var page = await world.SignedIn(await world.Token("cara"));
        await Say(page, Form(page, "/talk/say"), "First.", "fast");
        var chat = page.Address.AbsolutePath;
        await Say(page, FormWith(page, "input[name=edits]"), "Otherwise.", "fast");
        Assert.Equal("Otherwise.", page.Page.QuerySelector(".said")!.TextContent);
        await page.Send(FormWith(page, "input[name=repeats]"));
        Assert.Equal(["1", "2", "3"], page.Page.QuerySelectorAll(".branches a").Select(static link => link.TextContent));
        Assert.Equal("3", page.Page.QuerySelector(".branches a[aria-current]")!.TextContent);

        await page.Open(page.Page.QuerySelector(".branches a")!.GetAttribute("href")!.Split('#')[0]);
        Assert.Equal((chat, "First."), (page.Address.AbsolutePath, page.Page.QuerySelector(".said")!.TextContent));
        await Say(page, FormWith(page, "input[name=after]"), "And then?", "strong");
        Assert.True(page.Status == HttpStatusCode.OK && page.Page.QuerySelector(".turns") is not null, $"{page.Address} {page.Page.Body!.InnerHtml}");
        Assert.Equal(["First.", "And then?"], page.Page.QuerySelectorAll(".said").Select(static said => said.TextContent));
    }

    [Fact]
    public async Task What_the_person_thinks_stands_with_the_turn_and_a_deleted_chat_is_gone()
    {
        var token = await world.Token("dora");
        var page = await world.SignedIn(token);
        await Say(page, Form(page, "/talk/say"), "Hello.", "fast");
        var path = page.Address.AbsolutePath;
        await page.Send(page.Page.Forms.First(static form => form.GetAttribute("action")!.Contains("/feedback", StringComparison.Ordinal)), ("thumb", "down"), ("text", "Too short."), ("correction", "Hello, Dora."));
        Assert.Contains("👎", page.Text, StringComparison.Ordinal);
        Assert.Contains("Too short.", page.Text, StringComparison.Ordinal);
        await page.Send(page.Page.Forms.First(static form => form.GetAttribute("action")!.EndsWith("/delete", StringComparison.Ordinal)));
        Assert.Equal("/talk", page.Address.AbsolutePath);
        await page.Open(path);
        Assert.Equal(HttpStatusCode.NotFound, page.Status);
    }

    [Fact]
    public async Task A_refusal_is_shown_with_what_was_typed()
    {
        var page = await world.SignedIn(await world.Token("eve", cents: 0.01m));
        await Say(page, Form(page, "/talk/say"), "Something long.", "strong");
        Assert.True((int)page.Status >= 400);
        Assert.Contains("budget_exceeded", page.Page.QuerySelector("[role=alert]")!.TextContent, StringComparison.Ordinal);
        Assert.Equal("Something long.", ((IHtmlTextAreaElement)page.Page.QuerySelector("textarea[name=text]")!).Value);
    }

    [Fact]
    public async Task Nobody_is_let_in_without_a_token_and_nobody_finds_what_is_anothers()
    {
        var page = new Visitor(world.Console.Http, "");
        await page.Open("/talk/chats/0198c0de-0000-7000-8000-000000000001");
        Assert.Equal("/talk/sign-in", page.Address.AbsolutePath);
        foreach (var token in (string[])["nonsense", "a b", ConsoleWorld.Admin, new('x', 5_000)])
        {
            await page.Send(page.Page.Forms.Single(), ("token", token));
            Assert.Equal(HttpStatusCode.Unauthorized, page.Status);
        }

        var ann = await world.SignedIn(await world.Token("frank"));
        await Say(ann, Form(ann, "/talk/say"), "A secret.", "fast");
        var mallory = await world.SignedIn(await world.Token("mallory"));
        foreach (var path in (string[])[ann.Address.AbsolutePath, $"{ann.Address.AbsolutePath}?branch=1", $"{ann.Address.AbsolutePath}/turns/1/events", "/talk/chats/nonsense", "/talk/watch/nonsense", $"/talk/watch/{Guid.NewGuid()}"])
        {
            await mallory.Open(path);
            Assert.Equal((path, HttpStatusCode.NotFound), (path, mallory.Status));
        }
    }

    [Fact]
    public async Task A_form_of_another_site_or_another_browser_does_nothing()
    {
        var token = await world.Token("gina");
        var page = await world.SignedIn(token);
        foreach (var headers in new[] { ("Origin", "https://elsewhere.example"), ("Sec-Fetch-Site", "cross-site") })
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, "/talk/say") { Content = new FormUrlEncodedContent(Browser.Fields(Form(page, "/talk/say"), ("text", "x"), ("model", "fast"))), Headers = { { "Cookie", $"__Host-agora-talk={page["__Host-agora-talk"]}" }, { headers.Item1, headers.Item2 } } };
            using var answer = await world.Console.Http.SendAsync(request);
            Assert.Equal(HttpStatusCode.Forbidden, answer.StatusCode);
        }

        var other = await world.SignedIn(await world.Token("hugo"));
        var code = other.Page.QuerySelector("input[name=form_code]")!.GetAttribute("value")!;
        await page.Send(Form(page, "/talk/say"), ("form_code", code), ("text", "x"), ("model", "fast"));
        Assert.Equal((HttpStatusCode.Forbidden, "The form was not accepted"), (page.Status, page.Page.QuerySelector("h1")!.TextContent));
        Assert.Empty((await world.Read("/api/v2/chat", token)).GetProperty("data").GetProperty("chats").EnumerateArray());
    }

    [Fact]
    public async Task A_form_with_a_file_is_asked_whose_it_is_too()
    {
        var token = await world.Token("gustav");
        var page = await world.SignedIn(token);
        var other = await world.SignedIn(await world.Token("hanna"));

        Assert.Equal(HttpStatusCode.Forbidden, await Sent(other.Page.QuerySelector("input[name=form_code]")!.GetAttribute("value")!));
        Assert.Equal(HttpStatusCode.Forbidden, await Sent(""));
        Assert.Empty((await world.Read("/api/v2/chat", token)).GetProperty("data").GetProperty("chats").EnumerateArray());
        Assert.NotEqual(HttpStatusCode.Forbidden, await Sent(page.Page.QuerySelector("input[name=form_code]")!.GetAttribute("value")!));

        async Task<HttpStatusCode> Sent(string code)
        {
            using var body = new MultipartFormDataContent();
            foreach (var (name, value) in Browser.Fields(Form(page, "/talk/say"), ("form_code", code), ("text", "x"), ("model", "fast"), ("memories", "")).Where(static field => field.Key != "files"))
            {
                body.Add(new StringContent(value), name);
            }

            body.Add(new ByteArrayContent("Tea at four."u8.ToArray()) { Headers = { { "Content-Type", "text/plain" } } }, "files", "notes.txt");
            using var request = new HttpRequestMessage(HttpMethod.Post, "/talk/say") { Content = body, Headers = { { "Cookie", $"__Host-agora-talk={page["__Host-agora-talk"]}" } } };
            using var answer = await world.Console.Http.SendAsync(request);
            return answer.StatusCode;
        }
    }

    [Fact]
    public async Task Whoever_signs_out_has_no_cookie_any_more()
    {
        var page = await world.SignedIn(await world.Token("igor"));
        var form = Form(page, "/talk/sign-out");
        using var request = new HttpRequestMessage(HttpMethod.Post, "/talk/sign-out") { Content = new FormUrlEncodedContent(Browser.Fields(form)), Headers = { { "Cookie", $"__Host-agora-talk={page["__Host-agora-talk"]}" } } };
        using var answer = await world.Console.Http.SendAsync(request);
        Assert.StartsWith("__Host-agora-talk=; expires=Thu, 01 Jan 1970 00:00:00 GMT; path=/; secure", Assert.Single(answer.Headers.GetValues("Set-Cookie")), StringComparison.Ordinal);

        await page.Send(form);
        Assert.Equal(("/talk/sign-in", (string?)null), (page.Address.AbsolutePath, page["__Host-agora-talk"]));
        await page.Open("/talk");
        Assert.Equal("/talk/sign-in", page.Address.AbsolutePath);
        Assert.NotNull(page.Page.QuerySelector("input[name=token]"));
    }

    [Fact]
    public async Task A_copied_cookie_opens_nothing_after_the_sign_out_and_the_session_goes_on()
    {
        var token = await world.Token("ines");
        var page = await world.SignedIn(token);
        var cookie = page["__Host-agora-talk"]!;
        Assert.DoesNotContain(token, cookie, StringComparison.Ordinal);

        await page.Send(Form(page, "/talk/sign-out"));

        using var request = new HttpRequestMessage(HttpMethod.Get, "/talk") { Headers = { { "Cookie", $"__Host-agora-talk={cookie}" } } };
        using var answer = await world.Console.Http.SendAsync(request);
        Assert.Equal((HttpStatusCode.SeeOther, "/talk/sign-in?back=%2Ftalk"), (answer.StatusCode, answer.Headers.Location!.ToString()));
        var again = await world.SignedIn(token);
        Assert.Equal("/talk", again.Address.AbsolutePath);
    }

    [Fact]
    public async Task Signing_out_everywhere_ends_every_sign_in_with_the_session_and_none_with_another()
    {
        var (token, other) = (await world.Token("ilse"), await world.Token("iris"));
        var (one, two, another) = (await world.SignedIn(token), await world.SignedIn(token), await world.SignedIn(other));

        var form = Form(one, "/talk/sign-out");
        await one.Send(form, [.. Browser.Fields(form), new("do", "everywhere")]);
        Assert.StartsWith("Every browser is signed out of this session.", one.Page.QuerySelector("p[role=status]")!.TextContent, StringComparison.Ordinal);

        await two.Open("/talk");
        Assert.Equal("/talk/sign-in", two.Address.AbsolutePath);
        await another.Open("/talk");
        Assert.Equal("/talk", another.Address.AbsolutePath);
        Assert.Equal("/talk", (await world.SignedIn(token)).Address.AbsolutePath);
    }

    [Fact]
    public async Task A_session_that_is_over_leads_to_the_sign_in()
    {
        var token = await world.Token("ivan");
        var page = await world.SignedIn(token);
        using var request = new HttpRequestMessage(HttpMethod.Delete, "/agent/session") { Headers = { { "Authorization", $"Bearer {token}" } } };
        (await world.Console.Http.SendAsync(request)).EnsureSuccessStatusCode().Dispose();
        await page.Open("/talk/memories");
        Assert.Equal("/talk/sign-in", page.Address.AbsolutePath);
    }

    [Fact]
    public async Task What_is_remembered_is_seen_found_put_right_and_erased()
    {
        var page = await world.SignedIn(await world.Token("jana"));
        await page.Open("/talk/memories");
        await page.Send(FormWith(page, "input[name=model]:not([type=hidden])"), ("text", "Drinks tea, no milk."), ("pinned", ""));
        await page.Send(FormWith(page, "input[name=model]:not([type=hidden])"), ("text", "Lives in Nara."), ("pinned", "yes"));
        Assert.Equal(2, page.Page.QuerySelectorAll(".talks li").Length);
        await page.Open("/talk/memories?q=tea");
        Assert.Contains("Drinks tea, no milk.", page.Page.QuerySelectorAll(".talks .replied").Select(static one => one.TextContent));
        await page.Open("/talk/memories");
        await page.Send(page.Page.QuerySelectorAll(".talks li").Single(static one => one.TextContent.Contains("tea", StringComparison.Ordinal)).QuerySelector<IHtmlFormElement>("details form")!, ("text", "Drinks coffee."), ("pinned", ""));
        await page.Send(page.Page.QuerySelectorAll(".talks li").Single(static one => one.TextContent.Contains("Nara", StringComparison.Ordinal)).QuerySelector<IHtmlFormElement>("form[action$='/erase']")!);
        Assert.Equal("Drinks coffee.", Assert.Single(page.Page.QuerySelectorAll(".talks .replied")).TextContent);
    }

    [Fact]
    public async Task How_replies_are_to_be_is_put_changed_and_erased_and_a_reply_names_the_version()
    {
        var page = await world.SignedIn(await world.Token("pia"));
        await page.Open("/talk/preferences");
        Assert.Null(page.Page.QuerySelector("form[action$='/erase']"));
        await page.Send(Form(page, "/talk/preferences"), ("language", "ja"), ("address", "polite"), ("about", "I teach <b>history</b>."));
        Assert.Equal((HttpStatusCode.OK, "ja", "polite", ""), (page.Status, Chosen(page, "language"), Chosen(page, "address"), Chosen(page, "tone")));
        Assert.Equal("I teach <b>history</b>.", ((IHtmlTextAreaElement)page.Page.QuerySelector("textarea[name=about]")!).Value);

        await page.Open("/talk");
        await Say(page, Form(page, "/talk/say"), "Hello.", "fast");
        Assert.Equal("preferences, version 1", page.Page.QuerySelector("[data-about] a[href='/talk/preferences']")!.TextContent);

        await page.Open("/talk/preferences");
        await page.Send(Form(page, "/talk/preferences"), ("language", ""), ("address", ""), ("about", ""));
        Assert.Equal(HttpStatusCode.UnprocessableEntity, page.Status);
        Assert.Contains("validation_failed", page.Page.QuerySelector("[role=alert]")!.TextContent, StringComparison.Ordinal);
        Assert.Equal("", Chosen(page, "language"));
        await page.Send(Form(page, "/talk/preferences/erase"));
        Assert.Equal((HttpStatusCode.OK, ""), (page.Status, Chosen(page, "language")));
        Assert.Null(page.Page.QuerySelector("form[action$='/erase']"));
    }

    [Fact]
    public async Task How_a_turn_sounds_is_shown_in_words_where_a_service_judges_it_and_why_it_is_not()
    {
        await using var texts = await TextServiceApp.Start();
        await world.Console.Put("/admin/services/mood", $$"""{"name":"Mood","description":"How a text sounds","category":"feedback","provider":"texts","endpoint":"{{texts.Address}}sentiment","price_cents":0}""");
        var token = await world.Token("quin");
        var page = await world.SignedIn(token);
        await Until(page, "mood");

        await page.Send(Form(page, "/talk/say"), ("text", "とても悪い。ひどい。"), ("model", "fast"), ("memories", ""), ("sentiment", "mood"));
        Assert.Matches(@"^\s*Sounds negative\s+-0\.\d\d\s+· mood", page.Page.QuerySelector(".sentiment")!.TextContent);
        await page.Send(FormWith(page, "input[name=after]"), ("text", "This is good, thank you."), ("model", "fast"), ("memories", ""), ("unjudged", ""));
        Assert.Equal(["Sounds negative", "Sounds positive"], page.Page.QuerySelectorAll(".sentiment .tone").Select(static tone => tone.TextContent));
        var japanese = new Visitor(world.Console.Http, "", "ja") { ["__Host-agora-talk"] = page["__Host-agora-talk"] };
        await japanese.Open(page.Address.PathAndQuery);
        Assert.Equal(["否定的に聞こえます", "肯定的に聞こえます"], japanese.Page.QuerySelectorAll(".sentiment .tone").Select(static tone => tone.TextContent));

        await page.Send(FormWith(page, "input[name=after]"), ("text", "And now?"), ("model", "fast"), ("memories", ""), ("unjudged", "yes"));
        Assert.Equal(2, page.Page.QuerySelectorAll(".sentiment").Length);
        await page.Open("/talk");
        await page.Send(Form(page, "/talk/say"), ("text", "Hello."), ("model", "fast"), ("memories", ""), ("sentiment", "nobody"));
        Assert.Contains("How it sounds was not judged: There is no active service 'nobody'.", page.Page.QuerySelector(".sentiment")!.TextContent, StringComparison.Ordinal);

        // What operators put is found by agents within a second.
        async Task Until(Visitor page, string service)
        {
            for (var n = 0; !(await world.Read("/agent/services?limit=100", token)).GetRawText().Contains($"\"{service}\"", StringComparison.Ordinal); n++)
            {
                Assert.True(n < 20, service);
                await Task.Delay(250);
            }
        }
    }

    private static string? Chosen(Visitor page, string name) => ((IHtmlSelectElement)page.Page.QuerySelector($"select[name={name}]")!).Value;

    [Fact]
    public async Task A_dialogue_is_begun_paused_spoken_in_and_stopped()
    {
        var token = await world.Token("kai");
        var page = await world.SignedIn(token);
        await page.Open("/talk/watch");
        await page.Send(
            Form(page, "/talk/watch"), ("topic", "Tea or coffee?"), ("seats.0.name", "Ann"), ("seats.0.model", "fast"), ("seats.0.role", "Loves tea."), ("seats.0.budget_cents", "50"), ("seats.1.name", "Bob"), ("seats.1.model", "strong"),
            ("seats.1.budget_cents", "50"), ("turns", "100"), ("pace_seconds", "1"));
        Assert.True(page.Status == HttpStatusCode.OK && page.Page.QuerySelector(".turns") is not null, $"{page.Address} {page.Page.Body!.InnerHtml}");
        Assert.Equal((HttpStatusCode.OK, "Tea or coffee?"), (page.Status, page.Page.QuerySelector("h1")!.TextContent));
        await Until(page, static page => page.Page.QuerySelectorAll(".turn .tone.good").Length > 0);
        Assert.Contains("Begin at Kasuga Taisha.", page.Text, StringComparison.Ordinal);

        // The dialogue may move between the look and the form: then nothing is done, and the page shows it as it stands.
        await Until(page, static page => page.Page.QuerySelector("#standing .tone")!.TextContent is "paused" or "pausing", static page => FormWith(page, "input[name=kind][value=pause]"));
        await Until(page, static page => page.Page.QuerySelector("#standing .tone")!.TextContent == "paused");
        await page.Send(FormWith(page, "textarea[name=text]"), ("text", "What of the price?"));
        Assert.Equal("What of the price?", page.Page.QuerySelector(".turn.persons [data-text]")!.TextContent);
        await Until(page, static page => page.Page.QuerySelector("#standing .tone")!.TextContent is "ended" or "ending", static page => FormWith(page, "input[name=kind][value=stop]"));
        Assert.Equal(1, (await world.Read($"/api/v2/watch/{page.Address.Segments[^1]}", token)).GetProperty("data").GetProperty("turns").EnumerateArray().Count(static turn => turn.GetProperty("text").GetString() == "What of the price?"));
    }

    [Fact]
    public async Task A_scenario_is_played_with_a_hint_and_scored_with_reasons_and_what_was_reached_is_drawn()
    {
        world.Provider.Script = new() { Choose = static asked => asked.Body.GetRawText().Contains("json_schema", StringComparison.Ordinal) ? new() { Json = Judged, Text = Judged } : asked.Body.GetRawText().Contains("Ms Sato", StringComparison.Ordinal) ? new() { Text = "Since when?" } : null, Reply = new() { Text = "Begin at Kasuga Taisha." } };
        await world.Console.Put("/admin/scenarios/late-report", Scenario);
        var page = await world.SignedIn(await world.Token("lena"));
        for (var n = 0; ; n++)
        {
            await page.Open("/talk/practice");
            if (page.Page.QuerySelector("input[name=scenario_id]") is not null) break;

            Assert.True(n < 20, page.Text);
            await Task.Delay(250);
        }

        await page.Send(FormWith(page, "input[name=scenario_id]"));
        Assert.Contains("You wanted to see me?", page.Text, StringComparison.Ordinal);
        await page.Send(FormWith(page, "textarea[name=text]"), ("text", "A test fails."));
        Assert.True(page.Status == HttpStatusCode.OK, page.Text);
        Assert.Equal(("A test fails.", "Since when?"), (page.Page.QuerySelector(".said")!.TextContent, page.Page.QuerySelector(".turns [data-text]")!.TextContent));
        await page.Send(page.Page.Forms.Single(static form => form.GetAttribute("action")!.EndsWith("/hint", StringComparison.Ordinal)));
        Assert.Contains("Since when?", page.Page.QuerySelector(".hint")!.TextContent, StringComparison.Ordinal);
        await page.Send(page.Page.Forms.Single(static form => form.GetAttribute("action")!.EndsWith("/score", StringComparison.Ordinal)));
        Assert.Contains("Score: 75 %", page.Text, StringComparison.Ordinal);
        Assert.Contains("You named the failing test at once.", page.Text, StringComparison.Ordinal);
        Assert.Null(page.Page.QuerySelector("form[data-say]"));

        await page.Open("/talk/practice");
        Assert.Contains("Facts first", page.Page.QuerySelector(".charts")!.TextContent, StringComparison.Ordinal);
        Assert.Contains("75 %", page.Page.QuerySelectorAll(".talks")[^1].TextContent, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_author_tries_a_draft_and_is_told_what_is_wrong_with_it()
    {
        var page = await world.SignedIn(await world.Token("mika"));
        await page.Open("/talk/practice");
        foreach (var (draft, why) in new[] { ("{", "validation_failed"), ("""{"title":"x"}""", "validation_failed"), ("""{"title":"\ud800"}""", "validation_failed"), ("""{"title":"x","title":"y"}""", "validation_failed"), (Scenario.Replace("\"turns\":8", "\"turns\":0", StringComparison.Ordinal), "validation_failed") })
        {
            await page.Send(FormWith(page, "textarea[name=scenario]"), ("scenario", draft));
            Assert.Equal(HttpStatusCode.UnprocessableEntity, page.Status);
            Assert.Contains(why, page.Page.QuerySelector("[role=alert]")!.TextContent, StringComparison.Ordinal);
            Assert.Equal(draft, ((IHtmlTextAreaElement)page.Page.QuerySelector("textarea[name=scenario]")!).Value);
        }

        await page.Send(FormWith(page, "textarea[name=scenario]"), ("scenario", Scenario));
        Assert.True(page.Status == HttpStatusCode.OK, page.Text);
        Assert.Contains("You wanted to see me?", page.Text, StringComparison.Ordinal);
        await page.Open("/talk/practice");
        Assert.Contains("dry run", page.Text, StringComparison.Ordinal);
    }

    private const string Judged = """{"criteria":{"facts":{"score":3,"reason":"You named the failing test at once.","turns":[1]}}}""";

    private const string Scenario = """{"title":"A delay, told in time","language":"en","situation":"The release is tomorrow, and a test fails.","learner":{"role":"You are an engineer who found it an hour ago."},"partner":{"name":"Ms Sato","persona":"Busy and fair.","opening":"You wanted to see me?"},"goals":["Say what is wrong, and since when."],"rubric":{"criteria":[{"id":"facts","title":"Facts first","description":"Says what happened before why.","weight":2,"levels":4}]},"hints":{"allowed":true,"most":3},"ends":{"turns":8,"phrase":"That is all from me."},"models":{"partner":"fast","judge":"strong"}}""";

    private static Task Say(Visitor page, IHtmlFormElement form, string text, string model) => form.QuerySelector("input[name=memories]") is null ? page.Send(form) : page.Send(form, ("text", text), ("model", model), ("memories", ""));

    private static IHtmlFormElement Form(Visitor page, string action) => page.Page.Forms.First(form => form.GetAttribute("action") == action);

    private static IHtmlFormElement FormWith(Visitor page, string selector) => page.Page.Forms.First(form => form.QuerySelector(selector) is not null);

    private static async Task Until(Visitor page, Func<Visitor, bool> isSo, Func<Visitor, IHtmlFormElement>? sending = null)
    {
        var address = page.Address.PathAndQuery.Replace("/interventions", "", StringComparison.Ordinal);
        for (var n = 0; ; n++)
        {
            if (sending is not null)
            {
                await page.Send(sending(page));
            }

            if (isSo(page)) return;

            Assert.True(n < 60, page.Text);
            await Task.Delay(250);
            await page.Open(address);
        }
    }
}
