using System.Runtime.CompilerServices;
using Agora.Journal.Archive;
using Agora.Journal.Feed;
using Npgsql;
using static Agora.Journal.SqlTables;

namespace Agora.Journal.Postgres;

/// <summary>
/// The journal of many processes: one PostgreSQL database (15 or newer), whose clock, unique keys and commits are what the contract
/// rests on. Works behind a pooler in transaction mode when it is told so (<see cref="PostgresOptions.ConnectionString"/>).
/// </summary>
public sealed partial class PostgresJournal : IJournal
{
    // Bounds what a round has in memory, and how long it takes.
    private const int RoundAtMost = 50_000;

    // Of single rows. What is found may be megabytes each, and is in memory together.
    private const int FindsAtOnce = 2, KeysAtOnce = 32;
    private readonly PostgresOptions _options;
    private readonly PostgresConnections _connections;
    private readonly PostgresTables _tables;
    private readonly PostgresRows _rows;
    private readonly PostgresHeads _heads;
    private readonly PostgresAppends _appends;
    private readonly PostgresMoment? _moment;
    private readonly Background? _sums;
    private readonly PackedBodies _bodies;
    private readonly ConditionalWeakTable<LinkedTables, Coalescer<IReadOnlyList<object>, FoundRow?>> _finds = [];

    private PostgresJournal(PostgresOptions options, PostgresConnections connections, PostgresSchema schema, PostgresHeads heads)
    {
        _options = options;
        _bodies = new(PackOf);
        _connections = connections;
        _tables = new PostgresTables(schema);
        _rows = new PostgresRows(schema);
        _heads = heads;
        _appends = new PostgresAppends(connections.Writers, _tables, heads);
        _wakes = new PostgresWakes(options, _appended);
        _moment = options.AtOneMoment ? new PostgresMoment(connections) : null;
        _sums = options.ReadOnly ? null : new Background(options.RoundEvery, TimeProvider.System, AddAllSums);
    }

    /// <summary>Completes when rows that were acknowledged to this process turn out to be gone: it writes no more then, answers <see cref="JournalCutOffException"/>, and has to end.</summary>
    public Task CutOff => _heads.CutOff;

    /// <summary>Brings the schema up to date, or only checks it for reading. Throws <see cref="JournalRefusedException"/> with one line for the operator.</summary>
    public static async Task<PostgresJournal> Open(PostgresOptions options)
    {
        var connections = new PostgresConnections(options);
        try
        {
            await using var connection = await PostgresConnections.Open(connections.Others, CancellationToken.None);
            if (!options.ReadOnly)
            {
                await PostgresMigrator.Apply(connection, options.Migrations);
                await ContinueNumbering(connection);
            }
            else if (await PostgresMigrator.Check(connection, options.Migrations) > 0)
                throw new JournalOutdatedException($"The journal {connections.Name} has an older schema: start the program once to bring it up to date.");
            var heads = options.ReadOnly ? new() : await PostgresHeads.Of(connection);
            return new PostgresJournal(options, connections, await PostgresSchema.Read(connection), heads);
        }
        catch (Exception e)
        {
            await connections.DisposeAsync();
            if (e is NpgsqlException or JournalUnavailableException)
            {
                throw new JournalRefusedException($"The journal {connections.Name} cannot be opened: {e.Message}", e);
            }

            throw;
        }
    }

    public async Task<IReadOnlyList<AppendOutcome>> Append(IReadOnlyList<StreamAppend> batch, bool again, CancellationToken cancel)
    {
        cancel.ThrowIfCancellationRequested();
        if (_options.ReadOnly) throw OnlyReading();
        try
        {
            return await _appends.Append(batch, again, cancel);
        }
        finally
        {
            if (batch.Any(static append => append.Row is not null))
            {
                _wakes.Appended(FeedTopics.Of(batch));
            }
        }
    }

