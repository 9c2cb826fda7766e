using System.Text.Json;
using Agora.Api.Tests.Support;
using Agora.Api.Tests.Tenants;

namespace Agora.Api.Tests.Lists;

/// <summary>One thing leads to what hangs on it: every link is a path that answers, and shows what it is named for.</summary>
public sealed class LinkTests
{
    [Fact]
    public async Task Payment_run_and_session_lead_to_each_other_and_to_all_around_them()
    {
        await using var api = await RunningApi.Start();
        var filled = await FilledTenant.Of(api);
        var (payment, run, session) = ($"/admin/payments/{filled.Ids["payment_id"]}", $"/admin/runs/{filled.Ids["run_id"]}", $"/admin/sessions/{filled.Ids["session_id"]}");

        var links = await Links(api, payment);
        Assert.Equal(["run", "session", "user", "agent", "service", "campaign", "receipt", "acts"], links.Keys);
        Assert.Equal((run, session, "/admin/agents/agent-1", "/admin/campaigns/survey"), (links["run"], links["session"], links["agent"], links["campaign"]));

        links = await Links(api, run);
        Assert.Equal((payment, session), (links["payment"], links["session"]));

        links = await Links(api, session);
        Assert.Equal(["user", "agent", "spending", "sessions", "runs", "payments", "completions", "approvals", "refusals", "audit", "acts"], links.Keys);
        Assert.Equal(filled.Ids["run_id"], (await Get(api, links["runs"])).GetProperty("runs")[0].GetProperty("run_id").GetString());
        Assert.Equal(filled.Ids["completion_id"], (await Get(api, links["completions"])).GetProperty("completions")[0].GetProperty("completion_id").GetString());
        var child = Assert.Single((await Get(api, links["sessions"])).GetProperty("sessions").EnumerateArray()).GetProperty("session_id").GetString();
        links = await Links(api, $"/admin/sessions/{child}");
        Assert.Equal((session, "/admin/agents/agent-2"), (links["parent"], links["agent"]));
    }

    [Fact]
    public async Task User_grant_agent_service_campaign_and_wallet_lead_to_what_hangs_on_them_and_an_edit_says_nothing_of_it()
    {
        await using var api = await RunningApi.Start();
        var filled = await FilledTenant.Of(api);
        (string Path, string[] Names)[] wanted =
        [
            ("/admin/users/user-1", ["sessions", "runs", "payments", "completions", "approvals", "refusals", "audit", "acts"]),
            ("/admin/users/user-1/grants/agent-1", ["user", "agent", "sessions", "runs", "payments", "completions", "approvals", "refusals", "audit", "acts"]),
            ("/admin/agents/agent-1", ["sessions", "runs", "payments", "completions", "approvals", "refusals", "audit", "keys", "wallet", "acts", "grants"]),
            ("/admin/services/summary", ["runs", "payments", "approvals", "refusals", "provider", "acts"]),
            ("/admin/campaigns/survey", ["runs", "payments", "refusals", "progress", "completions", "rewards", "acts"]),
            ("/admin/wallets/agent:agent-1", ["statement", "payments", "agent", "acts"]),
        ];
        foreach (var (path, names) in wanted)
        {
            var links = await Links(api, path);
            Assert.Equal((path, string.Join(' ', names)), (path, string.Join(' ', links.Keys)));
            if (links.TryGetValue("runs", out var runs))
            {
                Assert.Contains(filled.Ids["run_id"], (await Get(api, runs)).GetRawText(), StringComparison.Ordinal);
            }
        }

        Assert.False((await api.Client.Admin(HttpMethod.Patch, "/admin/agents/agent-1", """{"owner":"other"}""")).Expect(200).Data.TryGetProperty("links", out _));
    }

    [Fact]
    public async Task A_run_that_failed_has_no_payment_to_lead_to()
    {
        await using var store = await Store.Open("memory");
        await using var api = await RunningApi.Start(store: store.Journal);
        await store.Journal.Write([Rows.Paid(1, 1, changed: [("state", "failed"), ("payment_id", null), ("campaign_id", null)])], default);

        Assert.Equal(["session", "user", "service"], (await Get(api, $"/admin/runs/{Rows.RunId(1)}")).GetProperty("links").EnumerateObject().Select(link => link.Name));
    }

    /// <summary>Each leads somewhere.</summary>
    private static async Task<IReadOnlyDictionary<string, string>> Links(RunningApi api, string path)
    {
        var links = new OrderedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var link in (await Get(api, path)).GetProperty("links").EnumerateObject())
        {
            links.Add(link.Name, link.Value.GetString()!);
            await Get(api, links[link.Name]);
        }

        return links;
    }

    private static async Task<JsonElement> Get(RunningApi api, string path) => (await api.Client.Admin(HttpMethod.Get, path)).Expect(200).Data;
}
