using Microsoft.Playwright;

namespace Agora.Operator.Tests;

/// <summary>The tree of what a session spent, in Chromium: on a desk, and without a script on a telephone, in Japanese, in the dark.</summary>
public sealed class SpendingInBrowserTests(SpendingWorld world) : IClassFixture<SpendingWorld>
{
    [ChromiumFact]
    public async Task The_tree_is_reached_from_the_session_and_each_line_is_as_long_as_its_part()
    {
        await using var chromium = await InChromium.Start(world.Console);
        var page = await chromium.SignedIn(new() { ViewportSize = new() { Width = 1280, Height = 800 } });
        await page.GotoAsync($"/console/sessions/{world.Session}");
        await page.Locator("nav.links a", new() { HasTextString = "Spending" }).First.ClickAsync();
        await Assertions.Expect(page.Locator("ol.spending > li")).ToHaveCountAsync(2);

        var widths = await page.EvaluateAsync<float[]>("[...document.querySelectorAll('main > section .lines rect.spent')].map(rect => rect.getBoundingClientRect().width)");
        var amounts = await page.EvaluateAsync<float[]>("[...document.querySelectorAll('main > section .lines b')].map(amount => parseFloat(amount.textContent.slice(1)))");
        Assert.Equal(amounts.Order(), widths.Zip(amounts).OrderBy(line => line.First).Select(line => line.Second));
        Assert.All(widths.Zip(amounts), line => Assert.InRange(line.First / widths[0], (line.Second / amounts[0]) - 0.02, (line.Second / amounts[0]) + 0.02));
        var indent = await page.EvaluateAsync<float[]>("[...document.querySelectorAll('ol.spending > li')].map(node => node.getBoundingClientRect().left)");
        Assert.True(indent[1] > indent[0] + 9, "what is below is not set in");
        await InChromium.Picture(page, "console-spending");
    }

    [ChromiumFact]
    public async Task A_telephone_without_a_script_in_Japanese_and_in_the_dark_shows_all_of_it_without_scrolling_sideways()
    {
        await using var chromium = await InChromium.Start(world.Console);
        var page = await chromium.SignedIn(new() { ViewportSize = new() { Width = 400, Height = 800 }, Locale = "ja-JP", ColorScheme = ColorScheme.Dark, JavaScriptEnabled = false });
        await page.GotoAsync($"/console/sessions/{world.Session}/spending");

        await Assertions.Expect(page.Locator("ol.spending > li")).ToHaveCountAsync(2);
        await Assertions.Expect(page.Locator("main")).ToContainTextAsync("呼び出し 4 回");
        Assert.Equal("ja", await page.Locator("html").GetAttributeAsync("lang"));
        var box = (await page.Locator("ol.spending").BoundingBoxAsync())!;
        Assert.True(box.X + box.Width <= 400, "it is wider than the screen");
        foreach (var part in await page.Locator("ol.spending svg, ol.spending b, ol.spending small").AllAsync())
        {
            var at = (await part.BoundingBoxAsync())!;
            Assert.True(at.X >= 0 && at.X + at.Width <= 400, $"a part from {at.X} to {at.X + at.Width}");
        }

        await InChromium.Picture(page, "spending-ja");
        foreach (var path in new[] { "/console/models/usage", "/console/models/usage?by=day", "/console/models/providers", "/console/models/rerate" })
        {
            await page.GotoAsync(path);
            Assert.True((await page.Locator("main").BoundingBoxAsync())!.Width <= 400, path); // its table scrolls within it
            await Assertions.Expect(page.Locator("main table")).ToBeVisibleAsync();
        }
    }
}
