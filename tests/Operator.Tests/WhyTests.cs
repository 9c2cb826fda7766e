using System.Net;
using System.Text.Json;

namespace Agora.Operator.Tests;

/// <summary>A run is refused; an operator finds out why, lifts it by what is offered, and sees it pass.</summary>
public sealed class WhyTests(ConsoleWorld world) : IClassFixture<ConsoleWorld>
{
    [Fact]
    public async Task Why_a_run_was_refused_says_the_limit_as_it_is_now_and_offers_the_act_that_lifts_it()
    {
        var run = await Refused("capped", """{"daily_cap_cents":3}""");
        var browser = await world.SignIn(ConsoleWorld.Admin);
        await browser.Open(await Refusal("capped"));

        Assert.Contains(browser.Page.QuerySelectorAll("figure.limit figcaption"), caption => caption.TextContent == "$0.00 spent · $0.00 held · $0.03 free · of $0.03");
        var raise = browser.Form("put_raise");
        Assert.Equal("5", raise.QuerySelector("[name='body.daily_cap_cents']")!.GetAttribute("value"));
        await browser.Send(raise, ("body.reason", "For an hour"));

        Assert.Equal(HttpStatusCode.OK, browser.Status);
        Assert.False(browser.Offers("put_raise") && browser.Text.Contains("$0.03 free", StringComparison.Ordinal));
        var again = await run();
        Assert.NotEqual("budget_exceeded", again.Body.GetProperty("error").GetProperty("code").GetString()); // its service is not there; the limit lets it pass
        Assert.Equal("put_raise", (await world.Read("/admin/acts?target_id=capped&operation=put_raise")).GetProperty("acts")[0].GetProperty("operation").GetString());
    }

    [Theory]
    [InlineData("monthly", """{"monthly_cap_cents":3}""", "monthly_cap", "put_raise", "monthly_cap_cents", 5)]
    [InlineData("daily", """{"daily_cap_cents":4.5}""", "daily_cap", "put_raise", "daily_cap_cents", 5)]
    public async Task Each_cap_is_lifted_by_just_what_the_run_asks_for(string user, string caps, string limit, string act, string member, int cents)
    {
        await Refused(user, caps);
        var (refusal, action) = await Explained(user);

        Assert.Equal(limit, refusal.GetProperty("limit_now").GetProperty("limit").GetString());
        Assert.False(refusal.GetProperty("passes_now").GetBoolean());
        Assert.Equal(act, action.GetProperty("action").GetString());
        Assert.Equal(cents, action.GetProperty("body").GetProperty(member).GetInt32());
    }

    [Fact]
    public async Task What_a_grant_refused_is_lifted_at_the_grant()
    {
        await world.Put("/admin/users/granted", "{}");
        await world.Put("/admin/users/granted/grants/a1", """{"scopes":{"allowed_task_types":["*"],"allowed_data_types":["*"],"allowed_categories":["*"],"allowed_consents":["*"],"budget_limit_cents":100},"total_limit_cents":2}""");
        await Run("granted");

        var (refusal, action) = await Explained("granted");

        Assert.Equal("grant_total", refusal.GetProperty("limit_now").GetProperty("limit").GetString());
        Assert.Equal("put_grant_raise", action.GetProperty("action").GetString());
        Assert.Equal(5, action.GetProperty("body").GetProperty("total_limit_cents").GetInt32());
    }

    [Fact]
    public async Task What_a_wallet_had_too_little_for_is_lifted_by_a_deposit()
    {
        await world.Put("/admin/users/poor", "{}");
        await Run("poor", agent: "penniless", deposit: 0);

        var (refusal, action) = await Explained("poor");

        Assert.Equal("balance", refusal.GetProperty("limit_now").GetProperty("limit").GetString());
        Assert.Equal(("deposit", 5), (action.GetProperty("action").GetString(), action.GetProperty("body").GetProperty("amount_cents").GetInt32()));
    }

    [Fact]
    public async Task The_tree_shows_each_limit_under_the_one_above_it()
    {
        await Refused("treed", """{"daily_cap_cents":3,"monthly_cap_cents":100}""");
        var browser = await world.SignIn(ConsoleWorld.Viewer);
        await browser.Open("/console/users/treed/limits");

        var nodes = (await world.Read("/admin/users/treed/limits")).GetProperty("nodes").EnumerateArray().Select(node => (node.GetProperty("depth").GetInt32(), node.GetProperty("limit").GetProperty("limit").GetString())).ToList();
        Assert.Equal([(0, "daily_cap"), (0, "monthly_cap"), (1, "session")], nodes);
        Assert.Equal(3, browser.Page.QuerySelectorAll(".tree li").Length);
    }

