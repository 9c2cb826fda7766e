namespace Agora.Api.Tests.Support;

/// <summary>Real time, of which more passes than did: the clock stands as it is.</summary>
internal sealed class MovedTimestamps : TimeProvider
{
    private long _moved;

    public void Move(TimeSpan by) => Interlocked.Add(ref _moved, (long)(by.TotalSeconds * TimestampFrequency));

    public override long GetTimestamp() => base.GetTimestamp() + Interlocked.Read(ref _moved);
}
