using System.Runtime.CompilerServices;
using Agora.Core.Kernel;
using Agora.Journal;
using Agora.Journal.Personal;

namespace Agora.Grains.Kernel;

/// <summary>What happened in a stream, as the journal has it, with its personal parts. It wakes no entity.</summary>
public sealed class PersonalLog(IJournal journal, PersonalKeys keys)
{
    private const int Rows = 256;

    /// <summary>Whoever reads a stream from its beginning has all of it in the memory before anybody knows how much that is: so few are read at once.</summary>
    private readonly SemaphoreSlim _whole = new(Limits.ModelRepliesRead);

    /// <summary>All events of the stream, in order.</summary>
    public async Task<IReadOnlyList<Logged<TEvent>>> Whole<TState, TCommand, TEvent>(Entity<TState, TCommand, TEvent> entity, StreamId stream, CancellationToken cancel)
        where TState : class
        where TCommand : class
        where TEvent : class
    {
        await _whole.WaitAsync(cancel);
        try
        {
            return await Read(entity, stream, 0, cancel);
        }
        finally
        {
            _whole.Release();
        }
    }

    /// <summary>Events of the stream behind a row, in order: of whoever was told what stands before.</summary>
    /// <param name="after">0: from the beginning.</param>
    public async Task<IReadOnlyList<Logged<TEvent>>> Read<TState, TCommand, TEvent>(Entity<TState, TCommand, TEvent> entity, StreamId stream, long after, CancellationToken cancel)
        where TState : class
        where TCommand : class
        where TEvent : class
    {
        var events = new List<Logged<TEvent>>();
        await foreach (var happened in Pages(entity, stream, after, cancel)) events.Add(happened);
        return events;
    }

    /// <summary>The same, a page of rows at a time.</summary>
    public async IAsyncEnumerable<Logged<TEvent>> Pages<TState, TCommand, TEvent>(Entity<TState, TCommand, TEvent> entity, StreamId stream, long after, [EnumeratorCancellation] CancellationToken cancel)
        where TState : class
        where TCommand : class
        where TEvent : class
    {
        while (true)
        {
            var rows = await journal.Read(stream.ToString(), after, Rows, cancel);
            foreach (var row in rows)
            {
                foreach (var happened in await Open(entity, row)) yield return happened;
                after = row.Seq;
            }

            if (JournalPages.EndsWith(rows, Rows)) yield break;
        }
    }

    /// <summary>Events of its first row, which tell what it is, however long it has become; none: there is no such stream.</summary>
    public async Task<IReadOnlyList<Logged<TEvent>>> Beginning<TState, TCommand, TEvent>(Entity<TState, TCommand, TEvent> entity, StreamId stream, CancellationToken cancel)
        where TState : class
        where TCommand : class
        where TEvent : class
        => await journal.Read(stream.ToString(), 0, 1, cancel) is [var row] ? await Open(entity, row) : [];

    /// <summary>Events of the row that stands there; none: there is no such row.</summary>
    public async Task<IReadOnlyList<Logged<TEvent>>> Row<TState, TCommand, TEvent>(Entity<TState, TCommand, TEvent> entity, StreamId stream, long seq, CancellationToken cancel)
        where TState : class
        where TCommand : class
        where TEvent : class
        => await journal.Read(stream.ToString(), seq - 1, 1, cancel) is [var row] && row.Seq == seq ? await Open(entity, row) : [];

    /// <summary>What was sealed with this key cannot be read any more.</summary>
    public async Task<bool> IsErased(string personalKey, CancellationToken cancel) => (await keys.Get(personalKey, cancel)).Destroyed;

    private async Task<IReadOnlyList<Logged<TEvent>>> Open<TState, TCommand, TEvent>(Entity<TState, TCommand, TEvent> entity, JournalRow row)
        where TState : class
        where TCommand : class
        where TEvent : class
    {
        var events = new List<Logged<TEvent>>();
        foreach (var written in RowCodec.Decode(row))
        {
            for (var index = 0; index < written.Events.Count; index++)
            {
                events.Add(new(row.Seq, Timestamps.FromMicros(written.AtMicros), await keys.Open(entity.Events, row.Stream, written, index)));
            }
        }

        return events;
    }
}

/// <param name="Seq">The row in which it stands.</param>
public sealed record Logged<TEvent>(long Seq, DateTimeOffset At, TEvent Happened);
