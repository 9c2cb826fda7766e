using System.Collections.Concurrent;
using Agora.Journal;
using Agora.Testing;

namespace Agora.Benchmarks;

/// <summary>Counts what is written: every row of every table, and the commits that carry them.</summary>
internal sealed class CountingJournal(IJournal inner) : DelegatingJournal(inner)
{
    private readonly ConcurrentDictionary<string, long> _rows = new(StringComparer.Ordinal);
    private long _commits;

    /// <summary>By what they are: "journal session", "alarm user", "table runs".</summary>
    public IReadOnlyDictionary<string, long> Rows => new SortedDictionary<string, long>(_rows, StringComparer.Ordinal);

    public long Commits => Interlocked.Read(ref _commits);

    public override async Task<IReadOnlyList<AppendOutcome>> Append(IReadOnlyList<StreamAppend> batch, bool again, CancellationToken cancel)
    {
        var outcomes = await base.Append(batch, again, cancel);
        Interlocked.Increment(ref _commits);
        foreach (var append in batch)
        {
            Count(append);
        }
        return outcomes;
    }

    public override Task SaveSnapshot(string stream, Snapshot snapshot, CancellationToken cancel)
    {
        Add("snapshot", 1);
        return base.SaveSnapshot(stream, snapshot, cancel);
    }

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
