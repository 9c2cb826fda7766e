using System.Net;
using System.Text.Json;
using Agora.Operator.Reference;
using AngleSharp.Dom;

namespace Agora.Operator.Tests;

/// <summary>The API reference says what the OpenAPI document says, all of it, to anybody, with nothing that runs or comes from elsewhere.</summary>
public sealed class DocsTests(ConsoleWorld world) : IClassFixture<ConsoleWorld>
{
    [Fact]
    public async Task Each_operation_of_the_document_is_on_one_page_with_its_parameters_body_replies_and_codes()
    {
        var pages = await Pages();
        foreach (var (path, method, operation) in Operations(await Document()))
        {
            var id = operation.GetProperty("operationId").GetString()!;
            var part = Assert.Single(pages.Select(page => page.Page.GetElementById(id)).OfType<IElement>());
            Assert.Equal($"{method} {path}", part.QuerySelector("h2")!.TextContent.Trim());
            Assert.All(operation.GetProperty("parameters").EnumerateArray(), parameter => Assert.Contains(parameter.GetProperty("name").GetString(), Cells(part)));
            Assert.All(operation.GetProperty("responses").EnumerateObject(), reply => Assert.Contains(reply.Name, part.QuerySelectorAll("dt").Select(term => term.TextContent)));
            if (operation.TryGetProperty("requestBody", out var body))
            {
                var schema = body.GetProperty("content").EnumerateObject().First().Value.GetProperty("schema");
                Assert.All(schema.GetProperty("properties").EnumerateObject(), member => Assert.Contains(member.Name, Cells(part)));
            }
        }
    }

    [Fact]
    public async Task Each_link_within_the_pages_leads_to_something_that_is_there()
    {
        var pages = await Pages();
        var contents = new Browser(world.Http, null);
        await contents.Open(DocsRoutes.Root);
        var there = pages.Append(contents).ToDictionary(static page => page.Address);
        foreach (var page in there.Values)
        {
            foreach (var link in page.Page.QuerySelectorAll("a[href]").Select(static one => one.GetAttribute("href")!).Distinct().Where(static one => !one.Contains("/errors/", StringComparison.Ordinal) && one != "/openapi/v1.json"))
            {
                var (address, anchor) = link.Split('#') is [var before, var after] ? (before.Length == 0 ? page.Address : before, after) : (link, null);
                Assert.True(there.ContainsKey(address), link);
                Assert.True(anchor is null || there[address].Page.GetElementById(anchor) is not null, $"{page.Address} {link}");
            }
        }

        foreach (var refusal in pages.SelectMany(static page => page.Page.QuerySelectorAll("a[href*='/errors/']")).Select(static one => one.GetAttribute("href")!).Distinct())
        {
            using var answer = await world.Http.GetAsync(refusal);
            Assert.True(answer.StatusCode == HttpStatusCode.OK, refusal);
        }
    }