    [Fact]
    public async Task The_journal_shows_what_happened_newest_first_and_the_state_after_any_row_without_what_opens_something()
    {
        await world.Agent("/admin/agents/a1/keys", ConsoleWorld.Admin, "{}");
        var browser = await world.SignIn(ConsoleWorld.Admin);
        await browser.Open("/console/journal/agent/a1");

        Assert.Contains("agent.key_issued", browser.Text, StringComparison.Ordinal);
        var all = await world.Read("/admin/journal/agent/a1");
        var last = all.GetProperty("last_sequence").GetInt64();
        Assert.Equal(last, all.GetProperty("events")[0].GetProperty("sequence").GetInt64());
        Assert.Contains(all.GetProperty("events").EnumerateArray(), one => one.GetProperty("event").GetString() == "agent.key_issued" && one.GetProperty("payload").GetProperty("hash").GetString() == "(hidden)" && one.GetProperty("operation").GetString() == "issue_agent_key");

        var first = await world.Read("/admin/journal/agent/a1/1");
        Assert.Equal(0, first.GetProperty("state").GetProperty("keys").GetArrayLength());
        var now = await world.Read($"/admin/journal/agent/a1/{last}");
        Assert.Equal("(hidden)", now.GetProperty("state").GetProperty("keys")[0].GetProperty("hash").GetString());
        await browser.Open($"/console/journal/agent/a1/{last}");
        Assert.Equal(HttpStatusCode.OK, browser.Status);
    }

    [Fact]
    public async Task A_long_journal_is_read_page_by_page_and_each_row_once()
    {
        await world.Put("/admin/users/long", "{}");
        for (var n = 1; n <= 130; n++) await world.Put("/admin/users/long", $$"""{"daily_cap_cents":{{n}}}""");

        var (met, cursor) = (new List<long>(), "");
        do
        {
            var page = await world.Read($"/admin/journal/user/long?limit=50{(cursor.Length > 0 ? $"&cursor={cursor}" : "")}");
            met.AddRange(page.GetProperty("events").EnumerateArray().Select(one => one.GetProperty("sequence").GetInt64()));
            cursor = page.GetProperty("next_cursor").GetString() ?? "";
        }
        while (cursor.Length > 0);

        Assert.Equal(131, met.Distinct().Count());
        Assert.Equal(met.OrderDescending(), met);
        Assert.Equal(500_000, (await world.Read("/admin/journal/user/long/51")).GetProperty("state").GetProperty("daily_cap_micros").GetInt64());
    }

