using Agora.Application.Calls;
using Agora.Contracts;
using Agora.Core.Agents;
using Agora.Core.Kernel;
using Agora.Grains.Clocks;

namespace Agora.Application.Reading;

/// <summary>
/// Records each agent that opens a session, by whatever credential, so that it is listed, has a page, and can be stopped by its id. The record is that of a put without an owner; an operator's later put completes it.
/// </summary>
internal sealed class ActingAgents(IEntities entities, StoredAgents stored, TableReader tables, TenantTimes times)
{
    private static readonly Replacing IfNew = new(new Precondition(NoneMatch: [Precondition.Any]));

    /// <summary>Called after a session was opened for the agent. The session is then in the table of sessions, where a stop looks for it.</summary>
    /// <returns>Whether the agent is stopped.</returns>
    public async Task<bool> Recorded(Tenant tenant, string agentId, CancellationToken cancel)
    {
        if (await stored.Find(tenant, agentId, cancel) is { } known) return known.Stopped;

        await Record(tenant, agentId, cancel);
        return await stored.Find(tenant, agentId, cancel) is { Stopped: true };
    }

    /// <summary>Records an agent whose sessions an earlier release opened. An id without sessions stays unknown.</summary>
    public async Task RecordIfActed(Tenant tenant, string agentId, CancellationToken cancel)
    {
        if (await stored.Find(tenant, agentId, cancel) is null && await AgentSessions.Any(tables.In(tenant), agentId, cancel))
        {
            await Record(tenant, agentId, cancel);
        }
    }

    /// <summary>A refusal is ignored: another request has recorded or put the agent meanwhile.</summary>
    private Task Record(Tenant tenant, string agentId, CancellationToken cancel) =>
        entities.In(tenant).Agent(agentId).Send(new AgentCommand.PutAgent(null, IfNew), Commands.Fresh(times.Of(tenant)), cancel);
}
