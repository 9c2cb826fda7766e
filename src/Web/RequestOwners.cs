using System.Net;
using Agora.Grains.Kernel;
using Microsoft.AspNetCore.Http;

namespace Agora.Web;

/// <summary>The owner that a request's places are counted for.</summary>
internal static class RequestOwners
{
    /// <summary>No tenant has this name: all unknown callers share the places of one tenant.</summary>
    private const string Unknown = "";

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
