using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Agora.Api.Tests.Chats;
using Agora.Api.Tests.Models;
using Agora.Core.Kernel;
using Agora.Web;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Agora.Api.Tests.Http;

/// <summary>Long bodies that are being read have a place in the memory, which one that never ends does not keep.</summary>
public sealed class LongBodyTests
{
    private const string Path = $"{ChatClient.Path}/attachments";

    [Fact]
    public async Task Bodies_that_do_not_end_leave_no_room_for_more_of_their_session_and_give_it_back()
    {
        await using var world = await ModelWorld.Start();
        var (session, other) = (await world.Open(user: "ann"), await world.Open(user: "bob"));
        using var http = new HttpClient { BaseAddress = world.Api.Http2, DefaultRequestVersion = HttpVersion.Version20, DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact, Timeout = Hang.Timeout };
        var body = Encoding.UTF8.GetBytes($$"""{"media_type":"text/plain","data":"{{Convert.ToBase64String(new byte[2 << 20].Select(static _ => (byte)'a').ToArray())}}"}""");
        var most = (int)(Limits.LongBodyBytesOfSession / body.Length);
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

        var open = Enumerable.Range(0, most).Select(_ => Send(http, session, new Held(body, gate.Task))).ToList();
        await Task.WhenAll(open.Select(static one => Task.WhenAny(one.Begun, one.Answer)));
        using var more = await Refused();
        using var others = await Send(http, other, new Held(body, Task.CompletedTask)).Answer;

        Assert.Equal((HttpStatusCode.ServiceUnavailable, HttpStatusCode.Created), (more.StatusCode, others.StatusCode));
        Assert.Contains("\"retry\":\"same_key\"", await more.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        gate.SetResult();
        foreach (var one in open)
        {
            using var kept = await one.Answer;
            Assert.Equal(HttpStatusCode.Created, kept.StatusCode);
        }

        using var then = await Send(http, session, new Held(body, Task.CompletedTask)).Answer;
        Assert.Equal(HttpStatusCode.Created, then.StatusCode);

        // As soon as the server has read the heads of those that are open. Where there is room yet, the body is refused for what it says: a session keeps few attachments.
        async Task<HttpResponseMessage> Refused()
        {
            var empty = Encoding.UTF8.GetBytes(new string(' ', body.Length - 2) + "{}");
            for (var since = Stopwatch.StartNew(); ;)
            {
                var answer = await Send(http, session, new Held(empty, Task.CompletedTask)).Answer;
                if (answer.StatusCode == HttpStatusCode.ServiceUnavailable || since.Elapsed > Hang.Timeout) return answer;

                answer.Dispose();
                await OpenAgain();
            }
        }

        // A body that was answered holds no place, and HTTP/2 shows the answer although the body has no end. It came too slowly if the machine stood still for some seconds, and found no place if others of this process held very much.
        async Task OpenAgain()
        {
            for (var i = 0; i < most; i++)
            {
                if (!open[i].Answer.IsCompleted) continue;

                using var early = await open[i].Answer;
                Assert.Contains(early.StatusCode, new[] { HttpStatusCode.BadRequest, HttpStatusCode.ServiceUnavailable });
                open[i] = Send(http, session, new Held(body, gate.Task));
                await Task.WhenAny(open[i].Begun, open[i].Answer);
            }
        }
    }

    /// <summary>At the speed that a short body may have, this one would be waited for for minutes.</summary>
    [Fact]
    public async Task A_long_body_that_comes_slowly_is_cut_off()
    {
        await using var world = await ModelWorld.Start();
        var session = await world.Open();
        using var tcp = new TcpClient();
        await tcp.ConnectAsync(world.Api.Client.Address.Host, world.Api.Client.Address.Port);
        await using var stream = tcp.GetStream();
        var head = $"POST {Path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {session.Token}\r\nContent-Type: application/json\r\nContent-Length: {2 << 20}\r\n\r\n";
        await stream.WriteAsync(Encoding.ASCII.GetBytes(head));
        await stream.WriteAsync(new byte[2 * Limits.LongBodyRate]);

        using var patience = new CancellationTokenSource(Hang.Timeout);
        var answer = await new StreamReader(stream).ReadToEndAsync(patience.Token); // until the connection is ended

        Assert.StartsWith("HTTP/1.1 400", answer, StringComparison.Ordinal);
        Assert.Contains("The body came too slowly.", answer, StringComparison.Ordinal);
    }

    /// <summary>One connection carries many bodies, of each of which the web server measures no rate.</summary>
    [Fact]
    public async Task A_long_body_that_comes_slowly_over_HTTP_2_is_refused()
    {
        await using var world = await ModelWorld.Start();
        var session = await world.Open();
        using var http = new HttpClient { BaseAddress = world.Api.Http2, DefaultRequestVersion = HttpVersion.Version20, DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact, Timeout = Hang.Timeout };
        var never = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

        using var answer = await Send(http, session, new Held(new byte[2 << 20], never.Task, 2 * Limits.LongBodyRate)).Answer;

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Contains("The body came too slowly.", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    /// <summary>The caller is not known, so a body has to come at a rate from 16 KiB on.</summary>
    [Theory]
    [InlineData("1.1", 2 * Limits.SmallBodyBytes)]
    [InlineData("2.0", 2 * Limits.SmallBodyBytes)]
    [InlineData("1.1", 2 * Limits.BodyBytes)]
    [InlineData("2.0", 2 * Limits.BodyBytes)]
    public async Task A_body_that_has_to_come_at_a_rate_is_read_over_each_protocol(string version, int length)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Services.AddSingleton<BodyPlaces>().AddSingleton<TimeProvider>(new WithoutTimers());
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, endpoint => endpoint.Protocols = version == "2.0" ? HttpProtocols.Http2 : HttpProtocols.Http1));
        await using var app = builder.Build();
        app.Run(static async http =>
        {
            var (bytes, refused) = await Body.ReadOrRefuse(http, Limits.RefusedBodyBytes);
            await http.Response.WriteAsync(refused?.Message ?? $"{bytes!.Value.Length} bytes");
        });
        await app.StartAsync();
        using var client = new HttpClient { BaseAddress = new(app.Urls.Single()), DefaultRequestVersion = Version.Parse(version), DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact, Timeout = Hang.Timeout };

        using var answer = await client.PostAsync("/", new ByteArrayContent(new byte[length]));

        Assert.Equal((HttpStatusCode.OK, $"{length} bytes"), (answer.StatusCode, await answer.Content.ReadAsStringAsync()));
    }

