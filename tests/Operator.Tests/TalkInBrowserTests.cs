using Microsoft.Playwright;

namespace Agora.Operator.Tests;

/// <summary>The pages in which people talk, in Chromium: replies appear as they are made.</summary>
public sealed class TalkInBrowserTests(TalkWorld world) : IClassFixture<TalkWorld>, IAsyncLifetime
{
    private const string Slow = "One by one the words of this reply appear, so that whoever reads them sees that it is being made, and may stop it whenever enough has been read.";

    private InChromium? _chromium;

    public async Task InitializeAsync()
    {
        _chromium = Chromium.Path is null ? null : await InChromium.Start(world.Console);
        world.Provider.Script = new() { Reply = new() { Text = Slow }, Delivery = new() { ChunkCharacters = 4, Pause = TimeSpan.FromMilliseconds(60) } };
    }

    public async Task DisposeAsync() => await (_chromium?.DisposeAsync() ?? default);

    [ChromiumFact]
    public async Task A_reply_appears_as_it_is_made_goes_on_after_the_page_is_read_again_and_is_whole()
    {
        var rest = BeginsAndWaits();
        var page = await SignedIn("browser-ann", new());
        await Say(page, "Tell me.");
        var text = page.Locator("[data-text]");
        await Assertions.Expect(text).ToHaveTextAsync("One by one ");
        await page.ReloadAsync();
        await Assertions.Expect(text).ToHaveTextAsync("One by one ");
        rest.SetResult();
        await Assertions.Expect(text).ToHaveTextAsync(Slow);
        await Assertions.Expect(page.Locator("[data-about]")).ToContainTextAsync("$0.0");
        await Assertions.Expect(page.Locator(".turn button", new() { HasTextString = "Another reply" })).ToBeVisibleAsync();
        await InChromium.Picture(page, "talk-chat");
    }

    [ChromiumFact]
    public async Task A_reply_is_stopped_from_another_window()
    {
        var rest = BeginsAndWaits();
        var page = await SignedIn("browser-bob", new());
        await Say(page, "Tell me.");
        await Assertions.Expect(page.Locator("[data-text]")).ToHaveTextAsync("One by one ");
        var other = await page.Context.NewPageAsync();
        await other.GotoAsync(page.Url);
        await other.Locator("form[action*='/stop'] button").ClickAsync();
        await Assertions.Expect(page.Locator("[data-about] .tone")).ToHaveTextAsync("stopped");
        Assert.Equal("One by one ", await page.Locator("[data-text]").TextContentAsync());
        rest.SetResult();
    }

    [ChromiumFact]
    public async Task A_refusal_stands_at_the_form_and_what_was_typed_stays()
    {
        var page = await SignedIn("browser-cara", new(), 0.01m);
        await page.Locator("form[data-say] textarea[name=text]").FillAsync("Something long.");
        await page.Locator("form[data-say] [name=model]").FillAsync("strong");
        await page.Locator("form[data-say] > button").ClickAsync();
        await Assertions.Expect(page.Locator("form[data-say] [role=status]")).ToContainTextAsync("budget_exceeded");
        Assert.Equal("Something long.", await page.Locator("form[data-say] textarea[name=text]").InputValueAsync());
    }

    [ChromiumFact]
    public async Task A_file_goes_with_what_is_said()
    {
        var page = await SignedIn("browser-dora", new());
        await page.Locator("input[type=file]").SetInputFilesAsync(new FilePayload { Name = "notes.txt", MimeType = "text/plain", Buffer = "Tea at four."u8.ToArray() });
        await Say(page, "Read this.");
        await Assertions.Expect(page.Locator(".turn")).ToContainTextAsync("1 file");
    }

    [ChromiumFact]
    public async Task A_dialogue_moves_by_itself_and_a_person_steps_in()
    {
        var page = await SignedIn("browser-eve", new());
        await page.GotoAsync("/talk/watch");
        foreach (var (name, value) in new[] { ("topic", "Tea or coffee?"), ("seats.0.name", "Ann"), ("seats.0.model", "fast"), ("seats.0.budget_cents", "50"), ("seats.1.name", "Bob"), ("seats.1.model", "strong"), ("seats.1.budget_cents", "50") })
        {
            await page.Locator($"[name='{name}']").FillAsync(value);
        }

        await page.Locator("form[action='/talk/watch'] > button").ClickAsync();
        await Assertions.Expect(page.Locator("[data-turn='1'] [data-text]")).ToContainTextAsync("One by one");
        await Assertions.Expect(page.Locator("[data-turn='2'] [data-text]")).ToContainTextAsync("One by one");
        await page.Locator("form:has(input[value=pause]) button").ClickAsync();
        await Assertions.Expect(page.Locator("#standing .tone").First).ToContainTextAsync("paus");
        await Assertions.Expect(page.Locator("#standing .tone").First).ToHaveTextAsync("paused");
        await page.Locator("form:has(input[value=say]) textarea").FillAsync("What of the price?");
        await page.Locator("form:has(input[value=say]) button").ClickAsync();
        await Assertions.Expect(page.Locator(".turn.persons [data-text]")).ToHaveTextAsync("What of the price?");
        await InChromium.Picture(page, "talk-watch");
        await page.Locator("form:has(input[value=stop]) button").ClickAsync();
        await Assertions.Expect(page.Locator("#standing .tone").First).ToHaveTextAsync("ended");
    }

