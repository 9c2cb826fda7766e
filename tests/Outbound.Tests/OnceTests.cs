using System.Net;
using System.Text;
using static Agora.Outbound.Tests.ScriptedService;

namespace Agora.Outbound.Tests;

/// <summary>A call that is made once and of whose answer the status counts, on real sockets: what webhooks are told by. Whatever stands behind the status costs next to nothing.</summary>
public sealed class OnceTests
{
    private const int Head = 256;
    private static readonly byte[] Much = [.. Enumerable.Repeat((byte)'x', 1 << 16)];

    [Theory]
    [InlineData("301 Moved Permanently")]
    [InlineData("302 Found")]
    [InlineData("303 See Other")]
    [InlineData("307 Temporary Redirect")]
    [InlineData("308 Permanent Redirect")]
    public async Task A_redirect_is_the_answer_and_where_it_points_sees_no_connection(string status)
    {
        await using var inside = new ScriptedService(_ => Response("200 OK"));
        await using var service = new ScriptedService(_ => Response(status, headers: $"Location: http://127.0.0.1:{inside.Port}/\r\n"));
        using var outbound = new HttpOutbound(AllowList.Parse("127.0.0.0/8"), new FakeTime());

        Assert.Equal(int.Parse(status[..3]), (await outbound.Call(To(service.Port))).Answer().Status);
        Assert.Equal((1, 0), (service.Connections, inside.Connections));
    }

    [Fact]
    public async Task A_name_that_resolves_to_an_address_inside_by_the_time_of_the_call_is_Refused_without_a_connection()
    {
        await using var service = new ScriptedService(_ => Response("200 OK"));
        await using var inside = new ScriptedService(_ => Response("200 OK"));
        var asked = 0;
        using var outbound = Calls.For(service, resolve: (_, _) => Task.FromResult<IPAddress[]>([IPAddress.Parse(++asked == 1 ? "127.0.0.1" : "127.0.0.2")]));

        Assert.Equal(200, (await outbound.Call(To(service.Port, "hooks.example"))).Answer().Status);
        Assert.Equal(OutboundFailure.Refused, (await outbound.Call(To(service.Port, "hooks.example"))).Kind());
        Assert.Equal(OutboundFailure.Refused, (await outbound.Call(To(inside.Port))).Kind());
        Assert.Equal((2, 1, 0), (asked, service.Connections, inside.Connections));
    }

    [Theory]
    [InlineData("Content-Length: 1073741824\r\n")]
    [InlineData("Transfer-Encoding: chunked\r\n")]
    [InlineData("Connection: close\r\n")] // until the connection ends, which it does not
    public async Task Of_an_answer_of_a_gigabyte_or_without_end_the_first_bytes_are_read_and_the_rest_is_cut_off(string length)
    {
        var isChunked = length.StartsWith("Transfer", StringComparison.Ordinal);
        byte[] more = isChunked ? [.. "10000\r\n"u8, .. Much, .. "\r\n"u8] : Much;
        var written = 0L;
        var cut = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var service = new ScriptedService(async (_, _, stream, stop) =>
        {
            try
            {
                await stream.WriteAsync(Encoding.ASCII.GetBytes($"HTTP/1.1 200 OK\r\n{length}\r\n"), stop);
                for (; ; written += more.Length)
                    await stream.WriteAsync(more, stop);
            }
            finally
            {
                cut.TrySetResult();
            }
        });
        using var outbound = Calls.For(service);

        var answer = (await outbound.Call(To(service.Port))).Answer();
        await cut.Task.WaitAsync(Hang.Timeout);

        Assert.Equal((200, Head), (answer.Status, answer.Head.Length));
        Assert.InRange(written, 0, 32L << 20); // what the sockets of both sides take before it is cut off
    }

