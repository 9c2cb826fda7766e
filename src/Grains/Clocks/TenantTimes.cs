using System.Collections.Concurrent;
using Agora.Contracts;
using Agora.Core.Clocks;
using Agora.Core.Kernel;

namespace Agora.Grains.Clocks;

/// <summary>
/// What time it is in each tenant, as this process knows. Of a live one that is the world's time, and nothing is looked up. Of one for tests it is what its clock says, which is asked again
/// each <see cref="Limits.ClockFresh"/>: whoever decides something there looks first (<see cref="TenantTime.Look"/>), so that no process goes on at a time that another has left behind.
/// </summary>
/// <param name="alone">No other process decides anything: what this one hears of a clock holds at once.</param>
/// <param name="newId">Of what is asked; null: random ones.</param>
public sealed class TenantTimes(IEntities entities, TimeProvider world, bool alone, Func<Guid>? newId = null)
{
    private readonly Func<Guid> _newId = newId ?? (() => Guid.CreateVersion7(world.GetUtcNow()));
    private readonly ConcurrentDictionary<string, KnownClock> _clocks = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, TenantTime> _times = new(StringComparer.Ordinal);

    public TimeProvider World => world;

    public TimeProvider Of(Tenant tenant) => Clocked(tenant) ?? world;

    public DateTimeOffset Now(Tenant tenant) => Of(tenant).GetUtcNow();

    /// <returns>Null: its time is the world's.</returns>
    public TenantTime? Clocked(Tenant tenant) => tenant.HasClock ? _times.GetOrAdd(tenant.Name, static (_, made) => new(made.Clock, made.Generation), (Clock: ClockOf(tenant), Generation: tenant.Generation!.Value)) : null;

    /// <summary>The tenant that a credential is of: where a setting names the one for tests, its generation of now.</summary>
    /// <returns>Null: it is of a generation that is over.</returns>
    /// <exception cref="OperatingException">Its clock is out of reach.</exception>
    public async ValueTask<Tenant?> Current(Tenant tenant)
    {
        if (!tenant.IsTest) return tenant;

        var clock = ClockOf(tenant);
        if (!clock.IsFresh)
        {
            await clock.Look();
        }

        var generation = clock.View!.Generation;
        return tenant.Generation == 0 ? tenant.Of(generation) : tenant.Generation == generation ? tenant : null;
    }

    /// <summary>What the clock has just answered. Completes when every process goes by it.</summary>
    public async Task Heard(Tenant tenant, ClockView view)
    {
        var clock = ClockOf(tenant);
        clock.Heard(view, world.GetTimestamp());
        if (!alone)
        {
            await Task.Delay(Limits.ClockHeardAfter, world);
        }
    }

    private KnownClock ClockOf(Tenant tenant) => _clocks.GetOrAdd(tenant.Live, static (_, made) => new(made.Clock, made.World, made.NewId), (Clock: entities.In(tenant).Clock, World: world, NewId: _newId));
}

/// <summary>A clock as it was last read.</summary>
internal sealed class KnownClock(EntityRef<ClockCommand> clock, TimeProvider world, Func<Guid> newId)
{
    private readonly Lock _gate = new();
    private Task? _asked;
    private Reading? _last;

    public TimeProvider World => world;

    /// <summary>Null: it was never read.</summary>
    public ClockView? View => Volatile.Read(ref _last)?.View;

    public bool IsFresh => Volatile.Read(ref _last) is { } last && world.GetElapsedTime(last.ReadAt) < Limits.ClockFresh;

    /// <summary>Whoever looks at the same time waits for the same answer.</summary>
    public Task Look()
    {
        lock (_gate)
        {
            return _asked is { IsCompleted: false } ? _asked : _asked = Ask();
        }
    }

    /// <summary>
    /// A clock never goes back, so an answer that was overtaken does not say what it is. That nothing else was known when it was asked it says all the same, so what is known holds as of then.
    /// Without that, whoever looks while a superseded activation still answers would look again without end.
    /// </summary>
    public void Heard(ClockView view, long readAt)
    {
        lock (_gate)
        {
            Volatile.Write(ref _last, _last is { } last ? new(last.View.IsLaterThan(view) ? last.View : view, Math.Max(last.ReadAt, readAt)) : new(view, readAt));
        }
    }

    private async Task Ask()
    {
        var readAt = world.GetTimestamp();
        var answer = await clock.Send(new ClockCommand.Get(), new(newId(), IsStep: true));
        Heard((ClockView)answer.Reply!, readAt);
    }

    private sealed record Reading(ClockView View, long ReadAt);
}

/// <summary>The time of one generation of a tenant for tests: the world's, and so much later. Timers and time that passes are the world's.</summary>
public sealed class TenantTime : TimeProvider
{
    private readonly KnownClock _clock;
    private readonly int _generation;

    internal TenantTime(KnownClock clock, int generation) => (_clock, _generation) = (clock, generation);

    /// <summary>Nothing is decided by it before it was looked at.</summary>
    public bool IsFresh => _clock.IsFresh;

    /// <summary>The tenant was reset.</summary>
    public bool IsOver => _clock.View is { } view && view.Generation > _generation;

    public TimeSpan Ahead => _clock.View is { } view && view.Generation == _generation ? view.Offset : TimeSpan.Zero;

    public TimeProvider World => _clock.World;

    public override long TimestampFrequency => World.TimestampFrequency;

    public override TimeZoneInfo LocalTimeZone => World.LocalTimeZone;

    /// <exception cref="OperatingException">The clock is out of reach.</exception>
    public Task Look() => _clock.Look();

    public override DateTimeOffset GetUtcNow() => World.GetUtcNow() + Ahead;

    public override long GetTimestamp() => World.GetTimestamp();

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) => World.CreateTimer(callback, state, dueTime, period);
}
