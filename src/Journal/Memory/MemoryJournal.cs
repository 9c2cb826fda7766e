using Agora.Journal.Archive;

namespace Agora.Journal.Memory;

/// <summary>
/// The reference journal, in memory. Several processes over one store are several journals made by <see cref="Connect"/>, each
/// with faults of its own; without faults every call completes at once.
/// </summary>
public sealed partial class MemoryJournal : IJournal
{
    private readonly MemoryStore _store;
    private readonly TimeProvider _time;
    private readonly JournalFaults? _faults;
    private readonly PackedBodies _bodies;

    /// <param name="time">The store's clock, and the clock of injected delays.</param>
    public MemoryJournal(TimeProvider time, JournalFaults? faults = null)
        : this(new MemoryStore(), time, faults)
    {
    }

    private MemoryJournal(MemoryStore store, TimeProvider time, JournalFaults? faults)
    {
        _store = store;
        _time = time;
        _faults = faults;
        _bodies = new(PackOf);
    }

    /// <summary>Another connection to the same store.</summary>
    public MemoryJournal Connect(JournalFaults? faults) => new(_store, _time, faults);

    public Task<IReadOnlyList<AppendOutcome>> Append(IReadOnlyList<StreamAppend> batch, bool again, CancellationToken cancel)
    {
        // Checked before the first write: a batch is written whole or not at all.
        foreach (var upsert in batch.SelectMany(append => append.Upserts)) TableValues.Check(upsert);
        return Call<IReadOnlyList<AppendOutcome>>(JournalCall.Append, () => batch.Select(append => _store.Append(append, again, NowMicros())).ToArray(), cancel);
    }

    public async Task<IReadOnlyList<JournalRow>> Read(string stream, long afterSeq, int limit, CancellationToken cancel) =>
        await _bodies.Fill(await Call(JournalCall.Read, () => _store.Read(stream, afterSeq, limit), cancel), JournalPages.MaxBytes, null, cancel);

    public async Task<FoundRow?> Find(LinkedTables tables, IReadOnlyList<object> key, CancellationToken cancel)
    {
        TableValues.CheckKey(tables.Table, key);
        return await _bodies.Fill(await Call(JournalCall.Query, () => _store.Find(tables, key), cancel), cancel);
    }

    public Task<IReadOnlyList<UnarchivedRows>> Unarchived(IReadOnlyList<string> streams, CancellationToken cancel) =>
        Call(JournalCall.Query, () => _store.Unarchived(streams), cancel);

    public Task<bool> Archive(RowPack pack, CancellationToken cancel) => Call(JournalCall.Write, () => _store.Archive(pack), cancel);

    public Task<RowPack?> PackOf(string stream, long seq, CancellationToken cancel) => Call(JournalCall.Read, () => _store.PackOf(stream, seq), cancel);

    public Task<IReadOnlyList<string>> Streams(string prefix, string? after, int limit, CancellationToken cancel) =>
        Call(JournalCall.Streams, () => _store.Streams(prefix, after, limit), cancel);

    public Task<Snapshot?> LoadSnapshot(string stream, CancellationToken cancel) =>
        Call(JournalCall.LoadSnapshot, () => _store.LoadSnapshot(stream), cancel);

    public Task SaveSnapshot(string stream, Snapshot snapshot, CancellationToken cancel) =>
        Call(JournalCall.SaveSnapshot, () => _store.SaveSnapshot(stream, snapshot), cancel);

    public Task<ClientKey?> FindKey(string tenant, string credential, string key, CancellationToken cancel) =>
        Call(JournalCall.FindKey, () => _store.FindKey(tenant, credential, key), cancel);

    public Task<IReadOnlyList<ClientKey>> KeysNamed(string tenant, string key, int limit, CancellationToken cancel) =>
        Call(JournalCall.FindKey, () => _store.KeysNamed(tenant, key, limit), cancel);

    public Task<int> PruneKeys(long nowMicros, int limit, CancellationToken cancel) =>
        Call(JournalCall.PruneKeys, () => _store.PruneKeys(nowMicros, limit), cancel);

