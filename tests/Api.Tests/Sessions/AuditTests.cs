using System.Text.Json;
using Agora.Api.Tests.Lists;
using Agora.Api.Tests.Support;

namespace Agora.Api.Tests.Sessions;

/// <summary>What agents did, as they read it themselves: narrowed, page by page, and no further than they may see.</summary>
public sealed class AuditTests
{
    private const string History = "/agent/audit/history";
    private const string Run = "/agent/services/summary/run";

    public static TheoryData<string> Stores => Store.Names;

    [Fact]
    public async Task An_entry_has_its_request_as_an_object_beside_the_line_and_a_run_its_end()
    {
        await using var api = await RunningApi.Start();
        await api.Client.Load();
        var token = await api.Client.OpenSession();
        await api.Client.Complete(token);
        (await api.Client.Post(Run, token, Support.Catalogue.Input)).Expect(200);

        var runs = await Entries(api, token, "?operation=run_service");
        var run = Assert.Single(runs);
        Assert.Equal(("service_id=summary", "summary"), (run.GetProperty("request_summary").GetString(), run.GetProperty("request").GetProperty("service_id").GetString()));
        Assert.True(run.GetProperty("ended_at").GetDateTimeOffset() > run.GetProperty("created_at").GetDateTimeOffset());
        Assert.False(run.TryGetProperty("session_id", out _) || run.TryGetProperty("agent_id", out _));

        var seen = (await api.Client.Admin(HttpMethod.Get, "/admin/audit?operation=run_service")).Expect(200).Data.GetProperty("entries")[0];
        Assert.Equal("""{"service_id":"summary"}""", seen.GetProperty("request_summary").GetRawText());
        Assert.Equal((run.GetProperty("id").GetString(), "user-1", "agent-1", "agent"), (Text(seen, "id"), Text(seen, "user_id"), Text(seen, "agent_id"), Text(seen, "execution_mode")));
    }

    [Fact]
    public async Task What_an_operator_did_to_a_session_says_who_and_is_no_agents()
    {
        await using var api = await RunningApi.Start();
        await api.Client.Load();
        await api.Client.OpenSession();
        var session = Text((await api.Client.Admin(HttpMethod.Get, "/admin/sessions")).Expect(200).Data.GetProperty("sessions")[0], "session_id");
        (await api.Client.Admin(HttpMethod.Post, $"/admin/sessions/{session}/end", """{"reason":"Enough"}""")).Expect(200);

        var ended = (await api.Client.Admin(HttpMethod.Get, $"/admin/audit?session_id={session}&operation=end_session")).Expect(200).Data.GetProperty("entries")[0];

        Assert.Equal(("human", """{"by":"operator:tests"}"""), (Text(ended, "execution_mode"), ended.GetProperty("request_summary").GetRawText()));
    }

    [Theory]
    [MemberData(nameof(Stores))]
    public async Task A_cursor_and_an_offset_pass_through_calls_and_runs_alike(string name)
    {
        await using var store = await Store.Open(name);
        await using var api = await RunningApi.Start(store: store.Journal);
        var token = await api.Client.OpenSession();
        var session = await Id(api, token);
        await store.Journal.Write(
            [
                .. Enumerable.Range(0, 40).Select(n => n % 3 == 0
                    ? Rows.Called(n, n / 4, ("session_id", session))
                    : Rows.Paid(n, n / 4, changed: [("session_id", session), ("run_id", n % 2 == 0 ? Rows.RunId(n) : Rows.CallId(n))])), // ids of what ends at one time lie before and behind each other's
                Rows.Called(90, 1),
            ],
            default);
        var filters = $"?from={Rows.Time(-1)}&to={Rows.Time(1_000)}"; // and none of the reads themselves
        var all = await Entries(api, token, $"{filters}&limit=100");
        Assert.Equal(40, all.Count);
        Assert.Equal(all.OrderByDescending(e => e.GetProperty("created_at").GetDateTimeOffset()).Select(e => Text(e, "id")), all.Select(e => Text(e, "id")));

        var (met, cursor) = (new List<string>(), (string?)null);
        do
        {
            var reply = (await api.Client.Get($"{History}{filters}&limit=7{(cursor is null ? "" : $"&cursor={cursor}")}", token)).Expect(200);
            var page = reply.Data;
            Assert.Equal(cursor is null ? "40" : "null", page.GetProperty("total_count").GetRawText());
            met.AddRange(page.GetProperty("entries").EnumerateArray().Select(e => Text(e, "id")));
            cursor = page.GetProperty("next_cursor").GetString();
            Assert.Equal(cursor is null, reply.Header("Link") is null);
            Assert.EndsWith(cursor is null ? "" : $"&limit=7&cursor={cursor}>; rel=\"next\"", reply.Header("Link") ?? "", StringComparison.Ordinal);
        }
        while (cursor is not null);

        Assert.Equal(all.Select(e => Text(e, "id")), met);
        foreach (var offset in new[] { 1, 8, 39 })
        {
            Assert.Equal(met.Skip(offset).Take(5), (await Entries(api, token, $"{filters}&limit=5&offset={offset}")).Select(e => Text(e, "id")));
        }

        Assert.Empty(await Entries(api, token, $"{filters}&limit=5&offset=40"));
    }

