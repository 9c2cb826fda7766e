using Agora.Contracts;
using Agora.Core.Agents;
using Agora.Core.Kernel;
using Agora.Grains.Clocks;

namespace Agora.Api.Http;

/// <summary>
/// Records each agent that acts, whoever vouched for it: it is then listed, has a page, and can be stopped by its id. The record is that of a put without an owner, so an operator's put later adds to it.
/// </summary>
internal sealed class ActingAgents(IEntities entities, StoredAgents stored, TableReader tables, TenantTimes times)
{
    private static readonly Replacing IfNew = new(new Precondition(NoneMatch: [Precondition.Any]));

    /// <summary>Called when a session was opened for the agent, which is then in the table of sessions, by which a stop finds it.</summary>
    /// <returns>Whether the agent is stopped.</returns>
    public async Task<bool> Recorded(Tenant tenant, string agentId, CancellationToken cancel)
    {
        if (await stored.Find(tenant, agentId, cancel) is { } known) return known.Stopped;

        await Record(tenant, agentId, cancel);
        return await stored.Find(tenant, agentId, cancel) is { Stopped: true };
    }

    /// <summary>Records an agent that acted before agents were recorded when they act. An id that never acted stays unknown.</summary>
    public async Task RecordIfActed(Tenant tenant, string agentId, CancellationToken cancel)
    {
        if (await stored.Find(tenant, agentId, cancel) is null && await AgentSessions.Any(tables.In(tenant), agentId, cancel))
        {
            await Record(tenant, agentId, cancel);
        }
    }

    /// <summary>Refused if another request recorded or put it meanwhile, which is as good.</summary>
    private Task Record(Tenant tenant, string agentId, CancellationToken cancel) =>
        entities.In(tenant).Agent(agentId).Send(new AgentCommand.PutAgent(null, IfNew), IdempotencyKeys.Fresh(times.Of(tenant)), cancel);
}
