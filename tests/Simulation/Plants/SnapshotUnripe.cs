using Agora.Core.Kernel;
using Agora.Grains.Kernel;
using Agora.Journal;
using Agora.Journal.Personal;
using Agora.Simulation.Cluster;
using Agora.Testing;

namespace Agora.Simulation.Plants;

/// <summary>Whoever loads finds a snapshot of the very last row: outcomes of holds and of commands that still matter are in none.</summary>
public sealed class SnapshotUnripe : Plant
{
    private const int Page = 10_000;

    public override string Name => "snapshot-unripe";

    public override IJournal Between(IJournal journal, TaskScheduler process) => new Hasty(journal);

    private sealed class Hasty(IJournal journal) : DelegatingJournal(journal)
    {
        private readonly SnapshotCodes _codes = new(SimCluster.MasterKey);
        private readonly PersonalKeys _keys = new(journal, SimCluster.MasterKey, static _ => throw new NotSupportedException(), TimeProvider.System);

        public override async Task<Snapshot?> LoadSnapshot(string stream, CancellationToken cancel)
        {
            var replay = Checks.Replay.Of(StreamId.Parse(stream));
            var rows = await Read(stream, 0, Page, cancel);
            foreach (var entry in rows.SelectMany(RowCodec.Decode))
            {
                for (var index = 0; index < entry.Events.Count; index++)
                {
                    var stored = entry.Events[index];
                    replay.Evolve(replay.Decode(stored.Name, stored.Version, stored.Payload, await Open(stream, entry, index)), Timestamps.FromMicros(entry.AtMicros));
                }
            }

            return rows.Count == 0 ? null : _codes.Seal(stream, new(rows[^1].Seq, rows[^1].Hash, replay.SnapshotVersion, null, replay.Save()));
        }

        private async Task<Personal?> Open(string stream, JournalEntry entry, int index)
        {
            var stored = entry.Events[index];
            return stored.KeyId is { } id && (await _keys.Get(id)).Open(stored.Sealed.Span, SealContext.Event(stream, entry.CommandId, index)) is { } opened ? new(opened) : null;
        }
    }
}
