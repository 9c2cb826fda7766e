using System.Net;
using System.Text;
using System.Text.Json;
using Agora.ScriptedModels;
using AngleSharp.Dom;
using AngleSharp.Html.Dom;

namespace Agora.Operator.Tests;

/// <summary>What pages say of models and what can be done there: what they cost, what nobody counted, and why a call was refused.</summary>
public sealed class ModelPagesTests(SpendingWorld world) : IClassFixture<SpendingWorld>
{
    private const string Body = """{"model":"house-model","max_completion_tokens":1024,"messages":[{"role":"user","content":"Hello."}]}""";

    [Fact]
    public async Task A_models_page_says_what_it_costs_and_only_what_can_be_tried_offers_a_try()
    {
        await world.Console.Put("/admin/services/asked", """{"name":"Asked","description":"An agent","category":"text","provider":"agent:writer","endpoint":"agent:writer","price_cents":1}""");
        var browser = await world.Console.SignIn(ConsoleWorld.Admin);
        await browser.Open("/console/services/house-model");

        Assert.Equal(["Version", "Request", "Input", "Output", "From", "Above input tokens"], Headers(browser));
        Assert.Equal(["1", "$0.00", "$1.25", "$9.00", "2026-01-01 00:00:00 UTC", "0"], browser.Page.QuerySelectorAll("main tbody td").Select(Text));
        foreach (var (service, isTried) in new[] { ("house-model", false), ("asked", false), ("upper", true) })
        {
            await browser.Open($"/console/services/{service}");
            Assert.Equal((service, HttpStatusCode.OK, isTried), (service, browser.Status, browser.Offers("try_service")));
        }
    }

    [Fact]
    public async Task An_estimate_leads_to_the_act_that_puts_it_right_and_stands_with_what_else_is_said_of_models()
    {
        var script = world.Provider.Script;
        world.Provider.Script = script with { Reply = script.Reply with { Fault = new Fault.Usage(UsageFault.Missing) } };
        await Call(await Open("guessed", """{"scopes":{"allowed_categories":["*"],"budget_limit_cents":20}}"""));
        world.Provider.Script = script;
        var browser = await world.Console.SignIn(ConsoleWorld.Admin);
        await browser.Open("/console/models/estimates?model=house-model");

        var menu = browser.Page.QuerySelectorAll("body > nav > *").SkipWhile(static one => one.TextContent != "Models").Skip(1).TakeWhile(static one => one.LocalName == "a");
        Assert.Equal(["Usage", "Providers", "Rerate", "Estimates"], menu.Select(Text));
        var told = await world.Console.Read("/admin/models/estimates");
        var run = told.GetProperty("estimates")[0].GetProperty("run_id").GetString()!;
        Assert.Contains(browser.Page.QuerySelectorAll("main p"), static line => System.Text.RegularExpressions.Regex.IsMatch(line.TextContent, @"^From \d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC to \d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC$"));

        await browser.Open(Assert.Single(browser.Page.QuerySelectorAll("main td a"), link => link.GetAttribute("href")!.EndsWith($"?model=house-model&opened=adjust_model_estimate&id.run_id={run}", StringComparison.Ordinal)).GetAttribute("href")!);
        var form = browser.Form("adjust_model_estimate");
        Assert.True(form.ParentElement!.HasAttribute("open"));
        await browser.Send(form, ("body.cost_cents", "0.01"), ("body.reason", "The bill."));

        Assert.True(browser.Status == HttpStatusCode.OK, browser.Text);
        Assert.StartsWith("/console/models/estimates?model=house-model&done=", browser.Address, StringComparison.Ordinal);
        var estimate = (await world.Console.Read("/admin/models/estimates")).GetProperty("estimates")[0];
        Assert.Equal(0.01m, estimate.GetProperty("posted_cents").GetDecimal() - estimate.GetProperty("refunded_cents").GetDecimal());
    }

    [Theory]
    [InlineData("/console/models/usage")]
    [InlineData("/console/models/rerate")]
    public async Task Figures_have_names_of_their_own_and_nothing_is_said_to_be_not_set(string page)
    {
        var browser = await world.Console.SignIn(ConsoleWorld.Viewer);
        await browser.Open(page);

        foreach (var names in new[] { Headers(browser), [.. browser.Page.QuerySelectorAll("main > section dt").Select(Text)] })
        {
            Assert.NotEmpty(names);
            Assert.Equal(names.Distinct(), names);
        }

        Assert.Empty(browser.Page.QuerySelectorAll("main .unset"));
    }

    [Fact]
    public async Task What_a_sessions_budget_refused_is_lifted_at_its_grant_for_the_next_session()
    {
        const string Grant = """{"scopes":{"allowed_categories":["*"],"budget_limit_cents":0.01}}""";
        await Refused(await Open("spent", Grant));
        var browser = await world.Console.SignIn(ConsoleWorld.Admin);
        var refusal = await OpenRefusal(browser, "spent");

        var offered = Offered(browser, "scopes.budget_limit_cents");
        Assert.Equal(refusal.GetProperty("asked_cents").GetRawText(), offered.Value);
        await browser.Send(offered.Form);

        Assert.Equal(HttpStatusCode.OK, browser.Status);
        Assert.Empty(browser.Page.QuerySelectorAll(".offered"));
        var scopes = (await world.Console.Read("/admin/users/spent/grants/caller")).GetProperty("scopes");
        Assert.Equal(("*", offered.Value), (scopes.GetProperty("allowed_categories")[0].GetString(), scopes.GetProperty("budget_limit_cents").GetRawText()));
        await Call(await Session("spent"));
    }

