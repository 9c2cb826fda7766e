using System.Collections.Concurrent;
using Agora.Journal.Postgres;
using static Agora.Journal.Tests.Samples;

namespace Agora.Journal.Tests.Postgres;

/// <summary>
/// A process as the journal knows it: a journal, a committer and a writer a stream, each of which appends one entry after the other, and
/// opens anew after a failure, as an activation does. Remembers what was acknowledged.
/// </summary>
internal sealed class Writers : IAsyncDisposable
{
    private readonly PostgresJournal _journal;
    private readonly GroupCommitter _committer;
    private readonly string _name;
    private readonly CancellationTokenSource _stop = new();
    private readonly List<Task> _loops = [];
    private readonly Lock _gate = new();
    private readonly List<(int Count, TaskCompletionSource Reached)> _waiting = [];
    private int _acknowledged;

    private Writers(PostgresJournal journal, string name)
    {
        _journal = journal;
        _name = name;
        _committer = new GroupCommitter(journal, new CommitterOptions { MaxBatchesInFlight = 2, MaxRowsPerBatch = 8 }, TaskScheduler.Default, TimeProvider.System);
    }

    public ConcurrentBag<(string Stream, string Text)> Acknowledged { get; } = [];

    public ConcurrentDictionary<AppendStatus, int> Failures { get; } = new();

    public static async Task<Writers> Start(PostgresOptions options, string name, params string[] streams)
    {
        var writers = new Writers(await PostgresJournal.Open(options), name);
        foreach (var stream in streams) writers._loops.Add(Task.Run(() => writers.Write(stream)));
        return writers;
    }

    /// <summary>Completes when so many more entries are acknowledged.</summary>
    public Task More(int entries)
    {
        lock (_gate)
        {
            var reached = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _waiting.Add((_acknowledged + entries, reached));
            return reached.Task;
        }
    }

    /// <summary>Ends the loops; what is under way is waited for.</summary>
    public async Task Stop()
    {
        await _stop.CancelAsync();
        await Task.WhenAll(_loops);
        await _committer.Drain();
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _committer.DisposeAsync();
        await _journal.DisposeAsync();
        _stop.Dispose();
    }

    private async Task Write(string stream)
    {
        StreamWriter? writer = null;
        for (var n = 0; !_stop.IsCancellationRequested; n++)
        {
            writer ??= await Open(stream);
            if (writer is null) continue;
            var text = $"{_name} {n}";
            var result = await writer.Append(Pending(text));
            if (result.Status == AppendStatus.Written)
            {
                Acknowledged.Add((stream, text));
                Count();
                continue;
            }

            Failures.AddOrUpdate(result.Status, 1, static (_, count) => count + 1);
            writer = null;
        }
    }

    private async Task<StreamWriter?> Open(string stream)
    {
        try
        {
            var head = StreamHead.Empty;
            while (await _journal.Read(stream, head.Seq, 500, default) is { Count: > 0 } page) head = new StreamHead(page[^1].Seq, page[^1].Hash);
            return _committer.Open(stream, head);
        }
        catch (JournalUnavailableException)
        {
            return null;
        }
    }

    private void Count()
    {
        lock (_gate)
        {
            _acknowledged++;
            foreach (var (count, reached) in _waiting)
                if (_acknowledged >= count)
                    reached.TrySetResult();
        }
    }

    /// <summary>Everything acknowledged is there exactly once, nothing is there twice, and every chain is whole.</summary>
    public static async Task Check(IJournal journal, params Writers[] all)
    {
        var found = new List<BrokenPlace>();
        await Verifier.Verify(journal, found.Add, default);
        Assert.Empty(found);
        foreach (var stream in await journal.Streams("", null, 1_000, default))
        {
            var said = Said(await journal.Read(stream, 0, int.MaxValue, default)).ToList();
            Assert.Equal(said.Count, said.Distinct().Count());
            Assert.Empty(all.SelectMany(writers => writers.Acknowledged).Where(entry => entry.Stream == stream).Select(entry => entry.Text).Except(said));
        }
    }
}
