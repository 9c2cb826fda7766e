using Agora.Api.Flow;
using Agora.Api.Http;
using Agora.Contracts;
using Agora.Core.Agents;
using Agora.Core.Kernel;
using Microsoft.AspNetCore.Http;

namespace Agora.Api.Admin.Agents;

/// <summary>Agents: who is behind them, and their keys. A key is shown once; what is kept is its hash.</summary>
internal sealed class AgentEndpoints(IEntities entities, TableReader tables)
{
    private const string Example = """{"agent_id":"agent-1","owner":"acme","updated_at":"2030-01-01T00:00:00Z"}""";

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
        BodySchema = BodySchemas.Closed([], new() { ["expires_at"] = BodySchemas.Time("When the key ends; absent: never.") }),
        Codes = AdminFlow.Mutation,
        BodyExample = """{"expires_at":"2030-01-01T00:00:00Z"}""",
        DataExample = """{"key_id":"0198c0de","key":"agk_agent-1.c2VjcmV0","expires_at":"2030-01-01T00:00:00Z"}""",
    };

    public static readonly Operation Revoke = new("revoke_agent_key", "DELETE", "/admin/agents/{agent_id}/keys/{key_id}", "Revoke an agent's key", typeof(RevokedKeyData))
    {
        Body = Takes.Empty,
        Codes = AdminFlow.Mutation,
        DataExample = """{"key_id":"0198c0de","revoked_at":"2030-01-01T00:00:00Z"}""",
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

    public async Task<Reply> IssueKey(OperatorCall call)
    {
        var agentId = call.PathId("agent_id");
        var expiresAt = call.Body.Time("expires_at");
        call.Body.Finish();
        if (call.Findings.Refusal is not null)
        {
            return Reply.Invalid(call.Findings);
        }

        var key = Credentials.NewAgentKey(agentId);
        return await call.Send<AgentCommand, KeyIssued>(
            entities.Agent(agentId),
            new AgentCommand.IssueKey(Credentials.HexHash(key), expiresAt),
            (issued, replayed) => Reply.Created(new KeyData(issued.KeyId, replayed ? null : key, issued.ExpiresAt)));
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

internal sealed record AgentData(string AgentId, string? Owner, DateTimeOffset UpdatedAt)
{
    public static AgentData Of(AgentView view) => new(view.AgentId, view.Owner, view.UpdatedAt);

    public static AgentData Of(NamedRow row) => new(row.Text("agent_id"), row.OptionalText("owner"), row.Time("updated_at"));
}

internal sealed record AgentsData(IReadOnlyList<AgentData> Agents, long TotalCount, int Offset, int Limit);

/// <param name="Key">Null in a replay: it was shown once, and cannot be again.</param>
internal sealed record KeyData(string KeyId, string? Key, DateTimeOffset? ExpiresAt);

internal sealed record RevokedKeyData(string KeyId, DateTimeOffset RevokedAt);
