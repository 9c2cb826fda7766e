namespace Agora.Operator.Tests;

/// <summary>The system's time, which can be moved on; timers ring by the system's.</summary>
internal sealed class MovedClock : TimeProvider
{
    private long _ticks;

    /// <summary>While it is true a timer that begins never fires, so nothing times out.</summary>
    public bool HoldsTimers { get; set; }

    public void Move(TimeSpan by) => Interlocked.Add(ref _ticks, by.Ticks);

    public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + Moved;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) => base.CreateTimer(callback, state, HoldsTimers ? Timeout.InfiniteTimeSpan : dueTime, period);

    public override long GetTimestamp() => base.GetTimestamp() + (long)(Moved.TotalSeconds * TimestampFrequency);

    private TimeSpan Moved => new(Interlocked.Read(ref _ticks));
}
