namespace Agora.Journal;

/// <summary>
/// The one store of record. It keeps, for each stream, a chain of rows; rows, query tables, client keys and alarms that
/// belong together are written in one transaction or not at all.
/// <para>Contract. Each numbered case is one test of the conformance suite, on every provider.</para>
/// <list type="number">
/// <item>A batch is atomic: after any failure either all of its admitted streams are durable or none is.</item>
/// <item>A stream is at most once in a batch, and at most one batch with a stream is open at a time; callers keep that.</item>
/// <item>(stream, seq) is unique: an append at a seq that exists answers <see cref="AppendOutcome.Moved"/> and writes nothing of that stream; the other streams of the batch are written.</item>
/// <item>An append whose predecessor is missing or has another hash answers Moved.</item>
/// <item>A head check (no row) answers Written exactly when its head is the stream's last row, by seq and hash (or the stream is empty), else Moved: after a fail-over that lost rows an activation may hold a head that is gone, or in whose place another row stands.</item>
/// <item>A client key that is taken answers <see cref="AppendOutcome.KeyTaken"/>, and nothing of that stream is written.</item>
/// <item>Acknowledged means durable: it survives kill -9 and power loss, and every later read, in any process, sees it.</item>
/// <item>Rows of a stream are read in order of seq, without gaps, as they were written, to the byte.</item>
/// <item>A table row is replaced only by one with a higher seq of its owner stream.</item>
/// <item><see cref="JournalUnavailableException"/>: nothing was written; the same append may be tried again.</item>
/// <item><see cref="JournalUnknownException"/>: it is not known whether the batch was written. The caller resends the identical batch with <c>again: true</c> until it is known: rows already there with the same hash count as Written, with another hash as Moved.</item>
/// <item>A row stamped more than 5 s ahead of the store's clock answers <see cref="AppendOutcome.ClockAhead"/>, and nothing of that stream is written.</item>
/// <item>Alarms and snapshots are hints: losing a snapshot costs time only; an alarm is written only by its stream's own append.</item>
/// <item>A client key's <see cref="ClientKey.Seq"/> is of the row that took it, until a row of the same stream names its command in <see cref="StreamAppend.Decides"/>: from then on it is that row's, and moves in the same transaction.</item>
/// <item>A query from a position (<see cref="TableQuery.After"/>) gives the rows behind it in its order, and no other: whoever goes on from each page's last row meets every row that was there all the time exactly once, whatever is written meanwhile.</item>
/// <item>Alarms under a prefix are those whose streams' names start with it, byte by byte, and are ordered and paged as all are.</item>
/// <item>A row that is found by its key comes with the journal row that it follows from, to the byte, and with the row of the linked table, if there is one.</item>
/// </list>
/// Calls may block a thread inside; they are never made from a grain's turn.
/// </summary>
public interface IJournal : ITables, ICheckpoints, IFeed, IArchive, IAsyncDisposable
{
    /// <summary>Writes a batch; the result has one outcome an item, in order.</summary>
    Task<IReadOnlyList<AppendOutcome>> Append(IReadOnlyList<StreamAppend> batch, bool again, CancellationToken cancel);

    /// <summary>Rows with seq above <paramref name="afterSeq"/>, in order: at least one where there is one, and no further one after <see cref="JournalPages.MaxBytes"/>.</summary>
    Task<IReadOnlyList<JournalRow>> Read(string stream, long afterSeq, int limit, CancellationToken cancel);

    /// <summary>Names of streams in order of their UTF-8 bytes, above <paramref name="after"/> (exclusive; null = from the start), starting with <paramref name="prefix"/>.</summary>
    Task<IReadOnlyList<string>> Streams(string prefix, string? after, int limit, CancellationToken cancel);

    /// <summary>
    /// A row of a query table by its key, with the journal row that it follows from and the row that is linked to it: what one answer shows, in one round trip and of one state of the
    /// store. Null: there is no such row.
    /// </summary>
    /// <param name="key">A value for each column of the table's primary key.</param>
    Task<FoundRow?> Find(LinkedTables tables, IReadOnlyList<object> key, CancellationToken cancel);

    Task<Snapshot?> LoadSnapshot(string stream, CancellationToken cancel);

    Task SaveSnapshot(string stream, Snapshot snapshot, CancellationToken cancel);

    Task<ClientKey?> FindKey(string tenant, string credential, string key, CancellationToken cancel);

    /// <summary>Keys of this name, whoever sent them, by credential: for people who look for what a key began, never for a decision.</summary>
    Task<IReadOnlyList<ClientKey>> KeysNamed(string tenant, string key, int limit, CancellationToken cancel);

    /// <summary>Deletes expired client keys, a bounded number; returns how many.</summary>
    Task<int> PruneKeys(long nowMicros, int limit, CancellationToken cancel);

