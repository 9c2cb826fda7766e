namespace Agora.Journal.Sqlite;

/// <summary>
/// Brings what waits to its place, in the background and for whoever asks. Many rows at a time, sorted, so that a page is written once for all that it takes; in
/// short transactions, so that appends in between wait for some milliseconds only.
/// </summary>
internal sealed class DeferredIndexer : IAsyncDisposable
{
    private const int MaxRows = 16_384, RowsAtOnce = 500, PlacesAtOnce = 250;
    private static readonly TimeSpan Pace = TimeSpan.FromSeconds(2);

    private readonly SqliteQueue _reads;
    private readonly SqliteQueue _writes;
    private readonly SemaphoreSlim _one = new(1);
    private readonly Background _background;

    public DeferredIndexer(SqliteQueue reads, SqliteQueue writes, TimeProvider time)
    {
        (_reads, _writes) = (reads, writes);
        _background = new(Pace, time, CatchUp);
    }

    /// <summary>Done when all that was appended to the table before is in its place.</summary>
    public async Task CatchUp(DeferredIndex index, CancellationToken cancel)
    {
        await _one.WaitAsync(cancel);
        try
        {
            while (true)
            {
                var waiting = await _reads.Add(session => index.Pending(session, MaxRows, RowsAtOnce), cancel);
                if (waiting.Rows == 0) return;
                foreach (var some in waiting.Places.Chunk(PlacesAtOnce)) await _writes.Add(session => index.Put(session, some), cancel);
                foreach (var upto in waiting.Steps) await _writes.Add(session => index.Finish(session, upto), cancel);
                if (waiting.Rows < MaxRows) return;
            }
        }
        finally
        {
            _one.Release();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _background.DisposeAsync();
        _one.Dispose();
    }

    private async Task CatchUp(CancellationToken cancel)
    {
        foreach (var index in DeferredIndex.All) await CatchUp(index, cancel);
    }
}
