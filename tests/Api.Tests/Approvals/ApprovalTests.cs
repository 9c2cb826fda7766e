using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Agora.Api.Approvals;
using Agora.Api.Tests.Support;
using Agora.Core.Kernel;
using Agora.Journal.Memory;
using Microsoft.Extensions.DependencyInjection;

namespace Agora.Api.Tests.Approvals;

/// <summary>A grant that asks for approval above 10 cents, and a service that costs 25.</summary>
public sealed class ApprovalTests
{
    private const string Run = "/agent/services/summary/run";
    private const string Transfer = "/agent/wallet/transfer";

    [Fact]
    public async Task A_run_above_the_threshold_waits_and_neither_the_reply_nor_GET_has_the_link()
    {
        await using var api = await RunningApi.Start();
        var token = await Ready(api);

        var waits = (await api.Client.Post(Run, token, Support.Catalogue.Input, ("Idempotency-Key", "k1"))).Expect(202);

        Assert.Equal(("awaiting_approval", "100"), (Text(waits.Data, "state"), waits.Header("Agora-Budget-Remaining-Cents")));
        Assert.Equal(["get_run"], waits.ActionNames);
        var shown = (await api.Client.Get($"/agent/runs/{Text(waits.Data, "run_id")}", token)).Expect(200);
        foreach (var reply in new[] { waits, shown })
        {
            Assert.Equal(["expires_at"], reply.Data.GetProperty("approval").EnumerateObject().Select(m => m.Name));
            Assert.DoesNotContain("apv_", reply.Json.GetRawText(), StringComparison.Ordinal);
        }

        Assert.Equal("awaiting_approval", Text((await api.Client.Get("/agent/runs", token)).Expect(200).Data.GetProperty("runs")[0], "state"));
        Assert.Equal("awaiting_approval", Text((await api.Client.Post(Run, token, Support.Catalogue.Input, ("Idempotency-Key", "k1"))).Expect(202).Data, "state"));
    }

    [Fact]
    public async Task Approved_by_link_it_runs_once_however_often_it_is_approved()
    {
        await using var api = await RunningApi.Start();
        var calls = Counted(api);
        var (token, run, link) = await Waiting(api);

        var pages = new List<(int Status, string Html)>();
        for (var i = 0; i < 3; i++)
        {
            pages.Add(await Form(api, link, "approve"));
        }

        Assert.All(pages, page => Assert.Equal((200, true), (page.Status, page.Html.Contains("<h1>Approved</h1>", StringComparison.Ordinal))));
        Assert.Equal("succeeded", await Concluded(api, token));
        (await api.Client.Admin(HttpMethod.Post, $"/admin/approvals/{run}", """{"decision":"approve"}""")).Expect(200);
        (await api.Client.Admin(HttpMethod.Post, $"/admin/approvals/{run}", """{"decision":"deny"}""")).Refused(409, "approval_decided");
        Assert.Equal(409, (await Form(api, link, "deny")).Status);
        Assert.Single(calls);
        var repeat = (await api.Client.Post(Run, token, Support.Catalogue.Input, ("Idempotency-Key", "k1"))).Expect(200);
        Assert.Equal(("true", run, "succeeded"), (repeat.Header("Idempotent-Replayed"), Text(repeat.Data, "run_id"), Text(repeat.Data, "state")));
        Assert.Equal("25", repeat.Data.GetProperty("payment").GetProperty("amount_cents").GetRawText());
        Assert.Empty((await api.Client.Admin(HttpMethod.Get, "/admin/approvals")).Expect(200).Data.GetProperty("approvals").EnumerateArray());
    }

