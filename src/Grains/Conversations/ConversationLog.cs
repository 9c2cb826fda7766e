using Agora.Core.Kernel;
using Agora.Journal;
using Agora.Journal.Personal;

namespace Agora.Grains.Conversations;

/// <summary>What was said, as the journal has it. It wakes no entity.</summary>
public sealed class ConversationLog(IJournal journal, PersonalKeys keys)
{
    /// <summary>Rows that are read at once.</summary>
    private const int Rows = 100;

    /// <summary>Rows that one page passes at most: then it ends, full or not.</summary>
    private const int MostRows = 1_000;

    /// <summary>Entries of a row, in their order.</summary>
    public ValueTask<IReadOnlyList<Entry>> Open(JournalRow row) => Entry.Open(row, keys);

    /// <summary>Those of the row that stands there; none: there is no such row.</summary>
    public async Task<IReadOnlyList<Entry>> Row(string stream, long seq, CancellationToken cancel) =>
        await journal.Read(stream, seq - 1, 1, cancel) is [var row] && row.Seq == seq ? await Open(row) : [];

    /// <summary>Entries behind a place that are wanted, in order. Null: nothing stands at that place.</summary>
    public async Task<EntryPage?> Read(StreamId conversation, EntryPlace after, Func<Entry, bool> isWanted, int limit, CancellationToken cancel)
    {
        var (stream, entries, next) = (conversation.ToString(), new List<Entry>(), after);
        for (var passed = 0; passed < MostRows;)
        {
            var rows = await journal.Read(stream, next.Seq - 1, Rows, cancel);
            if (after.Seq > 0 && passed == 0 && (rows.Count == 0 || rows[0].Seq != after.Seq)) return null;

            foreach (var row in rows)
            {
                foreach (var entry in (await Entry.Open(row, keys)).Where(entry => row.Seq > next.Seq || entry.Index >= next.Index))
                {
                    next = new(row.Seq, entry.Index + 1);
                    if (!isWanted(entry)) continue;

                    entries.Add(entry);
                    if (entries.Count == limit) return new(entries, next);
                }

                next = next.Seq == row.Seq ? next : new(row.Seq, 0);
            }

            passed += rows.Count;
            if (JournalPages.EndsWith(rows, Rows)) break;
        }

        return new(entries, next);
    }

    /// <summary>Null: it has no such entry. Numbers rise with the rows: the one that is wanted lies between two that were looked at.</summary>
    public async Task<Entry?> Find(StreamId conversation, long number, CancellationToken cancel)
    {
        var (stream, low, step) = (conversation.ToString(), 0L, 1L);
        for (var forward = true; step > 0;)
        {
            var first = await FirstFrom(stream, low + step, cancel);
            if (first is null || first.Number > number)
            {
                forward = false;
            }
            else
            {
                low = first.Seq;
            }

            step = forward ? step * 2 : step / 2;
        }

        foreach (var row in await journal.Read(stream, low - 1, Rows, cancel))
        {
            foreach (var entry in await Entry.Open(row, keys))
            {
                if (entry.Number == number) return entry;
            }
        }

        return null;
    }

    /// <summary>The first entry behind another that is wanted; null: there is none yet.</summary>
    public async Task<Entry?> Behind(StreamId conversation, long number, Func<Entry, bool> isWanted, CancellationToken cancel)
    {
        if (await Find(conversation, number, cancel) is not { } entry) return null;

        for (var place = new EntryPlace(entry.Seq, entry.Index + 1); ;)
        {
            var page = await Read(conversation, place, isWanted, 1, cancel);
            if (page is null) return null;
            if (page.Entries is [var found]) return found;
            if (page.Next == place) return null;

            place = page.Next;
        }
    }

    /// <summary>The first entry at a row or behind it; null: nothing follows within what one page reads.</summary>
    private async Task<Entry?> FirstFrom(string stream, long seq, CancellationToken cancel)
    {
        foreach (var row in await journal.Read(stream, seq - 1, Rows, cancel))
        {
            if (await Entry.Open(row, keys) is [var first, ..]) return first;
        }

        return null;
    }
}
