namespace Agora.Testing;

/// <summary>
/// Time that moves only when told. Timers fire on the thread that moves it, in order of due time, then of arming, each at its
/// own due time. Safe to arm from other threads, so that it also serves tests on the thread pool.
/// </summary>
public sealed class SimTimeProvider(DateTimeOffset start) : TimeProvider
{
    private readonly Lock _gate = new();
    private readonly PriorityQueue<(SimTimer Timer, long Arming), (long Due, long Arming)> _due = new();
    private long _now;
    private long _armings;

    public SimTimeProvider() : this(new DateTimeOffset(2030, 1, 1, 0, 0, 0, TimeSpan.Zero))
    {
    }

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    /// <summary>Time since the start.</summary>
    public TimeSpan Elapsed => new(GetTimestamp());

    /// <summary>When the next timer is due, as time since the start; null when none is armed.</summary>
    public TimeSpan? NextDue
    {
        get
        {
            lock (_gate)
                return NextArmed() ? new TimeSpan(_due.Peek().Timer.Due) : null;
        }
    }

    public override long GetTimestamp() => Interlocked.Read(ref _now);

    public override DateTimeOffset GetUtcNow() => start + Elapsed;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new SimTimer(this, callback, state);
        timer.Change(dueTime, period);
        return timer;
    }

    public void Advance(TimeSpan by) => AdvanceTo(Elapsed + by);

    public void AdvanceTo(TimeSpan elapsed)
    {
        while (TakeDue(elapsed.Ticks) is { } timer)
            timer.Fire();
        Interlocked.Exchange(ref _now, Math.Max(GetTimestamp(), elapsed.Ticks));
    }

    private SimTimer? TakeDue(long until)
    {
        lock (_gate)
        {
            if (!NextArmed() || _due.Peek().Timer.Due > until)
                return null;
            var timer = _due.Dequeue().Timer;
            Interlocked.Exchange(ref _now, Math.Max(_now, timer.Due));
            timer.Rearm();
            return timer;
        }
    }

    /// <summary>Drops what was armed differently since, so that the head of the queue is a timer that will fire.</summary>
    private bool NextArmed()
    {
        while (_due.TryPeek(out var head, out _))
        {
            if (head.Timer.Arming == head.Arming)
                return true;
            _due.Dequeue();
        }
        return false;
    }

    private sealed class SimTimer(SimTimeProvider time, TimerCallback callback, object? state) : ITimer
    {
        private TimeSpan _period = Timeout.InfiniteTimeSpan;

        internal long Due { get; private set; }

        internal long Arming { get; private set; }

        public bool Change(TimeSpan dueTime, TimeSpan newPeriod)
        {
            lock (time._gate)
            {
                _period = newPeriod;
                Arm(dueTime);
                return true;
            }
        }

        public void Dispose() => Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }

        internal void Fire() => callback(state);

        internal void Rearm() => Arm(_period > TimeSpan.Zero ? _period : Timeout.InfiniteTimeSpan);

        private void Arm(TimeSpan dueTime)
        {
            Arming = ++time._armings;
            if (dueTime == Timeout.InfiniteTimeSpan)
                return;
            Due = time._now + dueTime.Ticks;
            time._due.Enqueue((this, Arming), (Due, Arming));
        }
    }
}
