using Agora.Journal.Memory;

namespace Agora.Journal.Tests.Fakes;

/// <summary>A journal whose appends wait for the test to say what becomes of them, over a real one.</summary>
public sealed class HeldJournal(MemoryJournal inner) : IJournal
{
    private readonly Queue<Held> _held = new();

    /// <summary>All batches sent so far, resends included.</summary>
    public List<(IReadOnlyList<StreamAppend> Batch, bool Again)> Sent { get; } = [];

    public int Waiting => _held.Count;

    public Task<IReadOnlyList<AppendOutcome>> Append(IReadOnlyList<StreamAppend> batch, bool again, CancellationToken cancel)
    {
        Sent.Add((batch, again));
        var held = new Held(batch, again, new(TaskCreationOptions.RunContinuationsAsynchronously));
        _held.Enqueue(held);
        return held.Answer.Task;
    }

    /// <summary>Writes the oldest waiting batch and answers.</summary>
    public void Answer() => Next(async held => held.Answer.SetResult(await inner.Append(held.Batch, held.Again, default)));

    /// <summary>Answers the oldest waiting batch with an error; nothing is written.</summary>
    public void Fail(Exception error) => Next(held => { held.Answer.SetException(error); return Task.CompletedTask; });

    /// <summary>Writes the oldest waiting batch, and loses the answer.</summary>
    public void WriteAndLose() => Next(async held =>
    {
        await inner.Append(held.Batch, held.Again, default);
        held.Answer.SetException(new JournalUnknownException("lost"));
    });

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

    private void Next(Func<Held, Task> act) => act(_held.Dequeue()).GetAwaiter().GetResult();

    private sealed record Held(IReadOnlyList<StreamAppend> Batch, bool Again, TaskCompletionSource<IReadOnlyList<AppendOutcome>> Answer);
}
