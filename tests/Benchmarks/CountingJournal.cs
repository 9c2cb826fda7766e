using System.Collections.Concurrent;
using Agora.Journal;

namespace Agora.Benchmarks;

/// <summary>Counts what is written: every row of every table, and the commits that carry them.</summary>
internal sealed class CountingJournal(IJournal inner) : IJournal
{
    private readonly ConcurrentDictionary<string, long> _rows = new(StringComparer.Ordinal);
    private long _commits;

    /// <summary>By what they are: "journal session", "alarm user", "table runs".</summary>
    public IReadOnlyDictionary<string, long> Rows => new SortedDictionary<string, long>(_rows, StringComparer.Ordinal);

    public long Commits => Interlocked.Read(ref _commits);

    public async Task<IReadOnlyList<AppendOutcome>> Append(IReadOnlyList<StreamAppend> batch, bool again, CancellationToken cancel)
    {
        var outcomes = await inner.Append(batch, again, cancel);
        Interlocked.Increment(ref _commits);
        foreach (var append in batch)
        {
            Count(append);
        }
        return outcomes;
    }

    public Task SaveSnapshot(string stream, Snapshot snapshot, CancellationToken cancel)
    {
        Add("snapshot", 1);
        return inner.SaveSnapshot(stream, snapshot, cancel);
    }

    public Task<IReadOnlyList<JournalRow>> Read(string stream, long afterSeq, int limit, CancellationToken cancel) => inner.Read(stream, afterSeq, limit, cancel);

    public Task<IReadOnlyList<string>> Streams(string prefix, string? after, int limit, CancellationToken cancel) => inner.Streams(prefix, after, limit, cancel);

    public Task<Snapshot?> LoadSnapshot(string stream, CancellationToken cancel) => inner.LoadSnapshot(stream, cancel);

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

    private void Count(StreamAppend append)
    {
        var kind = append.Stream.Split('/')[1];
        Add($"journal {kind}", append.Row is null ? 0 : 1);
        Add($"alarm {kind}", append.Alarm is null ? 0 : 1);
        Add("client key", append.Keys.Count);
        foreach (var upsert in append.Upserts)
        {
            Add($"table {upsert.Table.Name}", 1);
        }
    }

    private void Add(string what, int rows) => _rows.AddOrUpdate(what, rows, (_, before) => before + rows);
}
