using Agora.Journal.Archive;
using Microsoft.Data.Sqlite;

namespace Agora.Journal.Sqlite;

/// <summary>
/// The journal of one machine: one file, owned by one process (an exclusive lock on a file beside it, wherever links to it stand), one writing thread and a few
/// that read. Calls only queue, so they may be made from anywhere; their tasks go on in the caller's scheduler.
/// </summary>
public sealed partial class SqliteJournal : IJournal
{
    private readonly TimeProvider _time;
    private readonly FileStream? _lock;
    private readonly SqliteQueue _reads;
    private readonly SqliteQueue? _writes;
    private readonly SqliteWriter _writer;
    private readonly DeferredIndexer? _index;
    private readonly PackedBodies _bodies;
    private bool _disposed;

    private SqliteJournal(SqliteOptions options, FileStream? fileLock)
    {
        _time = options.Time;
        _bodies = new(PackOf);
        _lock = fileLock;
        _writer = new SqliteWriter(options.Path, options.BusyTimeout);
        _reads = new SqliteQueue(options.MaxWaiting);
        for (var i = 0; i < (options.AtOneMoment ? 1 : options.Readers); i++) _reads.Start($"journal reader {i}", new SqliteReader(options.Path, options.BusyTimeout, options.AtOneMoment).Work);
        if (options.ReadOnly) return;
        _writes = new SqliteQueue(options.MaxWaiting);
        _writes.Start("journal writer", _writer.Work);
        _index = new DeferredIndexer(_reads, _writes, options.Time);
    }

    /// <summary>Opens or makes the file, and brings its schema up to date. Throws <see cref="JournalRefusedException"/> with one line for the operator.</summary>
    public static SqliteJournal Open(SqliteOptions options)
    {
        FileStream? fileLock = null;
        var path = options.Path;
        try
        {
            options = options with { Path = RealName(path) };
            if (!options.ReadOnly)
            {
                fileLock = Lock(options.Path, path);
                using (File.Open(options.Path, OwnerOnly(FileShare.ReadWrite))) { }
            }

            using (var session = new SqliteSession(options.Path, options.ReadOnly, options.BusyTimeout))
            {
                if (!options.ReadOnly)
                    SqliteMigrator.Apply(session, options.Migrations);
                else if (SqliteMigrator.Check(session, options.Migrations).Count > 0)
                    throw new JournalOutdatedException($"The journal {path} has an older schema: start the program once to bring it up to date.");
            }

            return new SqliteJournal(options, fileLock);
        }
        catch (Exception e)
        {
            fileLock?.Dispose();
            if (e is SqliteException or IOException or UnauthorizedAccessException)
            {
                throw new JournalRefusedException($"The journal {path} cannot be opened: {e.Message}", e);
            }

            throw;
        }
    }

    public async Task<IReadOnlyList<AppendOutcome>> Append(IReadOnlyList<StreamAppend> batch, bool again, CancellationToken cancel)
    {
        try
        {
            return await Write<IReadOnlyList<AppendOutcome>>(session => SqliteAppends.Append(session, batch, again, NowMicros()), cancel);
        }
        finally
        {
            _appended.Raise(batch);
        }
    }

    public async Task<IReadOnlyList<JournalRow>> Read(string stream, long afterSeq, int limit, CancellationToken cancel) =>
        await _bodies.Fill(await ReadStored(stream, afterSeq, limit, cancel), JournalPages.MaxBytes, null, cancel);

    private Task<IReadOnlyList<JournalRow>> ReadStored(string stream, long afterSeq, int limit, CancellationToken cancel) =>
        _reads.Add<IReadOnlyList<JournalRow>>(
            session =>
            {
                try
                {
                    var room = (long)JournalPages.MaxBytes;
                    return session.ListUntil(
                        "SELECT j.seq, j.hash, j.body FROM journal j JOIN streams s ON s.id = j.stream WHERE s.name = $0 AND j.seq > $1 ORDER BY j.seq LIMIT $2",
                        row => new JournalRow(stream, row.GetInt64(0), Bytes(row, 1), Bytes(row, 2)),
                        row => (room -= row.Body.Length) <= 0,
                        stream, afterSeq, (long)limit);
                }
                catch (SqliteException e) when (SqliteErrors.IsCorrupt(e))
                {
                    throw new JournalCorruptException(stream, afterSeq + 1, $"the database cannot be read from here: {e.Message}", e);
                }
            },
            cancel);

    public async Task<FoundRow?> Find(LinkedTables tables, IReadOnlyList<object> key, CancellationToken cancel)
    {
        TableValues.CheckKey(tables.Table, key);
        return await _bodies.Fill(await _reads.Add(session => session.First(SqliteTables.Find(tables), row => SqlTables.Found(row, tables), [.. key]), cancel), cancel);
    }

