namespace Agora.Operator.Tests;

/// <summary>The system's time, which can be moved on; timers ring by the system's.</summary>
internal sealed class MovedClock : TimeProvider
{
    private long _ticks;

    public void Move(TimeSpan by) => Interlocked.Add(ref _ticks, by.Ticks);

    public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + Moved;

    public override long GetTimestamp() => base.GetTimestamp() + (long)(Moved.TotalSeconds * TimestampFrequency);

    private TimeSpan Moved => new(Interlocked.Read(ref _ticks));
}
