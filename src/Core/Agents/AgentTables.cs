using Agora.Core.Kernel;

namespace Agora.Core.Agents;

/// <summary>One row an agent that something has happened to.</summary>
public static class AgentTables
{
    public static readonly Table Agents = new("agents", 2, "tenant", "agent_id", "owner", "updated_at", "stopped", "standing_revision");

    public static Row Row(AgentState state, DateTimeOffset at) => Agents.Row(state.Stream.Tenant, state.Stream.Id, state.Owner, at.ToMicros(), state.Stopped ? 1L : 0L, state.Revision);
}