    public async Task<IReadOnlyList<JournalRow>> Read(string stream, long afterSeq, int limit, CancellationToken cancel)
    {
        try
        {
            var rows = await List(
                """
                SELECT seq, hash, body FROM (
                  SELECT seq, hash, body, sum(octet_length(body)) OVER (ORDER BY seq ROWS UNBOUNDED PRECEDING) - octet_length(body) AS before
                  FROM journal WHERE stream = $1 AND seq > $2 ORDER BY seq LIMIT $3) page
                WHERE before < $4 ORDER BY seq
                """,
                row => new JournalRow(stream, row.GetInt64(0), Bytes(row, 1), Bytes(row, 2)),
                cancel, PostgresColumns.Text(stream), PostgresColumns.Number(afterSeq), PostgresColumns.Number(limit), PostgresColumns.Number(JournalPages.MaxBytes));
            return await _bodies.Fill(rows, JournalPages.MaxBytes, null, cancel);
        }
        catch (JournalUnavailableException e) when (e.InnerException is { } inner && PostgresErrors.IsCorrupt(inner))
        {
            throw new JournalCorruptException(stream, afterSeq + 1, $"the database cannot be read from here: {inner.Message}", inner);
        }
    }

    public async Task<FoundRow?> Find(LinkedTables tables, IReadOnlyList<object> key, CancellationToken cancel)
    {
        TableValues.CheckKey(tables.Table, key);
        FoundRow? found;
        try
        {
            found = await _finds.GetValue(tables, Finds).Ask(key).WaitAsync(cancel);
        }
        catch (JournalUnavailableException e) when (e.InnerException is { } inner && PostgresErrors.IsCorrupt(inner))
        {
            found = (await Find(tables, [key]))[0]; // It may be another's row that cannot be read.
        }

        return await _bodies.Fill(found, cancel);
    }

    private Coalescer<IReadOnlyList<object>, FoundRow?> Finds(LinkedTables tables) => new(FindsAtOnce, KeysAtOnce, keys => Find(tables, keys));

    private async Task<IReadOnlyList<FoundRow?>> Find(LinkedTables tables, IReadOnlyList<IReadOnlyList<object>> keys)
    {
        var found = new FoundRow?[keys.Count];
        foreach (var (place, row) in await List(PostgresRows.Find(tables), row => (Place: row.GetInt64(0), Found(row, tables, from: 1)), CancellationToken.None, PostgresRows.Keys(keys)))
        {
            found[place - 1] = row;
        }

        return found;
    }

    // From name to name, one search of the index each: there are many more rows than streams.
    public Task<IReadOnlyList<string>> Streams(string prefix, string? after, int limit, CancellationToken cancel) =>
        List(
            """
            WITH RECURSIVE names (name, place) AS (
              (SELECT stream, 1 FROM journal WHERE stream > $1 AND stream >= $2 AND stream < $3 ORDER BY stream LIMIT 1)
              UNION ALL
              SELECT (SELECT j.stream FROM journal j WHERE j.stream > n.name AND j.stream < $3 ORDER BY j.stream LIMIT 1), n.place + 1
              FROM names n WHERE n.name IS NOT NULL AND n.place < $4)
            SELECT name FROM names WHERE name IS NOT NULL ORDER BY name LIMIT $4
            """,
            static row => row.GetString(0),
            cancel, PostgresColumns.Text(after ?? ""), PostgresColumns.Text(prefix), PostgresColumns.Text(prefix + "\U0010FFFF"), PostgresColumns.Number(limit));

    public Task<Snapshot?> LoadSnapshot(string stream, CancellationToken cancel) =>
        First(
            "SELECT seq, hash, version, key_id, state FROM snapshots WHERE stream = $1",
            static row => new Snapshot(row.GetInt64(0), Bytes(row, 1), row.GetInt32(2), row.IsDBNull(3) ? null : row.GetString(3), Bytes(row, 4)),
            cancel, PostgresColumns.Text(stream));

    public Task SaveSnapshot(string stream, Snapshot snapshot, CancellationToken cancel) =>
        Execute(
            "INSERT INTO snapshots (stream, seq, hash, version, key_id, state) VALUES ($1, $2, $3, $4::integer, $5, $6) ON CONFLICT (stream) DO UPDATE SET "
            + "seq = excluded.seq, hash = excluded.hash, version = excluded.version, key_id = excluded.key_id, state = excluded.state",
            cancel, PostgresColumns.Text(stream), PostgresColumns.Number(snapshot.Seq), PostgresColumns.Bytes(snapshot.Hash),
            PostgresColumns.Number(snapshot.Version), PostgresColumns.Text(snapshot.KeyId), PostgresColumns.Bytes(snapshot.State));

