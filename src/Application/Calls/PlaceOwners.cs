using Agora.Core.Access;
using Agora.Core.Kernel;
using Agora.Grains.Kernel;

namespace Agora.Application.Calls;

/// <summary>A session, and its tenant.</summary>
internal sealed record SessionOf(Tenant Tenant, string Id);

/// <summary>The owner that a caller's places are counted for.</summary>
internal static class PlaceOwners
{
    /// <summary>If the session's user is not known: delegated sessions share the places of their root.</summary>
    public static PlaceOwner Of(SessionOf session) => Of(session, SessionIds.RootOf(session.Id) ?? session.Id);

    /// <summary>All sessions of a user share the user's places.</summary>
    public static PlaceOwner Of(SessionOf session, string userId) => new(session.Tenant.Name, userId, session.Id);

    /// <summary>All keys, signatures and sessions of its own that an agent acts by share the agent's places.</summary>
    public static PlaceOwner Of(Tenant tenant, string agentId) => new(tenant.Name, agentId);

    /// <summary>The places of the key's agent; a platform's key, which names none, has places of its own.</summary>
    public static PlaceOwner Of(KeyHolder holder) => Of(holder.Tenant, holder.AgentId ?? holder.Credential);
}
