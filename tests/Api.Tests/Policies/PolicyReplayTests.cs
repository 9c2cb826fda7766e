using Agora.Api.Tests.Support;

namespace Agora.Api.Tests.Policies;

/// <summary>History made over HTTP, asked about over HTTP.</summary>
public sealed class PolicyReplayTests
{
    private const string Path = "/admin/policies/replay";

    [Fact]
    public async Task Changes_that_bind_nobody_refuse_nothing_and_change_nothing()
    {
        await using var api = await RunningApi.Start();
        var (token, _) = await Spend(api.Client);
        var before = await Look(api.Client, token);

        var data = (await api.Client.Admin(HttpMethod.Post, Path, Body("""
            {"daily_cap_cents":100000000000,"monthly_cap_cents":100000000000,"total_limit_cents":100000000000,"budget_limit_cents":100000000000,"allowed_categories":["*"]}
            """))).Expect(200).Data;

        Assert.Equal("""{"users":1,"sessions":1,"runs":3}""", data.GetProperty("examined").GetRawText());
        Assert.Equal((0, 0, 0, false), (data.GetProperty("refused_count").GetInt32(), data.GetProperty("refused_amount_cents").GetInt32(), data.GetProperty("not_known").GetInt32(), data.GetProperty("truncated").GetBoolean()));
        Assert.Empty(data.GetProperty("refused").EnumerateArray());
        Assert.Equal(before, await Look(api.Client, token));
    }

    [Theory]
    [InlineData("UTC")]
    [InlineData("Asia/Tokyo")]
    public async Task A_lower_cap_names_the_run_that_would_have_been_refused_what_refused_it_and_what_it_cost(string zone)
    {
        await using var api = await RunningApi.Start();
        var (_, runs) = await Spend(api.Client, zone);

        var data = (await api.Client.Admin(HttpMethod.Post, Path, Body("""{"user_id":"user-1","daily_cap_cents":30}"""))).Expect(200).Data;

        Assert.Equal((1, 25), (data.GetProperty("refused_count").GetInt32(), data.GetProperty("refused_amount_cents").GetInt32()));
        var refused = data.GetProperty("refused")[0];
        Assert.Equal(runs[1], refused.GetProperty("run_id").GetString());
        Assert.Equal("""{"kind":"daily_cap","id":"user-1"}""", refused.GetProperty("refused_by").GetRawText());
        Assert.Equal(("user-1", "agent-1", "summary", "succeeded", "budget_exceeded", 25), (
            Text("user_id"), Text("agent_id"), Text("service_id"), Text("outcome"), Text("code"), refused.GetProperty("amount_cents").GetInt32()));

        string? Text(string name) => refused.GetProperty(name).GetString();
    }

    [Fact]
    public async Task A_narrower_scope_is_asked_of_the_recorded_category()
    {
        await using var api = await RunningApi.Start();
        await Spend(api.Client);

        var outside = (await api.Client.Admin(HttpMethod.Post, Path, Body("""{"agent_id":"agent-1","allowed_categories":["maps"]}"""))).Expect(200).Data;
        var inside = (await api.Client.Admin(HttpMethod.Post, Path, Body("""{"agent_id":"agent-1","allowed_categories":["maps","text"]}"""))).Expect(200).Data;

        Assert.Equal((3, 50, "scope"), (outside.GetProperty("refused_count").GetInt32(), outside.GetProperty("refused_amount_cents").GetInt32(), outside.GetProperty("refused")[0].GetProperty("refused_by").GetProperty("kind").GetString()));
        Assert.Equal(0, inside.GetProperty("refused_count").GetInt32());
    }

    /// <summary>Two runs of 25 cents that a campaign pays, and one that nobody pays for.</summary>
    private static async Task<(string Token, List<string> Runs)> Spend(Client client, string zone = "UTC")
    {
        await client.Load();
        (await client.Admin(HttpMethod.Put, "/admin/users/user-1", $$"""{"time_zone":"{{zone}}","daily_cap_cents":1000}""")).Expect(200);
        var token = await client.OpenSession();
        await client.Complete(token);
        var runs = new List<string>();
        foreach (var text in new[] { "one", "two" })
        {
            runs.Add((await client.Post("/agent/services/summary/run", token, Input(text))).Expect(200).Data.GetProperty("run_id").GetString()!);
        }

        (await client.Post("/agent/services/summary/run", token, Input("three"))).Refused(402, "payment_required");
        return (token, runs);

        static string Input(string text) => $$"""{ "input": { "text": "{{text}}" } }""";
    }

    private static string Body(string change) => $$"""{"from":"2020-01-01T00:00:00Z","to":"2120-01-01T00:00:00Z","changes":[{{change}}]}""";

    private static async Task<string> Look(Client client, string token)
    {
        var lists = new[] { "users", "services", "campaigns", "sessions", "payments" };
        var seen = await Task.WhenAll(lists.Select(async list => (await client.Admin(HttpMethod.Get, $"/admin/{list}")).Expect(200).Data.ToString()));
        return string.Join('\n', [(await client.Get("/agent/flow/status", token)).Expect(200).Data.ToString(), .. seen]).WithoutProjections();
    }
}