    [Fact]
    public async Task Denied_it_fails_as_budget_exceeded_at_the_grant_and_nothing_was_called()
    {
        await using var api = await RunningApi.Start();
        var calls = Counted(api);
        var (token, run, _) = await Waiting(api);

        var denied = (await api.Client.Admin(HttpMethod.Post, $"/admin/approvals/{run}", """{"decision":"deny","reason":"Too dear."}""")).Expect(200).Data;

        Assert.Equal($"{run} denied", $"{Text(denied, "run_id")} {Text(denied, "state")}");
        var shown = (await api.Client.Get($"/agent/runs/{run}", token)).Expect(200).Data;
        Assert.Equal(("failed", "budget_exceeded"), (Text(shown, "state"), Text(shown.GetProperty("failure"), "code")));
        var refused = (await api.Client.Post(Run, token, Support.Catalogue.Input, ("Idempotency-Key", "k1"))).Refused(403, "budget_exceeded");
        var details = refused.Error.GetProperty("details");
        Assert.Equal(("approval", "denied", run), (Text(details, "limit"), Text(details, "approval"), Text(details, "run_id")));
        Assert.Equal(("grant", "agent-1", "approval"), (Text(details.GetProperty("node"), "kind"), Text(details.GetProperty("node"), "id"), Text(details.GetProperty("node"), "limit")));
        (await api.Client.Admin(HttpMethod.Post, $"/admin/approvals/{run}", """{"decision":"deny"}""")).Expect(200);
        (await api.Client.Admin(HttpMethod.Post, $"/admin/approvals/{run}", """{"decision":"approve"}""")).Refused(409, "approval_decided");
        Assert.Empty(calls);
    }

