using Agora.Core.Kernel;

namespace Agora.Core.Agents;

/// <summary>An agent: who owns it, and its keys.</summary>
public static class AgentEntity
{
    public const string Kind = Kinds.Agent;

    public static Entity<AgentState, AgentCommand, AgentEvent> Entity { get; } = new(Kind)
    {
        Events = AgentCodec.Events,
        Commands = AgentCodec.Commands,
        Answers = new UnionCodec<object>()
            .Case<AgentView>("answer.agent")
            .Case<AgentKeysView>("answer.agent_keys")
            .Case<KeyIssued>("answer.key_issued")
            .Case<KeyRevoked>("answer.key_revoked")
            .Case<KeyAccepted>("answer.key_accepted"),
        Tables = [AgentTables.Agents],
        Snapshots = new(2, AgentCodec.Save, AgentCodec.Restore), // version 1 does not know which user a key is bound to
        Initial = AgentState.Initial,
        Decide = AgentDecider.Decide,
        Evolve = static (state, happened, at) => state.Evolve(happened, at),
        CheckInvariants = static (state, _) => state.CheckInvariants(),
        Unfinished = AgentDecider.Unfinished,
        IsUnfinished = AgentDecider.IsUnfinished,
        Recall = AgentDecider.Recall,
        Rows = static (state, _, at) => [AgentTables.Row(state, at)],
        Made = static happened => (happened as AgentEvent.KeyIssued)?.KeyId,
        Tick = new AgentCommand.Tick(),
    };
}
