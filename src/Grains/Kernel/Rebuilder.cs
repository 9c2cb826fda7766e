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
    internal const int Page = 1_000;

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

    private Task<long> Rebuild(StreamId stream, CancellationToken cancel) => Manifest.Of(stream).Use(new Rebuild(journal, keys, stream, cancel));
}

/// <summary>One stream's rows, from its first event on.</summary>
file sealed class Rebuild(IJournal journal, PersonalKeys keys, StreamId stream, CancellationToken cancel) : IEntityUse<Task<long>>
{
    public async Task<long> Of<TState, TCommand, TEvent>(Entity<TState, TCommand, TEvent> entity)
        where TState : class
        where TCommand : class
        where TEvent : class
    {
        var (name, state) = (stream.ToString(), entity.Initial(stream));
        var (written, seq) = (0L, 0L);
        while (await journal.Read(name, seq, Rebuilder.Page, cancel) is { Count: > 0 } page)
        {
            foreach (var row in page)
            {
                var upserts = new List<OwnedUpsert>();
                OwnedUpsert Owned(Row r) => new(name, row.Seq, new(TableShapes.Of(r.Table), r.Values));
                foreach (var entry in RowCodec.Decode(row))
                {
                    string? made = null;
                    var at = Timestamps.FromMicros(entry.AtMicros);
                    for (var index = 0; index < entry.Events.Count; index++)
                    {
                        var @event = await keys.Open(entity.Events, name, entry, index);
                        state = entity.Evolve(state, @event, at);
                        made ??= entity.Made(@event);
                        upserts.AddRange(entity.Rows(state, @event, at).Select(Owned));
                    }

                    upserts.AddRange(Causes.Rows(stream.Tenant, entry, made).Select(Owned));
                }

                await journal.Write(upserts, cancel);
                (written, seq) = (written + upserts.Count, row.Seq);
            }
        }

        return written;
    }
}
