using System.Net;
using Agora.Application.Calls;
using Agora.Core.Access;
using Agora.Core.Kernel;
using Agora.Grains.Kernel;
using Microsoft.AspNetCore.Http;

namespace Agora.Web;

/// <summary>The owner that a request's places are counted for.</summary>
internal static class PlaceOwners
{
    /// <summary>No tenant has this name: all unknown callers share the places of one tenant.</summary>
    private const string Unknown = "";

    /// <summary>If the session's user is not known: delegated sessions share the places of their root.</summary>
    public static PlaceOwner Of(SessionOf session) => Of(session, SessionIds.RootOf(session.Id) ?? session.Id);

    /// <summary>All sessions of a user share the user's places.</summary>
    public static PlaceOwner Of(SessionOf session, string userId) => new(session.Tenant.Name, userId, session.Id);

    /// <summary>All keys, signatures and sessions of its own that an agent acts by share the agent's places.</summary>
    public static PlaceOwner Of(Tenant tenant, string agentId) => new(tenant.Name, agentId);

    /// <summary>The places of the key's agent; a platform's key, which names none, has places of its own.</summary>
    public static PlaceOwner Of(KeyHolder holder) => Of(holder.Tenant, holder.AgentId ?? holder.Credential);

    /// <summary>All keys and sign-ins of an operator share the operator's places.</summary>
    public static PlaceOwner Of(Actor operating) => new(operating.Tenant.Name, operating.Name);

    /// <summary>The owner that the gate has set; before a gate has, the caller's address.</summary>
    public static PlaceOwner Of(HttpContext http) => http.Features.Get<Known>()?.Owner ?? Of(http.Connection.RemoteIpAddress);

    /// <summary>While no more is known of a caller than its address.</summary>
    public static PlaceOwner Of(IPAddress? address) => new(Unknown, $"{ClientAddress.NetworkOf(address)}");

    public static bool IsKnown(PlaceOwner owner) => owner.Tenant != Unknown;

    /// <summary>Called by a gate as soon as it knows the caller. Places that were taken before stay counted for the address.</summary>
    public static void Set(HttpContext http, PlaceOwner owner) => http.Features.Set(new Known(owner));

    private sealed record Known(PlaceOwner Owner);
}
