using System.Text.RegularExpressions;
using Agora.Api.Tests.Support;
using Agora.Api.Tests.Tenants;
using Agora.Application.Operations;
using Agora.Core.Access;
using Agora.Core.Kernel;
using Agora.Testing;
using Agora.Web;
using Received = Agora.Api.Tests.Support.Received;

namespace Agora.Api.Tests.Identity;

/// <summary>Every operators' route by every role: what the document says is what is done.</summary>
public sealed partial class RolesTests
{
    private static readonly Role[] Including = [Role.Viewer, Role.Operator, Role.Admin];

    [Fact]
    public async Task Each_role_may_what_the_document_says_and_is_refused_the_rest_forbidden()
    {
        await using var api = await RunningApi.Start();
        var first = await FilledTenant.Of(api);
        await api.MakeCheckpoint();
        var wrong = new List<string>();
        foreach (var operation in Operations(api).OrderBy(o => o.Name == "erase_user"))
        {
            foreach (var role in Including)
            {
                var (status, text) = await Called(api, operation, first, RunningApi.KeyOf(role), operation.Name == "search" ? "?q=summary" : "");
                var isForbidden = status == 403 && text.Contains($"\"{Codes.Forbidden}\"", StringComparison.Ordinal);
                if (isForbidden == role >= operation.Least)
                {
                    wrong.Add($"{operation.Name} by {role}: {status} {text}");
                }
            }
        }

        Assert.Empty(wrong);
    }

    [Fact]
    public async Task A_viewer_changes_nothing_and_sees_no_secret()
    {
        await using var api = await RunningApi.Start();

        Assert.All(Operations(api).Where(o => o.Least == Role.Viewer), o => Assert.True((o.IsRead || o.IsQuestion) && !o.GivesSecret, o.Name));
        Assert.Contains(Operations(api), o => o.GivesSecret);
    }

    /// <summary>About what is another's nothing is told, and nothing is done, whatever the role is.</summary>
    [Theory]
    [InlineData(Role.Sponsor)]
    [InlineData(Role.Principal)]
    [InlineData(Role.User)]
    public async Task Whoever_owns_nothing_sees_nothing_of_what_others_own(Role role)
    {
        await using var api = await RunningApi.Start();
        var first = await FilledTenant.Of(api);
        await Owned(api);
        var before = await Definitions(api);
        foreach (var operation in Operations(api))
        {
            foreach (var query in operation.IsRead ? ["", "?campaign_id=survey", "?agent_id=agent-1", "?campaign_id=survey&agent_id=agent-1", "?campaign_id=survey&campaign_id=mine", "?user_id=user-1"] : new[] { "" })
            {
                var (status, text) = await Called(api, operation, first, RunningApi.KeyOf(role, "other"), query);
                Assert.True(status is 403 or 404 || operation.ListsOwn && status is 200 or 400 or 422, $"{operation.Name}{query}: {status} {text}");
                Assert.DoesNotContain(FilledTenant.Marker, text, StringComparison.Ordinal);
                Assert.False(first.DrawnIds.Except([first.Ids["session_id"]]).Any(id => text.Contains(id, StringComparison.Ordinal)), $"{operation.Name}{query}: {text}");
            }
        }

        Assert.Equal(before, await Definitions(api));
    }

    [Theory]
    [InlineData(Role.Viewer)]
    [InlineData(Role.Sponsor)]
    [InlineData(Role.Principal)]
    [InlineData(Role.User)]
    public async Task No_refusal_offers_what_the_role_may_not_do(Role role)
    {
        await using var api = await RunningApi.Start();
        var (key, offered) = (RunningApi.KeyOf(role), 0);
        foreach (var operation in Operations(api).Where(o => o.IsRead && o.Sheet.Ids.Count > 0))
        {
            var refused = await api.Client.Get(operation.Sheet.Ids.Aggregate(operation.Route, (route, name) => route.Replace($"{{{name}}}", name == "user_id" && role == Role.User ? "user-1" : "nothing", StringComparison.Ordinal)), key);
            foreach (var action in refused.NextActions)
            {
                Assert.Equal("GET", action.GetProperty("method").GetString());
                Assert.NotEqual(403, (await api.Client.Get(action.GetProperty("endpoint").GetString()!, key)).Status);
                offered++;
            }
        }

        Assert.Equal(role == Role.User, offered == 0); // a user may read no list but of its own, by a filter
    }

