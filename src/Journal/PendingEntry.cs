using System.Diagnostics;

namespace Agora.Journal;

/// <summary>One decided command on its way to the journal. Immutable; the caller has already evolved on it.</summary>
public sealed class PendingEntry
{
    public required JournalEntry Entry { get; init; }

    public IReadOnlyList<TableUpsert> Upserts { get; init; } = [];

    /// <summary>The client's idempotency key that this command used, if any.</summary>
    public ClientKey? Key { get; init; }

    /// <summary>Commands that used a client key in an earlier entry, and that this one decides.</summary>
    public IReadOnlyList<Guid> Decides { get; init; } = [];

    /// <summary>Null leaves the stream's alarm as it is; of several entries in one row the last change counts.</summary>
    public AlarmChange? Alarm { get; init; }

    /// <summary>So much ahead of the world's time its stream's own is: of a tenant with a clock of its own.</summary>
    public long AheadMicros { get; init; }

    /// <summary>The activation's state after this entry; handed back in <see cref="Durable"/> when it is durable.</summary>
    public object? State { get; init; }

    /// <summary>The span that it was decided in; null: there is none.</summary>
    public Activity? Trace { get; init; }

    /// <summary>Of the entry in a row's body; reckoned once.</summary>
    internal int EntryBytes => field > 0 ? field : field = RowCodec.Size(Entry);

    /// <summary>About what it takes in memory, for the queue's bounds.</summary>
    internal int Bytes()
    {
        var bytes = EntryBytes;
        foreach (var upsert in Upserts)
            foreach (var value in upsert.Values)
                bytes += 8 + (value is string text ? 2 * text.Length : 0);
        return bytes;
    }
}

/// <summary>What became of an append. <paramref name="Seq"/> is the row's seq (for a confirmation: the head's) when Written, else 0.</summary>
public readonly record struct AppendResult(AppendStatus Status, long Seq);

/// <summary>All but Written end the activation: it has evolved on entries that the journal does not have.</summary>
public enum AppendStatus
{
    Written = 1,

    /// <summary>Another writer moved the stream on, or this writer was closed.</summary>
    Conflict,

    /// <summary>The client key is taken by an earlier command.</summary>
    KeyTaken,

    /// <summary>The entry's time is more than 5 s ahead of the store's clock.</summary>
    ClockAhead,

    /// <summary>The store took nothing; the command may be sent again.</summary>
    Unavailable,

    /// <summary>The queue's hard bound is reached; nothing was written.</summary>
    Overloaded,
}

/// <summary>The last durable entry of a stream: its row, the state after it and its time, published as one object so that a snapshot is never torn.</summary>
/// <param name="State">Null until the first append of this writer is durable.</param>
public sealed record Durable(StreamHead Head, object? State, long AtMicros);