    [Fact]
    public async Task By_agent_or_user_an_agent_reads_what_it_did_for_the_user_and_nothing_of_other_agents_and_users()
    {
        await using var api = await RunningApi.Start();
        await api.Client.Load();
        var before = await api.Client.OpenSession();
        (await api.Client.Get("/agent/services", before)).Expect(200);
        await Recorded(api, before);
        var others = new List<string>();
        foreach (var (user, agent) in new[] { ("user-1", "agent-2"), ("user-2", "agent-1") })
        {
            var another = await api.Client.OpenSession(user, agent);
            (await api.Client.Get("/agent/tasks", another)).Expect(200);
            await Recorded(api, another);
            others.Add($"session_id={await Id(api, another)}");
        }

        var token = await api.Client.OpenSession();
        foreach (var filter in new[] { "agent_id=agent-1", "user_id=user-1", "agent_id=agent-1&user_id=user-1", $"session_id={await Id(api, before)}" })
        {
            var entries = (await Entries(api, token, $"?{filter}")).Where(e => Text(e, "operation") is "search_services" or "get_tasks").ToList();
            Assert.Equal((1, "search_services", await Id(api, before)), (entries.Count, Text(entries[0], "operation"), Text(entries[0], "session_id")));
        }

        foreach (var filter in (string[])["agent_id=agent-2", "user_id=user-2", "agent_id=agent-1&user_id=user-2", "session_id=none", $"session_id={await Id(api, before)}&user_id=user-2", .. others])
        {
            var page = (await api.Client.Get($"{History}?{filter}", token)).Expect(200).Data;
            Assert.Equal((0, "0"), (page.GetProperty("entries").GetArrayLength(), page.GetProperty("total_count").GetRawText()));
            Assert.StartsWith("This session may read", Text(page, "empty_because"), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Those_above_read_a_sub_session_and_a_sub_session_reads_none_but_itself_and_those_below()
    {
        await using var api = await RunningApi.Start();
        await api.Client.Load();
        var root = await api.Client.OpenSession(agent: "agent-3");
        var before = await api.Client.OpenSession();
        (await api.Client.Get("/agent/tasks", before)).Expect(200);
        await Recorded(api, before);
        var child = await Delegated(api, root, "agent-1"); // The name of an agent that it is not.
        var grandchild = await Delegated(api, child, "agent-9");
        (await api.Client.Get("/agent/services", grandchild)).Expect(200);
        await Recorded(api, grandchild);

        foreach (var above in new[] { root, child })
        {
            var entry = Assert.Single(await Entries(api, above, $"?session_id={await Id(api, grandchild)}&operation=search_services"));
            Assert.Equal("agent-9", Text(entry, "agent_id"));
        }

        foreach (var filter in new[] { $"session_id={await Id(api, root)}", $"session_id={await Id(api, before)}" })
        {
            Assert.Empty(await Entries(api, child, $"?{filter}"));
        }

        Assert.DoesNotContain(await Entries(api, child, "?agent_id=agent-1&user_id=user-1"), e => Text(e, "operation") == "get_tasks");
    }

    [Fact]
    public async Task A_cursor_of_another_session_or_of_other_filters_is_refused_validation_failed()
    {
        await using var api = await RunningApi.Start();
        var (token, other) = (await api.Client.OpenSession(), await api.Client.OpenSession());
        for (var i = 0; i < 3; i++) (await api.Client.Send(HttpMethod.Delete, $"/agent/consents/none{i}", token)).Refused(404, "not_found");
        var cursor = (await api.Client.Get($"{History}?operation=withdraw_consent&limit=2", token)).Expect(200).Data.GetProperty("next_cursor").GetString();
        Assert.NotNull(cursor);

        (await api.Client.Get($"{History}?operation=withdraw_consent&cursor={cursor}", token)).Expect(200);
        foreach (var (query, credential) in new[] { ($"operation=withdraw_consent&cursor={cursor}", other), ($"cursor={cursor}", token), ($"operation=withdraw_consent&response_status=404&cursor={cursor}", token) })
        {
            var refused = (await api.Client.Get($"{History}?{query}", credential)).Refused(422, "validation_failed");
            Assert.Equal("cursor", refused.Error.GetProperty("details")[0].GetProperty("path").GetString());
        }
    }

    /// <summary>Reads are recorded with whatever the session writes next.</summary>
    private static async Task Recorded(RunningApi api, string token) => (await api.Client.Post("/agent/services/none/run", token, """{"input":1}""")).Refused(404, "not_found");

    private static async Task<IReadOnlyList<JsonElement>> Entries(RunningApi api, string token, string query) =>
        [.. (await api.Client.Get(History + query, token)).Expect(200).Data.GetProperty("entries").EnumerateArray()];

    private static async Task<string> Delegated(RunningApi api, string token, string agent) =>
        Text((await api.Client.Post("/agent/session/delegate", token, $$"""{"agent_id":"{{agent}}"}""")).Expect(201).Data, "token");

    private static async Task<string> Id(RunningApi api, string token) => Text((await api.Client.Get("/agent/flow/status", token)).Data.GetProperty("session"), "session_id");

    private static string Text(JsonElement item, string name) => item.GetProperty(name).GetString()!;
}
