using System.Net;
using Agora.Application.Calls;
using Agora.Core.Kernel;
using Agora.Grains.Kernel;
using Agora.Web;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;
using Microsoft.Extensions.DependencyInjection;

namespace Agora.Api.Hosts;

/// <summary>
/// Bounds of connections and their buffers. A client that does not read, or that sends requests ahead, fills the buffers of its connection. So the number of connections is such that all buffers together take at most half of the heap, and one address
/// never has all connections. A trusted proxy is not counted, because the connections of all its clients come from its address. A connection that became a WebSocket is counted with the listeners instead.
/// </summary>
internal static class Connections
{
    /// <summary>Bytes that one connection can hold in memory: requests that were sent ahead, and an unread reply.</summary>
    public const int BytesOfOne = RequestBufferBytes + ResponseBufferBytes;

    /// <summary>At least a request line and its headers.</summary>
    private const int RequestBufferBytes = 64 * 1024;

    private const int ResponseBufferBytes = Limits.SmallReplyBytes;

    /// <summary>HTTP/2 flow control (RFC 9113 section 5.2): bytes of bodies that a client can send before they are read.</summary>
    private const int ConnectionWindowBytes = 128 * 1024, StreamWindowBytes = 96 * 1024;

    private const int Most = 10_000, Least = 256;

    /// <param name="heapBytes">Memory that the garbage collector may use.</param>
    public static int AtMost(long heapBytes) => (int)Math.Clamp(heapBytes / 2 / BytesOfOne, Least, Most);

    public static int AtMost() => AtMost(GC.GetGCMemoryInfo().TotalAvailableMemoryBytes);

    public static void Configure(KestrelServerOptions kestrel, int atMost, IReadOnlyList<IPNetwork> trustedProxies, bool hasHttp3)
    {
        var limits = kestrel.Limits;
        limits.MaxConcurrentConnections = atMost;
        limits.MaxRequestBufferSize = RequestBufferBytes;
        limits.MaxResponseBufferSize = ResponseBufferBytes;
        limits.Http2.MaxStreamsPerConnection = 100;
        limits.Http2.InitialConnectionWindowSize = ConnectionWindowBytes;
        limits.Http2.InitialStreamWindowSize = StreamWindowBytes;
        var places = new FairPlaces(atMost);
        kestrel.ConfigureEndpointDefaults(endpoint =>
        {
            // If protocols are set, even to the default, the server warns at each start that a plain-text address does not support HTTP/2.
            if (hasHttp3)
            {
                endpoint.Protocols = HttpProtocols.Http1AndHttp2AndHttp3;
            }

            endpoint.Use(next => connection => Serve(connection, next, places, trustedProxies));
        });
    }

    public static IApplicationBuilder UseRequestPlaces(this IApplicationBuilder app)
    {
        var (places, replies) = (app.ApplicationServices.GetRequiredService<RequestPlaces>().All, app.ApplicationServices.GetRequiredService<ReplyWriter>());
        return app.Use(next => http => HttpProtocol.IsHttp2(http.Request.Protocol) || HttpProtocol.IsHttp3(http.Request.Protocol) ? Serve(http, next, places, replies) : next(http));
    }

    internal static async Task Serve(HttpContext http, RequestDelegate next, FairPlaces places, ReplyWriter replies)
    {
        using var place = places.Take(new($"{ClientAddress.NetworkOf(http.Connection.RemoteIpAddress)}"), 1, out var full);
        await (place is null ? replies.Write(http, Reply.Refused(Crowded.Refusal(Codes.Unavailable, full == PlaceLevel.Tenant ? PlaceLevel.User : full))) : next(http));
    }

    private static async Task Serve(ConnectionContext connection, ConnectionDelegate next, FairPlaces places, IReadOnlyList<IPNetwork> trustedProxies)
    {
        var address = (connection.RemoteEndPoint as IPEndPoint)?.Address;
        if (address is null || trustedProxies.Any(network => network.Contains(ClientAddress.Plain(address))))
        {
            await next(connection);
            return;
        }

        using var place = places.Take(new($"{ClientAddress.NetworkOf(address)}"));
        if (place is null)
        {
            connection.Abort(new("Its address has as many connections as one may have."));
            return;
        }

        connection.Features.Set<IDecrementConcurrentConnectionCountFeature>(new Upgraded(place, connection.Features.Get<IDecrementConcurrentConnectionCountFeature>()));
        await next(connection);
    }

    private sealed class Upgraded(IDisposable place, IDecrementConcurrentConnectionCountFeature? all) : IDecrementConcurrentConnectionCountFeature
    {
        public void ReleaseConnection()
        {
            place.Dispose();
            all?.ReleaseConnection();
        }
    }
}

/// <summary>HTTP/2 and HTTP/3 requests under way. There may be as many as connections, because each has a buffer of its own.</summary>
internal sealed class RequestPlaces
{
    public FairPlaces All { get; } = new(Connections.AtMost());
}