    public Task<ClientKey?> FindKey(string tenant, string credential, string key, CancellationToken cancel) =>
        First(
            "SELECT stream, command_id, body_hash, expires, seq FROM client_keys WHERE tenant = $1 AND credential = $2 AND key = $3",
            row => new ClientKey(tenant, credential, key, row.GetString(0), row.GetGuid(1), Bytes(row, 2), row.GetInt64(3), row.GetInt64(4)),
            cancel, PostgresColumns.Text(tenant), PostgresColumns.Text(credential), PostgresColumns.Text(key));

    public Task<IReadOnlyList<ClientKey>> KeysNamed(string tenant, string key, int limit, CancellationToken cancel) =>
        List(
            "SELECT stream, command_id, body_hash, expires, seq, credential FROM client_keys WHERE tenant = $1 AND key = $2 ORDER BY credential LIMIT $3",
            row => new ClientKey(tenant, row.GetString(5), key, row.GetString(0), row.GetGuid(1), Bytes(row, 2), row.GetInt64(3), row.GetInt64(4)),
            cancel, PostgresColumns.Text(tenant), PostgresColumns.Text(key), PostgresColumns.Number(limit));

    // Several processes prune: each takes what no other is at.
    public Task<int> PruneKeys(long nowMicros, int limit, CancellationToken cancel) =>
        Execute(
            "DELETE FROM client_keys WHERE ctid = ANY (ARRAY (SELECT ctid FROM client_keys WHERE expires <= $1 ORDER BY expires LIMIT $2 FOR UPDATE SKIP LOCKED))",
            cancel, PostgresColumns.Number(nowMicros), PostgresColumns.Number(limit));

    public Task<IReadOnlyList<Alarm>> Alarms(long upToMicros, Alarm? after, int limit, CancellationToken cancel) =>
        List(
            "SELECT at, stream FROM due WHERE (at, stream) > ($1, $2) AND at <= $3 ORDER BY at, stream LIMIT $4",
            static row => new Alarm(row.GetInt64(0), row.GetString(1)),
            cancel, PostgresColumns.Number(after?.AtMicros ?? long.MinValue), PostgresColumns.Text(after?.Stream ?? ""), PostgresColumns.Number(upToMicros), PostgresColumns.Number(limit));

    public Task<IReadOnlyList<Alarm>> AlarmsUnder(string prefix, long upToMicros, Alarm? after, int limit, CancellationToken cancel) =>
        List(
            "SELECT at, stream FROM due WHERE stream >= $1 AND stream < $2 AND (at, stream) > ($3, $4) AND at <= $5 ORDER BY at, stream LIMIT $6",
            static row => new Alarm(row.GetInt64(0), row.GetString(1)),
            cancel,
            PostgresColumns.Text(prefix), PostgresColumns.Text(prefix + "\U0010FFFF"), PostgresColumns.Number(after?.AtMicros ?? long.MinValue), PostgresColumns.Text(after?.Stream ?? ""), PostgresColumns.Number(upToMicros), PostgresColumns.Number(limit));

    public async Task<long> Probe(CancellationToken cancel) =>
        await Write(
            async connection =>
            {
                await using var command = Command(
                    connection, "INSERT INTO probe (id, at) VALUES (1, journal_now()) ON CONFLICT (id) DO UPDATE SET at = excluded.at RETURNING at");
                return (long)(await command.ExecuteScalarAsync(cancel))!;
            },
            cancel);

    public async Task<ReadOnlyMemory<byte>?> LoadKey(string keyId, CancellationToken cancel) =>
        await First("SELECT wrapped FROM personal_keys WHERE id = $1", static row => (ReadOnlyMemory<byte>?)Bytes(row, 0), cancel, PostgresColumns.Text(keyId));

