namespace Agora.Journal;

/// <summary>What becomes one row of a stream, or, without entries, a check of its head.</summary>
internal sealed class RowDraft
{
    public List<PendingEntry> Entries { get; } = [];

    public int Bytes { get; private set; }

    /// <summary>Someone waits for it, or it is full; entries that only ride stay until then.</summary>
    public bool Wanted { get; set; }

    public Verdict Verdict { get; set; }

    /// <summary>An object of its own: whoever remembers it for long keeps no entries.</summary>
    public Appending Done { get; } = new();

    public bool HasRoom(int bytes, CommitterOptions options) =>
        Entries.Count == 0 || (Entries.Count < options.MaxEntriesPerRow && Bytes <= options.MaxBytesPerRow - bytes);

    public void Add(PendingEntry entry, int bytes)
    {
        Entries.Add(entry);
        Bytes += bytes;
    }

    /// <summary>Outside the lock: lets those who wait go on.</summary>
    public void Release()
    {
        CommitterMetrics.Outcome(Verdict.Result.Status);
        Done.Complete(Verdict);
    }

    public StreamAppend Build(string stream, StreamHead head)
    {
        if (Entries.Count == 0) return new StreamAppend(stream, head, null, 0, [], [], null);
        if (Entries is [var only])
            return Append(RowCodec.Next(stream, head, [only.Entry], only.EntryBytes), only.Upserts, only.Key is null ? [] : [only.Key], only.Alarm, only.Decides);

        var entries = new JournalEntry[Entries.Count];
        var upserts = new List<TableUpsert>();
        var keys = new List<ClientKey>();
        var decides = new List<Guid>();
        AlarmChange? alarm = null;
        for (var i = 0; i < entries.Length; i++)
        {
            entries[i] = Entries[i].Entry;
            upserts.AddRange(Entries[i].Upserts);
            if (Entries[i].Key is { } key)
            {
                keys.Add(key);
            }

            foreach (var id in Entries[i].Decides)
            {
                if (!Takes(keys, id))
                {
                    decides.Add(id);
                }
            }

            alarm = Entries[i].Alarm ?? alarm;
        }

        return Append(RowCodec.Next(stream, head, entries, Entries.Sum(static e => e.EntryBytes)), upserts, keys, alarm, decides);

        StreamAppend Append(JournalRow row, IReadOnlyList<TableUpsert> all, IReadOnlyList<ClientKey> taken, AlarmChange? change, IReadOnlyList<Guid> decided) =>
            new(stream, head, row, Entries[^1].Entry.AtMicros - Entries[^1].AheadMicros, Upserts.LastOfEach(all), taken, change) { Decides = decided };
    }

    // What this row takes it need not be told to point to.
    private static bool Takes(List<ClientKey> keys, Guid commandId)
    {
        foreach (var key in keys)
        {
            if (key.CommandId == commandId) return true;
        }

        return false;
    }
}

/// <summary>How a draft ended: with a result, or with the error of a defect.</summary>
internal readonly record struct Verdict(AppendResult Result, Exception? Error)
{
    public Verdict(AppendStatus status)
        : this(new AppendResult(status, 0), null)
    {
    }

    public Verdict(Exception error)
        : this(default, error)
    {
    }

    public bool IsWritten => Error is null && Result.Status == AppendStatus.Written;

    public Verdict At(long seq) => new(Result with { Seq = seq }, null);

    public void Give(TaskCompletionSource<AppendResult> to) => _ = Error is null ? to.TrySetResult(Result) : to.TrySetException(Error);
}
