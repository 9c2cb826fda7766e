namespace Agora.Journal;

/// <summary>Archives streams, from their first row on, in packs of a page each. It may end anywhere: who comes next goes on behind the last pack.</summary>
public sealed class Archivist(IJournal journal)
{
    // Enough that they compress each other, and few enough that who reads one row of many streams in turns does not open a megabyte for each.
    private const int Page = 100;

    /// <summary>Archives those of the streams whose last row is from before, and which have no alarm.</summary>
    /// <returns>Streams of which rows were archived, these, and streams with a row that cannot be read: what is left of them stays as it is, and holds up no other.</returns>
    public async Task<(int Streams, long Rows, int Broken)> Archive(IReadOnlyList<string> streams, long beforeMicros, CancellationToken cancel)
    {
        var (archived, rows, broken) = (0, 0L, 0);
        foreach (var left in await journal.Unarchived(streams, cancel))
        {
            try
            {
                var before = rows;
                rows += await IsOlder(left, beforeMicros, cancel) ? await Archive(left, cancel) : 0;
                archived += rows > before ? 1 : 0;
            }
            catch (JournalCorruptException)
            {
                broken++;
            }
        }

        return (archived, rows, broken);
    }

    // The times of a stream never fall.
    private async Task<bool> IsOlder(UnarchivedRows left, long beforeMicros, CancellationToken cancel) =>
        await journal.Read(left.Stream, left.Last - 1, 1, cancel) is [var last] && RowCodec.Decode(last)[^1].AtMicros < beforeMicros;

    private async Task<long> Archive(UnarchivedRows left, CancellationToken cancel)
    {
        var next = left.First;
        while (next <= left.Last)
        {
            var page = await journal.Read(left.Stream, next - 1, (int)Math.Min(Page, left.Last - next + 1), cancel);
            if (page.FirstOrDefault(static row => row.Body.IsEmpty) is { } empty)
            {
                throw new JournalCorruptException(left.Stream, empty.Seq, "its body is in no pack");
            }

            var pack = RowPack.Of(page);
            if (!pack.Open().Zip(page).All(static pair => pair.First.Span.SequenceEqual(pair.Second.Body.Span)))
            {
                throw new InvalidOperationException($"a pack of {left.Stream} does not open to what it was made of");
            }

            if (!await journal.Archive(pack, cancel)) break;
            next = pack.Last + 1;
        }

        return next - left.First;
    }
}
