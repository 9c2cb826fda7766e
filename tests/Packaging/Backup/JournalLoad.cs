using System.Collections.Concurrent;
using Agora.Journal;

namespace Agora.Packaging.Backup;

/// <summary>One acknowledged append: where it stands, and when the acknowledgement was there.</summary>
internal sealed record Acknowledged(string Stream, long Seq, DateTimeOffset Sent, DateTimeOffset At);

/// <summary>Writers that append one row after the other, each waiting for its acknowledgement, until they are stopped or the store is gone.</summary>
internal sealed class JournalLoad : IAsyncDisposable
{
    private const int Streams = 16;
    private static readonly TimeSpan Patience = Hang.Timeout;
    private readonly ConcurrentQueue<Acknowledged> _acknowledged = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly GroupCommitter _committer;
    private readonly Task _writers;

    public JournalLoad(IJournal journal)
    {
        _committer = new GroupCommitter(journal, new(), TaskScheduler.Default, TimeProvider.System);
        _writers = Task.WhenAll(Enumerable.Range(0, Streams).Select(n => Task.Run(() => Write($"default/drill/{n:00}"))));
    }

    public IReadOnlyList<Acknowledged> Acknowledgements => [.. _acknowledged];

    public async Task Reach(int more)
    {
        var wanted = _acknowledged.Count + more;
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        using var patience = new CancellationTokenSource(Patience);
        while (_acknowledged.Count < wanted) await timer.WaitForNextTickAsync(patience.Token);
    }

    public async Task Stop()
    {
        await _stop.CancelAsync();
        await _writers;
    }

    public async ValueTask DisposeAsync()
    {
        await Stop();
        await _committer.DisposeAsync();
        _stop.Dispose();
    }

    private async Task Write(string stream)
    {
        var writer = _committer.Open(stream, StreamHead.Empty);
        for (var n = 0; !_stop.IsCancellationRequested; n++)
        {
            var sent = DateTimeOffset.UtcNow;
            var entry = new JournalEntry(Guid.CreateVersion7(), sent.ToUnixTimeMilliseconds() * 1_000, default, [new StoredEvent("drill.wrote", 1, BitConverter.GetBytes(n))]);
            var result = await writer.Append(new PendingEntry { Entry = entry, State = n });
            Assert.Equal(AppendStatus.Written, result.Status);
            _acknowledged.Enqueue(new(stream, result.Seq, sent, DateTimeOffset.UtcNow));
        }
    }
}
