using Agora.Contracts;
using Agora.Core.Kernel;
using Agora.Core.Sessions;
using Agora.Core.Users;
using Agora.Grains.Clocks;
using Agora.Grains.Kernel;

namespace Agora.Api.Http;

/// <summary>Whose session is whose: looked up once and remembered, for it never changes.</summary>
internal sealed class SessionOwners(TableReader tables, IEntities entities, TenantTimes times)
{
    private readonly Remembered<(string Tenant, string Session), string> _agents = new(Limits.SessionOwners);
    private readonly Remembered<(string Tenant, string Session), string> _users = new(Limits.SessionOwners);

    /// <summary>To whom the places are counted that a session takes. Its stream says it.</summary>
    /// <param name="session">Opened by a token or a signature: an id that somebody only names would wake a stranger's session.</param>
    public async ValueTask<PlaceOwner> Of(SessionOf session)
    {
        var key = (session.Tenant.Name, session.Id);
        if (_users.Of(key) is { } known) return PlaceOwners.Of(session, known);

        var answer = await entities.In(session.Tenant).Session(session.Id).Send(new SessionCommand.Peek(), IdempotencyKeys.Fresh(times.Of(session.Tenant)));
        return answer.Reply is SessionView view ? PlaceOwners.Of(session, _users.Keep(key, view.UserId)) : PlaceOwners.Of(session);
    }

    /// <summary>Whether an agent names a session of its own. The table of sessions says it, so that the id wakes none of another's.</summary>
    public async Task<bool> IsOf(Tenant tenant, string sessionId, string agentId, CancellationToken cancel)
    {
        if (!DisplayText.IsId(sessionId)) return false;
        if (_agents.Of((tenant.Name, sessionId)) is { } known) return known == agentId;
        if (await tables.In(tenant).One(UserTables.Sessions, cancel, TableReader.Is("session_id", sessionId)) is not { } row) return false;

        return _agents.Keep((tenant.Name, sessionId), row.Text("agent_id")) == agentId;
    }
}
