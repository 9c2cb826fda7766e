using System.Text.Json.Nodes;
using Agora.Api.Flow;
using Agora.Api.Http;
using Agora.Contracts;
using Agora.Core.Agents;
using Agora.Core.Kernel;
using Microsoft.AspNetCore.Http;

namespace Agora.Api.Admin.Agents;

/// <summary>Agents: who is behind them, and their keys. A key is shown once; what is kept is its hash.</summary>
internal sealed class AgentEndpoints(IEntities entities, TableReader tables, AgentKeys keys)
{
    private const string Example = """{"agent_id":"agent-1","owner":"acme","stopped":false,"updated_at":"2030-01-01T00:00:00Z"}""";

    public static readonly Operation Put = new("put_agent", "PUT", "/admin/agents/{agent_id}", "Put an agent: who is behind it", typeof(AgentData))
    {
        Body = Takes.Members,
        BodySchema = BodySchemas.Closed([], new() { ["owner"] = BodySchemas.Id("Who is behind the agent; absent: nobody says.") }),
        Codes = AdminFlow.Mutation,
        BodyExample = """{"owner":"acme"}""",
        DataExample = Example,
    };

    public static readonly Operation Get = new("get_agent", "GET", "/admin/agents/{agent_id}", "An agent as it is now", typeof(AgentData))
    {
        Codes = [Codes.NotFound],
        DataExample = Example,
    };

    public static readonly Operation List = new("list_agents", "GET", "/admin/agents", "List agents", typeof(AgentsData))
    {
        Query = ["offset", "limit"],
        DataExample = $$"""{"agents":[{{Example}}],"total_count":1,"offset":0,"limit":50}""",
    };

    public static readonly Operation Issue = new("issue_agent_key", "POST", "/admin/agents/{agent_id}/keys", "Give an agent a key; a replay shows key as null", typeof(KeyData))
    {
        Status = StatusCodes.Status201Created,
        Body = Takes.Members,
        BodySchema = BodySchemas.Closed([], new()
        {
            ["expires_at"] = BodySchemas.Time("When the key ends, and every session that it opens; absent: never."),
            ["test"] = new JsonObject { ["type"] = "boolean", ["description"] = "The key says in plain sight that it is for tests." },
        }),
        Codes = AdminFlow.Mutation,
        BodyExample = """{"expires_at":"2030-01-01T00:00:00Z"}""",
        DataExample = """{"key_id":"0198c0de","key":"agk2_live_default.agent-1.c2VjcmV0.Y29kZQ","test":false,"expires_at":"2030-01-01T00:00:00Z"}""",
    };

    public static readonly Operation Revoke = new("revoke_agent_key", "DELETE", "/admin/agents/{agent_id}/keys/{key_id}", "Revoke an agent's key, and end every session that it opened", typeof(RevokedKeyData))
    {
        Body = Takes.Empty,
        Codes = AdminFlow.Mutation,
        DataExample = """{"key_id":"0198c0de","revoked_at":"2030-01-01T00:00:00Z"}""",
    };

    public static readonly Operation Stop = new("stop_agent", "POST", "/admin/agents/{agent_id}/stop", "Stop an agent: it acts for nobody until it is started again", typeof(AgentData))
    {
        Body = Takes.Members,
        BodySchema = AdminFlow.ReasonSchema,
        Codes = AdminFlow.Mutation,
        BodyExample = """{"reason":"It answers nonsense"}""",
        DataExample = """{"agent_id":"agent-1","owner":"acme","stopped":true,"updated_at":"2030-01-01T00:00:00Z"}""",
    };

    public static readonly Operation Start = Stop with
    {
        Name = "start_agent",
        Route = "/admin/agents/{agent_id}/start",
        Summary = "Start a stopped agent: live sessions go on",
        BodyExample = """{"reason":"It was mended"}""",
        DataExample = Example,
    };

