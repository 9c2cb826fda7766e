using Npgsql;

namespace Agora.Journal.Postgres;

/// <summary>
/// After a refusal: which streams may not be written, and why. Keys are read before rows: an earlier attempt of the same batch may commit
/// between the two, and its keys must not be seen without its rows.
/// </summary>
internal static class PostgresLook
{
    /// <summary>An outcome for each append, or null where nothing speaks against it; which incarnation of the server it is of, and whether the last rows are there if that is another one than theirs.</summary>
    public static async Task<(AppendOutcome?[] Outcomes, long Incarnation, bool AreThere)> At(NpgsqlConnection connection, List<StreamAppend> appends, LastRows last, bool again, CancellationToken cancel)
    {
        var keys = appends.SelectMany(static append => append.Keys).ToArray();
        await using var batch = new NpgsqlBatch(connection);
        batch.BatchCommands.Add(new("SELECT * FROM journal_taken($1, $2, $3)")
        {
            Parameters =
            {
                PostgresColumns.Text(Array.ConvertAll(keys, static key => key.Tenant)),
                PostgresColumns.Text(Array.ConvertAll(keys, static key => key.Credential)),
                PostgresColumns.Text(Array.ConvertAll(keys, static key => key.Key)),
            },
        });
        batch.BatchCommands.Add(new("SELECT i, head, next, above, journal_now() FROM journal_look($1, $2)")
        {
            Parameters = { PostgresColumns.Text([.. appends.Select(static append => append.Stream)]), PostgresColumns.Numbers([.. appends.Select(static append => append.Head.Seq)]) },
        });
        batch.BatchCommands.Add(new(
            "SELECT journal_incarnation(), CASE WHEN journal_incarnation() = $1 THEN true "
            + "ELSE NOT EXISTS (SELECT FROM journal_look($2, $3) l WHERE l.head IS DISTINCT FROM ($4::bytea[])[l.i::integer]) END")
        {
            Parameters =
            {
                PostgresColumns.Number(last.Incarnation),
                PostgresColumns.Text([.. last.Rows.Select(static row => row.Stream)]),
                PostgresColumns.Numbers([.. last.Rows.Select(static row => row.Seq)]),
                PostgresColumns.Bytes([.. last.Rows.Select(static row => row.Hash)]),
            },
        });
        try
        {
            await using var reader = await batch.ExecuteReaderAsync(cancel);
            var taken = new HashSet<(string, string, string)>();
            while (await reader.ReadAsync(cancel)) taken.Add(NameOf(keys[reader.GetInt64(0) - 1]));
            await reader.NextResultAsync(cancel);
            var places = new Place[appends.Count];
            while (await reader.ReadAsync(cancel)) places[reader.GetInt64(0) - 1] = new Place(Bytes(reader, 1), Bytes(reader, 2), reader.GetBoolean(3), reader.GetInt64(4));
            var outcomes = new AppendOutcome?[appends.Count];
            for (var i = 0; i < outcomes.Length; i++) outcomes[i] = Judge(appends[i], places[i], taken, again);
            await reader.NextResultAsync(cancel);
            await reader.ReadAsync(cancel);
            return (outcomes, reader.GetInt64(0), reader.GetBoolean(1));
        }
        catch (Exception e) when (PostgresErrors.OfRead(e, connection) is var mapped && mapped != e)
        {
            throw mapped;
        }
    }

    private static AppendOutcome? Judge(StreamAppend append, Place place, HashSet<(string, string, string)> taken, bool again)
    {
        var follows = !place.Above && (append.Head.Seq == 0 || append.Head.Hash.Span.SequenceEqual(place.Head));
        if (append.Row is not { } row) return follows ? null : AppendOutcome.Moved;
        if (place.Next is { } next) return again && row.Hash.Span.SequenceEqual(next) ? AppendOutcome.Written : AppendOutcome.Moved;
        if (!follows) return AppendOutcome.Moved;
        if (append.IsAhead(place.NowMicros)) return AppendOutcome.ClockAhead;

        // Those that will be written take theirs, so that the second of two streams in a batch finds a key taken.
        var names = append.Keys.Select(NameOf).ToList();
        if (names.Exists(taken.Contains) || names.Distinct().Count() < names.Count) return AppendOutcome.KeyTaken;
        taken.UnionWith(names);
        return null;
    }

    private static (string, string, string) NameOf(ClientKey key) => (key.Tenant, key.Credential, key.Key);

    private static byte[]? Bytes(NpgsqlDataReader row, int column) => row.IsDBNull(column) ? null : row.GetFieldValue<byte[]>(column);

    private readonly record struct Place(byte[]? Head, byte[]? Next, bool Above, long NowMicros);
}
