using System.Globalization;
using System.Net;

namespace Agora.Operator.Tests;

/// <summary>What a session's money went to, as a page: with no script, and for the user whose money it is.</summary>
public sealed class SpendingTests(SpendingWorld world) : IClassFixture<SpendingWorld>
{
    [Fact]
    public async Task A_sessions_page_leads_to_what_it_and_those_below_it_spent_on_models_services_and_transfers()
    {
        var browser = await world.Console.SignIn(ConsoleWorld.Viewer);
        await browser.Open($"/console/sessions/{world.Session}");
        var link = Assert.Single(browser.Page.QuerySelectorAll("nav.links a"), link => link.TextContent == "Spending");

        await browser.Open(link.GetAttribute("href")!);

        Assert.Equal(HttpStatusCode.OK, browser.Status);
        var tree = await world.Console.Read($"/admin/sessions/{world.Session}/spending");
        var nodes = browser.Page.QuerySelectorAll("ol.spending > li").ToList();
        Assert.Equal(["depth-0", "depth-1"], nodes.Select(node => node.ClassName));
        Assert.Equal([$"/console/sessions/{world.Session}", $"/console/sessions/{world.Below}"], nodes.Select(node => node.QuerySelector("a")!.GetAttribute("href")));
        Assert.Equal(["Transfers house-model small-model upper", "house-model upper"], nodes.Select(node => string.Join(' ', node.QuerySelectorAll(".lines li").Select(Named).Order(StringComparer.Ordinal))));
        foreach (var (node, told) in nodes.Zip(tree.GetProperty("nodes").EnumerateArray()))
        {
            var lines = node.QuerySelectorAll(".lines b").Sum(amount => decimal.Parse(amount.TextContent[1..], CultureInfo.InvariantCulture));
            Assert.Equal(told.GetProperty("own").GetProperty("spent_cents").GetDecimal(), lines * 100);
            Assert.StartsWith(Shown.Money(told.GetProperty("budget").GetProperty("spent_cents")) + " spent", node.QuerySelector("figcaption")!.TextContent, StringComparison.Ordinal);
        }

        Assert.Contains("4 calls", nodes[0].TextContent, StringComparison.Ordinal);
        Assert.Contains("16,000 tokens from the cache", nodes[0].TextContent, StringComparison.Ordinal);
        var whole = browser.Page.QuerySelectorAll("main > section .lines li").Single(line => Named(line) == "house-model");
        Assert.Contains("6 calls", whole.TextContent, StringComparison.Ordinal);
        Assert.Equal(6, whole.QuerySelectorAll("rect").Length + whole.ParentElement!.QuerySelectorAll("li").Length - 1); // a bar, and four lines
    }

    [Fact]
    public async Task Its_user_sees_it_too_and_in_Japanese_it_speaks_Japanese_and_nobodys_session_says_so()
    {
        var link = (await world.Console.Agent("/admin/users/alice/link", ConsoleWorld.Admin, "{}")).Body.GetProperty("data").GetProperty("link").GetString()!;
        var browser = new Browser(world.Console.Http, "ja");
        await browser.Open(new Uri(world.Console.Http.BaseAddress!, link).PathAndQuery);
        await browser.Send(browser.Page.Forms.Single());
        await browser.Open($"/console/sessions/{world.Session}/spending");
        Assert.Equal(HttpStatusCode.OK, browser.Status);
        Assert.Contains("全体の合計", browser.Text, StringComparison.Ordinal);
        Assert.Contains("呼び出し 6 回", browser.Text, StringComparison.Ordinal);

        await browser.Open("/console/sessions/nobodys/spending");
        Assert.Equal(HttpStatusCode.NotFound, browser.Status);
    }

    [Fact]
    public async Task What_models_cost_is_reached_from_the_navigation_and_each_group_leads_to_its_thing()
    {
        var browser = await world.Console.SignIn(ConsoleWorld.Viewer);
        await browser.Open("/console");
        Assert.Equal(["/console/models/usage", "/console/models/providers", "/console/models/rerate", "/console/models/estimates"], browser.Page.QuerySelectorAll("body > nav a").Select(link => link.GetAttribute("href")!).Where(href => href.StartsWith("/console/models/", StringComparison.Ordinal)));

        await browser.Open("/console/models/usage");
        var told = await world.Console.Read("/admin/models/usage");
        Assert.Equal(["/console/services/house-model", "/console/services/small-model"], browser.Page.QuerySelectorAll("main tbody td:first-child a").Select(link => link.GetAttribute("href")));
        Assert.Contains(Shown.Money(told.GetProperty("total").GetProperty("cost_cents")), browser.Page.QuerySelector("main > section dl")!.TextContent, StringComparison.Ordinal);

        await browser.Open("/console/models/usage?by=agent");
        Assert.Equal(["/console/agents/planner", "/console/agents/writer"], browser.Page.QuerySelectorAll("main tbody td:first-child a").Select(link => link.GetAttribute("href")));
        Assert.Equal("agent", browser.Page.QuerySelector("main form select[name=by] option[selected]")!.GetAttribute("value"));

        await browser.Open("/console/models/usage?by=nothing");
        Assert.Equal(HttpStatusCode.UnprocessableEntity, browser.Status);
        Assert.Contains("validation_failed", browser.Text, StringComparison.Ordinal);

        await browser.Open("/console/models/providers");
        Assert.Contains("scripted", browser.Page.QuerySelector("main table")!.TextContent, StringComparison.Ordinal);

        await browser.Open("/console/models/rerate?prices_of=small-model");
        var rows = (await world.Console.Read("/admin/models/rerate?prices_of=small-model")).GetProperty("models").EnumerateArray().ToList();
        Assert.Equal(rows.Count, browser.Page.QuerySelectorAll("main tbody tr").Length);
        Assert.All(rows, row => Assert.Contains(Shown.Money(row.GetProperty("rerated_cents")), browser.Page.QuerySelector("main table")!.TextContent, StringComparison.Ordinal));
        Assert.True(rows[0].GetProperty("rerated_cents").GetDecimal() < rows[0].GetProperty("actual_cents").GetDecimal());
    }

    private static string Named(AngleSharp.Dom.IElement line) => line.QuerySelector("span a")?.TextContent ?? line.QuerySelector("span")!.FirstChild!.TextContent.Trim();
}
