using Agora.Core.Kernel;
using Agora.Journal;
using Agora.Journal.Personal;

namespace Agora.Grains.Kernel;

/// <summary>What happened in a stream, as the journal has it, with its personal parts. It wakes no entity.</summary>
public sealed class PersonalLog(IJournal journal, PersonalKeys keys)
{
    private const int Rows = 256;

    /// <summary>Events of the stream behind a row, in order.</summary>
    /// <param name="after">0: from the beginning.</param>
    public async Task<IReadOnlyList<Logged<TEvent>>> Read<TState, TCommand, TEvent>(Entity<TState, TCommand, TEvent> entity, StreamId stream, long after, CancellationToken cancel)
        where TState : class
        where TCommand : class
        where TEvent : class
    {
        var (name, events) = (stream.ToString(), new List<Logged<TEvent>>());
        while (true)
        {
            var rows = await journal.Read(name, after, Rows, cancel);
            foreach (var row in rows)
            {
                foreach (var written in RowCodec.Decode(row))
                {
                    for (var index = 0; index < written.Events.Count; index++)
                    {
                        events.Add(new(row.Seq, Timestamps.FromMicros(written.AtMicros), await keys.Open(entity.Events, row.Stream, written, index)));
                    }
                }

                after = row.Seq;
            }

            if (JournalPages.EndsWith(rows, Rows)) return events;
        }
    }
}

/// <param name="Seq">The row in which it stands.</param>
public sealed record Logged<TEvent>(long Seq, DateTimeOffset At, TEvent Happened);