    /// <summary>Alarms at or before <paramref name="upToMicros"/>, ordered by (at, stream), after the given position.</summary>
    Task<IReadOnlyList<Alarm>> Alarms(long upToMicros, Alarm? after, int limit, CancellationToken cancel);

    /// <summary>The same of streams whose names start with <paramref name="prefix"/>, found by that: for few streams whose time is not the world's.</summary>
    Task<IReadOnlyList<Alarm>> AlarmsUnder(string prefix, long upToMicros, Alarm? after, int limit, CancellationToken cancel);

    /// <summary>The store's clock, µs since the Unix epoch. Throws <see cref="JournalUnavailableException"/> when the store cannot be written.</summary>
    Task<long> Probe(CancellationToken cancel);

    /// <summary>Wrapped personal keys (see Personal/): get, put once, destroy. Null: never put. A destroyed key leaves a mark, read as no bytes, and cannot be put again.</summary>
    Task<ReadOnlyMemory<byte>?> LoadKey(string keyId, CancellationToken cancel);

    /// <summary>Stores a wrapped key if none is there, and returns the one that is there now; no bytes when it is destroyed.</summary>
    Task<ReadOnlyMemory<byte>> PutKey(string keyId, ReadOnlyMemory<byte> wrapped, CancellationToken cancel);

    Task DestroyKey(string keyId, CancellationToken cancel);

    /// <summary>
    /// Keys destroyed since the position of an earlier answer, by whatever process; each at least once. Null: this store does not tell,
    /// and who must know reads the key again.
    /// </summary>
    Task<DestroyedKeys?> DestroyedKeys(string? since, CancellationToken cancel) => Task.FromResult<DestroyedKeys?>(null);
}

/// <param name="Position">For the next question.</param>
/// <param name="Follows">False when nothing is known of the time before this answer: at the first question, and after a fail-over.</param>
public sealed record DestroyedKeys(string Position, bool Follows, IReadOnlyList<string> Ids);

public sealed record Alarm(long AtMicros, string Stream);

public enum AppendOutcome
{
    /// <summary>Durable (or, for a head check, confirmed).</summary>
    Written = 1,

    /// <summary>Another writer has moved the stream on: the activation that sent this has lost its place.</summary>
    Moved = 2,

    /// <summary>The client key is taken.</summary>
    KeyTaken = 3,

    /// <summary>The row's time is more than 5 s ahead of the store's clock.</summary>
    ClockAhead = 4,
}

/// <summary>One stream's share of a batch.</summary>
/// <param name="Head">Where the writer believes the stream stands.</param>
/// <param name="Row">The row to append at Head.Seq + 1, or null for a head check.</param>
/// <param name="AtMicros">Time of the row's last entry by the world's clock, for the clock check.</param>
public sealed record StreamAppend(
    string Stream,
    StreamHead Head,
    JournalRow? Row,
    long AtMicros,
    IReadOnlyList<TableUpsert> Upserts,
    IReadOnlyList<ClientKey> Keys,
    AlarmChange? Alarm)
{
    /// <summary>Commands whose client keys earlier rows of the stream took, and which this row decides. One whose key is not there is passed over.</summary>
    public IReadOnlyList<Guid> Decides { get; init; } = [];

    private const long MaxAheadMicros = 5_000_000;

    /// <summary>Case 12: stamped further ahead of the store's clock than is taken.</summary>
    internal bool IsAhead(long nowMicros) => AtMicros > nowMicros + MaxAheadMicros;
}

/// <summary>The store did not take the batch and says so: nothing was written.</summary>
public class JournalUnavailableException(string message, Exception? inner = null) : Exception(message, inner);

/// <summary>Rows that were acknowledged to this process are gone after a fail-over: from now on nothing is written through this journal, and the process has to be started anew.</summary>
public sealed class JournalCutOffException() : JournalUnavailableException("acknowledged rows are gone after a fail-over: this process writes no more and has to be started anew");

/// <summary>The acknowledgement was lost: the batch may or may not be written.</summary>
public sealed class JournalUnknownException(string message, Exception? inner = null) : Exception(message, inner);

/// <summary>Query tables: projections of the journal, for lists and history. Decisions never read them.</summary>
public interface ITables
{
    Task<TablePage> Query(TableQuery query, CancellationToken cancel);

    /// <summary>
    /// Sums of columns over all rows of a tenant, of one state of the store. A table whose totals are asked has them kept beside it, in
    /// <c>{name}_totals</c>, by whatever writes its rows: exact, and read in the time of a few rows. A sum that does not fit throws.
    /// </summary>
    Task<IReadOnlyList<long>> Totals(TableShape table, string tenant, IReadOnlyList<string> columns, CancellationToken cancel);

