using System.Text;
using static Agora.Outbound.Tests.ScriptedService;

namespace Agora.Outbound.Tests;

public sealed class BreakerTests
{
    private static readonly OutboundResult Open = new OutboundResult.Failed(OutboundFailure.BreakerOpen, null, 0);

    private readonly FakeTime _time = new();

    [Fact]
    public async Task Twenty_failed_attempts_open_the_breaker_of_that_service_alone()
    {
        await using var service = new ScriptedService(_ => Response("500 Internal Server Error"));
        using var outbound = Calls.For(service, _time);

        await CallTimes(outbound, service, 20);

        Assert.Equal(Open, await outbound.Call(Calls.To(service.Port)));
        Assert.Equal(20, service.Seen.Length);
        Assert.Equal(500, Assert.IsType<OutboundResult.Failed>(await outbound.Call(Calls.To(service.Port, service: "other"))).Status);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Failures_of_one_caller_alone_leave_the_breaker_closed_to_all(bool atOnce)
    {
        await using var service = new ScriptedService(_ => Response("500 Internal Server Error"));
        using var outbound = Calls.For(service, _time);

        var calls = new List<Task<OutboundResult>>();
        for (var i = 0; i < 40; i++)
        {
            calls.Add(outbound.Call(Calls.To(service.Port, caller: "poison")));
            if (!atOnce)
            {
                await calls[^1];
            }
        }

        Assert.All(await Task.WhenAll(calls), result => Assert.Equal(OutboundFailure.BadStatus, result.Kind()));
        Assert.Equal(OutboundFailure.BadStatus, (await outbound.Call(Calls.To(service.Port, caller: "another"))).Kind());
    }

    [Fact]
    public async Task Failures_of_one_agent_that_acts_for_many_users_leave_the_breaker_closed_to_all()
    {
        await using var service = new ScriptedService(_ => Response("500 Internal Server Error"));
        using var outbound = Calls.For(service, _time);

        for (var i = 0; i < 40; i++)
            Assert.Equal(OutboundFailure.BadStatus, (await outbound.Call(Calls.To(service.Port, caller: $"user-{i}", agent: "poison"))).Kind());

        Assert.Equal(OutboundFailure.BadStatus, (await outbound.Call(Calls.To(service.Port, caller: "another"))).Kind());
    }

    [Fact]
    public async Task Failures_of_many_callers_open_the_breaker_to_all()
    {
        await using var service = new ScriptedService(_ => Response("500 Internal Server Error"));
        using var outbound = Calls.For(service, _time);

        for (var i = 0; i < 20; i++)
            await outbound.Call(Calls.To(service.Port, caller: $"user-{i % 5}"));

        Assert.Equal(Open, await outbound.Call(Calls.To(service.Port, caller: "user-6")));
        Assert.Equal(Open, await outbound.Call(Calls.To(service.Port, caller: "user-0")));
    }

    /// <summary>If they counted as good, a caller that floods a service with bad requests would hide that it fails for all.</summary>
    [Fact]
    public async Task Attempts_of_a_caller_whose_failures_count_no_more_count_as_neither_good_nor_failed()
    {
        var breaker = new Breaker<bool>(_time, static isUnwell => isUnwell);
        for (var i = 0; i < 40; i++) await Fail(breaker, "poison");
        Assert.True(breaker.IsClosed);

        for (var i = OutboundLimits.FailuresOfOneCaller; i < 20; i++) await Fail(breaker, $"user-{i}");

        Assert.False(breaker.IsClosed);
    }

    [Fact]
    public async Task A_bad_probe_of_a_caller_whose_failures_count_no_more_opens_the_breaker_again()
    {
        var breaker = new Breaker<bool>(_time, static isUnwell => isUnwell);
        for (var i = 0; i < 20; i++) await Fail(breaker, $"user-{i % 5}");
        _time.Advance(TimeSpan.FromSeconds(15.1));

        await Fail(breaker, "user-0");

        Assert.False(breaker.IsClosed);
    }

    [Fact]
    public async Task Failures_of_a_caller_count_again_in_the_next_window()
    {
        var breaker = new Breaker<bool>(_time, static isUnwell => isUnwell);
        for (var i = 0; i < 40; i++) await Fail(breaker, "poison");
        _time.Advance(TimeSpan.FromSeconds(31));

        for (var i = 0; i < 10; i++) await breaker.Execute(null, static _ => ValueTask.FromResult(false), CancellationToken.None);
        for (var i = OutboundLimits.FailuresOfOneCaller; i < 10; i++) await Fail(breaker, $"user-{i}");
        for (var i = 0; i < OutboundLimits.FailuresOfOneCaller; i++) await Fail(breaker, "poison");

        Assert.False(breaker.IsClosed);
    }

    [Fact]
    public async Task Nineteen_failed_attempts_leave_the_breaker_closed()
    {
        await using var service = new ScriptedService(_ => Response("500 Internal Server Error"));
        using var outbound = Calls.For(service, _time);

        await CallTimes(outbound, service, 19);

        Assert.Equal(OutboundFailure.BadStatus, (await outbound.Call(Calls.To(service.Port))).Kind());
    }

    [Fact]
    public async Task Fewer_than_half_failed_leave_the_breaker_closed()
    {
        await using var service = new ScriptedService(number => number % 5 < 2 ? Response("500 Internal Server Error") : Response("200 OK", "{}"));
        using var outbound = Calls.For(service, _time);

        await CallTimes(outbound, service, 40);

        Assert.Equal(40, service.Seen.Length);
    }

    [Fact]
    public async Task Failures_older_than_30_seconds_are_forgotten()
    {
        await using var service = new ScriptedService(_ => Response("500 Internal Server Error"));
        using var outbound = Calls.For(service, _time);

        await CallTimes(outbound, service, 19);
        _time.Advance(TimeSpan.FromSeconds(31));
        await CallTimes(outbound, service, 19);

        Assert.Equal(38, service.Seen.Length);
        Assert.Equal(OutboundFailure.BadStatus, (await outbound.Call(Calls.To(service.Port))).Kind());
    }

    [Fact]
    public async Task After_15_seconds_one_good_probe_closes_the_breaker()
    {
        await using var service = new ScriptedService(number => number <= 20 ? Response("500 Internal Server Error") : Response("200 OK", "{}"));
        using var outbound = Calls.For(service, _time);
        await CallTimes(outbound, service, 20);

        _time.Advance(TimeSpan.FromSeconds(14));
        Assert.Equal(Open, await outbound.Call(Calls.To(service.Port)));
        _time.Advance(TimeSpan.FromSeconds(1.1));
        Assert.Equal("{}", (await outbound.Call(Calls.To(service.Port))).Text());
        Assert.Equal("{}", (await outbound.Call(Calls.To(service.Port))).Text());
    }

    [Fact]
    public async Task After_15_seconds_one_bad_probe_opens_the_breaker_again()
    {
        await using var service = new ScriptedService(_ => Response("500 Internal Server Error"));
        using var outbound = Calls.For(service, _time);
        await CallTimes(outbound, service, 20);

        _time.Advance(TimeSpan.FromSeconds(15.1));
        Assert.Equal(OutboundFailure.BadStatus, (await outbound.Call(Calls.To(service.Port))).Kind());
        Assert.Equal(Open, await outbound.Call(Calls.To(service.Port)));
    }

    [Fact]
    public async Task A_4xx_is_the_callers_fault_and_never_opens_the_breaker()
    {
        await using var service = new ScriptedService(_ => Response("422 Unprocessable Entity"));
        using var outbound = Calls.For(service, _time);

        await CallTimes(outbound, service, 50);

        Assert.Equal(50, service.Seen.Length);
    }

    [Fact]
    public async Task What_the_guard_refuses_says_nothing_about_the_service_and_never_opens_the_breaker()
    {
        using var outbound = new HttpOutbound(AllowList.Empty, _time);
        for (var i = 0; i < 30; i++)
            Assert.Equal(OutboundFailure.Refused, (await outbound.Call(Calls.To(443, "10.0.0.1", "https"))).Kind());
    }

    [Fact]
    public async Task A_probe_that_its_caller_cancels_leaves_the_breaker_open()
    {
        using var caller = new CancellationTokenSource();
        await using var service = new ScriptedService(async (_, number, stream, stop) =>
        {
            if (number <= 20)
            {
                await stream.WriteAsync(Encoding.ASCII.GetBytes(Response("500 Internal Server Error")), stop);
                return;
            }
            await caller.CancelAsync();
            await stream.CopyToAsync(Stream.Null, stop);
        });
        using var outbound = Calls.For(service, _time);
        await CallTimes(outbound, service, 20);
        _time.Advance(TimeSpan.FromSeconds(15.1));

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => outbound.Call(Calls.To(service.Port), caller.Token));

        Assert.Equal(Open, await outbound.Call(Calls.To(service.Port)));
    }

