namespace Agora.ScriptedModels;

/// <summary>A request as it came.</summary>
/// <param name="Headers">By their names, whatever their case.</param>
public sealed record SeenRequest(int Number, string Method, string Path, IReadOnlyDictionary<string, string> Headers, ReadOnlyMemory<byte> Body)
{
    private volatile int _status;

    /// <summary>Of its reply; 0: nothing yet, or the connection was closed instead.</summary>
    public int Status
    {
        get => _status;
        internal set => _status = value;
    }
}

/// <summary>What came and what it cost, the newest of each; sums are of all.</summary>
internal sealed class Ledger
{
    private readonly Lock _lock = new();
    private readonly Queue<SeenRequest> _seen = new();
    private readonly Queue<Truth> _truths = new();
    private readonly List<TaskCompletionSource> _waiting = [];
    private int _number;
    private int _open;
    private int _served;
    private Counts _total = Counts.None;

    public int Requests => Volatile.Read(ref _number);

    public int Open => Volatile.Read(ref _open);

    public int Served => Volatile.Read(ref _served);

    public Counts Total
    {
        get
        {
            lock (_lock)
            {
                return _total;
            }
        }
    }

    public IReadOnlyList<SeenRequest> Seen
    {
        get
        {
            lock (_lock)
            {
                return [.. _seen.OrderBy(static request => request.Number)];
            }
        }
    }

    public IReadOnlyList<Truth> Truths
    {
        get
        {
            lock (_lock)
            {
                return [.. _truths.OrderBy(static truth => truth.Number)];
            }
        }
    }

    public int Begin()
    {
        Interlocked.Increment(ref _open);
        return Interlocked.Increment(ref _number);
    }

    public void End()
    {
        if (Interlocked.Decrement(ref _open) > 0) return;

        lock (_lock)
        {
            if (Volatile.Read(ref _open) > 0) return;

            _waiting.ForEach(static waiting => waiting.TrySetResult());
            _waiting.Clear();
        }
    }

    public Task Idle()
    {
        lock (_lock)
        {
            if (Volatile.Read(ref _open) == 0) return Task.CompletedTask;

            var waiting = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _waiting.Add(waiting);
            return waiting.Task;
        }
    }

    public void Add(SeenRequest request, int keep)
    {
        lock (_lock)
        {
            Keep(_seen, request, keep);
        }
    }

    public void Add(Truth truth, int keep)
    {
        lock (_lock)
        {
            _served++;
            _total += truth.Counts;
            if (keep > 0)
            {
                Keep(_truths, truth, keep);
            }
        }
    }

    private static void Keep<T>(Queue<T> queue, T value, int most)
    {
        queue.Enqueue(value);
        while (queue.Count > most)
        {
            queue.Dequeue();
        }
    }
}
