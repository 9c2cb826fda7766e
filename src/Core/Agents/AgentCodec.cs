using System.Collections.Immutable;
using System.Text.Json;
using Agora.Core.Kernel;

namespace Agora.Core.Agents;

/// <summary>Stored names, for ever.</summary>
public static class AgentCodec
{
    public static readonly UnionCodec<AgentEvent> Events = new UnionCodec<AgentEvent>()
        .Case<AgentEvent.AgentPut>("agent.agent_put")
        .Case<AgentEvent.KeyIssued>("agent.key_issued")
        .Case<AgentEvent.KeyRevoked>("agent.key_revoked")
        .Case<AgentEvent.Stopped>("agent.stopped")
        .Case<AgentEvent.Started>("agent.started")
        .Case<AgentEvent.UsersTold>("agent.users_told");

    public static readonly UnionCodec<AgentCommand> Commands = new UnionCodec<AgentCommand>()
        .Case<AgentCommand.PutAgent>("agent.put")
        .Demanding<AgentCommand.PutAgent>("agent.put", 2, static c => c.Replacing?.If is not null)
        .Case<AgentCommand.Get>("agent.get")
        .Case<AgentCommand.IssueKey>("agent.issue_key")
        .Demanding<AgentCommand.IssueKey>("agent.issue_key", 2, static c => c.UserId is not null)
        .Case<AgentCommand.RevokeKey>("agent.revoke_key")
        .Case<AgentCommand.Stop>("agent.stop")
        .Case<AgentCommand.Start>("agent.start")
        .Case<AgentCommand.VerifyKey>("agent.verify_key")
        .Case<AgentCommand.ListKeys>("agent.list_keys")
        .Case<AgentCommand.Tick>("agent.tick");

    public static byte[] Save(AgentState state) =>
        JsonSerializer.SerializeToUtf8Bytes(new SavedAgent(state.Stream.ToString(), [.. state.Keys.Values], state.Owner, state.UpdatedAt, state.Stopped, state.Revision, state.Untold.IsEmpty ? null : state.Untold), StoredJson.Options);

    public static AgentState Restore(ReadOnlyMemory<byte> saved)
    {
        var agent = JsonSerializer.Deserialize<SavedAgent>(saved.Span, StoredJson.Options)!;
        return new(StreamId.Parse(agent.Stream), agent.Keys.ToImmutableSortedDictionary(k => k.KeyId, k => k, StringComparer.Ordinal), agent.Owner, agent.UpdatedAt)
        {
            Stopped = agent.Stopped,
            Revision = agent.Revision,
            Untold = [.. agent.Untold ?? []],
        };
    }

    private sealed record SavedAgent(string Stream, ImmutableArray<AgentKey> Keys, string? Owner = null, DateTimeOffset? UpdatedAt = null, bool Stopped = false, long Revision = 0, IReadOnlyList<Untold>? Untold = null);
}
