using System.Diagnostics;

namespace Agora.Journal;

/// <summary>
/// Makes one transaction of what many streams append at the same time: a sync of the disk is paid once a batch, not once a command.
/// <para>Invariants.</para>
/// <list type="bullet">
/// <item>OneOpenBatchAStream: a stream, whoever writes it, is in at most one batch that is not resolved; an unknown batch is not resolved.</item>
/// <item>OneRowABatch: what a stream has queued when a batch is formed is one row of it, within the bounds of a row.</item>
/// <item>InOrder: rows of a writer are sent and resolved in the order they were queued; after its first failure nothing of it is sent.</item>
/// <item>DurableFirst: <see cref="StreamWriter.Durable"/> is published before anyone who waited for it goes on.</item>
/// <item>NeverInside: no continuation of a caller, and no scheduler, runs under the lock; no journal call runs in a caller's turn.</item>
/// </list>
/// <para>Bounds: entries and bytes queued or in flight (<see cref="CommitterOptions"/>), rows and bytes a batch, batches in flight.</para>
/// <para>Free of threads and clocks of its own: given the scheduler, the time and the journal, its behaviour is a function of its calls.</para>
/// </summary>
public sealed class GroupCommitter : IAsyncDisposable
{
    private static readonly TimeSpan LeastWait = TimeSpan.FromMilliseconds(1); // a timer of less would ring too early, again and again
    private readonly IJournal _journal;
    private readonly TaskScheduler _scheduler;
    private readonly CancellationTokenSource _stop = new();
    private readonly Queue<StreamWriter> _ready = new();
    private readonly HashSet<string> _open = new(StringComparer.Ordinal);
    private readonly LinkedList<StreamWriter> _writers = new();
    private readonly PriorityQueue<StreamWriter, long> _rides = new();
    private readonly RideMoments _moments;
    private ITimer? _departures;
    private TaskCompletionSource? _drained;
    private bool _disposed;
    private int _lanes;
    private int _entries;
    private int _riding;
    private long _bytes;

    public GroupCommitter(IJournal journal, CommitterOptions options, TaskScheduler scheduler, TimeProvider time)
    {
        _journal = journal;
        _scheduler = scheduler;
        _moments = new(options.FewTogether);
        CommitterMetrics.Begin();
        Options = options;
        Time = time;
    }

    /// <summary>False above the soft bound: the caller then refuses new commands, and lets through what finishes admitted ones. What only rides keeps nobody waiting, so of it only the bytes count.</summary>
    public bool HasRoom => Volatile.Read(ref _entries) - Volatile.Read(ref _riding) < Options.SoftEntries && Volatile.Read(ref _bytes) < Options.SoftBytes;

    /// <summary>False when so much rides that it may not wait for an alarm: the rest of the hard bound is for what finishes admitted commands.</summary>
    public bool HasRoomToRide => Volatile.Read(ref _riding) < Options.HardEntries / 2;

    internal Lock Gate { get; } = new();

    internal CommitterOptions Options { get; }

    internal TimeProvider Time { get; }

