using Agora.Core.Agents;
using Agora.Core.Kernel;
using Agora.Core.Users;

namespace Agora.Application.Reading;

/// <summary>
/// What tables say of ids that whoever calls has named: a look wakes no entity, so a stranger can name as many as there are names. A row is written with
/// the event that it follows from, so who is not in the table has never been there.
/// </summary>
internal sealed class StoredAgents(TableReader tables)
{
    private readonly SemaphoreSlim _lookups = new(Limits.OldKeyLookups);

    /// <summary>Null: nothing has happened to it.</summary>
    public async Task<StoredAgent?> Find(Tenant tenant, string agentId, CancellationToken cancel) =>
        await tables.In(tenant).One(AgentTables.Agents, cancel, TableReader.Is("agent_id", agentId)) is { } row
            ? new(row.OptionalText("owner"), row.Number("stopped") != 0, row.Number("standing_revision")) : null;

    /// <summary>For whoever has proved nothing. Null: too many are looked up already.</summary>
    public async Task<bool?> IsKnown(Tenant tenant, string agentId, CancellationToken cancel)
    {
        if (!_lookups.Wait(TimeSpan.Zero, CancellationToken.None)) return null;

        try
        {
            return await Find(tenant, agentId, cancel) is not null;
        }
        finally
        {
            _lookups.Release();
        }
    }

    /// <summary>Something has happened to it, or it acted for somebody: one that the platform vouches for has no row of its own.</summary>
    public async Task<bool> IsThere(Tenant tenant, string agentId, CancellationToken cancel) =>
        await Find(tenant, agentId, cancel) is not null || await AgentSessions.Any(tables.In(tenant), agentId, cancel);

    public async Task<bool> IsUser(Tenant tenant, string userId, CancellationToken cancel) => await tables.In(tenant).One(UserTables.Users, cancel, TableReader.Is("user_id", userId)) is not null;
}

/// <param name="Revision">Of its standing.</param>
internal sealed record StoredAgent(string? Owner, bool Stopped, long Revision);
