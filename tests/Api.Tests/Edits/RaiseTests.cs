using System.Globalization;
using Agora.Api.Tests.Support;

namespace Agora.Api.Tests.Edits;

/// <summary>A cap that is higher until a time. That it ends by itself is tested where time can be told: Core.Tests, and the simulation.</summary>
public sealed class RaiseTests
{
    private const string Raise = "/admin/users/user-1/raise";
    private const string OfGrant = "/admin/users/user-1/grants/agent-1/raise";
    private const string Run = "/agent/services/summary/run";
    private const string Input = """{"input":{"text":"A text."}}""";
    private static readonly (string, string) Key = ("Idempotency-Key", "key-1");
    private static readonly string Until = In(TimeSpan.FromHours(1));

    [Fact]
    public async Task Raised_a_run_passes_that_the_cap_refused_and_ended_before_its_time_the_cap_refuses_again()
    {
        await using var api = await RunningApi.Start();
        await api.Client.Load();
        var token = await api.Client.OpenSession();
        await api.Client.Complete(token);
        (await api.Client.Admin(HttpMethod.Put, "/admin/users/user-1", """{"daily_cap_cents":10}""")).Expect(200);
        (await api.Client.Post(Run, token, Input, Key)).Refused(403, "budget_exceeded");
        var tag = (await api.Client.Admin(HttpMethod.Get, "/admin/users/user-1")).Header("ETag");

        var put = (await api.Client.Admin(HttpMethod.Put, Raise, Body(("daily_cap_cents", "40")))).Expect(200);
        Assert.Equal($$"""{"user_id":"user-1","daily_cap_cents":40,"monthly_cap_cents":null,"until":"{{Until}}"}""", put.Data.GetRawText());
        (await api.Client.Post(Run, token, Input, Key)).Expect(200);
        var user = (await api.Client.Admin(HttpMethod.Get, "/admin/users/user-1")).Expect(200);
        Assert.Equal((10, put.Data.GetRawText(), tag), (user.Data.GetProperty("daily_cap_cents").GetInt32(), user.Data.GetProperty("raise").GetRawText(), user.Header("ETag")));

        Assert.Equal("user-1", (await api.Client.Admin(HttpMethod.Delete, Raise)).Expect(200).Data.GetProperty("user_id").GetString());
        (await api.Client.Post(Run, token, """{"input":{"text":"Another."}}""")).Refused(403, "budget_exceeded");
        (await api.Client.Admin(HttpMethod.Get, Raise)).Refused(404, "not_found");
        (await api.Client.Admin(HttpMethod.Delete, Raise)).Refused(404, "not_found");

        var acts = (await api.Client.Admin(HttpMethod.Get, "/admin/acts?target_id=user-1")).Expect(200).Data.GetProperty("acts").EnumerateArray().ToList();
        Assert.Equal(["end_raise", "put_raise"], acts.Take(2).Select(act => act.GetProperty("operation").GetString()));
        Assert.Equal("Asked for it", acts[1].GetProperty("reason").GetString());
    }

    [Fact]
    public async Task Of_two_who_expect_the_same_one_raises_and_a_read_has_the_tag_that_the_next_expects()
    {
        await using var api = await RunningApi.Start();
        (await api.Client.Admin(HttpMethod.Put, "/admin/users/user-1", """{"daily_cap_cents":10,"monthly_cap_cents":20}""")).Expect(200);
        (await api.Client.Admin(HttpMethod.Put, "/admin/users/user-1/grants/agent-1", """{"scopes":{"budget_limit_cents":5},"total_limit_cents":10}""")).Expect(200);
        foreach (var (path, member) in new[] { (Raise, "daily_cap_cents"), (OfGrant, "total_limit_cents") })
        {
            var first = (await api.Client.Admin(HttpMethod.Put, path, Body((member, "40")), ("If-None-Match", "*"))).Expect(200);
            (await api.Client.Admin(HttpMethod.Put, path, Body((member, "50")), ("If-None-Match", "*"))).Refused(412, "precondition_failed");
            var read = (await api.Client.Admin(HttpMethod.Get, path)).Expect(200);
            Assert.Equal(first.Header("ETag"), read.Header("ETag"));
            (await api.Client.Admin(HttpMethod.Put, path, Body((member, "50")), ("If-Match", read.Header("ETag")!))).Expect(200);
            (await api.Client.Admin(HttpMethod.Delete, path, null, ("If-Match", read.Header("ETag")!))).Refused(412, "precondition_failed");
        }

        var user = (await api.Client.Admin(HttpMethod.Get, "/admin/users/user-1")).Expect(200).Data;
        Assert.Equal(50, user.GetProperty("grants")[0].GetProperty("raise").GetProperty("total_limit_cents").GetInt32());
        Assert.Equal(10, user.GetProperty("grants")[0].GetProperty("total_limit_cents").GetInt32());
        Assert.Equal("agent-1", (await api.Client.Admin(HttpMethod.Delete, OfGrant)).Expect(200).Data.GetProperty("agent_id").GetString());
        Assert.Equal("null", (await api.Client.Admin(HttpMethod.Patch, "/admin/users/user-1", """{"daily_cap_cents":11}""")).Expect(200).Data.GetProperty("raise").GetRawText());
    }

    [Fact]
    public async Task What_is_no_raise_is_refused_by_the_member_that_is_wrong_and_changes_nothing()
    {
        await using var api = await RunningApi.Start();
        (await api.Client.Admin(HttpMethod.Put, Raise, Body(("daily_cap_cents", "40")))).Refused(404, "not_found");
        (await api.Client.Admin(HttpMethod.Put, "/admin/users/user-1", """{"daily_cap_cents":10}""")).Expect(200);
        (await api.Client.Admin(HttpMethod.Put, OfGrant, Body(("total_limit_cents", "40")))).Refused(404, "not_found");
        (string Body, string Path, string Keyword)[] wrong =
        [
            (Body(("daily_cap_cents", "10")), "/daily_cap_cents", "minimum"), (Body(("monthly_cap_cents", "10")), "/monthly_cap_cents", "minimum"), (Body(), "", "minProperties"),
            ($$"""{"daily_cap_cents":40,"until":"{{In(TimeSpan.FromHours(-1))}}","reason":"r"}""", "/until", "range"), ($$"""{"daily_cap_cents":40,"until":"{{In(TimeSpan.FromDays(32))}}","reason":"r"}""", "/until", "range"),
            ("""{"daily_cap_cents":40,"reason":"r"}""", "/until", "required"), ($$"""{"daily_cap_cents":40,"until":"{{Until}}"}""", "/reason", "required"),
        ];
        foreach (var (body, path, keyword) in wrong)
        {
            var detail = (await api.Client.Admin(HttpMethod.Put, Raise, body)).Refused(422, "validation_failed").Error.GetProperty("details")[0];
            Assert.Equal((body, path, keyword), (body, detail.GetProperty("path").GetString(), detail.GetProperty("keyword").GetString()));
        }

        Assert.Equal("null", (await api.Client.Admin(HttpMethod.Get, "/admin/users/user-1")).Expect(200).Data.GetProperty("raise").GetRawText());
    }

    private static string Body(params IReadOnlyList<(string Name, string Value)> members) =>
        $$"""{{{string.Concat(members.Select(member => $"\"{member.Name}\":{member.Value},"))}}"until":"{{Until}}","reason":"Asked for it"}""";

    private static string In(TimeSpan time) => (DateTimeOffset.UtcNow + time).ToString("yyyy-MM-dd'T'HH:mm:ss.000000'Z'", CultureInfo.InvariantCulture);
}
