using Agora.Journal;

namespace Agora.Testing;

/// <summary>A journal that leaves everything to another one; who derives from it counts, holds or breaks something on the way.</summary>
public abstract class DelegatingJournal(IJournal inner) : IJournal
{
    public virtual Task<IReadOnlyList<AppendOutcome>> Append(IReadOnlyList<StreamAppend> batch, bool again, CancellationToken cancel) => inner.Append(batch, again, cancel);

    public virtual Task<IReadOnlyList<JournalRow>> Read(string stream, long afterSeq, int limit, CancellationToken cancel) => inner.Read(stream, afterSeq, limit, cancel);

    public virtual Task<FoundRow?> Find(LinkedTables tables, IReadOnlyList<object> key, CancellationToken cancel) => inner.Find(tables, key, cancel);

    public virtual Task<IReadOnlyList<string>> Streams(string prefix, string? after, int limit, CancellationToken cancel) => inner.Streams(prefix, after, limit, cancel);

    public virtual Task<IReadOnlyList<UnarchivedRows>> Unarchived(IReadOnlyList<string> streams, CancellationToken cancel) => inner.Unarchived(streams, cancel);

    public virtual Task<bool> Archive(RowPack pack, CancellationToken cancel) => inner.Archive(pack, cancel);

    public virtual Task<RowPack?> PackOf(string stream, long seq, CancellationToken cancel) => inner.PackOf(stream, seq, cancel);

    public virtual Task<Snapshot?> LoadSnapshot(string stream, CancellationToken cancel) => inner.LoadSnapshot(stream, cancel);

    public virtual Task SaveSnapshot(string stream, Snapshot snapshot, CancellationToken cancel) => inner.SaveSnapshot(stream, snapshot, cancel);

    public virtual Task<IReadOnlyList<ClientKey>> KeysNamed(string tenant, string key, int limit, CancellationToken cancel) => inner.KeysNamed(tenant, key, limit, cancel);

    public virtual Task<ClientKey?> FindKey(string tenant, string credential, string key, CancellationToken cancel) => inner.FindKey(tenant, credential, key, cancel);

    public virtual Task<int> PruneKeys(long nowMicros, int limit, CancellationToken cancel) => inner.PruneKeys(nowMicros, limit, cancel);

    public virtual Task<IReadOnlyList<Alarm>> AlarmsUnder(string prefix, long upToMicros, Alarm? after, int limit, CancellationToken cancel) => inner.AlarmsUnder(prefix, upToMicros, after, limit, cancel);

    public virtual Task<IReadOnlyList<Alarm>> Alarms(long upToMicros, Alarm? after, int limit, CancellationToken cancel) => inner.Alarms(upToMicros, after, limit, cancel);

    public virtual Task<long> Probe(CancellationToken cancel) => inner.Probe(cancel);

    public virtual Task<ReadOnlyMemory<byte>?> LoadKey(string keyId, CancellationToken cancel) => inner.LoadKey(keyId, cancel);

    public virtual Task<ReadOnlyMemory<byte>> PutKey(string keyId, ReadOnlyMemory<byte> wrapped, CancellationToken cancel) => inner.PutKey(keyId, wrapped, cancel);

    public virtual Task DestroyKey(string keyId, CancellationToken cancel) => inner.DestroyKey(keyId, cancel);

    public virtual Task<DestroyedKeys?> DestroyedKeys(string? since, CancellationToken cancel) => inner.DestroyedKeys(since, cancel);

    public virtual Task<TablePage> Query(TableQuery query, CancellationToken cancel) => inner.Query(query, cancel);

    public virtual Task<IReadOnlyList<long>> Totals(TableShape table, string tenant, IReadOnlyList<string> columns, CancellationToken cancel) => inner.Totals(table, tenant, columns, cancel);

    public virtual Task<IReadOnlyList<ActiveDay>> Active(ActiveQuery query, CancellationToken cancel) => inner.Active(query, cancel);

    public virtual Task<IReadOnlyList<DayTotals>> DayTotals(TableShape table, string tenant, IReadOnlyList<string> columns, long fromDay, long toDay, CancellationToken cancel) => inner.DayTotals(table, tenant, columns, fromDay, toDay, cancel);

    public virtual Task<DaySums?> Sums(DaysQuery query, CancellationToken cancel) => inner.Sums(query, cancel);

    public virtual Task Clear(IReadOnlyList<TableShape> tables, CancellationToken cancel) => inner.Clear(tables, cancel);

    public virtual Task Write(IReadOnlyList<OwnedUpsert> rows, CancellationToken cancel) => inner.Write(rows, cancel);

    public virtual Task<long> Cut(CancellationToken cancel) => inner.Cut(cancel);

    public virtual Task<IReadOnlyList<PlacedRow>> Placed(RowPlace after, long upTo, int limit, CancellationToken cancel) => inner.Placed(after, upTo, limit, cancel);

    public virtual Task<PlacedRow?> PlaceOf(string stream, long seq, CancellationToken cancel) => inner.PlaceOf(stream, seq, cancel);

    public virtual Task<bool> AddCheckpoint(Checkpoint checkpoint, IReadOnlyList<CheckpointTile> tiles, CancellationToken cancel) => inner.AddCheckpoint(checkpoint, tiles, cancel);

    public virtual Task<IReadOnlyList<Checkpoint>> Checkpoints(long after, int limit, CancellationToken cancel) => inner.Checkpoints(after, limit, cancel);

    public virtual Task<Checkpoint?> LastCheckpoint(CancellationToken cancel) => inner.LastCheckpoint(cancel);

    public virtual Task<Checkpoint?> CheckpointOf(long position, CancellationToken cancel) => inner.CheckpointOf(position, cancel);

    public virtual Task<IReadOnlyList<CheckpointTile>> Tiles(long number, CancellationToken cancel) => inner.Tiles(number, cancel);

    public virtual Task<IReadOnlyList<Checkpoint>> UntoldCheckpoints(int limit, CancellationToken cancel) => inner.UntoldCheckpoints(limit, cancel);

    public virtual Task MarkTold(long number, CancellationToken cancel) => inner.MarkTold(number, cancel);

    public virtual IAsyncEnumerable<FeedWindow> Follow(FeedQuery query, CancellationToken cancel) => inner.Follow(query, cancel);

    public virtual Task<string> FeedEnd(CancellationToken cancel) => inner.FeedEnd(cancel);

    public virtual ValueTask DisposeAsync() => inner.DisposeAsync();
}