    /// <summary>Its length is not announced, so it may become as long as any.</summary>
    [Fact]
    public async Task A_body_of_no_announced_length_takes_room_for_the_longest_that_may_come()
    {
        const int Most = 16 << 20;
        var (places, found) = (new BodyPlaces(), new List<bool>());
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Services.AddSingleton(places).AddSingleton<TimeProvider>(new WithoutTimers { Begins = Look });
        builder.WebHost.ConfigureKestrel(static kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        await using var app = builder.Build();
        app.Run(static async http => await http.Response.WriteAsync($"{(await Body.ReadOrRefuse(http, Most)).Bytes!.Value.Length} bytes"));
        await app.StartAsync();
        using var client = new HttpClient { BaseAddress = new(app.Urls.Single()), DefaultRequestHeaders = { TransferEncodingChunked = true }, Timeout = Hang.Timeout };

        Assert.Equal("32768 bytes", await (await client.PostAsync("/", new ByteArrayContent(new byte[2 * Limits.SmallBodyBytes]))).Content.ReadAsStringAsync());

        Assert.Equal([false], found);

        // While the body is read: whether there is more left than the bound of those who are not known without it.
        void Look()
        {
            using var more = places.Begin(new("", "another"), Limits.LongBodyBytesOfTenant - Most + 1);
            found.Add(more is not null);
        }
    }

    private static (Task Begun, Task<HttpResponseMessage> Answer) Send(HttpClient http, ModelSession session, Held body)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, Path) { Version = http.DefaultRequestVersion, VersionPolicy = http.DefaultVersionPolicy, Content = body, Headers = { Authorization = new("Bearer", session.Token) } };
        request.Headers.ExpectContinue = false;
        return (body.Begun, http.SendAsync(request));
    }

    /// <summary>However slow the machine is, nothing comes too late.</summary>
    private sealed class WithoutTimers : TimeProvider
    {
        /// <summary>Where a timer would begin.</summary>
        public Action Begins { get; init; } = static () => { };

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            Begins();
            return new Silent();
        }

        private sealed class Silent : ITimer
        {
            public bool Change(TimeSpan dueTime, TimeSpan period) => true;

            public void Dispose()
            {
            }

            public ValueTask DisposeAsync() => default;
        }
    }

    /// <summary>The begin of a body, and its end when that may come.</summary>
    private sealed class Held : HttpContent
    {
        private readonly TaskCompletionSource _begun = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly byte[] _body;
        private readonly Task _until;
        private readonly int _first;

        /// <param name="first">So much of it comes at once; null: all but its last byte.</param>
        public Held(byte[] body, Task until, int? first = null)
        {
            (_body, _until, _first) = (body, until, first ?? body.Length - 1);
            Headers.ContentType = new("application/json");
        }

        public Task Begun => _begun.Task;

        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            await stream.WriteAsync(_body.AsMemory(0, _first));
            await stream.FlushAsync();
            _begun.TrySetResult();
            await _until;
            await stream.WriteAsync(_body.AsMemory(_first));
        }

        protected override bool TryComputeLength(out long length)
        {
            length = _body.Length;
            return true;
        }
    }
}
