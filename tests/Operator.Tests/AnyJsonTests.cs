using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Agora.Api.Desk;
using Agora.Core.Access;
using Agora.Operator.Pages;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Web;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Agora.Operator.Tests;

/// <summary>Whatever JSON an agent, a provider or a platform wrote, the page that shows it opens.</summary>
public sealed class AnyJsonTests(ConsoleWorld world) : IClassFixture<ConsoleWorld>
{
    // Each one ended a page, or could have.
    private static readonly string[] Every =
    [
        """[{"a":1},5]""",
        """[null,{"a":1}]""",
        """[[1],{"a":1}]""",
        """["text",{"a":1}]""",
        """{"links":{"a":5}}""",
        """{"links":{"a":null}}""",
        """{"links":{"a":{"b":[]}}}""",
        """{"links":5}""",
        """[{"id":"x","href":5}]""",
        """[{"id":"x","href":null}]""",
        """{"x_cents":1e300}""",
        """{"spent_cents":1e300,"limit_cents":1}""",
        """{"spent_cents":70000000000000000000000000000,"held_cents":70000000000000000000000000000,"limit_cents":1}""",
        """{"spent_cents":1,"limit_cents":0.0000000000000000000000000001}""",
        """{"spent_cents":-7e28,"limit_cents":0.0000000000000000000000000001}""",
        """{"daily_cap_cents":1e300,"spent":{"today":{"spent_cents":1}}}""",
        """{"prices":[{"a":1}]}""",
        """{"prices":[{"rates":[5]}]}""",
        """{"prices":[{"a":1,"rates":[{"a":2,"a":3}]}]}""",
        """{"kind":5,"id":{}}""",
        """{"at":"9999-12-31T23:59:59-14:00","until":"0001-01-01T00:00:00+14:00"}""",
        """{"":{"":""}}""",
        """{"\ud800":"\ud800","a":"\udc00"}""",
        """{"a":1,"a":{"b":2}}""",
        "null",
        "5",
        "[]",
        """[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]""",
    ];

    public static TheoryData<string> Shapes => new(Every);

    [Theory]
    [MemberData(nameof(Shapes))]
    public async Task A_shape_that_nobody_expected_is_drawn(string json)
    {
        foreach (var name in (string[])["data", "output", "prices", "payload"])
        {
            Assert.NotEmpty(await Draw(name, json, foreign: []));
            Assert.NotEmpty(await Draw(name, json, foreign: ["output"]));
        }
    }

    [Fact]
    public async Task Random_JSON_is_drawn_whole_within_bytes_that_it_warrants()
    {
        for (var seed = 0; seed < 3_000; seed++)
        {
            var json = RandomJson.Of(seed);
            var isForeign = seed % 2 == 0;
            string html;
            try
            {
                html = await Draw("output", json, isForeign ? ["output"] : []);
            }
            catch (Exception e) when (e is not Xunit.Sdk.XunitException)
            {
                throw new Xunit.Sdk.XunitException($"Seed {seed}: {json}\n{e}");
            }

            Assert.True(html.Length < 4_000 + (200 * json.Length), $"Seed {seed}: {html.Length} characters of HTML for {json}");
        }
    }