    [Theory]
    [InlineData(Role.Sponsor, "campaign_id", "survey")]
    [InlineData(Role.Principal, "agent_id", "agent-1")]
    [InlineData(Role.User, "user_id", "user-1")]
    public async Task An_owner_may_what_the_document_says_about_its_own(Role role, string named, string id)
    {
        await using var api = await RunningApi.Start();
        var first = await FilledTenant.Of(api);
        await Owned(api);
        await api.MakeCheckpoint();
        var may = 0;
        foreach (var operation in Operations(api).Where(o => o.Name is not ("put_campaign" or "put_agent" or "patch_agent") && (role != Role.User || o.Name != "decide_approval")).OrderBy(o => o.Name is "close_campaign" or "erase_user"))
        {
            var (status, text) = await Called(api, operation, first, RunningApi.KeyOf(role), operation.IsRead && !operation.ListsOwn && operation.Sheet.Ids.Count == 0 ? $"?{named}={id}" : "");
            Assert.True(operation.Owners.HasFlag(role) == (status is 200 or 201 or 409), $"{operation.Name}: {status} {text}");
            may += operation.Owners.HasFlag(role) ? 1 : 0;
        }

        Assert.True(may >= 9, $"{may} operations");
    }

    [Fact]
    public async Task Lists_of_campaigns_and_agents_show_an_owner_its_own()
    {
        await using var api = await RunningApi.Start();
        await FilledTenant.Of(api);
        await Owned(api);
        (await api.Client.Admin(HttpMethod.Put, "/admin/campaigns/others", Support.Catalogue.Campaign)).Expect(200);
        (await api.Client.Admin(HttpMethod.Put, "/admin/agents/others", """{"owner":"others"}""")).Expect(200);

        Assert.Equal(["survey"], await Listed(api, Role.Sponsor, "campaigns", "campaign_id", "own"));
        Assert.Empty(await Listed(api, Role.Sponsor, "campaigns", "campaign_id", "other"));
        Assert.Equal(["agent-1"], await Listed(api, Role.Principal, "agents", "agent_id", "own"));
        Assert.Equal(["others"], await Listed(api, Role.Principal, "agents", "agent_id", "other"));
        (await api.Client.Get("/admin/campaigns", RunningApi.KeyOf(Role.Principal))).Refused(403, Codes.Forbidden);
        (await api.Client.Get("/admin/payments", RunningApi.KeyOf(Role.Sponsor))).Refused(403, Codes.Forbidden);
    }

    [Fact]
    public async Task An_owner_puts_things_in_its_own_name_only()
    {
        await using var api = await RunningApi.Start();
        var key = RunningApi.KeyOf(Role.Principal);
        async Task<Received> Put(string id, string json, HttpMethod? method = null) => await api.Client.Send(method ?? HttpMethod.Put, $"/admin/agents/{id}", key, json);
        (await api.Client.Admin(HttpMethod.Put, "/admin/agents/nobodys", "{}")).Expect(200);
        (await api.Client.Admin(HttpMethod.Put, "/admin/agents/mine", $$"""{"owner":"{{RunningApi.Owner}}"}""")).Expect(200);

        (await Put("mine", $$"""{"owner":"{{RunningApi.Owner}}"}""")).Expect(200);
        (await Put("mine", "{}")).Refused(403, Codes.Forbidden);
        (await Put("mine", "")).Refused(403, Codes.Forbidden);
        (await Put("new", $$"""{"owner":"{{RunningApi.Owner}}"}""")).Refused(404, Codes.NotFound);
        (await Put("nobodys", $$"""{"owner":"{{RunningApi.Owner}}"}""")).Refused(404, Codes.NotFound);
        (await Put("mine", """{"owner":null}""", HttpMethod.Patch)).Refused(403, Codes.Forbidden);
        (await Put("mine", """{"owner":"others"}""", HttpMethod.Patch)).Refused(403, Codes.Forbidden);
        (await Put("mine", """{"owner":1}""", HttpMethod.Patch)).Refused(403, Codes.Forbidden);
        (await Put("mine", """{"owner":"others","owner":"FIRSTS"}""", HttpMethod.Patch)).Refused(400, Codes.MalformedRequest);
        (await Put("mine", "{}", HttpMethod.Patch)).Expect(200);
        (await Put("not-there", "{}", HttpMethod.Patch)).Refused(404, Codes.NotFound);

        var agents = (await api.Client.Admin(HttpMethod.Get, "/admin/agents")).Expect(200).Data.GetProperty("agents").EnumerateArray();
        Assert.Equal([("mine", RunningApi.Owner), ("nobodys", null)], agents.Select(agent => (agent.GetProperty("agent_id").GetString()!, agent.GetProperty("owner").GetString())));
    }

