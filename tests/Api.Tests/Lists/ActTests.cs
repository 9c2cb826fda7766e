using System.Globalization;
using System.Net;
using System.Text.Json;
using Agora.Api.Tests.Support;
using Agora.Core;
using Agora.Grains.Kernel;
using Agora.Journal;
using Microsoft.Extensions.DependencyInjection;

namespace Agora.Api.Tests.Lists;

/// <summary>Whatever an operator changed says who did it, what, why and from where.</summary>
public sealed class ActTests
{
    [Fact]
    public async Task Who_what_why_and_from_where_is_told_newest_first_and_once_whatever_was_repeated()
    {
        await using var api = await RunningApi.Start(trustedProxies: [IPNetwork.Parse("127.0.0.0/8")]);
        await api.Client.Admin(HttpMethod.Put, "/admin/agents/agent-1", """{"owner":"Acme"}""");
        for (var i = 0; i < 2; i++) (await api.Client.Admin(HttpMethod.Post, "/admin/agents/agent-1/stop", """{"reason":"Unusual spending"}""", ("Idempotency-Key", "stop-1"), ("X-Forwarded-For", "203.0.113.7"), ("X-Request-Id", "ticket-7"))).Expect(200);
        (await api.Client.Admin(HttpMethod.Get, "/admin/agents/agent-1")).Expect(200);
        Assert.Equal(422, (await api.Client.Admin(HttpMethod.Post, "/admin/agents/agent-1/start", "{}")).Status);
        Assert.Equal(404, (await api.Client.Admin(HttpMethod.Post, "/admin/agents/nobody/stop", """{"reason":"r"}""")).Status);

        var acts = await Acts(api, "acts");

        Assert.Equal(["stop_agent", "put_agent"], acts.Select(act => Text(act, "operation")));
        Assert.Equal(("operator:tests", "agent-1", null, "Unusual spending", "203.0.113.7", "ticket-7"), (Text(acts[0], "actor"), Text(acts[0], "target_id"), Text(acts[0], "part_id"), Text(acts[0], "reason"), Text(acts[0], "address"), Text(acts[0], "request_id")));
        Assert.Equal((null, "127.0.0.1"), (Text(acts[1], "reason"), Text(acts[1], "address")));
    }

    [Fact]
    public async Task A_header_says_why_where_the_body_has_no_place_for_it_and_what_is_said_of_a_user_goes_with_the_user()
    {
        await using var api = await RunningApi.Start();
        (await api.Client.Admin(HttpMethod.Put, "/admin/users/user-1", """{"daily_cap_cents":300}""", ("Agora-Reason", "新しい契約"))).Expect(200);
        (await api.Client.Admin(HttpMethod.Patch, "/admin/users/user-1", """{"daily_cap_cents":500}""", ("Agora-Reason", "A wedding"))).Expect(200);
        (await api.Client.Admin(HttpMethod.Put, "/admin/agents/agent-1", "{}", ("Agora-Reason", "Contract 7"))).Expect(200);
        (await api.Client.Admin(HttpMethod.Post, "/admin/agents/agent-1/stop", """{"reason":"Unusual spending"}""", ("Agora-Reason", "not heard"))).Expect(200);
        foreach (var wrong in (string[])["", "a\u200bb", new string('a', 501)])
        {
            (await api.Client.Admin(HttpMethod.Put, "/admin/agents/agent-1", """{"owner":"Acme"}""", ("Agora-Reason", wrong))).Refused(422, "validation_failed");
        }

        Assert.Equal(["Unusual spending", "Contract 7", "A wedding", "新しい契約"], (await Acts(api, "acts")).Select(act => Text(act, "reason")));
        (await api.Client.Admin(HttpMethod.Delete, "/admin/users/user-1/personal-data", null, ("Agora-Reason", "Asked for by letter"))).Expect(200);
        Assert.Equal([null, "Unusual spending", "Contract 7", null, null], (await Acts(api, "acts")).Select(act => Text(act, "reason")));
        var document = (await api.Client.Get("/openapi/v1.json", RunningApi.AdminKey)).Json.GetProperty("paths");
        Assert.Equal([true, false], new[] { document.GetProperty("/admin/agents/{agent_id}").GetProperty("put"), document.GetProperty("/admin/agents/{agent_id}/stop").GetProperty("post") }
            .Select(operation => operation.GetProperty("parameters").EnumerateArray().Any(parameter => Text(parameter, "name") == "Agora-Reason")));
    }

