using Agora.Api.Tests.Support;
using Agora.Contracts;
using Agora.Core.Agents;
using Agora.Core.Kernel;
using Agora.Web;
using Microsoft.Extensions.DependencyInjection;
using Received = Agora.Api.Tests.Support.Received;

namespace Agora.Api.Tests.Tenants;

/// <summary>Both tenants have an agent, a user and a grant of the same ids. A key opens sessions of the tenant that issued it, and a link decides about its run.</summary>
public sealed class CredentialTests : TwoTenants
{
    private const string OldKey = "agk_agent-1.c2VjcmV0";
    private const string Body = """{"agent_id":"agent-1","user_id":"user-1"}""";
    private const string Grant = """{"scopes":{"allowed_task_types":["*"],"allowed_data_types":["*"],"allowed_categories":["*"],"allowed_consents":["*"],"budget_limit_cents":100},"require_approval_above_cents":10}""";
    private const string Run = "/agent/services/summary/run";

    public override async Task InitializeAsync()
    {
        await base.InitializeAsync();
        foreach (var tenant in new[] { First, Second })
        {
            await tenant.Load(1_000);
            await tenant.Put("/admin/users/user-1", "{}");
            await tenant.Put("/admin/users/user-1/grants/agent-1", Grant);
        }
    }

    [Fact]
    public async Task A_key_of_the_old_form_opens_sessions_of_the_default_tenant_alone()
    {
        await IssueOld(Tenant.Default);

        var session = (await Api.Client.Post("/agent/auth", OldKey, Body)).Expect(201).Data.GetProperty("session_id").GetString();

        await IsOf(session!, First, Second);
    }

    [Fact]
    public async Task A_key_of_the_old_form_that_another_tenants_agent_has_opens_nothing_unauthorized()
    {
        await IssueOld(RunningApi.Second);

        (await Api.Client.Post("/agent/auth", OldKey, Body)).Refused(401, Codes.Unauthorized);
        (await Api.Client.Post("/agent/auth", OldKey.Replace("agk_", "agk_second.", StringComparison.Ordinal), Body)).Refused(401, Codes.Unauthorized);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_key_of_today_opens_sessions_of_the_tenant_that_issued_it_alone(bool firsts)
    {
        var (own, other) = firsts ? (First, Second) : (Second, First);
        var (key, _) = await Issue(own);

        await IsOf(await Opened(key), own, other);
        (await Api.Client.Post("/agent/auth", key.Replace($"_{own.Tenant.Name}.", $"_{other.Tenant.Name}.", StringComparison.Ordinal), Body)).Refused(401, Codes.Unauthorized);
    }

    [Fact]
    public async Task A_key_is_revoked_by_its_own_tenant_alone_not_found()
    {
        var (key, id) = await Issue(First);
        await Issue(Second);

        (await Second.Admin(HttpMethod.Delete, $"/admin/agents/agent-1/keys/{id}")).Refused(404, Codes.NotFound);
        await Opened(key);

        (await First.Admin(HttpMethod.Delete, $"/admin/agents/agent-1/keys/{id}")).Expect(200);
        (await Api.Client.Post("/agent/auth", key, Body)).Refused(401, Codes.Unauthorized);
    }

    /// <summary>The other tenant has a run that waits too: neither its mark on the link, nor its operators, decide about this one.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_link_decides_about_the_run_of_its_own_tenant_alone(bool firsts)
    {
        var (own, other) = firsts ? (First, Second) : (Second, First);
        var (link, run) = await Waiting(own);
        var (_, others) = await Waiting(other);

        (await Decide(Moved(link, own, other))).Refused(404, Codes.NotFound);
        Assert.Contains("There is no such approval", await Api.Client.Text(Moved(link, own, other)), StringComparison.Ordinal);
        (await other.Admin(HttpMethod.Post, $"/admin/approvals/{run}", """{"decision":"approve"}""")).Refused(404, Codes.NotFound);
        Assert.Equal([run], await Pending(own));

        (await Decide(link)).Expect(200);

        Assert.Empty(await Pending(own));
        Assert.Equal([others], await Pending(other));
    }

    private Task<Received> Decide(string link) => Api.Client.Post(link, null, """{"decision":"approve"}""");

    /// <summary>As it would look if the other tenant had made it.</summary>
    private static string Moved(string link, OneTenant own, OneTenant other) =>
        link.Replace($"apv_{TenantMark.Of(own.Tenant)}", $"apv_{TenantMark.Of(other.Tenant)}", StringComparison.Ordinal);

    /// <summary>The link of a run that waits, and the run.</summary>
    private async Task<(string Link, string Run)> Waiting(OneTenant tenant)
    {
        var token = (await Api.Client.Post("/agent/auth", (await Issue(tenant)).Key, Body)).Expect(201).Data.GetProperty("token").GetString()!;
        (await tenant.Agent("/agent/tasks/survey/complete", token, Support.Catalogue.Completion)).Expect(201);
        var run = (await tenant.Agent(Run, token, Support.Catalogue.Input)).Expect(202).Data.GetProperty("run_id").GetString()!;
        return ((await tenant.Get("/admin/approvals")).GetProperty("approvals").EnumerateArray().Single().GetProperty("link").GetString()!, run);
    }

    private static async Task<IReadOnlyList<string>> Pending(OneTenant tenant) =>
        [.. (await tenant.Get("/admin/approvals")).GetProperty("approvals").EnumerateArray().Select(a => a.GetProperty("run_id").GetString()!)];

    /// <summary>As a release issued it that knew no other form.</summary>
    private async Task IssueOld(Tenant tenant)
    {
        var agent = Api.Services.GetRequiredService<IEntities>().In(tenant).Agent("agent-1");
        Assert.IsType<KeyIssued>((await agent.Send(new AgentCommand.IssueKey(Credentials.HexHash(OldKey), null), new(Guid.CreateVersion7()))).Reply);
    }

    private static async Task<(string Key, string Id)> Issue(OneTenant tenant)
    {
        var issued = (await tenant.Admin(HttpMethod.Post, "/admin/agents/agent-1/keys", "{}")).Expect(201).Data;
        return (issued.GetProperty("key").GetString()!, issued.GetProperty("key_id").GetString()!);
    }

    private async Task<string> Opened(string key) => (await Api.Client.Post("/agent/auth", key, Body)).Expect(201).Data.GetProperty("session_id").GetString()!;

    private static async Task IsOf(string session, OneTenant own, OneTenant other)
    {
        (await own.Admin(HttpMethod.Get, $"/admin/sessions/{session}")).Expect(200);
        (await other.Admin(HttpMethod.Get, $"/admin/sessions/{session}")).Refused(404, Codes.NotFound);
    }
}
