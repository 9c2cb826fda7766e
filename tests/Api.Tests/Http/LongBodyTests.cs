using System.Net;
using System.Net.Sockets;
using System.Text;
using Agora.Api.Tests.Chats;
using Agora.Api.Tests.Models;
using Agora.Core.Kernel;

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
        using var http = new HttpClient { BaseAddress = world.Api.Client.Address };
        var body = Encoding.UTF8.GetBytes($$"""{"media_type":"text/plain","data":"{{Convert.ToBase64String(new byte[2 << 20].Select(static _ => (byte)'a').ToArray())}}"}""");
        var most = (int)(Limits.LongBodyBytesOfSession / body.Length);
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

        var open = Enumerable.Range(0, most).Select(_ => Send(http, session, new Held(body, gate.Task))).ToList();
        await Task.WhenAll(open.Select(static one => one.Begun));
        await Task.Delay(500); // their heads are read
        using var more = await Send(http, session, new Held(body, Task.CompletedTask)).Answer;
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

        Assert.True(answer.Length == 0 || answer.StartsWith("HTTP/1.1 4", StringComparison.Ordinal), answer);
    }

    private static (Task Begun, Task<HttpResponseMessage> Answer) Send(HttpClient http, ModelSession session, Held body)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, Path) { Content = body, Headers = { Authorization = new("Bearer", session.Token) } };
        request.Headers.ExpectContinue = false;
        return (body.Begun, http.SendAsync(request));
    }

    /// <summary>All of a body but its last byte, and that when it may come.</summary>
    private sealed class Held : HttpContent
    {
        private readonly TaskCompletionSource _begun = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly byte[] _body;
        private readonly Task _until;

        public Held(byte[] body, Task until)
        {
            (_body, _until) = (body, until);
            Headers.ContentType = new("application/json");
        }

        public Task Begun => _begun.Task;

        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            await stream.WriteAsync(_body.AsMemory(0, _body.Length - 1));
            await stream.FlushAsync();
            _begun.TrySetResult();
            await _until;
            await stream.WriteAsync(_body.AsMemory(_body.Length - 1));
        }

        protected override bool TryComputeLength(out long length)
        {
            length = _body.Length;
            return true;
        }
    }
}