    [Fact]
    public async Task A_sponsor_makes_campaigns_in_its_own_name_only()
    {
        await using var api = await RunningApi.Start();
        var key = RunningApi.KeyOf(Role.Sponsor);
        var own = Support.Catalogue.Campaign.Replace("{\"sponsor\"", $"{{\"owner\":\"{RunningApi.Owner}\",\"sponsor\"", StringComparison.Ordinal);
        Task<Received> Put(string id, string json) => api.Client.Send(HttpMethod.Put, $"/admin/campaigns/{id}", key, json);
        (await api.Client.Admin(HttpMethod.Put, "/admin/campaigns/nobodys", Support.Catalogue.Campaign)).Expect(200);

        Assert.Contains(RunningApi.Owner, own, StringComparison.Ordinal);
        (await Put("mine", own)).Expect(200);
        (await Put("mine", own)).Expect(200);
        (await Put("new", Support.Catalogue.Campaign)).Refused(403, Codes.Forbidden);
        (await Put("nobodys", own)).Refused(403, Codes.Forbidden);
        (await api.Client.Post("/admin/campaigns/mine/fund", key, """{"amount_cents":1000}""", (IdempotencyKeys.Header, "f"))).Refused(403, Codes.Forbidden);

        // Whoever came first has it, also where both were told that there is none.
        (await api.Client.Send(HttpMethod.Put, "/admin/campaigns/mine", RunningApi.KeyOf(Role.Sponsor, "other"), own.Replace(RunningApi.Owner, "others", StringComparison.Ordinal))).Refused(403, Codes.Forbidden);
    }

    /// <summary>What the caller expects is expected beside that it is still nobody's, and not in place of it.</summary>
    [Theory]
    [InlineData("If-Match", "*")]
    [InlineData("If-None-Match", "\"b\"")]
    [InlineData("Prefer", "return=minimal")]
    public async Task Whoever_came_first_has_a_campaign_also_where_both_were_told_that_there_is_none(string header, string value)
    {
        MeanwhileEntities? entities = null;
        await using var api = await RunningApi.Start(edge: inner => entities = new(inner));
        string Of(string owner) => Support.Catalogue.Campaign.Replace("{\"sponsor\"", $"{{\"owner\":\"{owner}\",\"sponsor\"", StringComparison.Ordinal);
        entities!.AfterLooking = async () => (await api.Client.Send(HttpMethod.Put, "/admin/campaigns/new", RunningApi.KeyOf(Role.Sponsor, "other"), Of("others"))).Expect(200);

        (await api.Client.Send(HttpMethod.Put, "/admin/campaigns/new", RunningApi.KeyOf(Role.Sponsor), Of(RunningApi.Owner), (header, value))).Refused(412, Codes.PreconditionFailed);

        Assert.Equal("others", (await api.Client.Admin(HttpMethod.Get, "/admin/campaigns/new")).Expect(200).Data.GetProperty("owner").GetString());
    }

    [Fact]
    public async Task The_document_lists_every_operation_with_its_roles()
    {
        await using var api = await RunningApi.Start();
        var told = Row().Matches(File.ReadAllText(Path.Combine(Repository.Root, "docs/roles.md"))).Select(row => row.Groups[0].Value.TrimEnd());

        Assert.Equal(Operations(api).Select(o => $"| `{o.Name}` | `{o.Endpoint}` | {o.Least.Text()} | {o.Owners.Text()} |"), told);
    }

    private static IReadOnlyList<Operation> Operations(RunningApi api) => [.. IsolationTests.Operations(api).Where(o => o.Audience == Audience.Operators)];

    /// <summary>The campaign gets an owner; the agent has one.</summary>
    private static async Task Owned(RunningApi api) => (await api.Client.Admin(HttpMethod.Patch, "/admin/campaigns/survey", $$"""{"owner":"{{RunningApi.Owner}}"}""")).Expect(200);

    private static async Task<string> Definitions(RunningApi api) => string.Concat(await Task.WhenAll(new[] { "campaigns/survey", "agents/agent-1", "agents/agent-1/keys" }
        .Select(async path => (await api.Client.Admin(HttpMethod.Get, $"/admin/{path}")).Expect(200).Data.GetRawText())));

    private static async Task<IReadOnlyList<string>> Listed(RunningApi api, Role role, string what, string id, string whose) =>
        [.. (await api.Client.Get($"/admin/{what}", RunningApi.KeyOf(role, whose))).Expect(200).Data.GetProperty(what).EnumerateArray().Select(one => one.GetProperty(id).GetString()!)];

    private static async Task<(int Status, string Text)> Called(RunningApi api, Operation operation, FilledTenant first, string key, string query)
    {
        var path = operation.Sheet.Ids.Aggregate(operation.Route, (route, name) => route.Replace($"{{{name}}}", operation.Name == "decide_approval" ? first.WaitingRun : first.Ids[name], StringComparison.Ordinal)) + query;
        (string, string)[] headers = operation.TakesKey ? [("Idempotency-Key", $"walk-{operation.Name}")] : [];
        var reply = await api.Client.Send(new HttpMethod(operation.Method), path, key, operation.IsRead ? null : operation.BodyExample ?? "{}", headers);
        return (reply.Status, reply.Json.ValueKind == System.Text.Json.JsonValueKind.Undefined ? "" : reply.Json.GetRawText());
    }

    [GeneratedRegex("^\\| `[a-z_]+` \\| `[A-Z]+ /.*$", RegexOptions.Multiline)]
    private static partial Regex Row();
}
