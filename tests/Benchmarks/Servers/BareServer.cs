using System.Net.WebSockets;
using Agora.Api.Conversations.Sockets;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Logging;

namespace Agora.Benchmarks.Servers;

/// <summary>
/// ASP.NET that does nothing: reads the body and answers JSON of a given size, by POST and by GET, and keeps WebSockets. What is left when all work
/// is taken away; with <c>/service</c>, also the service of those runs that call one.
/// </summary>
internal static class BareServer
{
    public static async Task Serve(Options options)
    {
        var answer = Filler(options.Number("bytes", 1_000));
        var service = """{"summary":"Short."}"""u8.ToArray();
        await using var app = Build();
        app.MapPost("/answer", http => Answer(http, answer));
        app.MapGet("/answer", http => Answer(http, answer));
        app.MapPost("/service", http => Answer(http, service));
        app.UseWebSockets(Sockets.Options);
        app.MapGet("/agent/inbox", Idle);
        await app.StartAsync();
        await Child.Serve(app);
    }

    public static WebApplication Build()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0").ConfigureKestrel(kestrel => kestrel.AddServerHeader = false);
        return builder.Build();
    }

    /// <summary>A body that is not read to its end costs the connection.</summary>
    public static async ValueTask ReadBody(HttpContext http)
    {
        for (var reader = http.Request.BodyReader; ;)
        {
            var read = await reader.ReadAsync(http.RequestAborted);
            reader.AdvanceTo(read.Buffer.End);
            if (read.IsCompleted) return;
        }
    }

    public static async Task Write(HttpContext http, ReadOnlyMemory<byte> json)
    {
        http.Response.ContentType = "application/json; charset=utf-8";
        http.Response.ContentLength = json.Length;
        await http.Response.BodyWriter.WriteAsync(json, http.RequestAborted);
    }

    private static async Task Answer(HttpContext http, ReadOnlyMemory<byte> json)
    {
        await ReadBody(http);
        await Write(http, json);
    }

    /// <summary>A WebSocket as an inbox has it, with the same signs of life, on which nothing is said.</summary>
    private static async Task Idle(HttpContext http)
    {
        using var socket = await http.WebSockets.AcceptWebSocketAsync(http.WebSockets.WebSocketRequestedProtocols[0]);
        while ((await socket.ReceiveAsync(Memory<byte>.Empty, http.RequestAborted)).MessageType != WebSocketMessageType.Close)
        {
            await socket.ReceiveAsync(new byte[1_024].AsMemory(), http.RequestAborted);
        }
    }

    private static byte[] Filler(int bytes) => [.. "{\"data\":\""u8, .. Enumerable.Repeat((byte)'x', Math.Max(0, bytes - 11)), .. "\"}"u8];
}
