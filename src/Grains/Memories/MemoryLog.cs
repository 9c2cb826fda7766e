using System.Runtime.CompilerServices;
using Agora.Core.Kernel;
using Agora.Core.Memories;
using Agora.Core.Users;
using Agora.Grains.Kernel;
using Agora.Journal;
using Agora.Journal.Personal;

namespace Agora.Grains.Memories;

/// <summary>What is remembered, as the journal has it. It wakes no entity.</summary>
public sealed class MemoryLog(IJournal journal, PersonalKeys keys)
{
    private const int Rows = 256;

    /// <summary>Events of the book behind a row, in order, a page of rows at a time.</summary>
    /// <param name="after">0: from the beginning.</param>
    public async IAsyncEnumerable<MemoryRow> Read(StreamId book, long after, [EnumeratorCancellation] CancellationToken cancel)
    {
        while (true)
        {
            var rows = await journal.Read(book.ToString(), after, Rows, cancel);
            foreach (var row in rows)
            {
                foreach (var happened in await Open(row)) yield return happened;
                after = row.Seq;
            }

            if (JournalPages.EndsWith(rows, Rows)) yield break;
        }
    }

    /// <summary>What a memory says by the row that stands there; null: the user's key is gone.</summary>
    public async Task<MemoryContent?> Content(StreamId book, long seq, Guid memoryId, CancellationToken cancel)
    {
        if (await journal.Read(book.ToString(), seq - 1, 1, cancel) is not [var row] || row.Seq != seq) return null;

        var (said, rows) = ((Personal?)null, await Open(row));
        foreach (var (_, _, happened) in rows)
        {
            said = happened switch
            {
                MemoryEvent.Kept e when e.MemoryId == memoryId => e.Content,
                MemoryEvent.Edited e when e.MemoryId == memoryId => e.Content,
                _ => said,
            };
        }

        return said?.Read<MemoryContent>();
    }

    /// <summary>The user was erased: of what was remembered nothing can be read any more.</summary>
    public async Task<bool> IsErased(Tenant tenant, string userId, CancellationToken cancel) => (await keys.Get(UserState.PersonalKeyOf(tenant.Name, userId), cancel)).Destroyed;

    private async Task<IReadOnlyList<MemoryRow>> Open(JournalRow row)
    {
        var events = new List<MemoryRow>();
        foreach (var written in RowCodec.Decode(row))
        {
            for (var index = 0; index < written.Events.Count; index++)
            {
                events.Add(new(row.Seq, Timestamps.FromMicros(written.AtMicros), await keys.Open(MemoryEntity.Entity.Events, row.Stream, written, index)));
            }
        }

        return events;
    }
}

/// <summary>Something that happened in a book, in the row of this number.</summary>
public readonly record struct MemoryRow(long Seq, DateTimeOffset At, MemoryEvent Happened);
