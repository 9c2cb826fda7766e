namespace Agora.Api.Tests.Support;

/// <summary>The system's time, which can be moved on; timers ring by the system's.</summary>
internal sealed class MovedTime : TimeProvider
{
    private long _ticks;

    public void Move(TimeSpan by) => Interlocked.Add(ref _ticks, by.Ticks);

    public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + new TimeSpan(Interlocked.Read(ref _ticks));
}