    [Fact]
    public async Task Where_its_user_is_asked_nothing_is_refused_yet_and_after_a_no_the_refusal_leads_to_the_grant()
    {
        var token = await Open("doubted", """{"scopes":{"allowed_categories":["*"],"budget_limit_cents":0.01,"ask_when_spent":true}}""");
        Assert.Equal("pending", (await Refused(token)).GetProperty("approval").GetString());
        var browser = await world.Console.SignIn(ConsoleWorld.Admin);
        Assert.Equal(0, (await world.Console.Read("/admin/refusals?user_id=doubted")).GetProperty("refusals").GetArrayLength());

        await browser.Open("/console/approvals?user_id=doubted");
        var question = (IHtmlFormElement)Assert.Single(browser.Page.QuerySelectorAll("article.waiting form"));
        await browser.Send(question, [.. Browser.Fields(question), KeyValuePair.Create("body.decision", "deny")]);

        var denied = await OpenRefusal(browser, "doubted");
        Assert.Equal("approval", denied.GetProperty("limit").GetString());
        Assert.Contains("$0.0001 free", browser.Page.QuerySelector("figure.limit")!.TextContent, StringComparison.Ordinal);
        Assert.Equal(denied.GetProperty("asked_cents").GetRawText(), Offered(browser, "scopes.budget_limit_cents").Value);
        Assert.Contains(browser.Page.QuerySelectorAll("nav.links a"), static link => link.GetAttribute("href")!.EndsWith("&state=denied", StringComparison.Ordinal));
    }

    [Fact]
    public async Task What_wanted_an_approval_says_how_much_it_was_and_is_lifted_by_so_much_without_one()
    {
        await Refused(await Open("careful", """{"scopes":{"allowed_categories":["*"],"budget_limit_cents":20},"require_approval_above_cents":0.001}"""));
        var browser = await world.Console.SignIn(ConsoleWorld.Admin);
        var refusal = await OpenRefusal(browser, "careful");

        Assert.Equal($"{Shown.Money(refusal.GetProperty("asked_cents"))} was asked for, which wanted the user's approval.", browser.Page.QuerySelector("p.lead")!.TextContent);
        var offered = Offered(browser, "require_approval_above_cents");
        Assert.Equal(refusal.GetProperty("asked_cents").GetRawText(), offered.Value);
        await browser.Send(offered.Form);

        Assert.Contains("It would pass now.", browser.Text, StringComparison.Ordinal);
        await Call(await Session("careful"));
    }

    private static string Text(IElement of) => of.TextContent.Trim();

    private static List<string> Headers(Browser browser) => [.. browser.Page.QuerySelectorAll("main thead th").Select(Text)];

    private static (IHtmlFormElement Form, string Value) Offered(Browser browser, string member)
    {
        var form = (IHtmlFormElement)Assert.Single(browser.Page.QuerySelectorAll(".offered form"));
        return (form, form.QuerySelector($"[name='body.{member}']")!.GetAttribute("value")!);
    }

    /// <summary>The newest of a user's, as the API has it; the browser stands at its page.</summary>
    private async Task<JsonElement> OpenRefusal(Browser browser, string user)
    {
        var refusal = (await world.Console.Read($"/admin/refusals?user_id={user}&limit=1")).GetProperty("refusals")[0];
        await browser.Open($"/console/refusals/{refusal.GetProperty("refusal_id").GetString()}");
        Assert.Equal(HttpStatusCode.OK, browser.Status);
        return refusal;
    }

    private async Task<string> Open(string user, string grant)
    {
        await world.Console.Put("/admin/agents/caller", "{}");
        await world.Console.Put($"/admin/users/{user}", "{}");
        await world.Console.Put($"/admin/users/{user}/grants/caller", grant);
        return await Session(user);
    }

    private async Task<string> Session(string user)
    {
        var (status, body) = await world.Console.Agent("/agent/auth", ConsoleWorld.Platform, $$"""{"agent_id":"caller","user_id":"{{user}}"}""");
        Assert.True(status == 201, body.GetRawText());
        return body.GetProperty("data").GetProperty("token").GetString()!;
    }

    private async Task Call(string token)
    {
        var (status, body) = await world.Console.Agent("/openai/v1/chat/completions", token, Body);
        Assert.True(status == 200, body.GetRawText());
    }

    /// <summary>Nobody waits for its user.</summary>
    private async Task<JsonElement> Refused(string token)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/openai/v1/chat/completions") { Headers = { { "Authorization", $"Bearer {token}" }, { "Prefer", "wait=0" } }, Content = new StringContent(Body, Encoding.UTF8, "application/json") };
        using var answer = await world.Console.Http.SendAsync(request);
        var text = await answer.Content.ReadAsStringAsync();
        Assert.True(answer.StatusCode == HttpStatusCode.PaymentRequired, text);
        return JsonDocument.Parse(text).RootElement.GetProperty("error");
    }
}
