using System.Net;
using System.Text.Json;
using AngleSharp.Html.Parser;

namespace Agora.Operator.Tests;

/// <summary>The server's own address.</summary>
public sealed class FrontPageTests(ConsoleWorld world) : IClassFixture<ConsoleWorld>
{
    [Theory]
    [InlineData(null)]
    [InlineData("*/*")]
    [InlineData("application/json")]
    public async Task A_program_reads_JSON(string? accept)
    {
        using var answer = await Get("/", accept);

        Assert.Equal((HttpStatusCode.OK, "application/json"), (answer.StatusCode, answer.Content.Headers.ContentType!.MediaType));
        Assert.Equal("/openapi/v1.json", JsonDocument.Parse(await answer.Content.ReadAsStringAsync()).RootElement.GetProperty("data").GetProperty("open_api").GetString());
    }

    [Theory]
    [InlineData("en", "Console")]
    [InlineData("ja", "コンソール")]
    public async Task A_browser_comes_to_a_page_that_names_console_talk_and_reference(string language, string console)
    {
        using var answer = await Get("/", "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", language);
        Assert.Equal(HttpStatusCode.SeeOther, answer.StatusCode);
        using var page = await Get(answer.Headers.Location!.ToString(), "text/html", language);
        var links = new HtmlParser().ParseDocument(await page.Content.ReadAsStringAsync()).QuerySelectorAll("main a");

        Assert.Equal(["/console", "/talk", "/docs", "/openapi/v1.json"], links.Select(static link => link.GetAttribute("href")));
        Assert.Equal(console, links[0].TextContent);
        foreach (var link in links)
        {
            using var there = await Get(link.GetAttribute("href")!, "text/html");
            Assert.True((int)there.StatusCode is 200 or 303, $"{link.GetAttribute("href")}: {there.StatusCode}");
        }
    }

    private Task<HttpResponseMessage> Get(string path, string? accept, string language = "en")
    {
        var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.TryAddWithoutValidation("Accept", accept);
        request.Headers.TryAddWithoutValidation("Accept-Language", language);
        return world.Http.SendAsync(request);
    }
}