    [Fact]
    public async Task A_list_is_saved_whole_as_CSV_under_its_filters_however_many_a_page_of_it_has()
    {
        await Refused("listed", """{"daily_cap_cents":3}""");
        var browser = await world.SignIn(ConsoleWorld.Admin);
        await browser.Open("/console/refusals?user_id=listed&limit=8&as=csv");

        Assert.Equal("text/csv", browser.Answer.Content.Headers.ContentType!.MediaType);
        var lines = browser.Html.Split("\r\n", StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(2, lines.Length);
        Assert.Contains("listed", lines[1], StringComparison.Ordinal);
        Assert.Equal("attachment; filename=\"refusals.csv\"", browser.Answer.Content.Headers.ContentDisposition!.ToString());
    }

    [Fact]
    public async Task What_lower_limits_would_have_refused_is_asked_by_a_form_and_answered_on_its_page()
    {
        var browser = await world.SignIn(ConsoleWorld.Viewer);
        await browser.Open("/console/policies/replay");
        var form = browser.Page.QuerySelector("form.question") as AngleSharp.Html.Dom.IHtmlFormElement;
        form!.SetAttribute("action", "/console/policies/replay");
        await browser.Send(form, ("body.from", "2026-01-01T00:00"), ("body.to", "2030-01-01T00:00"), ("body.changes.0.user_id", "alice"), ("body.changes.0.daily_cap_cents", "1"));

        Assert.Equal(HttpStatusCode.OK, browser.Status);
        Assert.NotNull(browser.Page.QuerySelector("section[role=status]"));
        Assert.Equal("alice", browser.Page.QuerySelector("[name='body.changes.0.user_id']")!.GetAttribute("value"));

        await browser.Send(form, ("body.from", "2030-01-01T00:00"), ("body.to", "2026-01-01T00:00"), ("body.changes.0.user_id", "alice"));
        Assert.Equal(HttpStatusCode.UnprocessableEntity, browser.Status);
        Assert.NotNull(browser.Page.QuerySelector("[role=alert]"));
    }

    [Fact]
    public async Task What_replaces_a_thing_begins_with_all_that_it_is()
    {
        await world.Put("/admin/campaigns/whole", ConsoleWorld.Campaign("acme"));
        var browser = await world.SignIn(ConsoleWorld.Admin);
        await browser.Open("/console/campaigns/whole");
        await browser.Send(browser.Form("put_campaign"), ("body.sponsor", "Acme & Sons"));

        Assert.True(browser.Status == HttpStatusCode.OK, browser.Text);
        var campaign = await world.Read("/admin/campaigns/whole");
        Assert.Equal("Acme & Sons", campaign.GetProperty("sponsor").GetString());
        Assert.Equal("object", campaign.GetProperty("task").GetProperty("schema").GetProperty("type").GetString());
        Assert.Equal("summary", campaign.GetProperty("services")[0].GetProperty("service_id").GetString());
        Assert.Equal("data_sharing", campaign.GetProperty("task").GetProperty("consents")[0].GetString());
    }

    [Fact]
    public async Task One_act_about_many_shows_what_it_would_be_about_first_and_then_does_each_once()
    {
        string[] ids = ["many-1", "many-2", "many-gone"];
        foreach (var id in ids.Take(2)) await world.Put($"/admin/users/{id}", "{}");
        var browser = await world.SignIn(ConsoleWorld.Admin);
        await browser.Open("/console/users");
        Assert.NotEmpty(browser.Page.QuerySelectorAll("input[type=checkbox][form=batch]"));
        var chosen = browser.Page.QuerySelector("#batch") as AngleSharp.Html.Dom.IHtmlFormElement;
        List<KeyValuePair<string, string>> fields = [.. Browser.Fields(chosen!, ("act", "pause_user")), .. ids.Select(id => KeyValuePair.Create("ids", id))];
        await browser.Send(chosen!, fields);

        Assert.Equal(3, browser.Page.QuerySelectorAll("tbody tr").Length);
        Assert.False((await world.Read("/admin/users/many-1")).GetProperty("paused").GetBoolean());

        var form = browser.Form("/console/batch");
        var sent = Browser.Fields(form, ("body.reason", "All of them"));
        for (var n = 0; n < 2; n++) await browser.Send(form, sent);

        Assert.Contains("2 done, 1 refused", browser.Text, StringComparison.Ordinal);
        Assert.True((await world.Read("/admin/users/many-2")).GetProperty("paused").GetBoolean());
        Assert.Equal(1, (await world.Read("/admin/acts?target_id=many-1&operation=pause_user")).GetProperty("acts").GetArrayLength());
    }

    [Fact]
    public async Task A_schema_is_looked_at_while_it_is_written()
    {
        var browser = await world.SignIn(ConsoleWorld.Sponsor);
        await browser.Open("/console/campaigns");
        var code = browser.Page.QuerySelector("[name=form_code]")!.GetAttribute("value")!;

        Assert.Contains("must", (await Look("""{"type":"strin"}""")).ToLowerInvariant(), StringComparison.Ordinal);
        Assert.Contains("line 1", await Look("{"), StringComparison.Ordinal);
        Assert.Contains("preview.cups", await Look("""{"type":"object","properties":{"cups":{"type":"integer"}}}"""), StringComparison.Ordinal);
        code = "another";
        Assert.DoesNotContain("preview", await Look("""{"type":"object","properties":{"cups":{"type":"integer"}}}"""), StringComparison.Ordinal);

        async Task<string> Look(string schema)
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, "/console/schema-look") { Headers = { { "Cookie", $"__Host-agora={browser.Cookie}" } }, Content = new FormUrlEncodedContent([KeyValuePair.Create("form_code", code), KeyValuePair.Create("schema", schema)]) };
            using var answer = await world.Http.SendAsync(request);
            return await answer.Content.ReadAsStringAsync();
        }
    }

    private async Task<Func<Task<(int Status, JsonElement Body)>>> Refused(string user, string caps)
    {
        await world.Put($"/admin/users/{user}", caps);
        return await Run(user);
    }

    private async Task<Func<Task<(int Status, JsonElement Body)>>> Run(string user, string agent = "a1", int deposit = 100)
    {
        if (deposit > 0)
        {
            await world.Agent($"/admin/wallets/agent:{agent}/deposit", ConsoleWorld.Admin, $$"""{"amount_cents":{{deposit}}}""");
        }

        var opened = await world.Agent("/agent/auth", ConsoleWorld.Platform, $$"""{"agent_id":"{{agent}}","user_id":"{{user}}","scopes":{"allowed_task_types":["*"],"allowed_data_types":["*"],"allowed_categories":["*"],"allowed_consents":["*"],"budget_limit_cents":100} }""");
        var token = opened.Body.GetProperty("data").GetProperty("token").GetString()!;
        Task<(int Status, JsonElement Body)> Again() => world.Agent("/agent/services/summary/run", token, """{"input":{"text":"x"},"pay_with":"wallet","max_price_cents":5}""");
        var refused = await Again();
        Assert.True(refused.Status is 402 or 403 or 429 or 409, refused.Body.GetRawText());
        return Again;
    }

    private async Task<string> Refusal(string user) => $"/console/refusals/{(await world.Read($"/admin/refusals?user_id={user}&limit=1")).GetProperty("refusals")[0].GetProperty("refusal_id").GetString()}";

    private async Task<(JsonElement Refusal, JsonElement Action)> Explained(string user)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, (await Refusal(user)).Replace("/console", "/admin", StringComparison.Ordinal)) { Headers = { { "Authorization", $"Bearer {ConsoleWorld.Admin}" } } };
        using var answer = await world.Http.SendAsync(request);
        var envelope = JsonDocument.Parse(await answer.Content.ReadAsStringAsync()).RootElement;
        Assert.True(answer.IsSuccessStatusCode, envelope.GetRawText());
        return (envelope.GetProperty("data"), envelope.GetProperty("next_actions")[0]);
    }
}