    [Fact]
    public async Task A_body_that_drips_is_waited_for_a_second_and_what_came_is_its_head()
    {
        var time = new FakeTime { AutoAdvance = OutboundLimits.MaxHeadWait };
        await using var service = new ScriptedService(async (_, _, stream, stop) =>
        {
            await stream.WriteAsync("HTTP/1.1 202 Accepted\r\nContent-Length: 1000\r\n\r\nso far"u8.ToArray(), stop);
            await stream.CopyToAsync(Stream.Null, stop);
        });
        using var outbound = Calls.For(service, time);

        var answer = (await outbound.Call(To(service.Port))).Answer();

        Assert.Equal((202, OutboundLimits.MaxHeadWait), (answer.Status, time.Elapsed));
        Assert.StartsWith(Encoding.UTF8.GetString(answer.Head.Span), "so far", StringComparison.Ordinal); // all of it, or as much as had come
    }

    [Fact]
    public async Task Headers_that_drip_do_not_prolong_the_call_Timeout()
    {
        var time = new FakeTime();
        await using var service = new ScriptedService(async (_, _, stream, stop) =>
        {
            await stream.WriteAsync("HTTP/1.1 200 OK\r\n"u8.ToArray(), stop);
            for (var second = 0; second < 15; second++)
            {
                await stream.WriteAsync(Encoding.ASCII.GetBytes($"X-{second}: y\r\n"), stop);
                time.Advance(TimeSpan.FromSeconds(1));
            }

            await stream.CopyToAsync(Stream.Null, stop);
        });
        using var outbound = Calls.For(service, time);

        Assert.Equal(OutboundFailure.Timeout, (await outbound.Call(To(service.Port))).Kind());
        Assert.Equal(TimeSpan.FromSeconds(15), time.Elapsed);
    }

    [Fact]
    public async Task Who_never_answers_is_tried_once_Timeout()
    {
        var time = new FakeTime();
        await using var service = new ScriptedService(async (_, _, stream, stop) =>
        {
            time.Advance(TimeSpan.FromSeconds(15));
            await stream.CopyToAsync(Stream.Null, stop);
        });
        using var outbound = Calls.For(service, time);

        Assert.Equal(new OutboundResult.Failed(OutboundFailure.Timeout, null, 1), await outbound.Call(To(service.Port)));
        Assert.Single(service.Seen);
    }

    [Theory]
    [InlineData("hello", OutboundFailure.Malformed)]
    [InlineData("", OutboundFailure.Connection)]
    public async Task What_is_no_answer_is_a_failure(string said, OutboundFailure failure)
    {
        await using var service = new ScriptedService(_ => said.Length == 0 ? "" : $"{said}\r\n\r\n");
        using var outbound = Calls.For(service);

        Assert.Equal(failure, (await outbound.Call(To(service.Port))).Kind());
    }

    [Fact]
    public async Task Headers_without_end_are_TooLarge()
    {
        await using var service = new ScriptedService(async (_, _, stream, stop) =>
        {
            await stream.WriteAsync("HTTP/1.1 200 OK\r\n"u8.ToArray(), stop);
            while (true)
                await stream.WriteAsync(Encoding.ASCII.GetBytes($"X-Long: {new string('a', 1000)}\r\n"), stop);
        });
        using var outbound = Calls.For(service);

        Assert.Equal(OutboundFailure.TooLarge, (await outbound.Call(To(service.Port))).Kind());
    }

    [Fact]
    public async Task However_often_it_failed_it_is_sent_again_once_a_call()
    {
        await using var service = new ScriptedService(_ => Response("503 Service Unavailable"));
        using var outbound = Calls.For(service);

        for (var i = 0; i < 25; i++)
            Assert.Equal(503, (await outbound.Call(To(service.Port))).Answer().Status);

        Assert.Equal(25, service.Seen.Length);
    }

    private static OutboundCall To(int port, string host = "127.0.0.1") => new()
    {
        ServiceId = "default/webhook/books",
        Endpoint = new Uri($"http://{host}:{port}/hook"),
        Body = "{}"u8.ToArray(),
        IdempotencyKey = "evt_1",
        OnceForBytes = Head,
        AttemptTimeout = TimeSpan.FromSeconds(15),
    };
}

file static class Answers
{
    public static OutboundResult.Answered Answer(this OutboundResult result) => Assert.IsType<OutboundResult.Answered>(result);
}