    /// <summary>
    /// Count and sums over whole days, of one state of the store: exact, whatever was repeated, rebuilt or given back. Null: nobody keeps them by this
    /// column, and more than <see cref="DaysQuery.AddedUpTo"/> rows match.
    /// </summary>
    Task<DaySums?> Sums(DaysQuery query, CancellationToken cancel);

    /// <summary>Which values of a column are active, by the day, in order. It reads a row for each value and day.</summary>
    Task<IReadOnlyList<ActiveDay>> Active(ActiveQuery query, CancellationToken cancel);

    /// <summary>The sums of columns for each value of the column <c>day</c>, in order, from one state of the store. Days without rows are left out. Cost: it reads each row of the days.</summary>
    /// <param name="fromDay">Days since the Unix epoch, UTC.</param>
    /// <param name="toDay">Exclusive.</param>
    Task<IReadOnlyList<DayTotals>> DayTotals(TableShape table, string tenant, IReadOnlyList<string> columns, long fromDay, long toDay, CancellationToken cancel);

    /// <summary>For <c>rebuild</c>: empties the named tables.</summary>
    Task Clear(IReadOnlyList<TableShape> tables, CancellationToken cancel);

    /// <summary>For <c>rebuild</c>: writes rows as an append of (stream, seq) would have; handed in by ascending seq of each stream, all of one seq in one call.</summary>
    Task Write(IReadOnlyList<OwnedUpsert> rows, CancellationToken cancel);
}

/// <param name="Sums">In the order of the requested columns.</param>
public sealed record DayTotals(long Day, IReadOnlyList<long> Sums);

public sealed record OwnedUpsert(string Stream, long Seq, TableUpsert Upsert);

/// <summary>
/// Which rows of a table: all conditions hold (AND), ordered by the named columns and then by the primary key, one page. Text is
/// ordered by its UTF-8 bytes, null comes before everything. Equal and NotEqual take null as a value; other comparisons with it are false.
/// </summary>
public sealed record TableQuery(TableShape Table, IReadOnlyList<Condition> Where, IReadOnlyList<Order> OrderBy, int Offset, int Limit)
{
    /// <summary>
    /// Only rows behind this position: a value for each column of <see cref="OrderBy"/>, which has one direction then, no null, and every column of the
    /// primary key that no condition pins. It names values, so the row that they were read from may be gone. Null: from the start.
    /// </summary>
    public IReadOnlyList<object>? After { get; init; }

    /// <summary>The count goes up to here, for what reads millions of rows is no list any more; 0: nothing is counted. A position does not change it.</summary>
    public long CountUpTo { get; init; } = long.MaxValue;

    /// <summary>
    /// Conditions beside <see cref="Where"/> that no index serves. The rows that Where selects are looked at in their order, <see cref="LookAt"/> of them behind the position, and those
    /// of which these hold are the page: whatever matches, no more is read. The order names one place then, as a position does, and there is no offset.
    /// </summary>
    public IReadOnlyList<Condition> Sieve { get; init; } = [];

    /// <summary>Rows that are looked at for a sieve, at least one; as many from the start for its count.</summary>
    public int LookAt { get; init; } = int.MaxValue;
}

public sealed record Condition(string Column, Comparison Comparison, object? Value);

/// <summary>AnyOf takes a list of strings, which is not empty.</summary>
public enum Comparison { Equal, NotEqual, LessThan, AtMost, GreaterThan, AtLeast, AnyOf }

public sealed record Order(string Column, bool Descending = false);

/// <summary>A page and the exact count of all rows that match, as far as it was asked for.</summary>
public sealed record TablePage(IReadOnlyList<TableRow> Rows, long TotalCount)
{
    /// <summary>The position of the last row that was looked at, where rows follow it that were not and the page is not full; null: the page is full, or nothing follows.</summary>
    public IReadOnlyList<object>? LookedTo { get; init; }

    /// <summary>False: rows were left that were not looked at before the count was at its end, so it is no count of all.</summary>
    public bool IsCounted { get; init; } = true;
}

/// <summary>Two tables of which the first names rows of the second.</summary>
/// <param name="By">Columns of <paramref name="Table"/> with the values of the other's primary key, in its order; where one is null there is no such row.</param>
public sealed record LinkedTables(TableShape Table, TableShape Linked, IReadOnlyList<string> By);

/// <param name="Source">The journal row that it follows from; null: the journal has been cut off before it.</param>
public sealed record FoundRow(TableRow Row, JournalRow? Source, TableRow? Linked);

/// <summary>A row as read; values in the order of the table's columns. Stream and Seq name the journal row that it follows from.</summary>
public sealed record TableRow(string Stream, long Seq, IReadOnlyList<object?> Values);
