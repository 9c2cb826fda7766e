using System.Net;
using System.Net.Sockets;
using System.Text;
using Agora.Api.Hosts;
using Agora.Api.Tests.Support;
using Agora.Grains.Kernel;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Agora.Api.Tests.Hosts;

/// <summary>Clients that do not read, and send requests ahead, fill the buffers of their connections and nothing else.</summary>
public sealed class ConnectionsTests
{
    private const int AtMost = 8;

    /// <summary>With Kestrel's own bounds, of 1 MiB and more a connection and 10,000 of them, 300 such clients ended a process with a heap of 512 MB.</summary>
    [Theory]
    [InlineData(128L << 20)]
    [InlineData(512L << 20)]
    [InlineData(16L << 30)]
    public void All_buffers_of_as_many_connections_as_there_may_be_take_a_half_of_the_heap_at_most(long heapBytes)
    {
        var kestrel = new KestrelServerOptions();
        Connections.Configure(kestrel, Connections.AtMost(heapBytes), [], hasHttp3: false);

        var limits = kestrel.Limits;
        var ofOne = limits.MaxRequestBufferSize + limits.MaxResponseBufferSize;
        Assert.True(limits.MaxConcurrentConnections * ofOne <= heapBytes / 2, $"{limits.MaxConcurrentConnections} × {ofOne}");
        Assert.InRange(limits.Http2.InitialConnectionWindowSize, 1, ofOne!.Value);
    }

    [Fact]
    public async Task However_many_connections_one_address_opens_another_address_is_served()
    {
        await using var app = await Started([]);
        var of = new List<Socket>();
        var served = 0;
        for (var n = 0; n < AtMost; n++) served += await IsServed(app, IPAddress.Loopback, of) ? 1 : 0;

        Assert.Equal(AtMost / 2, served);
        Assert.True(await IsServed(app, IPAddress.Parse("127.0.0.2"), of));
        of.ForEach(static socket => socket.Dispose());
    }

    /// <summary>All its clients come from its address.</summary>
    [Fact]
    public async Task A_trusted_proxy_has_as_many_connections_as_there_are()
    {
        await using var app = await Started([IPNetwork.Parse("127.0.0.0/8")]);
        var of = new List<Socket>();
        for (var n = 0; n < AtMost; n++) Assert.True(await IsServed(app, IPAddress.Loopback, of));
        of.ForEach(static socket => socket.Dispose());
    }

    /// <summary>One connection of HTTP/2 has a hundred, each with buffers of its own.</summary>
    [Fact]
    public async Task Requests_that_share_a_connection_are_counted_as_connections_are()
    {
        var (places, held) = (new FairPlaces(4), new TaskCompletionSource());
        await using var app = await Started([], web => web.Use(next => http => Connections.Serve(http, next, places, new(new(), new(100, 10)))), _ => held.Task);
        using var client = new HttpClient { BaseAddress = new(app.Urls.Single()) };

        var asked = Enumerable.Range(0, 3).Select(_ => client.GetAsync("/")).ToList();
        using var refused = await await Task.WhenAny(asked);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, refused.StatusCode);
        held.SetResult();
        var answers = await Task.WhenAll(asked);
        Assert.Equal(2, answers.Count(static answer => answer.StatusCode == HttpStatusCode.OK));
    }

    [Fact]
    public async Task A_request_for_which_its_connections_address_has_no_place_is_refused_as_any_other_is()
    {
        await using var api = await RunningApi.Start(corsOrigins: ["https://app.example"]);
        using var client = new HttpClient { BaseAddress = api.Http2, DefaultRequestVersion = HttpVersion.Version20, DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact };
        using var request = new HttpRequestMessage(HttpMethod.Get, "/agent/services") { Version = HttpVersion.Version20, VersionPolicy = HttpVersionPolicy.RequestVersionExact, Headers = { { "Origin", "https://app.example" } } };
        using var held = api.Services.GetRequiredService<RequestPlaces>().All.Take(new("127.0.0.1"), Connections.AtMost() / 2 + 1);

        using var refused = await client.SendAsync(request);

        Assert.NotNull(held);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, refused.StatusCode);
        var id = Assert.Single(refused.Headers.GetValues("X-Request-Id"));
        Assert.Contains(id, await refused.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Equal("nosniff", Assert.Single(refused.Headers.GetValues("X-Content-Type-Options")));
        Assert.Equal("https://app.example", Assert.Single(refused.Headers.GetValues("Access-Control-Allow-Origin")));
    }

    /// <summary>The server warned of it at each start, though no setting asked for HTTP/2.</summary>
    [Fact]
    public async Task A_plain_text_address_starts_without_a_warning_of_HTTP_2()
    {
        using var log = new KeptLog();

        await using var app = await Started([], log: log);

        Assert.NotEmpty(log.Lines);
        Assert.DoesNotContain(log.Lines, static line => line.Contains("HTTP/2", StringComparison.Ordinal));
    }

    private static async Task<WebApplication> Started(IReadOnlyList<IPNetwork> proxies, Action<WebApplication>? use = null, RequestDelegate? answer = null, ILoggerProvider? log = null)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        if (log is not null)
        {
            builder.Logging.AddProvider(log);
        }

        builder.WebHost.UseUrls("http://127.0.0.1:0").ConfigureKestrel(kestrel => Connections.Configure(kestrel, AtMost, proxies, hasHttp3: false));
        var app = builder.Build();
        use?.Invoke(app);
        app.Run(answer ?? (static http => http.Response.WriteAsync("here")));
        await app.StartAsync();
        return app;
    }

    /// <summary>And stays connected.</summary>
    private static async Task<bool> IsServed(WebApplication app, IPAddress from, List<Socket> open)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        open.Add(socket);
        socket.Bind(new IPEndPoint(from, 0));
        try
        {
            await socket.ConnectAsync(new IPEndPoint(IPAddress.Loopback, new Uri(app.Urls.Single()).Port)); // a connection may be ended before it is seen here
            await socket.SendAsync(Encoding.ASCII.GetBytes("GET / HTTP/1.1\r\nHost: x\r\n\r\n"));
            var answer = new byte[64];
            return await socket.ReceiveAsync(answer) is > 0 and var read && Encoding.ASCII.GetString(answer, 0, read).StartsWith("HTTP/1.1 200", StringComparison.Ordinal);
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
