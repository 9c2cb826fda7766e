using System.Text;
using static Agora.Outbound.Tests.ScriptedService;

namespace Agora.Outbound.Tests;

/// <summary>What a slow or endless answer may cost.</summary>
public sealed class BoundsTests
{
    private const int MiB = 1 << 20;

    [Fact]
    public async Task A_service_that_hangs_gets_three_attempts_Timeout()
    {
        var time = new FakeTime();
        await using var service = new ScriptedService((_, _, stream, _) => Hang(time, stream));
        using var outbound = Calls.For(service, time);

        Assert.Equal(new OutboundResult.Failed(OutboundFailure.Timeout, null, 3), await outbound.Call(Calls.To(service.Port)));
        Assert.Equal(TimeSpan.FromSeconds(15), time.Elapsed);
        Assert.Single(service.Seen.Select(request => request.Headers["Idempotency-Key"].Single()).Distinct());
    }

    [Fact]
    public async Task The_deadline_of_all_attempts_cuts_the_last_one_short_Timeout()
    {
        var time = new FakeTime();
        await using var service = new ScriptedService((_, number, stream, _) => Hang(time, stream, seconds: number == 1 ? 5 : 3));
        using var outbound = Calls.For(service, time);

        Assert.Equal(new OutboundResult.Failed(OutboundFailure.Timeout, null, 2),
            await outbound.Call(Calls.To(service.Port, attemptSeconds: 5, deadlineSeconds: 8)));
        Assert.Equal(TimeSpan.FromSeconds(8), time.Elapsed);
    }

    [Fact]
    public async Task A_slow_drip_of_bytes_does_not_prolong_an_attempt_Timeout()
    {
        var time = new FakeTime();
        await using var service = new ScriptedService(async (_, _, stream, stop) =>
        {
            await stream.WriteAsync("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n"u8.ToArray(), stop);
            for (var second = 0; second < 5; second++)
            {
                await stream.WriteAsync("x"u8.ToArray(), stop);
                time.Advance(TimeSpan.FromSeconds(1));
            }
            await UntilHungUp(stream);
        });
        using var outbound = Calls.For(service, time);

        Assert.Equal(new OutboundResult.Failed(OutboundFailure.Timeout, null, 1),
            await outbound.Call(Calls.To(service.Port, attemptSeconds: 5, deadlineSeconds: 5)));
    }

    [Fact]
    public async Task Waiting_for_a_connection_counts_against_the_attempt_and_says_nothing_of_the_service_NoRoom()
    {
        await using var service = new ScriptedService(_ => Response("200 OK", "{}"));
        var time = new FakeTime();
        using var outbound = new HttpOutbound(AllowList.Parse("127.0.0.0/8"), time, connections: async (_, cancel) =>
        {
            time.Advance(TimeSpan.FromSeconds(5));
            await Task.Delay(Timeout.InfiniteTimeSpan, cancel);
            throw new InvalidOperationException();
        });

        Assert.Equal(new OutboundResult.Failed(OutboundFailure.NoRoom, null, 1) { Sent = 0 }, await outbound.Call(Calls.To(service.Port, attemptSeconds: 5, deadlineSeconds: 5)));
        Assert.Equal(0, service.Connections);
    }

    [Fact]
    public async Task An_attempt_that_had_no_connection_in_time_is_made_again()
    {
        var asked = 0;
        await using var service = new ScriptedService(_ => Response("200 OK", "{}"));
        var time = new FakeTime { AutoAdvance = TimeSpan.FromSeconds(1) };
        using var outbound = new HttpOutbound(AllowList.Parse("127.0.0.0/8"), time, jitter: () => 0.5, connections: async (_, cancel) =>
        {
            if (++asked > 1) return new Given(static () => { });

            time.Advance(TimeSpan.FromSeconds(5));
            await Task.Delay(Timeout.InfiniteTimeSpan, cancel);
            throw new InvalidOperationException();
        });

        Assert.Equal((2, 1), await outbound.Call(Calls.To(service.Port, attemptSeconds: 5, deadlineSeconds: 15)) is OutboundResult.Succeeded answered ? (answered.Attempts, answered.Sent) : default);
    }

    [Fact]
    public async Task Each_attempt_has_a_connection_and_gives_it_back()
    {
        var (taken, given) = (0, 0);
        await using var service = new ScriptedService(_ => Response("503 Service Unavailable"));
        using var outbound = new HttpOutbound(AllowList.Parse("127.0.0.0/8"), new FakeTime { AutoAdvance = TimeSpan.FromSeconds(1) }, jitter: () => 0.5, connections: (_, _) =>
        {
            Assert.Equal(given, taken++);
            return Task.FromResult<IDisposable>(new Given(() => given++));
        });

        Assert.Equal(3, (await outbound.Call(Calls.To(service.Port))).Attempts);
        Assert.Equal((3, 3), (taken, given));
    }

    [Fact]
    public async Task Pauses_between_attempts_grow_with_jitter_and_stay_within_their_bound()
    {
        var time = new FakeTime { AutoAdvance = TimeSpan.FromSeconds(1) };
        await using var service = new ScriptedService(_ => Response("503 Service Unavailable"));
        using var outbound = new HttpOutbound(AllowList.Parse("127.0.0.0/8"), time, jitter: () => 0.5);

        Assert.Equal(3, (await outbound.Call(Calls.To(service.Port))).Attempts);
        Assert.Equal(TimeSpan.FromMilliseconds(100 + 200), time.Elapsed);
    }

