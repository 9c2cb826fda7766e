using Npgsql;

namespace Agora.Journal.Postgres;

/// <summary>
/// Brings what waits to the sums by the day (<c>runs_days_add</c>), in the background. Nobody waits for it: whoever asks adds what waits to what stands. Each
/// process does it; one at a time has something to do.
/// </summary>
internal sealed class PostgresSums : IAsyncDisposable
{
    /// <summary>Bounds what one statement holds up, and what whoever asks has to read.</summary>
    public const int AtOnce = 50_000;

    private static readonly TimeSpan Pace = TimeSpan.FromSeconds(5);

    private readonly Func<CancellationToken, Task<long>> _add;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _run;
    private int _isDisposed;

    /// <param name="add">Adds up to <see cref="AtOnce"/> rows, and says how many.</param>
    public PostgresSums(Func<CancellationToken, Task<long>> add)
    {
        _add = add;
        _run = Task.Run(Run);
    }

    public static NpgsqlCommand Add(NpgsqlConnection connection) => new("SELECT runs_days_add($1)", connection) { Parameters = { PostgresColumns.Number(AtOnce) } };

    /// <summary>More than once, too.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _isDisposed, 1) == 1) return;

        await _stop.CancelAsync();
        await _run;
        _stop.Dispose();
    }

    private async Task Run()
    {
        try
        {
            while (true)
            {
                await Task.Delay(Pace, _stop.Token);
                try
                {
                    while (await _add(_stop.Token) == AtOnce)
                    {
                    }
                }
                catch (JournalUnavailableException)
                {
                    // What waits still waits, and is read all the same: the next turn adds it.
                }
            }
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            // What waits stays for the next start.
        }
    }
}
