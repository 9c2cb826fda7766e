using Agora.Contracts;
using Agora.Core.Clocks;
using Agora.Core.Kernel;
using Agora.Grains.Clocks;
using Agora.Testing;

namespace Agora.Grains.Tests.Clocks;

/// <summary>What a process takes for the time of a tenant for tests.</summary>
public sealed class TenantTimesTests
{
    private static readonly TimeSpan Day = TimeSpan.FromDays(1);
    private static readonly Tenant First = Tenant.Default.Test.Of(1);
    private static readonly Tenant Second = Tenant.Default.Test.Of(2);
    private readonly SimTimeProvider _world = new();
    private readonly TenantTimes _times;
    private readonly SimScheduler _scheduler;
    private ClockView _clock = new(1, Day);
    private int _asked;

    public TenantTimesTests()
    {
        _times = new(new OneClock(this), _world, alone: true);
        _scheduler = new(new Random(1), _world);
    }

    [Fact]
    public void An_answer_that_was_overtaken_does_not_take_the_time_back()
    {
        Heard(new(1, 2 * Day));
        Heard(new(1, Day));
        Assert.Equal(_world.GetUtcNow() + (2 * Day), _times.Now(First));

        Heard(new(2, TimeSpan.Zero));
        Heard(new(1, 3 * Day));
        Assert.True(_times.Clocked(First)!.IsOver);
        Assert.Equal(_world.GetUtcNow(), _times.Now(Second));
    }

    [Fact]
    public void What_is_known_holds_as_of_the_answer_that_was_overtaken_so_that_nobody_asks_again_without_end()
    {
        Heard(new(1, 2 * Day));
        Later(Limits.ClockFresh);
        Assert.False(_times.Clocked(First)!.IsFresh);

        Heard(new(1, Day));

        Assert.True(_times.Clocked(First)!.IsFresh);
        Assert.Equal(2 * Day, _times.Clocked(First)!.Ahead);
    }

    [Fact]
    public void What_a_generation_is_ahead_no_other_is()
    {
        Heard(new(2, Day));
        Assert.Equal((TimeSpan.Zero, Day), (_times.Clocked(First)!.Ahead, _times.Clocked(Second)!.Ahead));
        Assert.False(_times.Clocked(Second)!.IsOver);
        Assert.Equal(_world.GetUtcNow(), _times.Now(Tenant.Default));
    }

    [Fact]
    public void A_credential_of_a_generation_that_is_over_is_nobodys_and_one_of_settings_is_of_the_one_of_now()
    {
        Assert.Equal((First, First, Tenant.Default), (Current(Tenant.Default.Test), Current(First), Current(Tenant.Default)));
        _clock = new(2, TimeSpan.Zero);
        Heard(_clock);
        Assert.Equal((Second, null), (Current(Tenant.Default.Test), Current(First)));
    }

    [Fact]
    public void The_clock_is_asked_again_when_what_it_said_is_old()
    {
        _ = Current(First);
        _ = Current(First);
        Assert.Equal((1, true), (_asked, _times.Clocked(First)!.IsFresh));

        Later(Limits.ClockFresh);

        Assert.False(_times.Clocked(First)!.IsFresh);
        _clock = new(2, TimeSpan.Zero);
        Assert.Null(Current(First));
        Assert.Equal(2, _asked);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void What_the_clock_answered_is_waited_with_where_other_processes_have_yet_to_hear_it(bool alone)
    {
        var times = new TenantTimes(new OneClock(this), _world, alone);

        _scheduler.Run(async () =>
        {
            await times.Heard(First, new(1, Day));
            return 0;
        });

        Assert.Equal(alone ? TimeSpan.Zero : Limits.ClockHeardAfter, _world.Elapsed);
    }

    private Tenant? Current(Tenant tenant) => _scheduler.Run(() => _times.Current(tenant).AsTask());

    private void Heard(ClockView view) => _scheduler.Run(async () =>
    {
        await _times.Heard(First, view);
        return 0;
    });

    private void Later(TimeSpan by) => _scheduler.Run(async () =>
    {
        await Task.Delay(by, _world);
        return 0;
    });

    private sealed class OneClock(TenantTimesTests test) : IEntities
    {
        public EntityRef<TCommand> Of<TCommand>(StreamId stream)
            where TCommand : class => new(stream, (_, envelope, _) =>
        {
            test._asked++;
            return Task.FromResult(envelope.Answered(Answer.Of(test._clock)));
        });
    }
}
