using System.Text.Json;
using System.Text.Json.Nodes;
using Agora.Api.Tests.Support;
using Agora.Core.Kernel;

namespace Agora.Api.Tests.Edits;

/// <summary>What GET, PUT and PATCH of every thing that operators put have in common.</summary>
public sealed class EditTests : IAsyncLifetime
{
    private RunningApi _api = null!;

    private Client Client => _api.Client;

    public static TheoryData<string> Names => Things.Names;

    public async Task InitializeAsync() => _api = await RunningApi.Start();

    public async Task DisposeAsync() => await _api.DisposeAsync();

    [Theory]
    [MemberData(nameof(Names))]
    public async Task What_was_put_is_read_whole_with_its_etag(string name)
    {
        var thing = Things.Of(name);
        var put = await Client.Place(thing);

        var read = (await Client.Admin(HttpMethod.Get, thing.Path)).Expect(200);

        Assert.Equal(put.Header("ETag"), read.Header("ETag"));
        Assert.Matches("^\"[A-Za-z0-9_-]{22}\"$", read.Header("ETag"));
        foreach (var (member, value) in Definition(thing.Whole))
        {
            Assert.True(Equal(value, read.Data, member), $"{member}: {read.Json}");
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task A_patch_of_one_member_leaves_all_others_as_they_were(string name)
    {
        var thing = Things.Of(name);
        var before = await Client.Place(thing);
        var (member, json) = thing.Changed;

        var patched = (await Patch(thing, $$"""{"{{member}}":{{json}}}""")).Expect(200);

        Assert.NotEqual(before.Header("ETag"), patched.Header("ETag"));
        Assert.Equal(json, patched.Data.GetProperty(member).GetRawText());
        Assert.False(patched.Data.TryGetProperty("dropped", out _), patched.Json.ToString());
        var read = (await Client.Admin(HttpMethod.Get, thing.Path)).Expect(200);
        Assert.Equal(patched.Header("ETag"), read.Header("ETag"));
        foreach (var (other, value) in Definition(thing.Whole).Where(m => m.Key != member))
        {
            Assert.True(Equal(value, read.Data, other), $"{other}: {read.Json}");
        }

        var back = (await Patch(thing, $$"""{"{{member}}":{{Definition(thing.Whole)[member]!.ToJsonString()}}}""")).Expect(200);
        Assert.Equal(before.Header("ETag"), back.Header("ETag"));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task An_empty_patch_changes_nothing(string name)
    {
        var thing = Things.Of(name);
        var before = await Client.Place(thing);

        Assert.Equal(before.Header("ETag"), (await Patch(thing, "{}")).Expect(200).Header("ETag"));
        Assert.Equal(before.Header("ETag"), (await Client.Admin(HttpMethod.Patch, thing.Path)).Expect(200).Header("ETag"));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task A_put_without_a_body_is_refused_by_what_to_send_and_nothing_is_changed(string name)
    {
        var thing = Things.Of(name);
        var tag = (await Client.Place(thing)).Header("ETag");

        foreach (var headers in new (string, string)[][] { [], [("Idempotency-Key", "none")], [("If-Match", tag!)] })
        {
            var refused = (await Client.Admin(HttpMethod.Put, thing.Path, null, headers)).Refused(422, Codes.ValidationFailed);
            var whole = refused.Error.GetProperty("details").EnumerateArray().First(detail => detail.GetProperty("path").GetString() == "");
            Assert.Equal("required", whole.GetProperty("keyword").GetString());
            Assert.Contains("application/json, {} at least", whole.GetProperty("message").GetString(), StringComparison.Ordinal);
        }

        using var empty = new ByteArrayContent([]) { Headers = { ContentType = new("application/json") } };
        using var ofNoLength = new HttpRequestMessage(HttpMethod.Put, thing.Path) { Content = empty, Headers = { TransferEncodingChunked = true } };
        (await Client.Send(ofNoLength, RunningApi.AdminKey)).Refused(422, Codes.ValidationFailed);

        Assert.Equal(tag, (await Client.Admin(HttpMethod.Get, thing.Path)).Header("ETag"));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task A_put_says_what_it_drops_and_nothing_where_it_drops_nothing(string name)
    {
        var thing = Things.Of(name);
        Assert.False((await Client.Place(thing)).Data.TryGetProperty("dropped", out _));

        var put = (await Client.Admin(HttpMethod.Put, thing.Path, thing.Bare, ("Idempotency-Key", "bare"))).Expect(200);

        Assert.Equal(thing.Dropped, put.Data.GetProperty("dropped").EnumerateArray().Select(m => m.GetString()!));
        var again = (await Client.Admin(HttpMethod.Put, thing.Path, thing.Bare, ("Idempotency-Key", "bare"))).Expect(200);
        Assert.Equal("true", again.Header("Idempotent-Replayed"));
        Assert.Equal(put.Data.ToString(), again.Data.ToString());
        Assert.False((await Client.Admin(HttpMethod.Put, thing.Path, thing.Bare)).Expect(200).Data.TryGetProperty("dropped", out _));
        Assert.False((await Client.Admin(HttpMethod.Get, thing.Path)).Expect(200).Data.TryGetProperty("dropped", out _));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task An_edit_of_what_was_changed_meanwhile_is_refused_precondition_failed_with_the_read_that_mends_it(string name)
    {
        var thing = Things.Of(name);
        var old = (await Client.Place(thing)).Header("ETag")!;
        var current = (await Patch(thing, $$"""{"{{thing.Changed.Member}}":{{thing.Changed.Json}}}""", ("If-Match", old))).Expect(200).Header("ETag")!;

        foreach (var (method, body) in new[] { (HttpMethod.Put, thing.Bare), (HttpMethod.Patch, "{}") })
        {
            foreach (var tags in new[] { old, $"{old}, \"other\"", $"W/{current}" })
            {
                var refused = (await Client.Admin(method, thing.Path, body, ("If-Match", tags))).Refused(412, Codes.PreconditionFailed);
                Assert.Equal(current, refused.Error.GetProperty("details").GetProperty("etag").GetString());
                Assert.Equal(("GET", thing.Path), (refused.NextActions[0].GetProperty("method").GetString(), refused.NextActions[0].GetProperty("endpoint").GetString()));
            }

            (await Client.Admin(method, thing.Path, body, ("If-None-Match", "*"))).Refused(412, Codes.PreconditionFailed);
        }

        Assert.Equal(current, (await Client.Admin(HttpMethod.Get, thing.Path)).Header("ETag"));
        (await Patch(thing, "{}", ("If-Match", $"{old}, {current}"))).Expect(200);
        (await Patch(thing, "{}", ("If-Match", "*"))).Expect(200);
        (await Client.Admin(HttpMethod.Put, thing.Path, thing.Bare, ("If-Match", current))).Expect(200);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task What_is_not_there_is_not_found_and_the_put_is_offered_that_makes_it(string name)
    {
        var thing = Things.Of(name);
        if (name == "grant")
        {
            (await Client.Admin(HttpMethod.Put, "/admin/users/user-1", "{}")).Expect(200);
        }

        foreach (var refused in new[] { (await Client.Admin(HttpMethod.Get, thing.Path)).Refused(404, Codes.NotFound), (await Patch(thing, "{}")).Refused(404, Codes.NotFound), (await Patch(thing, "{}", ("If-Match", "*"))).Refused(404, Codes.NotFound) })
        {
            Assert.EndsWith("Ids' case counts.", refused.Error.GetProperty("message").GetString(), StringComparison.Ordinal);
            var put = Assert.Single(refused.NextActions);
            Assert.Equal(("PUT", thing.Path), (put.GetProperty("method").GetString(), put.GetProperty("endpoint").GetString()));
        }

        var nothing = (await Client.Admin(HttpMethod.Put, thing.Path, thing.Bare, ("If-Match", "*"))).Refused(412, Codes.PreconditionFailed);
        Assert.Equal(JsonValueKind.Null, nothing.Error.GetProperty("details").GetProperty("etag").ValueKind);
        (await Client.Admin(HttpMethod.Put, thing.Path, thing.Bare, ("If-None-Match", "*"))).Expect(200);
        (await Client.Admin(HttpMethod.Put, thing.Path, thing.Bare, ("If-None-Match", "*"))).Refused(412, Codes.PreconditionFailed);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Null_removes_what_is_optional_and_is_a_violation_of_what_is_required(string name)
    {
        var thing = Things.Of(name);
        var whole = (await Client.Place(thing)).Header("ETag");
        if (thing.Required is { } required)
        {
            var refused = (await Patch(thing, $$"""{"{{required}}":null}""")).Refused(422, Codes.ValidationFailed);
            Assert.Equal($"/{required}", refused.Error.GetProperty("details")[0].GetProperty("path").GetString());
            Assert.Equal(whole, (await Client.Admin(HttpMethod.Get, thing.Path)).Header("ETag"));
        }

        foreach (var dropped in thing.Dropped)
        {
            var (at, under) = dropped.Split('.') is [var parent, var child] ? (parent, child) : (dropped, null);
            (await Patch(thing, under is null ? $$"""{"{{at}}":null}""" : $$$"""{"{{{at}}}":{"{{{under}}}":null}}""")).Expect(200);
        }

        var bare = (await Client.Admin(HttpMethod.Get, thing.Path)).Expect(200).Header("ETag");
        var put = (await Client.Admin(HttpMethod.Put, thing.Path, thing.Bare)).Expect(200);
        Assert.Equal(bare, put.Header("ETag"));
        Assert.False(put.Data.TryGetProperty("dropped", out _), put.Json.ToString());
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task A_read_of_what_is_known_is_answered_not_modified_without_a_body(string name)
    {
        var thing = Things.Of(name);
        var tag = (await Client.Place(thing)).Header("ETag")!;

        foreach (var known in new[] { tag, $"W/{tag}", $"\"other\", {tag}", "*" })
        {
            var read = await Client.Admin(HttpMethod.Get, thing.Path, null, ("If-None-Match", known));
            Assert.Equal((304, JsonValueKind.Undefined, tag), (read.Status, read.Json.ValueKind, read.Header("ETag")));
        }

        (await Client.Admin(HttpMethod.Get, thing.Path, null, ("If-None-Match", "\"other\""))).Expect(200);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task A_patch_under_its_key_again_is_answered_as_the_first_time_and_merged_once(string name)
    {
        var thing = Things.Of(name);
        await Client.Place(thing);
        var patch = $$"""{"{{thing.Changed.Member}}":{{thing.Changed.Json}}}""";
        var first = (await Patch(thing, patch, ("Idempotency-Key", "once"))).Expect(200);
        var others = (await Client.Admin(HttpMethod.Put, thing.Path, thing.Bare)).Expect(200);

        var again = (await Patch(thing, patch, ("Idempotency-Key", "once"))).Expect(200);

        Assert.Equal("true", again.Header("Idempotent-Replayed"));
        Assert.Equal((first.Data.ToString(), first.Header("ETag")), (again.Data.ToString(), again.Header("ETag")));
        Assert.Equal(others.Header("ETag"), (await Client.Admin(HttpMethod.Get, thing.Path)).Header("ETag"));
        (await Patch(thing, "{}", ("Idempotency-Key", "once"))).Refused(409, Codes.IdempotencyConflict);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task A_patch_is_refused_where_a_put_of_the_same_would_be(string name)
    {
        var thing = Things.Of(name);
        var tag = (await Client.Place(thing)).Header("ETag");

        foreach (var (patch, path) in new[] { ("""{"misspelt":1}""", "/misspelt"), ("""{"misspelt":null}""", "/misspelt"), ("[]", ""), ("1", ""), ("null", ""), ($$"""{"{{thing.Changed.Member}}":[]}""", $"/{thing.Changed.Member}") })
        {
            var refused = (await Patch(thing, patch)).Refused(422, Codes.ValidationFailed);
            Assert.Equal(path, refused.Error.GetProperty("details")[0].GetProperty("path").GetString());
        }

        Assert.Equal(tag, (await Client.Admin(HttpMethod.Get, thing.Path)).Header("ETag"));
    }

    [Fact]
    public async Task Of_changes_of_different_members_at_once_none_is_lost()
    {
        const int Many = 24;
        (await Client.Admin(HttpMethod.Put, "/admin/users/user-1", """{"time_zone":"Europe/Berlin"}""")).Expect(200);

        var patches = Enumerable.Range(0, Many).Select(n => $$$"""{"attributes":{"a{{{n}}}":"{{{n}}}"}}""").Append("""{"daily_cap_cents":5}""").Append("""{"monthly_cap_cents":50}""");
        foreach (var patched in await Task.WhenAll(patches.Select(patch => Client.Admin(HttpMethod.Patch, "/admin/users/user-1", patch)))) patched.Expect(200);

        var user = (await Client.Admin(HttpMethod.Get, "/admin/users/user-1")).Expect(200).Data;
        Assert.Equal(Many, user.GetProperty("attributes").EnumerateObject().Count());
        Assert.Equal(("5", "50", "Europe/Berlin"), (user.GetProperty("daily_cap_cents").GetRawText(), user.GetProperty("monthly_cap_cents").GetRawText(), user.GetProperty("time_zone").GetString()));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Of_edits_at_once_that_expect_the_same_one_is_carried_out(string name)
    {
        var thing = Things.Of(name);
        var tag = (await Client.Place(thing)).Header("ETag")!;
        var patch = $$"""{"{{thing.Changed.Member}}":{{thing.Changed.Json}}}""";

        var edits = await Task.WhenAll(Enumerable.Range(0, 8).Select(n => n % 2 == 0 ? Patch(thing, patch, ("If-Match", tag)) : Client.Admin(HttpMethod.Put, thing.Path, thing.Bare, ("If-Match", tag))));

        Assert.Single(edits, edit => edit.Status == 200);
        Assert.Equal(7, edits.Count(edit => edit.Status == 412));
    }

    [Fact]
    public async Task A_grant_before_its_user_is_not_found_and_the_user_is_offered_to_be_put()
    {
        var grant = Things.Of("grant");

        var refused = (await Client.Admin(HttpMethod.Put, grant.Path, grant.Whole)).Refused(404, Codes.NotFound);

        var mends = Assert.Single(refused.NextActions);
        Assert.Equal(("put_user", "PUT", "/agent/schemas/put_user"), (mends.GetProperty("action").GetString(), mends.GetProperty("method").GetString(), mends.GetProperty("schema_ref").GetProperty("url").GetString()));
        (await Client.Admin(HttpMethod.Put, mends.GetProperty("endpoint").GetString()!, "{}")).Expect(200);
        (await Client.Admin(HttpMethod.Put, grant.Path, grant.Whole)).Expect(200);
    }

    /// <summary>What it was merged with is gone, and so it could not be merged again.</summary>
    [Fact]
    public async Task A_patch_whose_thing_has_ended_since_is_answered_under_its_key_as_the_first_time()
    {
        var grant = Things.Of("grant");
        await Client.Place(grant);
        var first = (await Patch(grant, """{"max_live_sessions":2}""", ("Idempotency-Key", "once"))).Expect(200);
        (await Client.Admin(HttpMethod.Delete, grant.Path)).Expect(200);

        Assert.Equal(first.Data.ToString(), (await Patch(grant, """{"max_live_sessions":2}""", ("Idempotency-Key", "once"))).Expect(200).Data.ToString());
        (await Patch(grant, """{"max_live_sessions":2}""")).Refused(404, Codes.NotFound);
    }

    [Fact]
    public async Task A_grant_that_was_changed_meanwhile_is_not_ended_precondition_failed()
    {
        var grant = Things.Of("grant");
        var old = (await Client.Place(grant)).Header("ETag")!;
        var current = (await Patch(grant, """{"max_live_sessions":2}""")).Expect(200).Header("ETag")!;

        (await Client.Admin(HttpMethod.Delete, grant.Path, null, ("If-Match", old))).Refused(412, Codes.PreconditionFailed);
        (await Client.Admin(HttpMethod.Delete, grant.Path, null, ("If-Match", current))).Expect(200);
    }

    [Fact]
    public async Task Spending_is_shown_and_changes_no_etag()
    {
        await Client.Load();
        (await Client.Admin(HttpMethod.Put, "/admin/users/user-1", """{"daily_cap_cents":500}""")).Expect(200);
        var grant = Things.Of("grant");
        (await Client.Admin(HttpMethod.Put, grant.Path, """{"scopes":{"allowed_task_types":["*"],"allowed_data_types":["*"],"allowed_categories":["*"],"allowed_consents":["*"],"budget_limit_cents":100},"total_limit_cents":90}""")).Expect(200);
        var (before, grantBefore, campaignBefore) = (await Read("/admin/users/user-1"), await Read(grant.Path), await Read("/admin/campaigns/survey"));
        var token = await Client.OpenSession();
        await Client.Complete(token);
        (await Client.Post("/agent/services/summary/run", token, Support.Catalogue.Input)).Expect(200);

        var (user, granted, campaign) = (await Read("/admin/users/user-1"), await Read(grant.Path), await Read("/admin/campaigns/survey"));

        Assert.Equal((before.Header("ETag"), grantBefore.Header("ETag"), campaignBefore.Header("ETag")), (user.Header("ETag"), granted.Header("ETag"), campaign.Header("ETag")));
        Assert.Equal(25, Micros(user.Data.GetProperty("spent").GetProperty("today")));
        Assert.Equal(25, Micros(user.Data.GetProperty("spent").GetProperty("this_month")));
        Assert.Equal(25, Micros(granted.Data.GetProperty("spent")));
        Assert.Equal(25, Micros(user.Data.GetProperty("grants")[0].GetProperty("spent")));

        async Task<Received> Read(string path) => (await Client.Admin(HttpMethod.Get, path)).Expect(200);
        static decimal Micros(JsonElement spent) => spent.GetProperty("spent_cents").GetDecimal() + spent.GetProperty("held_cents").GetDecimal();
    }

    [Fact]
    public async Task A_secret_is_changed_by_a_patch_and_kept_by_one_that_does_not_name_it()
    {
        var service = Things.Of("service");
        var before = await Client.Place(service);

        var kept = (await Patch(service, """{"timeout_ms":7000}""")).Expect(200);
        var changed = (await Patch(service, """{"auth":{"secret":"other"}}""")).Expect(200);

        Assert.Equal("X-Key", kept.Data.GetProperty("auth").GetProperty("header").GetString());
        Assert.NotEqual(kept.Header("ETag"), changed.Header("ETag"));
        Assert.DoesNotContain("secret", before.Data.ToString() + kept.Data + changed.Data, StringComparison.Ordinal);
        Assert.Equal("X-Key", (await Patch(service, """{"auth":{"header":"X-Other"}}""")).Expect(200).Data.GetProperty("auth_header").GetString()?.Replace("Other", "Key", StringComparison.Ordinal));
    }

    /// <summary>Whoever may change the address would read there what nobody reads back here.</summary>
    [Theory]
    [InlineData("en")]
    [InlineData("ja")]
    public async Task A_secret_that_is_kept_goes_to_no_other_address(string language)
    {
        var service = Things.Of("service");
        var before = await Client.Place(service);
        const string Elsewhere = """{"endpoint":"https://text.example/other"}""";

        var refused = (await Patch(service, Elsewhere, ("Accept-Language", language))).Refused(422, Codes.ValidationFailed);

        var violation = Assert.Single(refused.Error.GetProperty("details").EnumerateArray());
        Assert.Equal("/auth/secret", violation.GetProperty("path").GetString());
        Assert.Contains(language == "en" ? "former endpoint" : "以前の endpoint", violation.GetProperty("message").GetString(), StringComparison.Ordinal);
        Assert.Equal(before.Header("ETag"), (await Client.Admin(HttpMethod.Get, service.Path)).Header("ETag"));
        Assert.Equal("https://text.example/other", (await Patch(service, """{"endpoint":"https://text.example/other","auth":{"secret":"s3cret"}}""")).Expect(200).Data.GetProperty("endpoint").GetString());
        Assert.Equal(JsonValueKind.Null, (await Patch(service, """{"endpoint":"https://text.example/third","auth":null}""")).Expect(200).Data.GetProperty("auth").ValueKind);
    }

    [Fact]
    public async Task A_service_becomes_metered_by_a_patch_that_names_both_prices()
    {
        var service = Things.Of("service");
        await Client.Place(service);

        (await Patch(service, """{"max_price_cents":40}""")).Refused(422, Codes.ValidationFailed);
        var metered = (await Patch(service, """{"max_price_cents":40,"price_cents":null}""")).Expect(200).Data;

        Assert.True(metered.GetProperty("metered").GetBoolean());
        Assert.Equal("40", metered.GetProperty("max_price_cents").GetRawText());
        Assert.False((await Patch(service, """{"price_cents":30,"max_price_cents":null}""")).Expect(200).Data.GetProperty("metered").GetBoolean());
    }

    [Fact]
    public async Task A_merge_patch_is_taken_under_its_own_media_type()
    {
        var agent = Things.Of("agent");
        await Client.Place(agent);
        using var request = new HttpRequestMessage(HttpMethod.Patch, agent.Path) { Content = new StringContent("""{"owner":null}""", System.Text.Encoding.UTF8, "application/merge-patch+json") };

        Assert.Equal(JsonValueKind.Null, (await Client.Send(request, RunningApi.AdminKey)).Expect(200).Data.GetProperty("owner").ValueKind);
    }

    private Task<Received> Patch(Thing thing, string json, params (string, string)[] headers) => Client.Admin(HttpMethod.Patch, thing.Path, json, headers);

    private static JsonObject Definition(string json) => JsonNode.Parse(json)!.AsObject();

    /// <summary>All that was put is there; the secret, which nobody reads back, and what is null are not.</summary>
    private static bool Equal(JsonNode? put, JsonElement data, string member) => put switch
    {
        JsonObject of => data.TryGetProperty(member, out var there) && of.All(m => m.Key == "secret" || Equal(m.Value, there, m.Key)),
        JsonArray of when of.Any(item => item is JsonObject) =>
            data.TryGetProperty(member, out var there) && of.Count == there.GetArrayLength() && of.Index().All(item => item.Item!.AsObject().All(m => Equal(m.Value, there[item.Index], m.Key))),
        _ => data.TryGetProperty(member, out var there) && JsonNode.DeepEquals(put, JsonNode.Parse(there.GetRawText())),
    };
}
