using Agora.Journal;

namespace Agora.Grains.Tests.Kernel;

/// <summary>Everything that appends write, counted: journal rows, rows of query tables, alarms, client keys.</summary>
internal sealed record Written(long Rows, long Upserts, long Alarms, long Keys)
{
    public long All => Rows + Upserts + Alarms + Keys;

    public static Written operator -(Written a, Written b) => new(a.Rows - b.Rows, a.Upserts - b.Upserts, a.Alarms - b.Alarms, a.Keys - b.Keys);
}

/// <summary>Counts what is written, by kind of stream; an append may be made to take a while, as a disk does.</summary>
internal sealed class CountingJournal(IJournal inner, TimeProvider? time = null, TimeSpan takes = default) : IJournal
{
    private readonly Lock _gate = new();
    private readonly SortedDictionary<string, Written> _byKind = new(StringComparer.Ordinal);

    public Written Total
    {
        get
        {
            lock (_gate) return _byKind.Values.Aggregate(new Written(0, 0, 0, 0), (a, b) => new(a.Rows + b.Rows, a.Upserts + b.Upserts, a.Alarms + b.Alarms, a.Keys + b.Keys));
        }
    }

    public async Task<IReadOnlyList<AppendOutcome>> Append(IReadOnlyList<StreamAppend> batch, bool again, CancellationToken cancel)
    {
        if (time is not null) await Task.Delay(takes, time, cancel);
        var outcomes = await inner.Append(batch, again, cancel);
        lock (_gate)
        {
            foreach (var (append, _) in batch.Zip(outcomes).Where(b => b is { First.Row: not null, Second: AppendOutcome.Written }))
            {
                var kind = append.Stream.Split('/')[1];
                var before = _byKind.GetValueOrDefault(kind, new(0, 0, 0, 0));
                _byKind[kind] = new(before.Rows + 1, before.Upserts + append.Upserts.Count, before.Alarms + (append.Alarm is null ? 0 : 1), before.Keys + append.Keys.Count);
            }
        }

        return outcomes;
    }

    public Task<IReadOnlyList<JournalRow>> Read(string stream, long afterSeq, int limit, CancellationToken cancel) => inner.Read(stream, afterSeq, limit, cancel);

    public Task<IReadOnlyList<string>> Streams(string prefix, string? after, int limit, CancellationToken cancel) => inner.Streams(prefix, after, limit, cancel);

    public Task<Snapshot?> LoadSnapshot(string stream, CancellationToken cancel) => inner.LoadSnapshot(stream, cancel);

    public Task SaveSnapshot(string stream, Snapshot snapshot, CancellationToken cancel) => inner.SaveSnapshot(stream, snapshot, cancel);

    public Task<ClientKey?> FindKey(string tenant, string credential, string key, CancellationToken cancel) => inner.FindKey(tenant, credential, key, cancel);

    public Task<int> PruneKeys(long nowMicros, int limit, CancellationToken cancel) => inner.PruneKeys(nowMicros, limit, cancel);

    public Task<IReadOnlyList<Alarm>> Alarms(long upToMicros, Alarm? after, int limit, CancellationToken cancel) => inner.Alarms(upToMicros, after, limit, cancel);

    public Task<long> Probe(CancellationToken cancel) => inner.Probe(cancel);

    public Task<ReadOnlyMemory<byte>?> LoadKey(string keyId, CancellationToken cancel) => inner.LoadKey(keyId, cancel);

    public Task<ReadOnlyMemory<byte>> PutKey(string keyId, ReadOnlyMemory<byte> wrapped, CancellationToken cancel) => inner.PutKey(keyId, wrapped, cancel);

    public Task DestroyKey(string keyId, CancellationToken cancel) => inner.DestroyKey(keyId, cancel);

    public Task<TablePage> Query(TableQuery query, CancellationToken cancel) => inner.Query(query, cancel);

    public Task Clear(IReadOnlyList<TableShape> tables, CancellationToken cancel) => inner.Clear(tables, cancel);

    public Task Write(IReadOnlyList<OwnedUpsert> rows, CancellationToken cancel) => inner.Write(rows, cancel);

    public ValueTask DisposeAsync() => inner.DisposeAsync();
}
