using System.Net;
using Agora.Core.Kernel;
using Agora.Web;
using Microsoft.AspNetCore.Http;

namespace Agora.Api.Mcp;

/// <summary>
/// Keeps pages of strangers out. A browser that was made to believe that its page's name is our address (DNS rebinding) says that name as Host, and where a script comes from as
/// Origin. So at a loopback address only loopback names are served, and those of <see cref="ApiOptions.PublicUrls"/>, which a proxy on the same machine passes on; and an origin is one of <see cref="ApiOptions.CorsOrigins"/>, or the host's own.
/// </summary>
internal static class HostRules
{
    public static readonly DoorRefusal Host = DoorRefusal.Of(StatusCodes.Status403Forbidden, Codes.Unauthorized, "This server is not reached by that name; AGORA_PUBLIC_URL says by which it is.");
    public static readonly DoorRefusal Origin = DoorRefusal.Of(StatusCodes.Status403Forbidden, Codes.Unauthorized, "Scripts of that origin may not call; AGORA_CORS_ORIGINS says which may.");

    /// <returns>Null: it may come in.</returns>
    public static DoorRefusal? Refusal(HttpContext http, IReadOnlyList<string> publicUrls, IReadOnlyList<string> origins)
    {
        var request = http.Request;
        var isLocal = http.Connection.LocalIpAddress is not { } local || IPAddress.IsLoopback(local);
        if (isLocal && !HostNames.IsOurs(request.Host.Host, publicUrls)) return Host;
        if (request.Headers.Origin.Count == 0) return null;

        var origin = request.Headers.Origin.ToString();
        return origins.Contains(origin, StringComparer.Ordinal) || (Uri.TryCreate(origin, UriKind.Absolute, out var from) && (from.Authority == request.Host.Value || HostNames.IsOurs(from.Host, publicUrls))) ? null : Origin;
    }
}
