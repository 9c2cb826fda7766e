using Agora.Core;
using Agora.Core.Kernel;
using Agora.Journal;
using Agora.Journal.Personal;

namespace Agora.Grains.Kernel;

/// <summary>One stream told again from its rows, the first one first: its events, its state, and the rows of query tables that follow. Nothing of a live activation is in it.</summary>
public abstract class StreamTelling
{
    public static StreamTelling Of(StreamId stream, PersonalKeys keys) => Manifest.Of(stream).Use(new Beginning(stream, keys));

    /// <param name="seq">Of the row that holds these entries.</param>
    /// <param name="told">Each event, opened, before the state follows it.</param>
    /// <returns>Rows of query tables, in their order; of several of one key the last stands.</returns>
    /// <exception cref="UndecodableException">An event does not decode.</exception>
    /// <exception cref="InvariantViolationException">No decider would have written this.</exception>
    public abstract ValueTask<List<OwnedUpsert>> Take(long seq, IReadOnlyList<JournalEntry> entries, Action<JournalEntry, object>? told = null);

    /// <summary>The events alone, of rows that no state follows.</summary>
    /// <exception cref="UndecodableException">An event does not decode.</exception>
    public abstract ValueTask Tell(IReadOnlyList<JournalEntry> entries, Action<JournalEntry, object> told);

    /// <exception cref="InvariantViolationException">The state that the rows so far come to breaks one.</exception>
    public abstract void CheckInvariants();

    private sealed class Beginning(StreamId stream, PersonalKeys keys) : IEntityUse<StreamTelling>
    {
        public StreamTelling Of<TState, TCommand, TEvent>(Entity<TState, TCommand, TEvent> entity)
            where TState : class
            where TCommand : class
            where TEvent : class => new Telling<TState, TCommand, TEvent>(entity, stream, keys);
    }

    private sealed class Telling<TState, TCommand, TEvent>(Entity<TState, TCommand, TEvent> entity, StreamId stream, PersonalKeys keys) : StreamTelling
        where TState : class
        where TCommand : class
        where TEvent : class
    {
        private readonly string _name = stream.ToString();
        private TState _state = entity.Initial(stream);

        public override async ValueTask<List<OwnedUpsert>> Take(long seq, IReadOnlyList<JournalEntry> entries, Action<JournalEntry, object>? told)
        {
            var upserts = new List<OwnedUpsert>();
            OwnedUpsert Owned(Row r) => new(_name, seq, new(TableShapes.Of(r.Table), r.Values));
            foreach (var entry in entries)
            {
                string? made = null;
                var at = Timestamps.FromMicros(entry.AtMicros);
                for (var index = 0; index < entry.Events.Count; index++)
                {
                    var @event = await keys.Open(entity.Events, _name, entry, index);
                    told?.Invoke(entry, @event);
                    _state = entity.Evolve(_state, @event, at);
                    made ??= entity.Made(@event);
                    upserts.AddRange(entity.Rows(_state, @event, at).Select(Owned));
                }

                upserts.AddRange(Causes.Rows(stream.Tenant, entry, made).Select(Owned));
            }

            return upserts;
        }

        public override async ValueTask Tell(IReadOnlyList<JournalEntry> entries, Action<JournalEntry, object> told)
        {
            foreach (var entry in entries)
            {
                for (var index = 0; index < entry.Events.Count; index++) told(entry, await keys.Open(entity.Events, _name, entry, index));
            }
        }

        public override void CheckInvariants() => entity.CheckInvariants(_state, thorough: true);
    }
}