    public async Task<ReadOnlyMemory<byte>> PutKey(string keyId, ReadOnlyMemory<byte> wrapped, CancellationToken cancel)
    {
        await ExecuteDurably("INSERT INTO personal_keys (id, wrapped) VALUES ($1, $2) ON CONFLICT (id) DO NOTHING", cancel, PostgresColumns.Text(keyId), PostgresColumns.Bytes(wrapped));
        return (await LoadKey(keyId, cancel))!.Value;
    }

    public Task DestroyKey(string keyId, CancellationToken cancel) =>
        ExecuteDurably(
            "INSERT INTO personal_keys (id, wrapped, destroyed) VALUES ($1, '', pg_current_xact_id()) ON CONFLICT (id) DO UPDATE SET wrapped = '', destroyed = excluded.destroyed",
            cancel, PostgresColumns.Text(keyId));

    // A position is the incarnation and the oldest transaction that was not over then: what it or a later one destroyed, this look may be the first to see.
    public async Task<DestroyedKeys?> DestroyedKeys(string? since, CancellationToken cancel)
    {
        string[] position = since?.Split('/') ?? ["", "0"];
        var rows = await List(
            """
            SELECT now.incarnation, now.oldest, k.id
            FROM (SELECT journal_incarnation()::text AS incarnation, pg_snapshot_xmin(pg_current_snapshot())::text AS oldest) now
            LEFT JOIN personal_keys k ON now.incarnation = $1 AND k.destroyed >= $2::xid8
            """,
            static row => (Incarnation: row.GetString(0), Oldest: row.GetString(1), Id: row.IsDBNull(2) ? null : row.GetString(2)),
            cancel, PostgresColumns.Text(position[0]), PostgresColumns.Text(position[1]));
        return new DestroyedKeys($"{rows[0].Incarnation}/{rows[0].Oldest}", rows[0].Incarnation == position[0], [.. rows.Select(row => row.Id).OfType<string>()]);
    }

    public Task<TablePage> Query(TableQuery query, CancellationToken cancel) => Use(connection => _rows.Query(connection, query, cancel), cancel);

    public Task<IReadOnlyList<long>> Totals(TableShape table, string tenant, IReadOnlyList<string> columns, CancellationToken cancel) =>
        Use(connection => PostgresTables.Totals(connection, table, tenant, columns, cancel), cancel);

    public Task<DaySums?> Sums(DaysQuery query, CancellationToken cancel) => Use(connection => PostgresTables.Sums(connection, query, cancel), cancel);

    public Task<IReadOnlyList<ActiveDay>> Active(ActiveQuery query, CancellationToken cancel) => Use(connection => PostgresTables.Active(connection, query, cancel), cancel);

    public Task<IReadOnlyList<DayTotals>> DayTotals(TableShape table, string tenant, IReadOnlyList<string> columns, long fromDay, long toDay, CancellationToken cancel) =>
        Use(connection => PostgresTables.DayTotals(connection, table, tenant, columns, fromDay, toDay, cancel), cancel);

    /// <summary>Brings some of what waits to the sums by the day, and to places. No answer of <see cref="Sums"/> or <see cref="Query"/> changes by it.</summary>
    /// <returns>How many runs waited, up to <paramref name="most"/>.</returns>
    internal Task<long> AddSums(CancellationToken cancel, long most = RoundAtMost) => Write(connection => PostgresRounds.Runs(connection, most, cancel), cancel);

    /// <summary>The same of calls.</summary>
    internal Task<long> AddAudit(CancellationToken cancel, long most = RoundAtMost) => Write(connection => PostgresRounds.Audit(connection, most, cancel), cancel);

    /// <summary>Brings all that waits to its place. Each process does it, nobody waits for it, and one at a time has something to do.</summary>
    internal async Task AddAllSums(CancellationToken cancel)
    {
        while (await AddSums(cancel) == RoundAtMost)
        {
        }

        while (await AddAudit(cancel) == RoundAtMost)
        {
        }
    }

    public Task Clear(IReadOnlyList<TableShape> tables, CancellationToken cancel) =>
        Write(
            async connection =>
            {
                await using var batch = new NpgsqlBatch(connection);
                foreach (var table in tables) batch.BatchCommands.Add(PostgresTables.Clear(table));
                return tables.Count == 0 ? 0 : await batch.ExecuteNonQueryAsync(cancel);
            },
            cancel);

