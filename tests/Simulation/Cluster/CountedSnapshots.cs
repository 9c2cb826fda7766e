using Agora.Journal;
using Agora.Testing;

namespace Agora.Simulation.Cluster;

/// <summary>Snapshots of a seed: a simulation that saves and loads none proves nothing of them.</summary>
public sealed class SnapshotCount
{
    public int Saved { get; set; }

    public int Restored { get; set; }
}

public sealed class CountedSnapshots(IJournal inner, SnapshotCount count) : DelegatingJournal(inner)
{
    public override async Task<Snapshot?> LoadSnapshot(string stream, CancellationToken cancel)
    {
        var snapshot = await base.LoadSnapshot(stream, cancel);
        count.Restored += snapshot is null ? 0 : 1;
        return snapshot;
    }

    public override Task SaveSnapshot(string stream, Snapshot snapshot, CancellationToken cancel)
    {
        count.Saved++;
        return base.SaveSnapshot(stream, snapshot, cancel);
    }
}
