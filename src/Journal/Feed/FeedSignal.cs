namespace Agora.Journal.Feed;

/// <summary>Wakes all who wait. Who takes <see cref="Next"/> before looking misses nothing that was raised while it looked. Safe from any thread.</summary>
internal sealed class FeedSignal
{
    private TaskCompletionSource _next = New();

    public Task Next => Volatile.Read(ref _next).Task;

    public void Raise() => Interlocked.Exchange(ref _next, New()).TrySetResult();

    // Who is woken goes on elsewhere: whoever appended is not to wait for it.
    private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