    public async Task<Reply> PutAgent(OperatorCall call)
    {
        var agentId = call.PathId("agent_id");
        var owner = call.Body.Id("owner", required: false);
        call.Body.Finish();
        return call.Findings.Refusal is not null
            ? Reply.Invalid(call.Findings)
            : await call.Send<AgentCommand, AgentView>(entities.Agent(agentId), new AgentCommand.PutAgent(owner), (view, _) => Reply.Ok(AgentData.Of(view)));
    }

    public async Task<Reply> GetAgent(OperatorCall call)
    {
        var agentId = call.PathId("agent_id");
        call.Query.Finish();
        return call.Findings.Refusal is not null
            ? Reply.Invalid(call.Findings)
            : await call.Send<AgentCommand, AgentView>(entities.Agent(agentId), new AgentCommand.Get(), (view, _) => Reply.Ok(AgentData.Of(view)));
    }

    public Task<Reply> ListAgents(OperatorCall call) => AdminFlow.Listed(
        call, tables, AgentTables.Agents, "agent_id", AgentData.Of, (agents, total, page) => new AgentsData(agents, total, page.Offset, page.Limit));

    public Task<Reply> StopAgent(OperatorCall call) => Stand(call, reason => new AgentCommand.Stop(reason));

    public Task<Reply> StartAgent(OperatorCall call) => Stand(call, reason => new AgentCommand.Start(reason));

    private async Task<Reply> Stand(OperatorCall call, Func<string, AgentCommand> command)
    {
        var agentId = call.PathId("agent_id");
        var reason = call.Body.Text("reason", Limits.ReasonLength);
        call.Body.Finish();
        return call.Findings.Refusal is not null
            ? Reply.Invalid(call.Findings)
            : await call.Send<AgentCommand, AgentView>(entities.Agent(agentId), command(reason!), (view, _) => Reply.Ok(AgentData.Of(view)));
    }

    public async Task<Reply> IssueKey(OperatorCall call)
    {
        var agentId = call.PathId("agent_id");
        var expiresAt = call.Body.Time("expires_at");
        var test = call.Body.Flag("test") ?? false;
        call.Body.Finish();
        if (call.Findings.Refusal is not null)
        {
            return Reply.Invalid(call.Findings);
        }

        var key = keys.New(agentId, test);
        return await call.Send<AgentCommand, KeyIssued>(
            entities.Agent(agentId),
            new AgentCommand.IssueKey(Credentials.HexHash(key), expiresAt),
            (issued, replayed) => Reply.Created(new KeyData(issued.KeyId, replayed ? null : key, test, issued.ExpiresAt)));
    }

    public async Task<Reply> RevokeKey(OperatorCall call)
    {
        var (agentId, keyId) = (call.PathId("agent_id"), call.PathId("key_id"));
        call.Body.Finish();
        return call.Findings.Refusal is not null
            ? Reply.Invalid(call.Findings)
            : await call.Send<AgentCommand, KeyRevoked>(entities.Agent(agentId), new AgentCommand.RevokeKey(keyId), (revoked, _) => Reply.Ok(new RevokedKeyData(revoked.KeyId, revoked.RevokedAt)));
    }
}

internal sealed record AgentData(string AgentId, string? Owner, bool Stopped, DateTimeOffset UpdatedAt)
{
    public static AgentData Of(AgentView view) => new(view.AgentId, view.Owner, view.Stopped, view.UpdatedAt);

    public static AgentData Of(NamedRow row) => new(row.Text("agent_id"), row.OptionalText("owner"), row.Number("stopped") != 0, row.Time("updated_at"));
}

internal sealed record AgentsData(IReadOnlyList<AgentData> Agents, long TotalCount, int Offset, int Limit);

/// <param name="Key">Null in a replay: it was shown once, and cannot be again.</param>
internal sealed record KeyData(string KeyId, string? Key, bool Test, DateTimeOffset? ExpiresAt);

internal sealed record RevokedKeyData(string KeyId, DateTimeOffset RevokedAt);