    [Fact]
    public async Task Which_members_a_request_named_is_told_and_of_amounts_from_what_to_what_but_nothing_that_somebody_wrote()
    {
        await using var api = await RunningApi.Start();
        (await api.Client.Admin(HttpMethod.Put, "/admin/users/user-1", """{"daily_cap_cents":300,"per_service":{"summary":{"daily_cap_cents":10}},"attributes":{"hobby":"gardening"}}""")).Expect(200);
        (await api.Client.Admin(HttpMethod.Patch, "/admin/users/user-1", """{"daily_cap_cents":500,"per_service":{"summary":{"daily_cap_cents":null}},"monthly_cap_cents":12.5,"time_zone":"Europe/Berlin"}""")).Refused(422, "validation_failed");
        (await api.Client.Admin(HttpMethod.Patch, "/admin/users/user-1", """{"daily_cap_cents":500,"per_service":{"summary":null},"monthly_cap_cents":1200.5,"time_zone":"Europe/Berlin"}""")).Expect(200);
        (await api.Client.Admin(HttpMethod.Put, "/admin/users/user-1/grants/agent-1", """{"scopes":{"allowed_categories":["text"],"budget_limit_cents":5},"max_live_sessions":2}""")).Expect(200);
        var until = DateTimeOffset.UtcNow.AddHours(1).ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
        (await api.Client.Admin(HttpMethod.Put, "/admin/users/user-1/raise", $$"""{"daily_cap_cents":900,"until":"{{until}}","reason":"A wedding"}""")).Expect(200);
        (await api.Client.Admin(HttpMethod.Post, "/admin/wallets/agent:agent-1/deposit", """{"amount_cents":7,"memo":"For the wedding"}""", ("Idempotency-Key", "d"))).Expect(200);

        var acts = await Acts(api, "acts");

        Assert.Equal(
            [
                ("deposit", "amount_cents null 7, memo null null"),
                ("put_raise", "daily_cap_cents null 900, until null null"),
                ("put_grant", "scopes.allowed_categories null null, scopes.budget_limit_cents null 5, max_live_sessions null null"),
                ("patch_user", "daily_cap_cents 300 500, per_service.summary null null, monthly_cap_cents null 1200.5, time_zone null null"),
                ("put_user", "daily_cap_cents null 300, per_service.summary.daily_cap_cents null 10, attributes null null"),
            ],
            acts.Select(act => (Text(act, "operation")!, string.Join(", ", act.GetProperty("changes").EnumerateArray().Select(change => $"{Text(change, "member")} {change.GetProperty("from_cents").GetRawText()} {change.GetProperty("to_cents").GetRawText()}")))));
        var causes = string.Concat((await api.Services.GetRequiredService<IJournal>().Read("default/user/user-1", 0, 10, default)).SelectMany(RowCodec.Decode).Select(entry => System.Text.Encoding.UTF8.GetString(entry.Cause.Span)));
        Assert.Contains("per_service.summary.daily_cap_cents", causes, StringComparison.Ordinal);
        foreach (var written in (string[])["gardening", "hobby", "wedding", "Berlin"]) Assert.DoesNotContain(written, causes, StringComparison.Ordinal);
    }

    public static TheoryData<string> Stores => Store.Names;

