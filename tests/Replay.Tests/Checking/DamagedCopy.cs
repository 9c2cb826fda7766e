using Agora.Core;
using Agora.Core.Kernel;
using Agora.Grains.Kernel;
using Agora.Journal;
using Agora.Journal.Memory;
using Agora.Journal.Personal;

namespace Agora.Replay.Tests.Checking;

/// <summary>A copy of a journal in which something is other than the product wrote it. Its rows are chained anew, so that nothing but what was changed is wrong.</summary>
/// <param name="isChained">False: each row keeps the hash that it had.</param>
internal sealed class DamagedCopy(IJournal original, MemoryJournal copy, PersonalKeys keys, bool isChained = true)
{
    public MemoryJournal Journal => copy;

    /// <param name="instead">Of each event: what stands in its place; itself, another, several, or none.</param>
    public async Task Rows(Func<StreamId, object, IEnumerable<object>> instead)
    {
        foreach (var name in await original.Streams("", null, 1_000, default))
        {
            var (stream, head) = (StreamId.Parse(name), StreamHead.Empty);
            foreach (var row in await original.Read(name, 0, 1_000, default))
            {
                var entries = new List<JournalEntry>();
                foreach (var entry in RowCodec.Decode(row))
                {
                    entries.Add(entry with { Events = await Events(stream, entry, instead) });
                }

                var next = RowCodec.Next(name, head, entries);
                next = isChained ? next : next with { Hash = row.Hash };
                await copy.Append([new(name, head, next, 0, [], [], null)], false, default);
                head = new(next.Seq, next.Hash);
            }
        }
    }

    /// <summary>As they stood in the original.</summary>
    /// <param name="instead">Of each row: what stands in its place.</param>
    public async Task Tables(Func<string, TableRow, IEnumerable<TableRow>>? instead = null)
    {
        foreach (var shape in Manifest.Tables.Select(TableShapes.Of))
        {
            foreach (var row in (await original.Query(new(shape, [], [], 0, 10_000), default)).Rows)
            {
                foreach (var other in instead?.Invoke(shape.Name, row) ?? [row])
                {
                    await copy.Write([new(other.Stream, other.Seq, new(shape, other.Values))], default);
                }
            }
        }
    }

    private async Task<IReadOnlyList<StoredEvent>> Events(StreamId stream, JournalEntry entry, Func<StreamId, object, IEnumerable<object>> instead)
    {
        var all = new List<StoredEvent>();
        for (var index = 0; index < entry.Events.Count; index++)
        {
            var stored = entry.Events[index];
            if (stored.KeyId is { } key)
            {
                await copy.PutKey(key, (await original.LoadKey(key, default))!.Value, default);
            }

            all.AddRange(await Manifest.Of(stream).Use(new Edit(stream, entry, index, instead, keys)));
        }

        return all;
    }

    private sealed class Edit(StreamId stream, JournalEntry entry, int index, Func<StreamId, object, IEnumerable<object>> instead, PersonalKeys keys) : IEntityUse<Task<List<StoredEvent>>>
    {
        public async Task<List<StoredEvent>> Of<TState, TCommand, TEvent>(Entity<TState, TCommand, TEvent> entity)
            where TState : class
            where TCommand : class
            where TEvent : class
        {
            var (stored, happened) = (entry.Events[index], (object)await keys.Open(entity.Events, stream.ToString(), entry, index));
            return [.. instead(stream, happened).Select(other => ReferenceEquals(other, happened) ? stored : Encoded(entity.Events.Encode((TEvent)other), stored))];
        }

        private static StoredEvent Encoded(EncodedCase other, StoredEvent stored) =>
            new(other.Name, other.Version, other.Payload, other.Personal is null ? null : stored.KeyId, other.Personal is null ? default : stored.Sealed);
    }
}
