namespace Agora.Journal;

/// <summary>Does something again and again, so long after it was done. While the store is away it is not done, and the next turn does it.</summary>
internal sealed class Background : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _run;
    private int _isDisposed;

    public Background(TimeSpan pace, TimeProvider time, Func<CancellationToken, Task> act) => _run = Task.Run(() => Run(pace, time, act));

    /// <summary>More than once, too.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _isDisposed, 1) == 1) return;

        await _stop.TellAsync();
        await _run;
        _stop.Dispose();
    }

    private async Task Run(TimeSpan pace, TimeProvider time, Func<CancellationToken, Task> act)
    {
        try
        {
            while (true)
            {
                await Task.Delay(pace, time, _stop.Token);
                try
                {
                    await act(_stop.Token);
                }
                catch (Exception e) when (e is JournalUnavailableException or JournalUnknownException)
                {
                    // Who reads or writes is told.
                }
            }
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            // What is left to do stays for the next start.
        }
    }
}
