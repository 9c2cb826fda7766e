using Agora.Contracts;
using Agora.Core.Kernel;
using Agora.Core.Users;

namespace Agora.Api.Http;

/// <summary>Whose session is whose: looked up in the table of sessions, so that an id which an agent names wakes none of another's, and remembered, for it never changes.</summary>
internal sealed class SessionOwners(TableReader tables)
{
    private readonly Remembered<(string Tenant, string Session), string> _agents = new(Limits.SessionOwners);

    public async Task<bool> IsOf(Tenant tenant, string sessionId, string agentId, CancellationToken cancel)
    {
        if (!DisplayText.IsId(sessionId)) return false;
        if (_agents.Of((tenant.Name, sessionId)) is { } known) return known == agentId;
        if (await tables.In(tenant).One(UserTables.Sessions, cancel, TableReader.Is("session_id", sessionId)) is not { } row) return false;

        return _agents.Keep((tenant.Name, sessionId), row.Text("agent_id")) == agentId;
    }
}
