namespace Agora.Journal;

/// <summary>One event of an entry, as stored: a name that never changes, a version, and bytes.</summary>
/// <param name="Name">Stored name, such as <c>session.run_requested</c>: a constant, never derived from a CLR name.</param>
/// <param name="Payload">Bytes of the event without its personal part.</param>
/// <param name="KeyId">The personal key that sealed <paramref name="Sealed"/>, or null when the event has no personal part.</param>
/// <param name="Sealed">Personal part, sealed before hashing: destroying the key erases it, and the chain still verifies.</param>
public sealed record StoredEvent(string Name, int Version, ReadOnlyMemory<byte> Payload, string? KeyId = null, ReadOnlyMemory<byte> Sealed = default);

/// <summary>What one command decided. Several entries of one stream that were committed together share one row.</summary>
/// <param name="CommandId">The command's id; repeats of it are answered from this entry.</param>
/// <param name="AtMicros">The stream's time of the decision, µs since the Unix epoch; never falls within a stream.</param>
/// <param name="Cause">The decision's inputs without personal data, so that history can be replayed under another policy; may be empty.</param>
/// <param name="Events">May be empty: an entry may exist only to set or clear its stream's alarm.</param>
public sealed record JournalEntry(Guid CommandId, long AtMicros, ReadOnlyMemory<byte> Cause, IReadOnlyList<StoredEvent> Events);

/// <summary>Where a stream stands: the number and hash of its last row. An empty stream has seq 0 and 32 zero bytes.</summary>
public sealed record StreamHead(long Seq, ReadOnlyMemory<byte> Hash)
{
    public static readonly StreamHead Empty = new(0, new byte[32]);
}

/// <summary>
/// A row as stored. <c>Hash = SHA-256(length-prefixed stream, seq, body ‖ previous hash)</c>; Body is the encoded entries
/// (see RowCodec). A changed, missing or inserted row breaks the chain.
/// </summary>
public sealed record JournalRow(string Stream, long Seq, ReadOnlyMemory<byte> Hash, ReadOnlyMemory<byte> Body);

/// <summary>A state at a durable row, so that loading need not replay from the first. Ignored when hash or version differ, or its code (see SnapshotCodes).</summary>
public sealed record Snapshot(long Seq, ReadOnlyMemory<byte> Hash, int Version, string? KeyId, ReadOnlyMemory<byte> State);

/// <summary>A client's idempotency key, taken in the same transaction as the row that its command produced.</summary>
/// <param name="BodyHash">SHA-256 of method, route and body: the same key with another body is a conflict, not a repeat.</param>
/// <param name="ExpiresMicros">When it may be pruned.</param>
/// <param name="Seq">Of the row that holds the outcome, or, while there is none, of the row that opened the command; set by the journal when it writes, as found when read.</param>
public sealed record ClientKey(string Tenant, string Credential, string Key, string Stream, Guid CommandId, ReadOnlyMemory<byte> BodyHash, long ExpiresMicros, long Seq = 0)
{
    /// <summary>Where another command has taken the key meanwhile the row is written without it: what was begun is finished. Of the committer's; a journal knows nothing of it.</summary>
    public bool Yields { get; init; }
}

/// <summary>
/// One row of a query table, written in the same transaction as the journal row it follows from. Absolute values; one owner
/// stream a row; <c>seq</c> of the owner's journal row is added by the journal and the row is written only if that is higher.
/// </summary>
/// <param name="Values">One per name in <c>Table.Columns</c>: string, long, or null.</param>
public sealed record TableUpsert(TableShape Table, IReadOnlyList<object?> Values);

/// <summary>A query table. The first <paramref name="KeyColumns"/> of <paramref name="Columns"/> are its primary key. Columns <c>stream</c> and <c>seq</c> are implied.</summary>
public sealed record TableShape(string Name, int KeyColumns, IReadOnlyList<string> Columns)
{
    /// <summary>Columns that a store may leave null where they say what follows from another; they are read as if it had not, and no query names them.</summary>
    public IReadOnlyList<DerivedColumn> Derived { get; init; } = [];

    /// <summary>An append expects its rows not to be there. Where one is, the row with the higher seq stays, as always.</summary>
    public bool IsWrittenOnce { get; init; }
}

/// <param name="At">Its place among the columns.</param>
/// <param name="From">The place of the column it follows from.</param>
/// <param name="Of">From a value that is not null; of null follows null.</param>
public sealed record DerivedColumn(int At, int From, Func<string, string> Of)
{
    internal string? In(IReadOnlyList<object?> values) => values[From] is string from ? Of(from) : null;

    /// <summary>The row says what follows, so a store may leave it out.</summary>
    internal bool Follows(IReadOnlyList<object?> values) => values[At] is string value && value == In(values);
}

/// <summary>Sets (or with null clears) the one alarm of a stream.</summary>
public readonly record struct AlarmChange(long? AtMicros);
