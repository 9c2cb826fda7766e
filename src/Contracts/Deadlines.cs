namespace Agora.Contracts;

/// <summary>
/// Ends of waits. Those of one length that begin within a <see cref="Tick"/> end together, by one timer. Nearly all waits are over long before their end, and a timer for each would be
/// made, queued and removed for nothing.
/// </summary>
internal sealed class Deadlines(TimeProvider time)
{
    public static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(100);

    private const int LengthsKept = 64;
    private readonly Remembered<TimeSpan, Shared> _current = new(LengthsKept);

    /// <returns>Cancelled when <paramref name="length"/> is over, and at most a <see cref="Tick"/> later.</returns>
    public CancellationToken After(TimeSpan length)
    {
        if (_current.Of(length) is { } current && time.GetElapsedTime(current.Began) < Tick) return current.End;

        return _current.Keep(length, new(time.GetTimestamp(), new CancellationTokenSource(length + Tick, time).Token)).End;
    }

    private sealed record Shared(long Began, CancellationToken End);
}