    // The last code point, which no name holds, bounds the names that start with the prefix, so the index is read only there.
    public Task<IReadOnlyList<string>> Streams(string prefix, string? after, int limit, CancellationToken cancel) =>
        _reads.Add<IReadOnlyList<string>>(
            session => session.List(
                "SELECT name FROM streams WHERE name > $0 AND name >= $1 AND name < $2 ORDER BY name LIMIT $3",
                static row => row.GetString(0), after ?? "", prefix, prefix + "\U0010FFFF", (long)limit),
            cancel);

    public Task<Snapshot?> LoadSnapshot(string stream, CancellationToken cancel) =>
        _reads.Add(
            session => session.First(
                "SELECT seq, hash, version, key_id, state FROM snapshots WHERE stream = $0",
                static row => new Snapshot(row.GetInt64(0), Bytes(row, 1), row.GetInt32(2), row.IsDBNull(3) ? null : row.GetString(3), Bytes(row, 4)),
                stream),
            cancel);

    public Task SaveSnapshot(string stream, Snapshot snapshot, CancellationToken cancel) =>
        Write(
            session => session.Execute(
                "INSERT INTO snapshots (stream, seq, hash, version, key_id, state) VALUES ($0, $1, $2, $3, $4, $5) ON CONFLICT (stream) DO UPDATE SET "
                + "seq = excluded.seq, hash = excluded.hash, version = excluded.version, key_id = excluded.key_id, state = excluded.state",
                stream, snapshot.Seq, snapshot.Hash, snapshot.Version, snapshot.KeyId, snapshot.State),
            cancel);

    public Task<ClientKey?> FindKey(string tenant, string credential, string key, CancellationToken cancel) =>
        _reads.Add(
            session => session.First(
                "SELECT stream, command_id, body_hash, expires, seq FROM client_keys WHERE tenant = $0 AND credential = $1 AND key = $2",
                row => new ClientKey(tenant, credential, key, row.GetString(0), new Guid(row.GetFieldValue<byte[]>(1), bigEndian: true), Bytes(row, 2), row.GetInt64(3), row.GetInt64(4)),
                tenant, credential, key),
            cancel);

    public Task<IReadOnlyList<ClientKey>> KeysNamed(string tenant, string key, int limit, CancellationToken cancel) =>
        _reads.Add<IReadOnlyList<ClientKey>>(
            session => session.List(
                "SELECT stream, command_id, body_hash, expires, seq, credential FROM client_keys WHERE tenant = $0 AND key = $1 ORDER BY credential LIMIT $2",
                row => new ClientKey(tenant, row.GetString(5), key, row.GetString(0), new Guid(row.GetFieldValue<byte[]>(1), bigEndian: true), Bytes(row, 2), row.GetInt64(3), row.GetInt64(4)),
                tenant, key, (long)limit),
            cancel);

    public Task<int> PruneKeys(long nowMicros, int limit, CancellationToken cancel) =>
        Write(
            session => session.Execute(
                "DELETE FROM client_keys WHERE rowid IN (SELECT rowid FROM client_keys WHERE expires <= $0 ORDER BY expires LIMIT $1)", nowMicros, (long)limit),
            cancel);

    public Task<IReadOnlyList<Alarm>> Alarms(long upToMicros, Alarm? after, int limit, CancellationToken cancel) =>
        _reads.Add<IReadOnlyList<Alarm>>(
            session => session.List(
                "SELECT at, stream FROM due WHERE (at, stream) > ($0, $1) AND at <= $2 ORDER BY at, stream LIMIT $3",
                static row => new Alarm(row.GetInt64(0), row.GetString(1)), after?.AtMicros ?? long.MinValue, after?.Stream ?? "", upToMicros, (long)limit),
            cancel);

    // By the primary key: whoever asks for a few streams does not have all alarms read that stand before theirs.
    public Task<IReadOnlyList<Alarm>> AlarmsUnder(string prefix, long upToMicros, Alarm? after, int limit, CancellationToken cancel) =>
        _reads.Add<IReadOnlyList<Alarm>>(
            session => session.List(
                "SELECT at, stream FROM due WHERE stream >= $0 AND stream < $1 AND (+at, +stream) > ($2, $3) AND +at <= $4 ORDER BY +at, +stream LIMIT $5",
                static row => new Alarm(row.GetInt64(0), row.GetString(1)), prefix, prefix + "\U0010FFFF", after?.AtMicros ?? long.MinValue, after?.Stream ?? "", upToMicros, (long)limit),
            cancel);

    public Task<long> Probe(CancellationToken cancel) =>
        Write(
            session =>
            {
                var now = NowMicros();
                session.Execute("INSERT INTO probe (id, at) VALUES (1, $0) ON CONFLICT (id) DO UPDATE SET at = excluded.at", now);
                return now;
            },
            cancel);

    public Task<ReadOnlyMemory<byte>?> LoadKey(string keyId, CancellationToken cancel) => _reads.Add(session => Key(session, keyId), cancel);

