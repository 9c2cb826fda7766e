using Agora.Core.Kernel;

namespace Agora.Core.Agents;

/// <summary>An agent: who owns it, its keys, and its card.</summary>
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
            .Case<KeyAccepted>("answer.key_accepted")
            .Case<AgentCard>("answer.agent_card")
            .Case<AgentLease>("answer.agent_lease")
            .Case<AgentPresence>("answer.agent_presence")
            .Case<AgentStanding>("answer.agent_standing")
            .Case<PeerBlock>("answer.peer_block")
            .Case<BlockList>("answer.block_list")
            .Case<InvitationList>("answer.invitation_list")
            .Case<Report>("answer.report")
            .Case<ReportResolved>("answer.report_resolved")
            .Case<RequestAdmitted>("answer.request_admitted"),
        Tables = [AgentTables.Agents, AgentTables.Cards, AgentTables.Reports],
        Snapshots = new(4, AgentCodec.Save, AgentCodec.Restore), // version 3 does not know of blocks, invitations and reports
        Initial = AgentState.Initial,
        Decide = AgentDecider.Decide,
        Evolve = static (state, happened, at) => state.Evolve(happened, at),
        CheckInvariants = static (state, _) => state.CheckInvariants(),
        Unfinished = AgentDecider.Unfinished,
        IsUnfinished = AgentDecider.IsUnfinished,
        Recall = AgentDecider.Recall,
        Rows = AgentTables.Rows,
        Made = static happened => (happened as AgentEvent.KeyIssued)?.KeyId,
        Tick = new AgentCommand.Tick(),
    };
}
