using Agora.Core.Access;
using Agora.Core.Kernel;
using Agora.Grains.Kernel;
using Microsoft.AspNetCore.Http;

namespace Agora.Api.Http;

/// <summary>What a caller is told where it finds no place (<see cref="FairPlaces"/>).</summary>
internal static class Crowded
{
    private const int RetryAfterSeconds = 5;

    /// <param name="code">By which it is refused.</param>
    /// <param name="full">Whose places are all taken.</param>
    public static Rejection Refusal(string code, PlaceLevel full) => Refusal(
        full switch
        {
            PlaceLevel.Session => "This session has too many requests of this kind open on this server. Close one of them, or send this one again later.",
            PlaceLevel.User => "The agent or user of this request has too many requests of this kind open on this server. Close one of them, or send this one again later.",
            PlaceLevel.Tenant => "This tenant has too many requests of this kind open on this server. Send this one again later.",
            _ => "Too many requests of this kind are open on this server. Send this one again later.",
        },
        code);

    /// <param name="message">What there is too much of.</param>
    /// <param name="code">By which it is refused.</param>
    public static Rejection Refusal(string message, string code = Codes.Unavailable) => new(code, message, RetryAfterSeconds: RetryAfterSeconds, Retry: true);
}

/// <summary>To whom the places are counted that a request takes.</summary>
internal static class PlaceOwners
{
    /// <summary>No tenant has this name: callers that are not known share the places of one.</summary>
    private const string Unknown = "";

    /// <summary>Of a session whose user is not known: delegated sessions share what their root may have.</summary>
    public static PlaceOwner Of(SessionOf session) => Of(session, SessionIds.RootOf(session.Id) ?? session.Id);

    /// <summary>All sessions of a user share what the user may have.</summary>
    public static PlaceOwner Of(SessionOf session, string userId) => new(session.Tenant.Name, userId, session.Id);

    /// <summary>All keys of an agent share what the agent may have.</summary>
    public static PlaceOwner Of(KeyHolder holder) => new(holder.Tenant.Name, holder.AgentId ?? holder.Credential);

    /// <summary>All keys and sign-ins of an operator share what the operator may have.</summary>
    public static PlaceOwner Of(Actor operating) => new(operating.Tenant.Name, operating.Name);

    public static PlaceOwner Of(ClaimedKey key) => new(key.Tenant.Name, key.AgentId);

    /// <summary>As the gate said; of a caller that no gate has let in, its address.</summary>
    public static PlaceOwner Of(HttpContext http) => http.Features.Get<Known>()?.Owner ?? new(Unknown, $"{ClientAddress.NetworkOf(http.Connection.RemoteIpAddress)}");

    public static bool IsKnown(PlaceOwner owner) => owner.Tenant != Unknown;

    /// <summary>The caller is known from here on.</summary>
    public static void Set(HttpContext http, PlaceOwner owner) => http.Features.Set(new Known(owner));

    private sealed record Known(PlaceOwner Owner);
}