    public Task Write(IReadOnlyList<OwnedUpsert> rows, CancellationToken cancel)
    {
        foreach (var row in rows) TableValues.Check(row.Upsert);
        return Write(
            async connection =>
            {
                await using var batch = new NpgsqlBatch(connection);
                _tables.Upsert(batch, [.. Upserts.LastOfEach(rows)], areNew: false);
                return rows.Count == 0 ? 0 : await batch.ExecuteNonQueryAsync(cancel);
            },
            cancel);
    }

    public async ValueTask DisposeAsync()
    {
        if (_sums is not null)
        {
            await _sums.DisposeAsync();
        }

        await _wakes.DisposeAsync();
        if (_moment is not null)
        {
            await _moment.DisposeAsync();
        }

        await _connections.DisposeAsync();
    }

    private Task<IReadOnlyList<T>> List<T>(string sql, Func<NpgsqlDataReader, T> read, CancellationToken cancel, params NpgsqlParameter[] parameters) =>
        Use<IReadOnlyList<T>>(
            async connection =>
            {
                await using var command = Command(connection, sql, parameters);
                await using var reader = await command.ExecuteReaderAsync(cancel);
                var list = new List<T>();
                while (await reader.ReadAsync(cancel)) list.Add(read(reader));
                return list;
            },
            cancel);

    private async Task<T?> First<T>(string sql, Func<NpgsqlDataReader, T> read, CancellationToken cancel, params NpgsqlParameter[] parameters) =>
        await List(sql, read, cancel, parameters) is [var first, ..] ? first : default;

    private Task<int> Execute(string sql, CancellationToken cancel, params NpgsqlParameter[] parameters) =>
        Write(
            async connection =>
            {
                await using var command = Command(connection, sql, parameters);
                return await command.ExecuteNonQueryAsync(cancel);
            },
            cancel);

    // A key that seals what is acknowledged, or a destruction that is, must be as durable, whatever the server's default is.
    private Task ExecuteDurably(string sql, CancellationToken cancel, params NpgsqlParameter[] parameters) =>
        Write(
            async connection =>
            {
                await using var batch = new NpgsqlBatch(connection) { BatchCommands = { new($"SELECT {PostgresAppends.Durably}"), new(sql) } };
                foreach (var parameter in parameters) batch.BatchCommands[1].Parameters.Add(parameter.Clone());
                return await batch.ExecuteNonQueryAsync(cancel);
            },
            cancel);

    private Task<T> Write<T>(Func<NpgsqlConnection, Task<T>> run, CancellationToken cancel) =>
        _options.ReadOnly ? Task.FromException<T>(OnlyReading())
        : CutOff.IsCompleted ? Task.FromException<T>(new JournalCutOffException())
        : Use(run, cancel);

    // All that goes here may be done twice: once more on a new connection when an old one turns out to be gone, as all do when the server
    // restarts; and a lost answer is no more than unavailable.
    private async Task<T> Use<T>(Func<NpgsqlConnection, Task<T>> run, CancellationToken cancel)
    {
        if (_moment is not null) return await _moment.Use(run, cancel);
        for (var again = false; ; again = true)
        {
            await using var connection = await PostgresConnections.Open(_connections.Others, cancel);
            try
            {
                return await run(connection);
            }
            catch (Exception e) when (!again && PostgresErrors.IsLost(e))
            {
                _connections.Others.Clear();
            }
            catch (Exception e) when (PostgresErrors.OfRead(e) is var mapped && mapped != e)
            {
                throw mapped;
            }
        }
    }

    private static JournalUnavailableException OnlyReading() => new("the journal was opened for reading only");

    private static NpgsqlCommand Command(NpgsqlConnection connection, string sql, params NpgsqlParameter[] parameters)
    {
        var command = new NpgsqlCommand(sql, connection);
        foreach (var parameter in parameters) command.Parameters.Add(parameter.Clone()); // One belongs to one command; this may be the second.
        return command;
    }

    private static ReadOnlyMemory<byte> Bytes(NpgsqlDataReader row, int column) => row.GetFieldValue<byte[]>(column);
}