    public Task<ReadOnlyMemory<byte>> PutKey(string keyId, ReadOnlyMemory<byte> wrapped, CancellationToken cancel) =>
        Write(
            session =>
            {
                session.Execute("INSERT INTO personal_keys (id, wrapped) VALUES ($0, $1) ON CONFLICT (id) DO NOTHING", keyId, wrapped);
                return Key(session, keyId)!.Value;
            },
            cancel);

    public Task DestroyKey(string keyId, CancellationToken cancel) =>
        Write(
            session =>
            {
                _writer.WipeLogAfterwards();
                return session.Execute("INSERT INTO personal_keys (id, wrapped) VALUES ($0, x'') ON CONFLICT (id) DO UPDATE SET wrapped = x''", keyId);
            },
            cancel);

    public async Task<TablePage> Query(TableQuery query, CancellationToken cancel)
    {
        var series = _index is null ? null : DeferredIndex.SeriesOf(query);
        if (series is { } deferred)
        {
            await _index!.CatchUp(deferred.Index, cancel);
        }

        return await _reads.Add(
            session =>
            {
                cancel.ThrowIfCancellationRequested(); // it may have waited long, and whoever asked has gone
                return SqliteTables.Query(session, query, series);
            },
            cancel);
    }

    public Task<IReadOnlyList<long>> Totals(TableShape table, string tenant, IReadOnlyList<string> columns, CancellationToken cancel) =>
        _reads.Add(session => SqliteTables.Totals(session, table, tenant, columns), cancel);

    public Task<DaySums?> Sums(DaysQuery query, CancellationToken cancel) => OfDays(session => SqliteTables.Sums(session, query), cancel);

    public Task<IReadOnlyList<ActiveDay>> Active(ActiveQuery query, CancellationToken cancel) => OfDays(session => SqliteTables.Active(session, query), cancel);

    public Task<IReadOnlyList<DayTotals>> DayTotals(TableShape table, string tenant, IReadOnlyList<string> columns, long fromDay, long toDay, CancellationToken cancel) =>
        _reads.Add(session => SqliteTables.DayTotals(session, table, tenant, columns, fromDay, toDay), cancel);

    public Task Clear(IReadOnlyList<TableShape> tables, CancellationToken cancel) =>
        Write(
            session =>
            {
                foreach (var table in tables) SqliteTables.Clear(session, table);
                return tables.Count;
            },
            cancel);

    public Task Write(IReadOnlyList<OwnedUpsert> rows, CancellationToken cancel) =>
        Write(
            session =>
            {
                foreach (var row in Upserts.LastOfEach(rows)) SqliteTables.Upsert(session, row.Stream, row.Seq, row.Upsert);
                return rows.Count;
            },
            cancel);

    /// <summary>What waits is still done; then the files are closed and the lock is given back.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, true)) return;
        if (_index is not null)
        {
            await _index.DisposeAsync();
        }

        await _reads.DisposeAsync();
        if (_writes is not null)
        {
            await _writes.DisposeAsync();
        }

        if (_lock is not null)
        {
            await _lock.DisposeAsync();
        }
    }

    /// <summary>Sums by the day are kept behind the append.</summary>
    private async Task<T> OfDays<T>(Func<SqliteSession, T> read, CancellationToken cancel)
    {
        if (_index is not null)
        {
            await _index.CatchUp(DeferredIndex.Runs, cancel);
        }

        return await _reads.Add(read, cancel);
    }

    private Task<T> Write<T>(Func<SqliteSession, T> run, CancellationToken cancel) =>
        _writes?.Add(run, cancel) ?? Task.FromException<T>(new JournalUnavailableException("the journal was opened for reading only"));

    private long NowMicros() => (_time.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond;

    private static ReadOnlyMemory<byte>? Key(SqliteSession session, string keyId) =>
        session.First("SELECT wrapped FROM personal_keys WHERE id = $0", static row => (ReadOnlyMemory<byte>?)Bytes(row, 0), keyId);

    private static ReadOnlyMemory<byte> Bytes(SqliteDataReader row, int column) => row.GetFieldValue<byte[]>(column);

    // Locked and opened is the file itself: under two names two owners would have a lock each, and a log each.
    private static string RealName(string path) => new FileInfo(path).LinkTarget is null ? path : File.ResolveLinkTarget(path, returnFinalTarget: true)!.FullName;

    // A second process would pass every check of its own, and both would be right about a different head.
    private static FileStream Lock(string path, string name)
    {
        try
        {
            return File.Open(path + ".lock", OwnerOnly(FileShare.None));
        }
        catch (IOException e) when (e is not (DirectoryNotFoundException or FileNotFoundException or PathTooLongException))
        {
            throw new JournalInUseException($"The journal {name} is in use by another process.", e);
        }
    }

    private static FileStreamOptions OwnerOnly(FileShare share)
    {
        var options = new FileStreamOptions { Mode = FileMode.OpenOrCreate, Access = FileAccess.ReadWrite, Share = share };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        return options;
    }
}
