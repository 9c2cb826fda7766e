using System.Net;
using Agora.Core.Conversations;
using Agora.Core.Kernel;
using Agora.Web;
using Agora.X402;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Agora.Api.Hosts;

/// <summary>How Kestrel serves the API.</summary>
public static class WebServer
{
    /// <summary>
    /// Bounds of connections. A client that sends slower than 240 bytes/s or reads slower than 16 KB/s after 5 s of grace, or takes 15 s for its headers, is
    /// cut off: otherwise a few of them could hold every connection, and what they do not read would fill the memory.
    /// </summary>
    public static void Configure(KestrelServerOptions kestrel) => Configure(kestrel, [], hasHttp3: false);

    /// <param name="trustedProxies">As <see cref="ApiOptions.TrustedProxies"/>.</param>
    public static void Configure(KestrelServerOptions kestrel, IReadOnlyList<IPNetwork> trustedProxies, bool hasHttp3)
    {
        Connections.Configure(kestrel, Connections.AtMost(), trustedProxies, hasHttp3);
        kestrel.AddServerHeader = false;
        var limits = kestrel.Limits;
        limits.MaxConcurrentUpgradedConnections = TalkLimits.ListenersOfAll;
        limits.MaxRequestBodySize = 4 * Limits.BodyBytes;
        limits.MaxRequestHeaderCount = 64;
        limits.MaxRequestHeadersTotalSize = 16 * 1024 + X402Limits.HeaderLength;
        limits.MaxRequestLineSize = 16 * 1024; // a 10 KB id gets its documented refusal
        limits.RequestHeadersTimeout = TimeSpan.FromSeconds(15);
        limits.KeepAliveTimeout = TimeSpan.FromSeconds(120);
        limits.MinRequestBodyDataRate = new MinDataRate(240, TimeSpan.FromSeconds(5));
        limits.MinResponseDataRate = new MinDataRate(16 * 1024, TimeSpan.FromSeconds(5));
    }
}