    [Theory]
    [MemberData(nameof(Stores))]
    public async Task Filters_leave_what_they_say_and_another_tenant_sees_nothing(string name)
    {
        await using var store = await Store.Open(name);
        await using var api = await RunningApi.Start(store: store.Journal);
        await api.Client.Admin(HttpMethod.Put, "/admin/users/user-1", """{"attributes":{}}""");
        await api.Client.Admin(HttpMethod.Put, "/admin/users/user-1/grants/agent-1", """{"scopes":{"budget_limit_cents":5}}""");
        await api.Client.Admin(HttpMethod.Patch, "/admin/users/user-1", """{"daily_cap_cents":5}""");
        var from = DateTimeOffset.UtcNow.AddHours(1).ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

        (string Query, string Expected)[] wanted =
        [
            ("acts", "patch_user put_grant put_user"), ("acts?operation=put_grant", "put_grant"), ("acts?target_id=user-1", "patch_user put_grant put_user"), ("acts?part_id=agent-1", "put_grant"),
            ("acts?actor=operator:tests&operation=put_user", "put_user"), ("acts?actor=operator:root", ""), ("acts?target_id=user-2", ""), ($"acts?from={from}", ""), ($"acts?to={from}", "patch_user put_grant put_user"),
        ];
        foreach (var (query, expected) in wanted) Assert.Equal((query, expected), (query, string.Join(' ', (await Acts(api, query)).Select(act => Text(act, "operation")))));
        Assert.Empty((await api.Client.Get("/admin/acts", RunningApi.SecondAdminKey)).Expect(200).Data.GetProperty("acts").EnumerateArray());
        Assert.Equal(4, (await api.Client.Text("/admin/acts", RunningApi.AdminKey, "text/csv")).Split("\r\n", StringSplitOptions.RemoveEmptyEntries).Length);
    }

    [Fact]
    public async Task Why_something_was_done_to_a_user_stands_in_no_table_and_is_gone_with_the_users_data()
    {
        await using var api = await RunningApi.Start();
        await api.Client.Admin(HttpMethod.Put, "/admin/users/user-1", """{"attributes":{}}""");
        await api.Client.Admin(HttpMethod.Post, "/admin/users/user-1/pause", """{"reason":"She is on holiday"}""");
        Assert.Equal("She is on holiday", Text((await Acts(api, "acts?operation=pause_user"))[0], "reason"));
        var journal = api.Services.GetRequiredService<IJournal>();
        var rows = (await journal.Query(new(TableShapes.Of(Manifest.Tables[^1]), [], [], 0, 10), default)).Rows;
        Assert.DoesNotContain(rows.SelectMany(row => row.Values), value => value is string text && text.Contains("holiday", StringComparison.Ordinal));
        var entries = (await journal.Read("default/user/user-1", 0, 10, default)).SelectMany(RowCodec.Decode);
        Assert.DoesNotContain(entries, entry => System.Text.Encoding.UTF8.GetString(entry.Cause.Span).Contains("holiday", StringComparison.Ordinal));

        await api.Client.Admin(HttpMethod.Delete, "/admin/users/user-1/personal-data");

        Assert.Equal(["erase_user", "pause_user", "put_user"], (await Acts(api, "acts")).Select(act => Text(act, "operation")));
        Assert.Null(Text((await Acts(api, "acts?operation=pause_user"))[0], "reason"));
    }

    [Fact]
    public async Task A_rebuild_leaves_the_rows_that_there_were()
    {
        await using var api = await RunningApi.Start();
        await api.Client.Load();
        await api.Client.Admin(HttpMethod.Post, "/admin/users/user-1/pause", """{"reason":"She is on holiday"}""");
        (await api.Client.Admin(HttpMethod.Post, "/admin/agents/agent-1/keys", "{}")).Expect(201);
        var before = (await api.Client.Text("/admin/acts", RunningApi.AdminKey, "application/x-ndjson")).Split('\n');
        Assert.True(before.Length > 3);

        await new Rebuilder(api.Services.GetRequiredService<IJournal>(), api.PersonalKeys).Run(default);

        Assert.Equal(before, (await api.Client.Text("/admin/acts", RunningApi.AdminKey, "application/x-ndjson")).Split('\n'));
    }

    private static async Task<List<JsonElement>> Acts(RunningApi api, string query) => [.. (await api.Client.Admin(HttpMethod.Get, $"/admin/{query}")).Expect(200).Data.GetProperty("acts").EnumerateArray()];

    private static string? Text(JsonElement item, string name) => item.GetProperty(name).GetString();
}
