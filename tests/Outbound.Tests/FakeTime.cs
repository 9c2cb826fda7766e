namespace Agora.Outbound.Tests;

/// <summary>
/// Time that moves only when told. <see cref="Advance"/> fires what has become due; <see cref="AutoAdvance"/> also jumps to each
/// new timer of at most that length, so that pauses between attempts need nobody to wait for them.
/// </summary>
internal sealed class FakeTime : TimeProvider
{
    private readonly Lock _gate = new();
    private readonly List<Timer> _timers = [];
    private long _ticks;

    public TimeSpan AutoAdvance { get; init; } = TimeSpan.Zero;

    /// <summary>How much later than asked for such a timer fires, as on a machine that was asleep.</summary>
    public TimeSpan Lateness { get; init; } = TimeSpan.Zero;

    public TimeSpan Elapsed => new(Volatile.Read(ref _ticks));

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override long GetTimestamp() => Volatile.Read(ref _ticks);

    public override DateTimeOffset GetUtcNow() => DateTimeOffset.UnixEpoch.AddTicks(GetTimestamp());

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new Timer(this, callback, state);
        timer.Change(dueTime, period);
        if (dueTime > TimeSpan.Zero && dueTime <= AutoAdvance)
            Advance(dueTime + Lateness);
        return timer;
    }

    public void Advance(TimeSpan by)
    {
        List<Timer> due;
        lock (_gate)
        {
            _ticks += by.Ticks;
            due = _timers.FindAll(timer => timer.Due <= _ticks);
            _timers.RemoveAll(due.Contains);
        }
        foreach (var timer in due)
            timer.Fire();
    }

    private sealed class Timer(FakeTime owner, TimerCallback callback, object? state) : ITimer
    {
        public long Due { get; private set; }

        public void Fire() => callback(state);

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            if (period != Timeout.InfiniteTimeSpan && period != TimeSpan.Zero)
                throw new NotSupportedException("Only one-shot timers are used here.");
            lock (owner._gate)
            {
                owner._timers.Remove(this);
                if (dueTime == Timeout.InfiniteTimeSpan)
                    return true;
                Due = owner._ticks + dueTime.Ticks;
                if (dueTime > TimeSpan.Zero)
                    owner._timers.Add(this);
            }
            if (dueTime == TimeSpan.Zero)
                Fire();
            return true;
        }

        public void Dispose()
        {
            lock (owner._gate)
                owner._timers.Remove(this);
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