    /// <summary>A writer for one activation, which has read the stream up to <paramref name="head"/>.</summary>
    /// <param name="readAt">Timestamp of <see cref="TimeProvider"/> taken before the head was read; now, if not given.</param>
    public StreamWriter Open(string stream, StreamHead head, long? readAt = null)
    {
        lock (Gate)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            var writer = new StreamWriter(this, stream, head, readAt ?? Time.GetTimestamp());
            _writers.AddLast(writer.Node);
            return writer;
        }
    }

    /// <summary>Completes when nothing is queued or in flight: all, riding entries too, is written or has failed. Callers stop first.</summary>
    public Task Drain()
    {
        Task drained;
        var starts = 0;
        lock (Gate)
        {
            foreach (var writer in _writers)
                if (writer.WantAll() && Wake(writer))
                    starts++;
            if (_lanes == 0) return Task.CompletedTask;
            drained = (_drained ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
        }

        for (; starts > 0; starts--) StartLane();
        return drained;
    }

    /// <summary>Fails what is queued (Unavailable), waits for what is in flight, and leaves what is unknown unknown. Drain first to lose nothing.</summary>
    public async ValueTask DisposeAsync()
    {
        var released = new List<RowDraft>();
        lock (Gate)
        {
            _disposed = true;
            _departures?.Dispose();
            _rides.Clear();
            while (_writers.First is { } node) node.Value.Fail(new Verdict(AppendStatus.Unavailable), released);
        }

        foreach (var draft in released) draft.Release();
        _stop.Tell(); // Not CancelAsync, which goes through the thread pool.
        await Drain();
    }

    /// <summary>Under the lock: lists the writer if its first draft may go; true when the caller must start a lane after leaving the lock.</summary>
    internal bool Wake(StreamWriter writer)
    {
        if (!writer.MayGo) return false;
        writer.Listed = true;
        _ready.Enqueue(writer);
        return TakeLane();
    }

    /// <summary>Under the lock: counts an entry in, or refuses it at the hard bound.</summary>
    internal bool TryCount(int bytes)
    {
        if (_entries >= Options.HardEntries || _bytes + bytes > Options.HardBytes) return false;
        _entries++;
        _bytes += bytes;
        CommitterMetrics.Queued(1);
        return true;
    }

    /// <summary>Under the lock: someone waits for the draft from here on.</summary>
    internal void Want(RowDraft draft)
    {
        if (draft.Wanted) return;
        draft.Wanted = true;
        _riding -= draft.Entries.Count;
    }

    /// <summary>Under the lock: what rides of this writer leaves within the time, with the rides of all others that leave then. A timer for all, and none a stream.</summary>
    internal void FlushBy(StreamWriter writer, TimeSpan time)
    {
        var (now, together) = (Time.GetTimestamp(), Ticks(Options.RidesTogether));
        var by = now + Ticks(time);
        by -= by % together;
        if (writer.FlushBy <= by) return;

        ClearFlushBy(writer);
        by = together * _moments.Take((now / together) + 1, by / together);
        writer.FlushBy = by;
        var isFirst = !_rides.TryPeek(out _, out var first) || by < first;
        _rides.Enqueue(writer, by);
        if (isFirst)
        {
            Depart(now, by);
        }
    }

    /// <summary>Under the lock: nothing of this writer leaves at the moment that was set, for it has left, or is to leave at another.</summary>
    internal void ClearFlushBy(StreamWriter writer)
    {
        if (writer.FlushBy is not { } by) return;

        _moments.Leave(by / Ticks(Options.RidesTogether));
        writer.FlushBy = null;
    }

    /// <summary>Under the lock: an entry joined the draft.</summary>
    internal void Joined(RowDraft draft) => _riding += draft.Wanted ? 0 : 1;

    internal void Uncount(RowDraft draft)
    {
        _riding -= draft.Wanted ? 0 : draft.Entries.Count;
        _entries -= draft.Entries.Count;
        _bytes -= draft.Bytes;
        CommitterMetrics.Queued(-draft.Entries.Count);
    }

    internal void Forget(StreamWriter writer) => _writers.Remove(writer.Node);

    /// <summary>On the explicit scheduler, never in the caller's turn, and without its ambient context (trace, locals).</summary>
    internal void StartLane()
    {
        var flow = ExecutionContext.IsFlowSuppressed() ? (AsyncFlowControl?)null : ExecutionContext.SuppressFlow();
        Task.Factory.StartNew(RunLane, CancellationToken.None, TaskCreationOptions.DenyChildAttach, _scheduler);
        flow?.Undo();
    }

    private long Ticks(TimeSpan time) => (long)(time.TotalSeconds * Time.TimestampFrequency);

    // Under the lock.
    private void Depart(long now, long by)
    {
        if (_departures is null)
        {
            var flow = ExecutionContext.IsFlowSuppressed() ? (AsyncFlowControl?)null : ExecutionContext.SuppressFlow();
            _departures = Time.CreateTimer(static self => ((GroupCommitter)self!).Depart(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
            flow?.Undo();
        }

        var wait = Time.GetElapsedTime(now, by);
        _departures.Change(wait < LeastWait ? LeastWait : wait, Timeout.InfiniteTimeSpan);
    }

    // Those whose rides have left meanwhile, with an append or earlier, are passed over.
    private void Depart()
    {
        var starts = 0;
        lock (Gate)
        {
            var now = Time.GetTimestamp();
            while (_rides.TryPeek(out var writer, out var by))
            {
                if (by > now)
                {
                    if (!_disposed)
                    {
                        Depart(now, by);
                    }

                    break;
                }

                _rides.Dequeue();
                if (writer.FlushBy != by) continue;

                ClearFlushBy(writer);
                if (writer.WantAll() && Wake(writer))
                {
                    starts++;
                }
            }
        }

        for (; starts > 0; starts--) StartLane();
    }

    private bool TakeLane()
    {
        if (_lanes >= Options.MaxBatchesInFlight) return false;
        _lanes++;
        return true;
    }

    // A lane carries one batch at a time; it ends, under the lock, when nothing is ready, so no wake-up is lost.
    private async Task RunLane()
    {
        if (Options.Linger > TimeSpan.Zero)
        {
            await Task.Delay(Options.Linger, Time);
        }

        while (TakeBatch() is { } batch) await Commit(batch);
    }

    private Batch? TakeBatch()
    {
        var batch = new Batch();
        TaskCompletionSource? drained = null;
        var start = false;
        lock (Gate)
        {
            for (var left = _ready.Count; left > 0 && batch.HasRoom(Options); left--)
            {
                var writer = _ready.Dequeue();
                if (!writer.HasQueued)
                    writer.Listed = false;
                else if (_open.Add(writer.Stream))
                    batch.Add(writer, writer.TakeDraft());
                else
                    _ready.Enqueue(writer); // An older writer of the stream has a batch open; its lane looks again when that is resolved.
            }

            if (batch.Count > 0)
                start = _ready.Count > 0 && TakeLane();
            else if (--_lanes == 0)
                (drained, _drained) = (_drained, null);
        }

        if (start)
        {
            StartLane();
        }

        drained?.SetResult();
        return batch.Count > 0 ? batch : null;
    }

    private async Task Commit(Batch batch)
    {
        var sentAt = Time.GetTimestamp();
        var span = BatchSpan.Begin(batch);
        var verdicts = await Send(() => new(batch.Appends()), batch.Count);
        if (Array.Exists(verdicts, static verdict => verdict.Result.Status == AppendStatus.KeyTaken))
        {
            await SendWithoutKeys(batch, verdicts);
        }

        CommitterMetrics.Committed(batch.Count, batch.Entries, Time.GetElapsedTime(sentAt));
        BatchSpan.End(span, verdicts);
        Resolve(batch, sentAt, verdicts, span);
    }

    // A key that another command took lately keeps no row from being written whose command was begun before that could be known: it is written without that key, and with its others.
    private async Task SendWithoutKeys(Batch batch, Verdict[] verdicts)
    {
        int[] yielding = [.. Enumerable.Range(0, verdicts.Length).Where(i => verdicts[i].Result.Status == AppendStatus.KeyTaken && batch[i].Append!.Keys.Any(static key => key.Yields))];
        if (yielding.Length == 0) return;

        var without = await Send(async () => await Task.WhenAll(yielding.Select(i => WithoutTaken(batch[i].Append!))), yielding.Length);
        for (var n = 0; n < yielding.Length; n++) verdicts[yielding[n]] = without[n];
    }

    private async Task<StreamAppend> WithoutTaken(StreamAppend append)
    {
        var keys = new List<ClientKey>();
        foreach (var key in append.Keys)
        {
            if (!key.Yields || await _journal.FindKey(key.Tenant, key.Credential, key.Key, _stop.Token) is null)
            {
                keys.Add(key);
            }
        }

        return append with { Keys = keys };
    }

    private async Task<Verdict[]> Send(Func<ValueTask<IReadOnlyList<StreamAppend>>> appends, int count)
    {
        try
        {
            var verdicts = (await Send(await appends())).Select(outcome => new Verdict(StatusOf(outcome))).ToArray();
            return verdicts.Length == count ? verdicts : throw new InvalidOperationException($"the journal gave {verdicts.Length} outcomes for {count} appends");
        }
        catch (JournalCutOffException e)
        {
            // An earlier attempt may be there or gone: of nothing that this process sent last is that known.
            return All(new(new JournalUnknownException(e.Message, e)));
        }
        catch (JournalUnavailableException)
        {
            return All(new(AppendStatus.Unavailable));
        }
        catch (OperationCanceledException e) when (_stop.IsCancellationRequested)
        {
            return All(new(new JournalUnknownException("stopped before the fate of the batch was known", e)));
        }
        catch (Exception e)
        {
            // A defect of the journal: nothing may be claimed about the batch. Its activations end with the defect's own error and read again what is there.
            return All(new(e));
        }

        Verdict[] All(Verdict verdict) => [.. Enumerable.Repeat(verdict, count)];
    }

    private async Task<IReadOnlyList<AppendOutcome>> Send(IReadOnlyList<StreamAppend> batch)
    {
        var again = false;
        for (var pause = Options.FirstPause; ; pause = TimeSpan.FromTicks(Math.Min(pause.Ticks * 2, Options.MaxPause.Ticks)))
        {
            try
            {
                return await _journal.Append(batch, again, CancellationToken.None);
            }
            catch (JournalUnknownException)
            {
                again = true;
            }
            catch (JournalUnavailableException e) when (again && e is not JournalCutOffException)
            {
                // This attempt wrote nothing; whether an earlier one did is still not known.
            }

            CommitterMetrics.BatchResent();
            await Task.Delay(pause, Time, _stop.Token);
        }
    }

    private void Resolve(Batch batch, long sentAt, Verdict[] verdicts, Activity? span)
    {
        var released = new List<RowDraft>(batch.Count);
        lock (Gate)
        {
            for (var i = 0; i < batch.Count; i++)
            {
                var (writer, draft, append) = batch[i];
                draft.Done.Batch = span;
                _open.Remove(writer.Stream);
                Uncount(draft);
                writer.Resolve(draft, append, sentAt, verdicts[i], released);
                if (writer.MayGo)
                {
                    writer.Listed = true;
                    _ready.Enqueue(writer);
                }
            }
        }

        foreach (var draft in released) draft.Release();
    }

    private static AppendStatus StatusOf(AppendOutcome outcome) => outcome switch
    {
        AppendOutcome.Written => AppendStatus.Written,
        AppendOutcome.Moved => AppendStatus.Conflict,
        AppendOutcome.KeyTaken => AppendStatus.KeyTaken,
        AppendOutcome.ClockAhead => AppendStatus.ClockAhead,
        _ => throw new InvalidOperationException($"the journal answered {outcome}"),
    };
}
