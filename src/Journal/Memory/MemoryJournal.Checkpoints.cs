namespace Agora.Journal.Memory;

public sealed partial class MemoryJournal
{
    public Task<long> Cut(CancellationToken cancel) => Call(JournalCall.Checkpoints, () => _store.Order.Cut, cancel);

    public Task<IReadOnlyList<PlacedRow>> Placed(RowPlace after, long upTo, int limit, CancellationToken cancel) =>
        Call(JournalCall.Checkpoints, () => _store.Order.Placed(after, upTo, limit), cancel);

    public Task<PlacedRow?> PlaceOf(string stream, long seq, CancellationToken cancel) => Call(JournalCall.Checkpoints, () => _store.Order.PlaceOf(stream, seq), cancel);

    public Task<bool> AddCheckpoint(Checkpoint checkpoint, IReadOnlyList<CheckpointTile> tiles, CancellationToken cancel) =>
        Call(JournalCall.AddCheckpoint, () => _store.Order.Add(checkpoint, tiles), cancel);

    public Task<IReadOnlyList<Checkpoint>> Checkpoints(long after, int limit, CancellationToken cancel) =>
        Call(JournalCall.Checkpoints, () => _store.Order.After(after, limit), cancel);

    public Task<Checkpoint?> LastCheckpoint(CancellationToken cancel) => Call(JournalCall.Checkpoints, () => _store.Order.Last, cancel);

    public Task<Checkpoint?> CheckpointOf(long position, CancellationToken cancel) => Call(JournalCall.Checkpoints, () => _store.Order.Of(position), cancel);

    public Task<IReadOnlyList<CheckpointTile>> Tiles(long number, CancellationToken cancel) => Call(JournalCall.Checkpoints, () => _store.Order.Tiles(number), cancel);

    public Task<IReadOnlyList<Checkpoint>> UntoldCheckpoints(int limit, CancellationToken cancel) => Call(JournalCall.Checkpoints, () => _store.Order.Untold(limit), cancel);

    public Task MarkTold(long number, CancellationToken cancel) => Call(JournalCall.MarkTold, () => _store.Order.Tell(number), cancel);
}
