using System.Net;
using Microsoft.AspNetCore.Http;

namespace Agora.Web;

/// <summary>By which names this server is reached.</summary>
internal static class HostNames
{
    /// <summary>
    /// Whether the connection comes from and to a loopback address, and Host names a loopback address with the port of this listener: another port of the machine is another server. A proxy on this machine that is one of AGORA_TRUSTED_PROXIES
    /// names its caller, so its clients do not count as callers by loopback, whatever Host it sends.
    /// </summary>
    public static bool IsCalledByLoopback(HttpContext http)
    {
        var (request, connection) = (http.Request, http.Connection);
        return connection.LocalIpAddress is { } local && IPAddress.IsLoopback(local) && (connection.RemoteIpAddress is not { } remote || IPAddress.IsLoopback(remote))
            && IsLoopback(request.Host.Host) && connection.LocalPort == (request.Host.Port ?? (request.IsHttps ? 443 : 80));
    }

    /// <summary>A loopback name, or one of AGORA_PUBLIC_URL.</summary>
    public static bool IsOurs(string host, IReadOnlyList<string> publicUrls) =>
        IsLoopback(host) || publicUrls.Any(url => new Uri(url).Host.Equals(host, StringComparison.OrdinalIgnoreCase));

    private static bool IsLoopback(string host) => host.Equals("localhost", StringComparison.OrdinalIgnoreCase) || (IPAddress.TryParse(host.Trim('[', ']'), out var address) && IPAddress.IsLoopback(address));
}