    [Fact]
    public async Task What_others_wrote_has_no_link_or_colour_of_ours_and_stands_beside_it_as_text()
    {
        const string json = """{"links":{"all":"/admin/users"},"user_id":"alice","state":"approved","spent_cents":1,"limit_cents":5}""";

        var page = new AngleSharp.Html.Parser.HtmlParser().ParseDocument(await Draw("output", json, foreign: ["output"]));

        Assert.Empty(page.QuerySelectorAll("a, .tone, svg, nav"));
        Assert.Equal(["links", "all", "user_id", "state", "spent_cents", "limit_cents"], page.QuerySelectorAll("dt").Select(static name => name.TextContent));
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(json), JsonNode.Parse(page.QuerySelector("details pre")!.TextContent)));
    }

    [Theory]
    [InlineData(1_000_000, 1)] // a long text
    [InlineData(3, 300_000)] // many texts
    public async Task Long_JSON_is_cut_in_its_drawing_and_whole_as_text(int length, int items)
    {
        var json = JsonSerializer.Serialize(Enumerable.Repeat(new string('x', length), items));

        var page = new AngleSharp.Html.Parser.HtmlParser().ParseDocument(await Draw("output", json, foreign: ["output"]));

        Assert.InRange(page.QuerySelectorAll("li").Length, 0, 2_000);
        Assert.NotNull(page.QuerySelector(".cut"));
        Assert.Equal(json, page.QuerySelector("details pre")!.TextContent);
    }

    [Fact]
    public async Task Long_names_of_members_are_cut_in_the_drawing_too()
    {
        var json = JsonSerializer.Serialize(Enumerable.Range(0, 100).ToDictionary(static n => $"{n}{new string('x', 10_000)}"));

        var page = new AngleSharp.Html.Parser.HtmlParser().ParseDocument(await Draw("output", json, foreign: ["output"]));

        Assert.InRange(page.QuerySelectorAll("dt").Sum(static name => name.TextContent.Length), 0, 100_000);
        Assert.NotNull(page.QuerySelector(".cut"));
    }

    [Fact]
    public async Task Rows_of_which_each_has_other_members_make_no_table_of_their_square()
    {
        var json = JsonSerializer.Serialize(Enumerable.Range(0, 3_000).Select(static n => new Dictionary<string, int> { [$"m{n}"] = n }));

        var html = await Draw("list", json, foreign: []);

        Assert.InRange(html.Length, json.Length, 20 * json.Length);
    }

    /// <summary>A provider answers each shape, and an agent hands all of them in: wherever that is shown, the page opens.</summary>
    [Fact]
    public async Task Pages_open_that_show_what_providers_and_agents_wrote()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        await using var provider = builder.Build();
        provider.Urls.Add("http://127.0.0.1:0");
        var answers = new Queue<string>(Every.Where(static shape => !shape.Contains("\\u", StringComparison.Ordinal) && !shape.Contains("\"a\":1,\"a\"", StringComparison.Ordinal) && !shape.Contains("\"a\":2,\"a\"", StringComparison.Ordinal) && !shape.StartsWith("[[[[", StringComparison.Ordinal))); // as far as the API takes them
        provider.MapPost("/run", () => Results.Text($$"""{"output":{{answers.Peek()}}}""", "application/json"));
        await provider.StartAsync();
        await world.Put("/admin/services/odd", $$"""{"name":"Odd","description":"Answers what it likes","category":"text","provider":"odd","endpoint":"{{provider.Urls.First()}}/run","price_cents":1,"input_schema":{"type":"object","minimum":1e300,"properties":{"n":{"type":"integer","minimum":1e300} } } }""");
        await world.Put("/admin/users/odd", """{"attributes":{"links":["a"],"x_cents":["1e300"]}}""");
        await world.Put("/admin/campaigns/odd", ConsoleWorld.Campaign("acme"));
        var (_, opened) = await world.Agent("/agent/auth", ConsoleWorld.Platform, """{"agent_id":"a1","user_id":"odd","scopes":{"allowed_task_types":["*"],"allowed_data_types":["*"],"allowed_categories":["*"],"allowed_consents":["*"],"budget_limit_cents":100}}""");
        var token = opened.GetProperty("data").GetProperty("token").GetString()!;
        var (completed, why) = await world.Agent("/agent/tasks/odd/complete", token, $$"""{"output":{"links":{"a":5},"x_cents":1e300,"href":5,{{string.Join(',', answers.Select(static (shape, n) => $"\"s{n}\":{shape}"))}}},"consents":[{"type":"data_sharing","granted":true}]}""");
        Assert.True(completed == 201, why.GetRawText()[..Math.Min(500, why.GetRawText().Length)]);

        var browser = await world.SignIn(ConsoleWorld.Admin);
        await browser.Open("/console/services/odd");
        while (answers.TryPeek(out var shape))
        {
            await browser.Send(browser.Form("try_service"), ("body.input", "{}"));
            Assert.True(browser.Status == HttpStatusCode.OK && browser.Page.QuerySelector("section.came") is not null, $"{shape}: {browser.Status}");
            answers.Dequeue();
        }

        var (seen, left) = (new HashSet<string>(StringComparer.Ordinal), new Queue<string>(["/console", "/console/completions", "/console/users/odd", "/console/journal/user/odd"]));
        while (left.TryDequeue(out var page) && seen.Count < 120)
        {
            if (!seen.Add(page)) continue;

            await browser.Open(page);
            Assert.True(browser.Status < HttpStatusCode.InternalServerError, $"{page}: {browser.Status}");
            foreach (var link in browser.Page.QuerySelectorAll("a").Select(static link => link.GetAttribute("href")!).Where(static link => link.StartsWith("/console", StringComparison.Ordinal) && !link.Contains("as=csv", StringComparison.Ordinal))) left.Enqueue(link);
        }
    }

    private async Task<string> Draw(string name, string json, string[] foreign)
    {
        using var services = new ServiceCollection().BuildServiceProvider();
        await using var renderer = new HtmlRenderer(services, NullLoggerFactory.Instance);
        var who = new DeskOperator("default", "admin", Role.Admin, null, DateTimeOffset.MaxValue, "");
        var view = new View(who, Wording.Of(new DefaultHttpContext().Request), Map, "/console") { Foreign = foreign };
        var parameters = ParameterView.FromDictionary(new Dictionary<string, object?> { ["View"] = view, ["Name"] = name, ["Value"] = Surrogate(JsonElement.Parse(json)) });
        return await renderer.Dispatcher.InvokeAsync(async () => (await renderer.RenderComponentAsync<ValueOf>(parameters)).ToHtmlString());
    }

    // As the desk hands replies to pages.
    private static JsonElement Surrogate(JsonElement json) => json.GetRawText().Contains(@"\ud800", StringComparison.Ordinal) ? JsonElement.Parse(json.GetRawText().Replace(@"\ud800", @"\ufffd", StringComparison.Ordinal).Replace(@"\udc00", @"\ufffd", StringComparison.Ordinal)) : json;

    private RouteMap Map => field ??= new(world.Routes);

    /// <summary>JSON that has the names that pages know, with values of any kind.</summary>
    private static class RandomJson
    {
        private static readonly string[] Names = ["links", "href", "id", "kind", "x_cents", "spent_cents", "held_cents", "limit_cents", "cap_cents", "daily_cap_cents", "monthly_cap_cents", "total_limit_cents", "raise", "until", "spent", "today", "this_month", "prices", "rates", "at", "from", "to", "state", "status", "schema", "payload", "step", "user_id", "session_id", "a", "", "次", "not_projected", "sequence"];
        private static readonly string[] Scalars = ["null", "true", "false", "0", "-1", "5", "1e300", "-1e300", "1e-300", "79228162514264337593543950335", "0.0000000000000000000000000001", "\"\"", "\"/admin/users/alice\"", "\"alice\"", "\"2026-01-01T00:00:00Z\"", "\"pending\"", "\"<script>\"", "\"session\"", "\"日本\"", "\"//x/../%zz?\""];

        public static string Of(int seed)
        {
            var (random, text) = (new Random(seed), new StringBuilder());
            Write(random, text, 0);
            return text.ToString();
        }

        private static void Write(Random random, StringBuilder to, int depth)
        {
            var kind = random.Next(depth > 7 ? 1 : 5);
            if (kind is 0 or 4 && depth > 0)
            {
                to.Append(Scalars[random.Next(Scalars.Length)]);
                return;
            }

            var isArray = kind is 1 or 3;
            to.Append(isArray ? '[' : '{');
            for (var (n, count) = (0, random.Next(6)); n < count; n++)
            {
                if (n > 0)
                {
                    to.Append(',');
                }

                if (!isArray)
                {
                    to.Append(CultureInfo.InvariantCulture, $"\"{Names[random.Next(Names.Length)]}\":");
                }

                Write(random, to, depth + 1);
            }

            to.Append(isArray ? ']' : '}');
        }
    }
}
