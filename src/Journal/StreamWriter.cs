namespace Agora.Journal;

/// <summary>
/// One activation's way into the journal. Calls come from its turns, one at a time; what they queue belongs to the committer's lock.
/// Entries are queued as drafts of rows: all but the last are full, so the first draft's place in the chain is known when it is sent.
/// </summary>
public sealed class StreamWriter
{
    private static readonly Appending Riding = Appending.Of(default(AppendResult));

    private readonly GroupCommitter _committer;
    private readonly Queue<RowDraft> _queue = new();
    private RowDraft? _tail;
    private RowDraft? _inFlight;
    private volatile Durable _durable;
    private long _confirmedAt;
    private volatile Appending? _failed;

    internal StreamWriter(GroupCommitter committer, string stream, StreamHead head, long readAt)
    {
        _committer = committer;
        _durable = new Durable(head, null, 0);
        _confirmedAt = readAt;
        Stream = stream;
        Node = new LinkedListNode<StreamWriter>(this);
    }

    /// <summary>The last durable entry.</summary>
    public Durable Durable => _durable;

    /// <summary>Timestamp of the last append or head check that the journal confirmed, taken before it was sent: then, or later, this writer was the stream's last.</summary>
    public long ConfirmedAt => Volatile.Read(ref _confirmedAt);

    /// <summary>After the first failure, or Close: everything queued has been failed with the same result, and later calls answer it too.</summary>
    public bool Failed => _failed is not null;

    internal string Stream { get; }

    internal LinkedListNode<StreamWriter> Node { get; }

    /// <summary>In the committer's ready queue.</summary>
    internal bool Listed { get; set; }

    /// <summary>When the committer flushes what rides, as its timestamp; null: nothing was asked for.</summary>
    internal long? FlushBy { get; set; }

    internal bool HasQueued => _queue.Count > 0;

    internal bool MayGo => !Listed && _inFlight is null && _queue.TryPeek(out var first) && first.Wanted;

    /// <summary>Completes when the entry is durable or has failed.</summary>
    public Appending Append(PendingEntry entry) => Queue(entry, wanted: true, awaited: true);

    /// <summary>Goes with the stream's next append, Confirm or Flush; nobody waits for it.</summary>
    public void Ride(PendingEntry entry) => Queue(entry, wanted: false, awaited: false);

    /// <summary>As <see cref="Ride"/>, for an entry that someone waits for: completes with the row that carries it.</summary>
    public Appending RideAwaited(PendingEntry entry) => Queue(entry, wanted: false, awaited: true);

    /// <summary>What rides now leaves within this time, at the next moment at which the rides of all streams do.</summary>
    public void FlushWithin(TimeSpan time)
    {
        lock (_committer.Gate)
        {
            if (_failed is null && _tail is { Wanted: false })
            {
                _committer.FlushBy(this, time);
            }
        }
    }

    /// <summary>Appends what rides, if anything; else completes when what is in flight is durable.</summary>
    public Appending Flush() => Join(checkHead: false);

    /// <summary>
    /// An answer without events: joins the stream's next row or, alone, checks the head. A row that is already in flight does not
    /// do: it may have been committed, and the stream moved on by another writer, before this was asked.
    /// </summary>
    public Appending Confirm() => Join(checkHead: true);

    /// <summary>The activation ends: what is not in flight is dropped, and fails as Conflict. Flush first to lose nothing.</summary>
    public void Close()
    {
        var released = new List<RowDraft>();
        lock (_committer.Gate)
        {
            if (_failed is null)
            {
                Fail(new Verdict(AppendStatus.Conflict), released);
            }
        }

        foreach (var draft in released) draft.Release();
    }

    private Appending Join(bool checkHead)
    {
        Appending done;
        bool start;
        lock (_committer.Gate)
        {
            if (_failed is { } failed) return failed;
            if (_tail is null && !checkHead) return _inFlight?.Done ?? Appending.Of(new AppendResult(AppendStatus.Written, _durable.Head.Seq));
            var draft = _tail ?? NewTail();
            _committer.Want(draft);
            done = draft.Done;
            start = _committer.Wake(this);
        }

        if (start)
        {
            _committer.StartLane();
        }

        return done;
    }

    private Appending Queue(PendingEntry entry, bool wanted, bool awaited)
    {
        var bytes = entry.Bytes();
        var released = (List<RowDraft>?)null;
        Appending done;
        var start = false;
        lock (_committer.Gate)
        {
            if (_failed is { } failed) return failed;
            if (_committer.TryCount(bytes))
            {
                var draft = _tail is { } tail && tail.HasRoom(bytes, _committer.Options) ? tail : NewTail();
                if (wanted)
                {
                    _committer.Want(draft);
                }

                draft.Add(entry, bytes);
                _committer.Joined(draft);
                done = awaited ? draft.Done : Riding;
                start = _committer.Wake(this);
            }
            else
            {
                // The caller has evolved on the entry, so it cannot be refused alone: the activation ends.
                done = Fail(new Verdict(AppendStatus.Overloaded), released = []);
            }
        }

        if (start)
        {
            _committer.StartLane();
        }

        released?.ForEach(static draft => draft.Release());
        return done;
    }

    internal bool WantAll()
    {
        if (_tail is not null)
        {
            _committer.Want(_tail);
        }

        return _tail is not null;
    }

    internal RowDraft TakeDraft()
    {
        Listed = false;
        _inFlight = _queue.Dequeue();
        if (_queue.Count == 0)
        {
            _tail = null;
            _committer.ClearFlushBy(this);
        }

        return _inFlight;
    }

    internal void Resolve(RowDraft draft, StreamAppend? sent, long sentAt, Verdict verdict, List<RowDraft> released)
    {
        _inFlight = null;
        if (verdict.IsWritten)
        {
            Volatile.Write(ref _confirmedAt, sentAt);
            if (sent?.Row is { } row)
            {
                _durable = new Durable(new StreamHead(row.Seq, row.Hash), draft.Entries[^1].State, draft.Entries[^1].Entry.AtMicros);
            }

            verdict = verdict.At(_durable.Head.Seq);
        }

        draft.Verdict = verdict;
        released.Add(draft);
        if (!verdict.IsWritten && _failed is null)
        {
            Fail(verdict, released);
        }
    }

    internal Appending Fail(Verdict verdict, List<RowDraft> released)
    {
        _failed = Appending.Of(verdict);
        _tail = null;
        foreach (var draft in _queue)
        {
            _committer.Uncount(draft);
            draft.Verdict = verdict;
            released.Add(draft);
        }

        _queue.Clear();
        _committer.ClearFlushBy(this);
        _committer.Forget(this);
        return _failed;
    }

    private RowDraft NewTail()
    {
        if (_tail is not null) _committer.Want(_tail); // Full: it need not wait for what comes after it.
        _queue.Enqueue(_tail = new RowDraft());
        return _tail;
    }
}
