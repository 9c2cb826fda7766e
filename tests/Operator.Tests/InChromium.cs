using Microsoft.Playwright;

namespace Agora.Operator.Tests;

/// <summary>Pages of a console in Chromium. What a script of theirs does wrong fails the test.</summary>
internal sealed class InChromium : IAsyncDisposable
{
    /// <summary>What is waited for comes within milliseconds where the machine has nothing else to do, and here it has.</summary>
    private const float Patience = 30_000;

    private readonly ConsoleWorld _world;
    private readonly IPlaywright _playwright;
    private readonly IBrowser _chromium;

    private InChromium(ConsoleWorld world, IPlaywright playwright, IBrowser chromium) => (_world, _playwright, _chromium) = (world, playwright, chromium);

    /// <summary>Where there is one: <see cref="ChromiumFactAttribute"/>.</summary>
    public static async Task<InChromium> Start(ConsoleWorld world)
    {
        Assertions.SetDefaultExpectTimeout(Patience);
        var playwright = await Playwright.CreateAsync();
        return new(world, playwright, await playwright.Chromium.LaunchAsync(new() { ExecutablePath = Chromium.Path, Args = ["--no-sandbox"] }));
    }

    public async ValueTask DisposeAsync()
    {
        await _chromium.DisposeAsync();
        _playwright.Dispose();
    }

    public async Task<IPage> Page(BrowserNewContextOptions options)
    {
        options.BaseURL = _world.Http.BaseAddress!.ToString();
        var page = await (await _chromium.NewContextAsync(options)).NewPageAsync();
        page.PageError += (_, error) => Assert.Fail(error);
        return page;
    }

    public async Task<IPage> SignedIn(BrowserNewContextOptions options)
    {
        var page = await Page(options);
        await page.GotoAsync("/console");
        await page.Locator("input[name=key]").FillAsync(ConsoleWorld.Admin);
        await page.Locator("form[action='/console/sign-in'] button").ClickAsync();
        await Assertions.Expect(page.Locator("header .who")).ToContainTextAsync("admin");
        return page;
    }

    /// <summary>For the documents: AGORA_PICTURES names a directory.</summary>
    public static async Task Picture(IPage page, string name)
    {
        if (Environment.GetEnvironmentVariable("AGORA_PICTURES") is { Length: > 0 } directory)
        {
            await page.ScreenshotAsync(new() { Path = Path.Combine(directory, $"{name}.png") });
        }
    }
}
