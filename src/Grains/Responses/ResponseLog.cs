using Agora.Core.Kernel;
using Agora.Core.Responses;
using Agora.Grains.Kernel;
using Agora.Journal;
using Agora.Journal.Personal;

namespace Agora.Grains.Responses;

/// <summary>What was asked and said, as the journal has it. It wakes no entity.</summary>
public sealed class ResponseLog(IJournal journal, PersonalKeys keys)
{
    private const int Rows = 256;

    /// <summary>Events of the stream behind a row, in order.</summary>
    /// <param name="after">0: from the beginning.</param>
    public async Task<IReadOnlyList<ResponseRow>> Read(StreamId response, long after, CancellationToken cancel)
    {
        var (stream, events) = (response.ToString(), new List<ResponseRow>());
        while (true)
        {
            var rows = await journal.Read(stream, after, Rows, cancel);
            foreach (var row in rows)
            {
                foreach (var written in RowCodec.Decode(row))
                {
                    for (var index = 0; index < written.Events.Count; index++)
                    {
                        events.Add(new(row.Seq, await keys.Open(ResponseEntity.Entity.Events, row.Stream, written, index)));
                    }
                }

                after = row.Seq;
            }

            if (JournalPages.EndsWith(rows, Rows)) return events;
        }
    }
}

/// <summary>Something that happened to a reply, in the row of this number.</summary>
public sealed record ResponseRow(long Seq, ResponseEvent Happened);
