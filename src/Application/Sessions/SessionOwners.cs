using Agora.Application.Calls;
using Agora.Application.Reading;
using Agora.Application.Values;
using Agora.Contracts;
using Agora.Core.Kernel;
using Agora.Core.Users;
using Agora.Grains.Clocks;
using Agora.Grains.Kernel;

namespace Agora.Application.Sessions;

/// <summary>The user and the agent of each session. They never change, so they are looked up once and cached.</summary>
internal sealed class SessionOwners(TableReader tables, IEntities entities, TenantTimes times)
{
    private readonly Remembered<(string Tenant, string Session), string> _agents = new(Limits.SessionOwners);
    private readonly Remembered<(string Tenant, string Session), string> _users = new(Limits.SessionOwners);

    /// <summary>The owner of a session's places, from its stream.</summary>
    /// <param name="session">A session that a token or a signature has opened. The id alone must not be enough, because the call activates the session's grain.</param>
    public async ValueTask<PlaceOwner> Of(SessionOf session)
    {
        var key = (session.Tenant.Name, session.Id);
        if (_users.Of(key) is { } known) return PlaceOwners.Of(session, known);

        return await entities.In(session.Tenant).Session(session.Id).Peek(Commands.Fresh(times.Of(session.Tenant))) is { } view ? PlaceOwners.Of(session, _users.Keep(key, view.UserId)) : PlaceOwners.Of(session);
    }

    /// <summary>Whether the session is one of the agent's own. It is read from the table of sessions, so an id of another agent's session activates no grain.</summary>
    public async Task<bool> IsOf(Tenant tenant, string sessionId, string agentId, CancellationToken cancel)
    {
        if (!DisplayText.IsId(sessionId)) return false;
        if (_agents.Of((tenant.Name, sessionId)) is { } known) return known == agentId;
        if (await tables.In(tenant).One(UserTables.Sessions, cancel, TableReader.Is("session_id", sessionId)) is not { } row) return false;

        return _agents.Keep((tenant.Name, sessionId), row.Text("agent_id")) == agentId;
    }
}