    public Task<IReadOnlyList<Alarm>> Alarms(long upToMicros, Alarm? after, int limit, CancellationToken cancel) =>
        Call(JournalCall.Alarms, () => _store.Alarms(upToMicros, after, limit), cancel);

    public Task<IReadOnlyList<Alarm>> AlarmsUnder(string prefix, long upToMicros, Alarm? after, int limit, CancellationToken cancel) =>
        Call(JournalCall.Alarms, () => _store.Alarms(upToMicros, after, limit, prefix), cancel);

    public Task<long> Probe(CancellationToken cancel) => Call(JournalCall.Probe, NowMicros, cancel);

    public Task<ReadOnlyMemory<byte>?> LoadKey(string keyId, CancellationToken cancel) =>
        Call(JournalCall.LoadKey, () => _store.LoadKey(keyId), cancel);

    public Task<ReadOnlyMemory<byte>> PutKey(string keyId, ReadOnlyMemory<byte> wrapped, CancellationToken cancel) =>
        Call(JournalCall.PutKey, () => _store.PutKey(keyId, wrapped), cancel);

    public Task DestroyKey(string keyId, CancellationToken cancel) =>
        Call(JournalCall.DestroyKey, () => _store.DestroyKey(keyId), cancel);

    public Task<DestroyedKeys?> DestroyedKeys(string? since, CancellationToken cancel) =>
        Call<DestroyedKeys?>(JournalCall.DestroyedKeys, () => _store.DestroyedKeys(since), cancel);

    public Task<TablePage> Query(TableQuery query, CancellationToken cancel) =>
        Call(JournalCall.Query, () => _store.Tables.Query(query), cancel);

    public Task<IReadOnlyList<long>> Totals(TableShape table, string tenant, IReadOnlyList<string> columns, CancellationToken cancel) =>
        Call(JournalCall.Query, () => _store.Tables.Totals(table, tenant, columns), cancel);

    public Task<DaySums?> Sums(DaysQuery query, CancellationToken cancel) => Call(JournalCall.Query, () => _store.Tables.Sums(query), cancel);

    public Task<IReadOnlyList<ActiveDay>> Active(ActiveQuery query, CancellationToken cancel) => Call(JournalCall.Query, () => _store.Tables.Active(query), cancel);

    public Task<IReadOnlyList<DayTotals>> DayTotals(TableShape table, string tenant, IReadOnlyList<string> columns, long fromDay, long toDay, CancellationToken cancel) =>
        Call(JournalCall.Query, () => _store.Tables.DayTotals(table, tenant, columns, fromDay, toDay), cancel);

    public Task Clear(IReadOnlyList<TableShape> tables, CancellationToken cancel) =>
        Call(JournalCall.Clear, () => { foreach (var table in tables) _store.Tables.Clear(table); }, cancel);

    public Task Write(IReadOnlyList<OwnedUpsert> rows, CancellationToken cancel)
    {
        foreach (var row in rows) TableValues.Check(row.Upsert);
        return Call(JournalCall.Write, () => { foreach (var row in Upserts.LastOfEach(rows)) _store.Tables.Upsert(row.Stream, row.Seq, row.Upsert); }, cancel);
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private long NowMicros() => (_time.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond;

    private Task Call(JournalCall call, Action act, CancellationToken cancel) =>
        Call(call, () => { act(); return true; }, cancel);

    private async Task<T> Call<T>(JournalCall call, Func<T> act, CancellationToken cancel)
    {
        cancel.ThrowIfCancellationRequested();
        var fault = _faults?.Invoke(call) ?? default;
        if (fault.Before > TimeSpan.Zero)
        {
            await Task.Delay(fault.Before, _time, cancel);
        }

        if (fault.Failure == JournalFailure.Unavailable) throw new JournalUnavailableException($"injected at {call}");

        T? result = default;
        if (fault.Failure != JournalFailure.LostBefore)
            lock (_store.Gate)
                result = act();

        // What is written is written: the caller's cancellation no longer changes it.
        if (fault.After > TimeSpan.Zero)
        {
            await Task.Delay(fault.After, _time, CancellationToken.None);
        }

        if (fault.Failure is JournalFailure.LostBefore or JournalFailure.LostAfter) throw new JournalUnknownException($"injected at {call}");
        return result!;
    }
}