    [ChromiumFact]
    public async Task A_telephone_in_Japanese_and_in_the_dark_shows_all_without_scrolling_sideways()
    {
        var page = await SignedIn("hanako", new() { ViewportSize = new() { Width = 400, Height = 800 }, Locale = "ja-JP", ColorScheme = ColorScheme.Dark });
        await Say(page, "奈良への旅を計画して。");
        await Assertions.Expect(page.Locator("[data-text]")).ToHaveTextAsync(Slow);
        await Narrow(page);
        await InChromium.Picture(page, "talk-chat-ja");
        foreach (var path in new[] { "/talk", "/talk/watch", "/talk/practice", "/talk/memories" })
        {
            await page.GotoAsync(path);
            await Narrow(page);
        }
    }

    [ChromiumFact]
    public async Task All_of_a_chat_is_reached_by_the_keyboard()
    {
        var page = await SignedIn("browser-key", new());
        await page.Locator("form[data-say] [name=model]").FillAsync("fast");
        await page.Locator("form[data-say] textarea[name=text]").FillAsync("Hello.");
        await page.Keyboard.PressAsync("Control+Enter");
        await Assertions.Expect(page.Locator("[data-text]")).ToHaveTextAsync(Slow);
        await page.Locator(".skip").FocusAsync();
        var seen = new HashSet<string>(StringComparer.Ordinal);
        for (var n = 0; n < 60; n++)
        {
            await page.Keyboard.PressAsync("Tab");
            seen.Add(await page.EvaluateAsync<string>("document.activeElement.textContent.trim()"));
        }

        foreach (var wanted in new[] { "Another reply", "Say it otherwise", "Feedback", "Delete chat", "Send", "Sign out" }) Assert.Contains(wanted, seen);
    }

    [AxeFact]
    public async Task No_page_has_a_barrier_that_axe_calls_serious()
    {
        var axe = await File.ReadAllTextAsync(AxeFactAttribute.Script);
        foreach (var scheme in new[] { ColorScheme.Light, ColorScheme.Dark })
        {
            var page = await SignedIn($"axe-{scheme}".ToLowerInvariant(), new() { ColorScheme = scheme, BypassCSP = true });
            await page.GotoAsync("/talk/memories");
            await page.Locator("textarea[name=text]").FillAsync("Drinks tea.");
            await page.Locator("form[action='/talk/memories'].say > button").ClickAsync();
            await page.GotoAsync("/talk");
            await Say(page, "Hello.");
            await Assertions.Expect(page.Locator("[data-text]")).ToHaveTextAsync(Slow);
            foreach (var path in new[] { new Uri(page.Url).PathAndQuery, "/talk", "/talk/watch", "/talk/practice", "/talk/memories", "/talk/nothing" })
            {
                await page.GotoAsync(path);
                await page.EvaluateAsync("for (const one of document.querySelectorAll('.acts > details')) one.open = true");
                await page.EvaluateAsync(axe);
                var found = await page.EvaluateAsync<string[]>("axe.run().then(({ violations }) => violations.filter(({ impact }) => impact === 'serious' || impact === 'critical').map(({ id, nodes }) => `${id}: ${nodes[0].html}`))");
                Assert.True(found.Length == 0, $"{path} ({scheme}): {string.Join("; ", found)}");
            }
        }
    }

    /// <summary>However slow the machine is, a reply is not whole before the test says so.</summary>
    private TaskCompletionSource BeginsAndWaits()
    {
        var rest = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        world.Provider.Script = new() { Reply = new() { Text = Slow }, Delivery = new() { ChunkCharacters = 11, Until = rest.Task } };
        return rest;
    }

    private static async Task Narrow(IPage page)
    {
        Assert.Equal("ja", await page.Locator("html").GetAttributeAsync("lang"));
        Assert.True(await page.EvaluateAsync<bool>("document.documentElement.scrollWidth <= 400"), $"{page.Url} is wider than the screen");
        Assert.Equal("rgb(21, 23, 27)", await page.EvaluateAsync<string>("getComputedStyle(document.body).backgroundColor"));
    }

    private static async Task Say(IPage page, string text)
    {
        await page.Locator("form[data-say] [name=model]").FillAsync("fast");
        await page.Locator("form[data-say] textarea[name=text]").FillAsync(text);
        await page.Locator("form[data-say] > button").ClickAsync();
        await Assertions.Expect(page.Locator(".turn")).ToHaveCountAsync(1);
    }

    private async Task<IPage> SignedIn(string user, BrowserNewContextOptions options, decimal cents = 500)
    {
        var page = await _chromium!.Page(options);
        await page.GotoAsync("/talk");
        await page.Locator("input[name=token]").FillAsync(await world.Token(user, cents));
        await page.Locator(".sign-in button").ClickAsync();
        await Assertions.Expect(page.Locator("header .who")).ToContainTextAsync(user);
        return page;
    }
}