    [Fact]
    public async Task No_attempt_is_begun_when_its_pause_would_pass_the_deadline()
    {
        var time = new FakeTime();
        await using var service = new ScriptedService(_ => Response("503 Service Unavailable"));
        using var outbound = new HttpOutbound(AllowList.Parse("127.0.0.0/8"), time, jitter: () => 0.99);

        Assert.Equal(new OutboundResult.Failed(OutboundFailure.BadStatus, 503, 1),
            await outbound.Call(Calls.To(service.Port, deadlineSeconds: 0.15)));
    }

    [Fact]
    public async Task A_pause_that_ends_after_the_deadline_leaves_no_time_for_an_attempt_Timeout()
    {
        var time = new FakeTime { AutoAdvance = TimeSpan.FromSeconds(1), Lateness = TimeSpan.FromSeconds(30) };
        await using var service = new ScriptedService(_ => Response("503 Service Unavailable"));
        using var outbound = new HttpOutbound(AllowList.Parse("127.0.0.0/8"), time, jitter: () => 0.5);

        Assert.Equal(new OutboundResult.Failed(OutboundFailure.Timeout, null, 1), await outbound.Call(Calls.To(service.Port)));
        Assert.Single(service.Seen);
    }

    [Fact]
    public async Task A_length_said_to_be_over_1_MiB_is_TooLarge_without_waiting_for_the_body()
    {
        await using var service = new ScriptedService(async (_, _, stream, stop) =>
        {
            await stream.WriteAsync("HTTP/1.1 200 OK\r\nContent-Length: 1048577\r\n\r\n"u8.ToArray(), stop);
            await UntilHungUp(stream);
        });
        using var outbound = Calls.For(service);

        Assert.Equal(OutboundFailure.TooLarge, (await outbound.Call(Calls.To(service.Port))).Kind());
    }

    [Fact]
    public async Task A_body_of_exactly_1_MiB_is_taken()
    {
        await using var service = new ScriptedService(_ => Response("200 OK", new string('a', MiB)));
        using var outbound = Calls.For(service);

        Assert.Equal(MiB, (await outbound.Call(Calls.To(service.Port))).Text().Length);
    }

    [Theory]
    [InlineData("Content-Length: 1048577\r\n")] // said
    [InlineData("")] // not said: until the connection ends
    public async Task A_byte_more_than_1_MiB_is_TooLarge_and_not_repeated(string length)
    {
        await using var service = new ScriptedService(_ => $"HTTP/1.1 200 OK\r\n{length}\r\n{new string('a', MiB + 1)}");
        using var outbound = Calls.For(service);

        Assert.Equal(new OutboundResult.Failed(OutboundFailure.TooLarge, null, 1), await outbound.Call(Calls.To(service.Port)));
    }

    [Fact]
    public async Task An_endless_chunked_body_is_cut_off_TooLarge()
    {
        var chunk = Encoding.ASCII.GetBytes($"10000\r\n{new string('a', 0x10000)}\r\n");
        await using var service = new ScriptedService(async (_, _, stream, stop) =>
        {
            await stream.WriteAsync("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"u8.ToArray(), stop);
            while (true)
                await stream.WriteAsync(chunk, stop);
        });
        using var outbound = Calls.For(service);

        Assert.Equal(OutboundFailure.TooLarge, (await outbound.Call(Calls.To(service.Port))).Kind());
    }

    [Fact]
    public async Task Headers_over_16_KiB_are_TooLarge()
    {
        await using var service = new ScriptedService(_ => Response("200 OK", "{}", $"X-Long: {new string('a', 17 * 1024)}\r\n"));
        using var outbound = Calls.For(service);

        Assert.Equal(OutboundFailure.TooLarge, (await outbound.Call(Calls.To(service.Port))).Kind());
    }

    [Fact]
    public async Task Cookies_of_one_answer_are_not_sent_with_the_next_call()
    {
        await using var service = new ScriptedService(_ => Response("200 OK", "{}", "Set-Cookie: a=b\r\n"));
        using var outbound = Calls.For(service);

        await outbound.Call(Calls.To(service.Port));
        await outbound.Call(Calls.To(service.Port));

        Assert.Equal(2, service.Seen.Length);
        Assert.All(service.Seen, request => Assert.Empty(request.Headers["Cookie"]));
    }

    [Fact]
    public async Task The_callers_own_cancellation_throws_and_is_not_repeated()
    {
        using var caller = new CancellationTokenSource();
        await using var service = new ScriptedService(async (_, _, stream, _) =>
        {
            await caller.CancelAsync();
            await UntilHungUp(stream);
        });
        using var outbound = Calls.For(service);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => outbound.Call(Calls.To(service.Port), caller.Token));
        Assert.Single(service.Seen);
    }

    [Theory]
    [InlineData("")]
    [InlineData("a b")]
    [InlineData("a\r\nHost: x")]
    public async Task A_malformed_idempotency_key_throws_ArgumentException(string key)
    {
        using var outbound = new HttpOutbound(AllowList.Empty, new FakeTime());
        var call = new OutboundCall { ServiceId = "s", Endpoint = new Uri("https://a.example/"), Body = default, IdempotencyKey = key };

        await Assert.ThrowsAsync<ArgumentException>(() => outbound.Call(call));
    }

    private static Task Hang(FakeTime time, Stream stream, double seconds = 5)
    {
        time.Advance(TimeSpan.FromSeconds(seconds));
        return UntilHungUp(stream);
    }

    private static Task UntilHungUp(Stream stream) => stream.CopyToAsync(Stream.Null);

    private sealed class Given(Action give) : IDisposable
    {
        public void Dispose() => give();
    }
}
