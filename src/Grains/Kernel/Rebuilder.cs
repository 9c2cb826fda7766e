using Agora.Core;
using Agora.Core.Kernel;
using Agora.Journal;
using Agora.Journal.Personal;

namespace Agora.Grains.Kernel;

/// <summary>
/// Recreates the query tables from the journal. They are projections: what comes out is equal to what was there, or what was
/// there was wrong. Runs while nothing else writes.
/// </summary>
public sealed class Rebuilder(IJournal journal, PersonalKeys keys)
{
    private const int Page = 1_000;
    private const int AtOnce = 2_000; // and what a page more says

    private readonly List<OwnedUpsert> _waiting = [];

    /// <returns>Streams read and rows written.</returns>
    public async Task<(long Streams, long Rows)> Run(CancellationToken cancel)
    {
        await journal.Clear([.. Manifest.Tables.Select(TableShapes.Of)], cancel);
        var (streams, rows) = (0L, 0L);
        string? after = null;
        while (await journal.Streams("", after, Page, cancel) is { Count: > 0 } page)
        {
            foreach (var name in page)
            {
                rows += await Named(StreamId.Parse(name), cancel);
                streams++;
            }

            after = page[^1];
        }

        await Write(cancel);
        return (streams, rows);
    }

    // A history that no decider would have written: one line for the operator has to say where.
    private async Task<long> Named(StreamId stream, CancellationToken cancel)
    {
        try
        {
            return await Rebuild(stream, cancel);
        }
        catch (Exception e) when (e is InvariantViolationException or UndecodableException or JournalCorruptException)
        {
            throw new JournalRefusedException($"stream {stream}: what its rows say cannot be ({e.Message}) Run verify-journal. The query tables are not whole until a rebuild succeeds.", e);
        }
    }

    private async Task<long> Rebuild(StreamId stream, CancellationToken cancel)
    {
        var (name, telling) = (stream.ToString(), StreamTelling.Of(stream, keys));
        var (written, seq) = (0L, 0L);
        while (await journal.Read(name, seq, Page, cancel) is { Count: > 0 } page)
        {
            foreach (var row in page)
            {
                var upserts = await telling.Take(row.Seq, RowCodec.Decode(row));
                _waiting.AddRange(upserts);
                (written, seq) = (written + upserts.Count, row.Seq);
            }

            if (_waiting.Count >= AtOnce)
            {
                await Write(cancel);
            }
        }

        return written;
    }

    private async Task Write(CancellationToken cancel)
    {
        await journal.Write(_waiting, cancel);
        _waiting.Clear();
    }
}