    [Fact]
    public async Task The_page_shows_what_is_asked_with_all_of_it_encoded_and_is_kept_by_nobody()
    {
        await using var api = await RunningApi.Start();
        var (_, _, link) = await Waiting(api, "<script>alert(1)</script> & \\\"Co\\\"");

        var (page, headers) = await Page(api, link);

        Assert.DoesNotContain("<script", page, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("&lt;script&gt;alert(1)&lt;/script&gt; &amp; &quot;Co&quot; (summary)", page, StringComparison.Ordinal);
        Assert.Contains("<dd>agent-1</dd>", page, StringComparison.Ordinal);
        Assert.Contains("<dd>$0.25</dd>", page, StringComparison.Ordinal);
        Assert.Equal(2, page.Split("<form method=\"post\">").Length - 1);
        Assert.Equal("no-store", headers.CacheControl?.ToString());
        Assert.Matches("^default-src 'none'; style-src 'sha256-[A-Za-z0-9+/]{43}='; form-action 'self'; base-uri 'none'; frame-ancestors 'none'$", headers.GetValues("Content-Security-Policy").Single());
        Assert.Equal("no-referrer", headers.GetValues("Referrer-Policy").Single());
    }

    [Fact]
    public async Task The_page_speaks_the_language_that_the_browser_asks_for()
    {
        await using var api = await RunningApi.Start();
        var (_, _, link) = await Waiting(api);
        using var http = new HttpClient { BaseAddress = api.Client.Address, DefaultRequestHeaders = { { "Accept-Language", "ja-JP,ja;q=0.9" } } };

        var page = await http.GetStringAsync(new Uri(link, UriKind.Relative));

        Assert.Contains("<html lang=\"ja\">", page, StringComparison.Ordinal);
        Assert.Contains("<h1>エージェントがあなたの承認を求めています</h1>", page, StringComparison.Ordinal);
        Assert.Contains("<button name=\"decision\" value=\"approve\">承認する</button>", page, StringComparison.Ordinal);
        Assert.DoesNotMatch("<dt>[A-Za-z ]+</dt>", page);
    }

    [Fact]
    public async Task Looking_decides_nothing_and_a_decided_run_has_no_buttons()
    {
        await using var api = await RunningApi.Start();
        var (token, run, link) = await Waiting(api);
        await Page(api, link);
        Assert.Equal("awaiting_approval", Text((await api.Client.Get($"/agent/runs/{run}", token)).Data, "state"));

        (await api.Client.Post(link, null, """{"decision":"deny"}""")).Expect(200);

        var (page, _) = await Page(api, link);
        Assert.DoesNotContain("<form", page, StringComparison.Ordinal);
        Assert.Contains("This run is denied.", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_link_to_which_a_mail_program_has_appended_a_query_shows_the_page()
    {
        await using var api = await RunningApi.Start();
        var (_, _, link) = await Waiting(api);

        Assert.Contains("<h1>An agent asks for your approval</h1>", await api.Client.Text($"{link}?utm_source=mail"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_link_that_was_changed_is_not_found_and_one_that_has_expired_decides_nothing()
    {
        await using var api = await RunningApi.Start();
        var (token, run, link) = await Waiting(api);
        var session = Text((await api.Client.Get("/agent/flow/status", token)).Data.GetProperty("session"), "session_id");
        var expired = api.Services.GetRequiredService<ApprovalLinks>().Link(Tenant.Default, Guid.Parse(run), session, DateTimeOffset.UtcNow.AddSeconds(-1));

        (await api.Client.Post(link + "A", null, """{"decision":"approve"}""")).Refused(404, "not_found");
        Assert.Equal(404, (await Form(api, link.Replace(run, Guid.Empty.ToString(), StringComparison.Ordinal), "approve")).Status);
        (await api.Client.Post(expired, null, """{"decision":"approve"}""")).Refused(409, "approval_decided");
        Assert.Equal(409, (await Form(api, expired, "approve")).Status);

        Assert.Equal("awaiting_approval", Text((await api.Client.Get($"/agent/runs/{run}", token)).Data, "state"));
    }

    [Theory]
    [InlineData("application/x-www-form-urlencoded", "decision=maybe", 422)]
    [InlineData("application/x-www-form-urlencoded", "", 422)]
    [InlineData("application/x-www-form-urlencoded", "decision=approve&decision=deny", 422)]
    [InlineData("application/x-www-form-urlencoded", "decision=approve&more=1", 422)]
    [InlineData("application/json", """{"decision":"maybe"}""", 422)]
    [InlineData("application/json", """{"decision":"approve","more":1}""", 422)]
    [InlineData("application/json", "{", 400)]
    [InlineData("text/plain", "approve", 415)]
    public async Task A_decision_that_is_none_changes_nothing(string type, string body, int status)
    {
        await using var api = await RunningApi.Start();
        var (token, run, link) = await Waiting(api);

        Assert.Equal(status, (await Send(api, link, type, body)).Status);
        Assert.Equal(422, (await Send(api, link, "application/x-www-form-urlencoded", $"decision={new string('x', 5_000)}")).Status);

        Assert.Equal("awaiting_approval", Text((await api.Client.Get($"/agent/runs/{run}", token)).Data, "state"));
    }

    [Fact]
    public async Task The_list_has_what_waits_of_one_user_or_of_all()
    {
        await using var api = await RunningApi.Start();
        var (_, run, _) = await Waiting(api);

        var all = (await api.Client.Admin(HttpMethod.Get, "/admin/approvals?offset=0&limit=1")).Expect(200).Data;

        var waiting = all.GetProperty("approvals")[0];
        Assert.Equal((run, "user-1", "agent-1", "summary", "25"), (Text(waiting, "run_id"), Text(waiting, "user_id"), Text(waiting, "agent_id"), Text(waiting, "service_id"), waiting.GetProperty("max_amount_cents").GetRawText()));
        Assert.Equal(1, (await api.Client.Admin(HttpMethod.Get, "/admin/approvals?user_id=user-1")).Data.GetProperty("total_count").GetInt32());
        Assert.Equal(0, (await api.Client.Admin(HttpMethod.Get, "/admin/approvals?user_id=user-2")).Data.GetProperty("total_count").GetInt32());
        (await api.Client.Get("/admin/approvals")).Refused(401, "unauthorized");
    }

    [Fact]
    public async Task A_suspended_agents_run_is_not_approved()
    {
        await using var api = await RunningApi.Start();
        var (token, run, link) = await Waiting(api);
        var session = Text((await api.Client.Get("/agent/flow/status", token)).Data.GetProperty("session"), "session_id");
        (await api.Client.Admin(HttpMethod.Post, $"/admin/sessions/{session}/suspend", """{"reason":"Odd."}""")).Expect(200);

        (await api.Client.Admin(HttpMethod.Post, $"/admin/approvals/{run}", """{"decision":"approve"}""")).Refused(403, "session_suspended");
        (await api.Client.Admin(HttpMethod.Post, $"/admin/sessions/{session}/resume", """{"reason":"Fine."}""")).Expect(200);

        Assert.Equal(200, (await Form(api, link, "approve")).Status);
        Assert.Equal("succeeded", await Concluded(api, token));
    }

    [Fact]
    public async Task A_transfer_waits_too_and_the_page_names_the_payee()
    {
        await using var api = await RunningApi.Start();
        var token = await Ready(api);
        (await api.Client.Admin(HttpMethod.Post, "/admin/wallets/agent:agent-1/deposit", """{"amount_cents":100}""", ("Idempotency-Key", "d1"))).Expect(200);
        await api.Client.PutAgents("agent-2");
        const string Body = """{"to":"agent:agent-2","amount_cents":20,"memo":"thanks"}""";

        var waits = (await api.Client.Post(Transfer, token, Body, ("Idempotency-Key", "t1"))).Expect(202).Data;

        Assert.Equal("awaiting_approval", Text(waits, "state"));
        var link = Text((await api.Client.Admin(HttpMethod.Get, "/admin/approvals")).Data.GetProperty("approvals")[0], "link");
        Assert.Contains("<dt>Wants to pay</dt><dd>agent:agent-2</dd>", (await Page(api, link)).Html, StringComparison.Ordinal);
        Assert.Equal(200, (await Form(api, link, "approve")).Status);
        Assert.Equal("succeeded", Text((await api.Client.Post(Transfer, token, Body, ("Idempotency-Key", "t1"))).Expect(200).Data, "state"));
        Assert.Equal("80", (await api.Client.Get("/agent/wallet", token)).Data.GetProperty("balance_cents").GetRawText());
    }

    /// <summary>The session knows that it waited, and the table alone what came of it: 200 would say that it was done.</summary>
    [Theory]
    [InlineData(Run, Support.Catalogue.Input)]
    [InlineData(Transfer, """{"to":"agent:agent-2","amount_cents":20,"memo":"thanks"}""")]
    public async Task What_was_denied_is_refused_as_it_was_when_its_key_is_forgotten(string route, string body)
    {
        var time = new MovedTime();
        var store = new MemoryJournal(time);
        string token, run;
        await using (var before = await RunningApi.Start(store: store, time: time))
        {
            token = await Ready(before);
            (await before.Client.Admin(HttpMethod.Post, "/admin/wallets/agent:agent-1/deposit", """{"amount_cents":100}""", ("Idempotency-Key", "d1"))).Expect(200);
            await before.Client.PutAgents("agent-2");
            run = await Denied("k1");
            time.Move(2 * Limits.OutcomeKept);
            await Denied("k2"); // of commands without a key the latest are known

            async Task<string> Denied(string key)
            {
                (await before.Client.Post(route, token, body, ("Idempotency-Key", key))).Expect(202);
                var waits = Text((await before.Client.Admin(HttpMethod.Get, "/admin/approvals?state=pending")).Expect(200).Data.GetProperty("approvals")[0], "run_id");
                (await before.Client.Admin(HttpMethod.Post, $"/admin/approvals/{waits}", """{"decision":"deny"}""")).Expect(200);
                return waits;
            }
        }

        while (await store.PruneKeys(long.MaxValue, 100, default) > 0)
        {
        }

        await using var api = await RunningApi.Start(store: store, time: time);

        var again = (await api.Client.Post(route, token, body, ("Idempotency-Key", "k1"))).Refused(403, "budget_exceeded");
        Assert.Equal(("true", run, "denied"), (again.Header("Idempotent-Replayed"), Text(again.Error.GetProperty("details"), "run_id"), Text(again.Error.GetProperty("details"), "approval")));
    }

    [Theory]
    [InlineData("\"price_cents\":25", "\"price_cents\":25,\"active\":false", "not_found")]
    [InlineData("\"price_cents\":25", "\"price_cents\":26", "not_eligible")]
    [InlineData("\"provider\":\"", "\"provider\":\"other-", "not_eligible")]
    public async Task A_run_of_a_service_that_changed_while_it_waited_is_refused_though_it_is_approved_and_nothing_was_called(string was, string becomes, string code)
    {
        foreach (var byLink in new[] { true, false })
        {
            await using var api = await RunningApi.Start();
            var calls = Counted(api);
            var (token, run, link) = await Waiting(api);
            var changed = Support.Catalogue.Service.Replace(was, becomes, StringComparison.Ordinal);
            Assert.NotEqual(Support.Catalogue.Service, changed);
            (await api.Client.Admin(HttpMethod.Put, "/admin/services/summary", changed)).Expect(200);

            var decided = byLink ? await api.Client.Post(link, null, """{"decision":"approve"}""") : await api.Client.Admin(HttpMethod.Post, $"/admin/approvals/{run}", """{"decision":"approve"}""");

            Assert.Equal("approved", Text(decided.Expect(200).Data, "state"));
            var shown = (await api.Client.Get($"/agent/runs/{run}", token)).Expect(200).Data;
            Assert.Equal(("failed", code), (Text(shown, "state"), Text(shown.GetProperty("failure"), "code")));
            Assert.Equal(("0", "0"), (shown.GetProperty("budget").GetProperty("spent_cents").GetRawText(), shown.GetProperty("budget").GetProperty("reserved_cents").GetRawText()));
            Assert.Empty(calls);
        }
    }

    [Fact]
    public async Task A_grant_shows_its_threshold()
    {
        await using var api = await RunningApi.Start();
        var token = await Ready(api);
        Assert.NotNull(token);
        var user = (await api.Client.Admin(HttpMethod.Put, "/admin/users/user-1", """{"attributes":{}}""")).Expect(200).Data;
        Assert.Equal("10", user.GetProperty("grants")[0].GetProperty("require_approval_above_cents").GetRawText());
    }

    private static List<Guid> Counted(RunningApi api)
    {
        var calls = new List<Guid>();
        api.Service.Answers = call =>
        {
            calls.Add(call.RunId);
            return PlayedService.Says("""{"summary":"Short."}""")(call);
        };
        return calls;
    }

    private static async Task<string> Ready(RunningApi api, string name = "Summarizer")
    {
        await api.Client.Load();
        (await api.Client.Admin(HttpMethod.Put, "/admin/services/summary", Support.Catalogue.Service.Replace("Summarizer", name, StringComparison.Ordinal))).Expect(200);
        (await api.Client.Admin(HttpMethod.Put, "/admin/users/user-1", """{"attributes":{}}""")).Expect(200);
        const string Grant = """
            {"scopes":{"allowed_task_types":["*"],"allowed_data_types":["*"],"allowed_categories":["*"],"allowed_consents":["*"],"allowed_payees":["*"],"budget_limit_cents":100},"require_approval_above_cents":10}
            """;
        (await api.Client.Admin(HttpMethod.Put, "/admin/users/user-1/grants/agent-1", Grant)).Expect(200);
        var token = Text((await api.Client.Post("/agent/auth", RunningApi.PlatformKey, """{"agent_id":"agent-1","user_id":"user-1"}""")).Expect(201).Data, "token");
        await api.Client.Complete(token);
        return token;
    }

    private static async Task<(string Token, string Run, string Link)> Waiting(RunningApi api, string name = "Summarizer")
    {
        var token = await Ready(api, name);
        var run = Text((await api.Client.Post(Run, token, Support.Catalogue.Input, ("Idempotency-Key", "k1"))).Expect(202).Data, "run_id");
        return (token, run, Text((await api.Client.Admin(HttpMethod.Get, "/admin/approvals")).Expect(200).Data.GetProperty("approvals")[0], "link"));
    }

    /// <summary>The request repeated with its key shares the outcome, so it is answered when the run has ended.</summary>
    private static async Task<string> Concluded(RunningApi api, string token) =>
        Text((await api.Client.Post(Run, token, Support.Catalogue.Input, ("Idempotency-Key", "k1"))).Expect(200).Data, "state");

    private static Task<(int Status, string Html)> Form(RunningApi api, string link, string decision) => Send(api, link, "application/x-www-form-urlencoded", $"decision={decision}");

    private static async Task<(int Status, string Html)> Send(RunningApi api, string link, string type, string body)
    {
        using var http = new HttpClient { BaseAddress = api.Client.Address };
        using var content = new ByteArrayContent(Encoding.UTF8.GetBytes(body));
        content.Headers.ContentType = MediaTypeHeaderValue.Parse(type);
        using var response = await http.PostAsync(new Uri(link, UriKind.Relative), content);
        return ((int)response.StatusCode, await response.Content.ReadAsStringAsync());
    }

    private static async Task<(string Html, HttpResponseHeaders Headers)> Page(RunningApi api, string link)
    {
        using var http = new HttpClient { BaseAddress = api.Client.Address };
        using var response = await http.GetAsync(new Uri(link, UriKind.Relative));
        Assert.Equal("text/html; charset=utf-8", response.Content.Headers.ContentType?.ToString());
        return (await response.Content.ReadAsStringAsync(), response.Headers);
    }

    private static string Text(JsonElement data, string member) => data.GetProperty(member).GetString()!;
}
