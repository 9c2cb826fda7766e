using Agora.Api.Flow;
using Agora.Api.Http;
using Agora.Contracts;
using Agora.Core.Agents;
using Microsoft.AspNetCore.Http;

namespace Agora.Api.Admin.Agents;

/// <summary>Agents' keys. A key is shown once; what is kept is its hash.</summary>
internal sealed class AgentEndpoints(IEntities entities)
{
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

/// <param name="Key">Null in a replay: it was shown once, and cannot be again.</param>
internal sealed record KeyData(string KeyId, string? Key, DateTimeOffset? ExpiresAt);

internal sealed record RevokedKeyData(string KeyId, DateTimeOffset RevokedAt);