    [Fact]
    public async Task Each_page_is_below_160_KB_has_no_script_and_loads_nothing_of_elsewhere()
    {
        foreach (var page in await Pages())
        {
            Assert.InRange(page.Html.Length, 1_000, 160_000);
            Assert.Empty(page.Page.QuerySelectorAll("script, img, iframe, form:not([role=search]), style, [style]"));
            Assert.All(page.Page.QuerySelectorAll("link[href]"), link => Assert.StartsWith("/docs/assets/", link.GetAttribute("href")!, StringComparison.Ordinal));
            var policy = page.Answer.Headers.GetValues("Content-Security-Policy").Single();
            Assert.StartsWith("default-src 'none'; ", policy, StringComparison.Ordinal);
            Assert.DoesNotContain("script-src", policy, StringComparison.Ordinal);
            Assert.DoesNotContain("unsafe", policy, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task What_a_page_loads_is_served_below_it()
    {
        foreach (var asset in new[] { DocsRoutes.Css, DocsRoutes.OwnCss, DocsRoutes.Icon })
        {
            using var answer = await world.Http.GetAsync(asset);
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        }
    }

    [Fact]
    public async Task An_example_has_the_body_of_the_document_as_a_shell_reads_it()
    {
        foreach (var (_, _, operation) in Operations(await Document()).Where(static one => one.Operation.TryGetProperty("requestBody", out _)))
        {
            var example = operation.GetProperty("requestBody").GetProperty("content").EnumerateObject().First().Value.GetProperty("example");
            var command = CurlExample.Of(Area.SelectMany(static area => area.Operations).Single(one => one.Id == operation.GetProperty("operationId").GetString()));
            var quoted = command[(command.IndexOf("-d '", StringComparison.Ordinal) + 4)..^1].Replace("'\\''", "'", StringComparison.Ordinal);
            Assert.True(JsonElement.DeepEquals(example, JsonDocument.Parse(quoted).RootElement), command);
        }
    }

    /// <summary>If the text contained one key, the second request made from it would be refused with <c>idempotency_conflict</c>.</summary>
    [Fact]
    public void An_example_makes_a_new_idempotency_key_where_the_route_wants_one_and_has_none_elsewhere()
    {
        var operations = Area.SelectMany(static area => area.Operations).ToList();
        var wanting = operations.Where(static one => one.Parameters.Any(static parameter => parameter is { Name: "Idempotency-Key", IsRequired: true })).ToList();

        Assert.InRange(wanting.Count, 1, operations.Count - 1);
        Assert.All(wanting, static one => Assert.Contains("""-H "Idempotency-Key: $(openssl rand -hex 16)" """.TrimEnd(), CurlExample.Of(one), StringComparison.Ordinal));
        Assert.All(operations.Except(wanting), static one => Assert.DoesNotContain("Idempotency-Key", CurlExample.Of(one), StringComparison.Ordinal));
    }

    [Fact]
    public void A_quote_within_an_example_does_not_end_it()
    {
        var operation = Area[0].Operations.First(static one => one.BodyExample is not null) with { BodyExample = JsonDocument.Parse("""{"text":"it's; rm -rf ~"}""").RootElement };

        Assert.EndsWith("""-d '{"text":"it'\''s; rm -rf ~"}'""", CurlExample.Of(operation), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_the_document_says_is_text_on_a_page()
    {
        const string Attack = "<script>alert(1)</script><img src=x>";
        var document = System.Text.Json.Nodes.JsonNode.Parse((await Document()).GetRawText())!;
        document["info"]!["description"] = Attack;
        document["paths"]!["/agent/auth"]!["post"]!["summary"] = Attack;
        document["paths"]!["/agent/auth"]!["post"]!["requestBody"]!["content"]!["application/json"]!["schema"]!["properties"]!["agent_id"]!["description"] = Attack;
        await using var app = await DocsWorld.Start(JsonSerializer.SerializeToElement(document), ("attack", $"# attack\n\n**{Attack}** `{Attack}`\n\n```json\n{Attack}\n```\n"));
        using var http = new HttpClient { BaseAddress = new(app.Urls.First()) };
        foreach (var address in new[] { "/docs", "/docs/agents", "/docs/errors", "/docs/errors/attack", "/docs/search?q=auth", $"/docs/{Uri.EscapeDataString(Attack)}", $"/docs/errors/{Uri.EscapeDataString(Attack)}" })
        {
            var browser = new Browser(http, null);
            await browser.Open(address);
            Assert.Empty(browser.Page.QuerySelectorAll("script, img"));
            Assert.Equal(address.Length < 25, browser.Text.Contains(Attack, StringComparison.Ordinal));
        }
    }

    [Theory]
    [InlineData("AGORA_CONSOLE", "/docs", HttpStatusCode.OK)]
    [InlineData("AGORA_CONSOLE", "/docs/agents", HttpStatusCode.OK)]
    [InlineData("AGORA_DOCS", "/docs", HttpStatusCode.NotFound)]
    [InlineData("AGORA_DOCS", "/docs/agents", HttpStatusCode.NotFound)]
    [InlineData("AGORA_DOCS", "/console/sign-in", HttpStatusCode.OK)]
    public async Task Each_is_turned_off_by_its_own_setting_and_the_other_goes_on(string setting, string address, HttpStatusCode status)
    {
        await using var other = new ConsoleWorld { Settings = [new(setting, "false")] };
        await other.InitializeAsync();
        using var answer = await other.Http.GetAsync(address);

        Assert.Equal(status, answer.StatusCode);
    }

    [Fact]
    public async Task Each_code_has_when_it_comes_and_what_to_do_with_an_example_and_its_codes_in_code()
    {
        var errors = (await Pages()).Single(static page => page.Address == "/docs/errors");
        foreach (var code in (await Document()).GetProperty("components").GetProperty("examples").EnumerateObject().Select(static example => example.Name).Where(static name => !name.Contains('.', StringComparison.Ordinal)))
        {
            var part = errors.Page.GetElementById(code)!;
            Assert.All((string[])["When: ", "What to do: "], word => Assert.Contains(part.QuerySelectorAll("p"), paragraph => paragraph.TextContent.TrimStart().StartsWith(word, StringComparison.Ordinal)));
            Assert.Equal(code, JsonDocument.Parse(part.QuerySelector("pre")!.TextContent).RootElement.GetProperty("error").GetProperty("code").GetString());
            Assert.DoesNotContain(part.QuerySelectorAll("p"), static paragraph => paragraph.TextContent.Contains('`', StringComparison.Ordinal) || paragraph.TextContent.Contains("](", StringComparison.Ordinal) || paragraph.TextContent.Contains("**", StringComparison.Ordinal));
        }

        Assert.Contains(errors.Page.GetElementById("signature_refused")!.QuerySelectorAll("code"), static piece => piece.TextContent == "Accept-Signature");
    }

    [Theory]
    [InlineData("en", "When: ")]
    [InlineData("ja", "原因: ")]
    public async Task A_browser_that_follows_a_code_sees_its_page_in_its_language_and_a_program_gets_its_text(string language, string word)
    {
        using var http = new HttpClient { BaseAddress = world.Http.BaseAddress };
        http.DefaultRequestHeaders.Add("Accept-Language", language);
        using var plain = await http.GetAsync("/errors/rate_limited");
        var text = await plain.Content.ReadAsStringAsync();
        Assert.Equal(["Accept", "Accept-Language"], plain.Headers.Vary.Order());
        http.DefaultRequestHeaders.Add("Accept", "text/html,application/xhtml+xml;q=0.9");
        var browser = new Browser(http, null);
        await browser.Open("/errors/rate_limited");

        Assert.StartsWith("# rate_limited\n", text, StringComparison.Ordinal);
        Assert.Equal("/docs/errors/rate_limited", browser.Address);
        Assert.Equal(language, browser.Page.QuerySelector("main div[lang]")!.GetAttribute("lang"));
        Assert.Contains(word, browser.Page.GetElementById("rate_limited")!.TextContent, StringComparison.Ordinal);
        Assert.Contains(text.Split("**")[1], browser.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_code_that_is_not_there_has_no_page()
    {
        using var answer = await world.Http.GetAsync("/docs/errors/no_such_code");

        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
    }

    [Fact]
    public async Task Each_operation_is_found_by_its_name_its_path_and_what_it_takes_and_each_code_by_its_own()
    {
        foreach (var (path, _, operation) in Operations(await Document()))
        {
            var id = operation.GetProperty("operationId").GetString()!;
            foreach (var text in new[] { id, path, $"{id.ToUpperInvariant()} {path.Split('/')[1]}" })
            {
                Assert.Contains(await Found(text), link => link.EndsWith($"#{id}", StringComparison.Ordinal));
            }
        }

        Assert.Contains("/docs/errors/budget_exceeded", await Found("budget_exceeded"));
        Assert.Contains("/docs/agents#run_service", await Found("max_price_cents run"));
        Assert.Equal("/docs/users#put_user", (await Found("put_user"))[0]);
    }

    [Theory]
    [InlineData("")]
    [InlineData("?q=")]
    [InlineData("?q=%20%20")]
    [InlineData("?q=no+such+operation+anywhere")]
    [InlineData("?q=a&q=b&q=<script>")]
    public async Task Where_nothing_is_found_a_page_says_what_to_do(string query)
    {
        var page = new Browser(world.Http, null);
        await page.Open($"/docs/search{query}");

        Assert.Equal(HttpStatusCode.OK, page.Status);
        Assert.NotNull(page.Page.QuerySelector("main a[href='/docs']"));
        Assert.Empty(page.Page.QuerySelectorAll("main li, script"));
    }

    [Fact]
    public async Task What_is_searched_for_is_bounded()
    {
        var page = new Browser(world.Http, null);
        await page.Open($"/docs/search?q={new string('x', 10_000)}");

        Assert.Equal(new string('x', ApiReference.SearchLength), page.Page.QuerySelector("input[name=q]")!.GetAttribute("value"));
        await page.Open("/docs/search?q=a");
        Assert.Equal(ApiReference.MostFound, page.Page.QuerySelectorAll("main li").Length);
        Assert.InRange(page.Html.Length, 1_000, 160_000);
    }

    [Fact]
    public async Task A_page_that_is_not_there_is_404()
    {
        var browser = new Browser(world.Http, null);
        await browser.Open("/docs/nowhere");

        Assert.Equal(HttpStatusCode.NotFound, browser.Status);
    }

    [Fact]
    public async Task An_operators_route_says_its_least_role_and_for_whose_own_it_is()
    {
        var campaigns = (await Pages()).Single(static page => page.Address == "/docs/campaigns");

        Assert.Contains("The least role is operator, or sponsor about what is its own.", campaigns.Page.GetElementById("put_campaign")!.TextContent, StringComparison.Ordinal);
    }

    private async Task<List<string>> Found(string text)
    {
        var page = new Browser(world.Http, null);
        await page.Open($"/docs/search?q={Uri.EscapeDataString(text)}");
        return [.. page.Page.QuerySelectorAll("main a").Select(static link => link.GetAttribute("href")!)];
    }

    private IReadOnlyList<Area> Area => field ??= new ApiReference(new DocsWorld.Fixed(Document().GetAwaiter().GetResult(), [])).Areas;

    private async Task<List<Browser>> Pages()
    {
        var contents = new Browser(world.Http, null);
        await contents.Open(DocsRoutes.Root);
        var pages = new List<Browser>();
        foreach (var address in contents.Page.QuerySelectorAll("body > nav a").Select(static link => link.GetAttribute("href")!).Where(static address => address != DocsRoutes.Root))
        {
            var page = new Browser(world.Http, null);
            await page.Open(address);
            Assert.Equal(HttpStatusCode.OK, page.Status);
            pages.Add(page);
        }

        Assert.NotEmpty(pages);
        return pages;
    }

    private async Task<JsonElement> Document() => JsonDocument.Parse(await world.Http.GetStringAsync("/openapi/v1.json")).RootElement;

    private static IEnumerable<(string Path, string Method, JsonElement Operation)> Operations(JsonElement document) =>
        document.GetProperty("paths").EnumerateObject().SelectMany(static path => path.Value.EnumerateObject().Select(method => (path.Name, method.Name.ToUpperInvariant(), method.Value)));

    private static List<string> Cells(IElement part) => [.. part.QuerySelectorAll("td:first-child code").Select(static cell => cell.TextContent)];
}
