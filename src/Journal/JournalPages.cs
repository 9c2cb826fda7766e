using System.Runtime.CompilerServices;

namespace Agora.Journal;

/// <summary>How much of a stream is read at once. A row may be large, and hundreds of them at once would be more than there is memory.</summary>
public static class JournalPages
{
    /// <summary>No row is read after those before it have come to so many bytes.</summary>
    public const int MaxBytes = 1 << 20;

    /// <summary>A stream's rows from its beginning, up to the first that cannot be read.</summary>
    /// <param name="limit">Rows at once; behind a page in which one cannot be read it goes on row by row, so that the exception names that one, after all before it.</param>
    /// <exception cref="JournalCorruptException">A row cannot be read; those behind it are not read.</exception>
    public static async IAsyncEnumerable<JournalRow> Rows(IJournal journal, string stream, int limit, [EnumeratorCancellation] CancellationToken cancel)
    {
        for (var seq = 0L; ;)
        {
            IReadOnlyList<JournalRow> page;
            try
            {
                page = await journal.Read(stream, seq, limit, cancel);
            }
            catch (JournalCorruptException) when (limit > 1)
            {
                limit = 1;
                continue;
            }

            foreach (var row in page) yield return row;
            if (EndsWith(page, limit)) break;
            seq = page[^1].Seq;
        }
    }

    /// <summary>Fewer rows than were asked for, in fewer bytes than fill a page: nothing follows them.</summary>
    public static bool EndsWith(IReadOnlyList<JournalRow> rows, int limit) => rows.Count < limit && rows.Sum(static row => (long)row.Body.Length) < MaxBytes;
}