    [Fact]
    public async Task Attempts_that_their_callers_cancel_say_nothing_of_the_service()
    {
        var breaker = new Breaker<bool>(_time, static isUnwell => isUnwell);
        for (var i = 0; i < 40; i++)
        {
            using var caller = new CancellationTokenSource();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => breaker.Execute(new($"user-{i}", $"agent-{i}"), token =>
            {
                caller.Cancel();
                token.ThrowIfCancellationRequested();
                return ValueTask.FromResult(false);
            }, caller.Token).AsTask());
        }

        Assert.True(breaker.IsClosed);
        for (var i = 0; i < 20; i++) Assert.True(await breaker.Execute(null, static _ => ValueTask.FromResult(true), CancellationToken.None));

        Assert.False(breaker.IsClosed);
    }

    /// <summary>They found no connection, for example: the breaker does not know more than before.</summary>
    [Fact]
    public async Task Attempts_that_reach_nothing_say_nothing_of_the_other_side_and_such_a_probe_leaves_the_breaker_open()
    {
        var breaker = new Breaker<bool?>(_time, static isUnwell => isUnwell);
        for (var i = 0; i < 30; i++) await Reach(null);
        for (var i = 0; i < 20; i++) await Reach(true);
        Assert.False(breaker.IsClosed);

        _time.Advance(TimeSpan.FromSeconds(15.1));
        await Reach(null);
        Assert.False(breaker.IsClosed);

        _time.Advance(TimeSpan.FromSeconds(15.1));
        await Reach(false);
        Assert.True(breaker.IsClosed);

        async Task Reach(bool? isUnwell) => await breaker.Execute(null, _ => ValueTask.FromResult(isUnwell), CancellationToken.None);
    }

    /// <summary>They began before it opened.</summary>
    [Fact]
    public async Task Attempts_that_end_while_the_breaker_is_open_give_what_they_came_to()
    {
        var breaker = new Breaker<bool>(_time, static isUnwell => isUnwell);
        var end = new TaskCompletionSource<bool>();
        var late = breaker.Execute(null, async _ => await end.Task, CancellationToken.None);
        for (var i = 0; i < 20; i++) await breaker.Execute(null, static _ => ValueTask.FromResult(true), CancellationToken.None);
        Assert.False(breaker.IsClosed);

        end.SetResult(false);

        Assert.False(await late);
        Assert.False(breaker.IsClosed);
    }

    [Fact]
    public async Task A_breaker_that_opens_between_attempts_ends_the_call_BreakerOpen()
    {
        await using var service = new ScriptedService(_ => Response("503 Service Unavailable"));
        using var outbound = Calls.For(service, _time);

        await CallTimes(outbound, service, 6); // 18 attempts
        Assert.Equal(new OutboundResult.Failed(OutboundFailure.BreakerOpen, null, 2), await outbound.Call(Calls.To(service.Port)));
        Assert.Equal(20, service.Seen.Length);
    }

    [Fact]
    public void Breakers_stay_within_their_capacity_and_the_idle_go_first()
    {
        var breakers = new Breakers(_time, capacity: 3);
        var busy = breakers.For("busy");
        breakers.For("idle-1");
        breakers.For("idle-2");
        _time.Advance(TimeSpan.FromSeconds(46));
        Assert.Same(busy, breakers.For("busy"));

        breakers.For("new");

        Assert.Equal(2, breakers.Count);
        Assert.Same(busy, breakers.For("busy"));
    }

    [Fact]
    public void When_all_are_busy_the_longest_unused_breaker_is_dropped()
    {
        var breakers = new Breakers(_time, capacity: 2);
        var first = breakers.For("first");
        _time.Advance(TimeSpan.FromSeconds(1));
        var second = breakers.For("second");

        breakers.For("third");

        Assert.Equal(2, breakers.Count);
        Assert.Same(second, breakers.For("second"));
        Assert.NotSame(first, breakers.For("first"));
    }

    private static async Task Fail(Breaker<bool> breaker, string caller) =>
        Assert.True(await breaker.Execute(new(caller, $"agent of {caller}"), static _ => ValueTask.FromResult(true), CancellationToken.None));

    private static async Task CallTimes(HttpOutbound outbound, ScriptedService service, int times)
    {
        for (var i = 0; i < times; i++)
            await outbound.Call(Calls.To(service.Port));
    }
}
