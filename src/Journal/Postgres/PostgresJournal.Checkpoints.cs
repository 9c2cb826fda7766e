using Npgsql;

namespace Agora.Journal.Postgres;

/// <summary>The order is that of transactions: <c>sql/postgres/0007_proof.sql</c> says why, and what a cut is.</summary>
public sealed partial class PostgresJournal
{
    private const string CheckpointColumns = "SELECT number, after, up_to, size, at, token FROM checkpoints";

    public async Task<long> Cut(CancellationToken cancel) => (await List("SELECT journal_cut()", static row => row.GetInt64(0), cancel))[0];

    public Task<IReadOnlyList<PlacedRow>> Placed(RowPlace after, long upTo, int limit, CancellationToken cancel) =>
        List(
            "SELECT tx, stream, seq, hash FROM journal_placed($1, $2, $3, $4, $5)",
            static row => new PlacedRow(new RowPlace(row.GetInt64(0), row.GetString(1), row.GetInt64(2)), Bytes(row, 3)),
            cancel, PostgresColumns.Number(after.Position), PostgresColumns.Text(after.Stream), PostgresColumns.Number(after.Seq), PostgresColumns.Number(upTo), PostgresColumns.Number(limit));

    public Task<PlacedRow?> PlaceOf(string stream, long seq, CancellationToken cancel) =>
        First(
            "SELECT tx, hash FROM journal WHERE stream = $1 AND seq = $2",
            row => new PlacedRow(new RowPlace(row.GetInt64(0), stream, seq), Bytes(row, 1)),
            cancel, PostgresColumns.Text(stream), PostgresColumns.Number(seq));

    // Of two who add the same number the second waits for the first and then adds nothing. What is signed must be as durable as what it covers.
    public async Task<bool> AddCheckpoint(Checkpoint checkpoint, IReadOnlyList<CheckpointTile> tiles, CancellationToken cancel) =>
        await Write(
            async connection =>
            {
                await using var command = Command(
                    connection,
                    $"""
                    WITH added AS (
                      INSERT INTO checkpoints (number, after, up_to, size, at, token)
                      SELECT $1, $2, $3, $4, $5, $6 WHERE $1 = (SELECT coalesce(max(number), 0) + 1 FROM checkpoints)
                      ON CONFLICT DO NOTHING RETURNING number),
                    with_tiles AS (
                      INSERT INTO checkpoint_tiles (number, tile, position, stream, seq, root)
                      SELECT added.number, t.* FROM added, unnest($7::bigint[], $8::bigint[], $9::text[], $10::bigint[], $11::bytea[]) t)
                    SELECT count(*), {PostgresAppends.Durably} FROM added
                    """,
                    PostgresColumns.Number(checkpoint.Number), PostgresColumns.Number(checkpoint.After), PostgresColumns.Number(checkpoint.UpTo),
                    PostgresColumns.Number(checkpoint.Size), PostgresColumns.Number(checkpoint.AtMicros), PostgresColumns.Text(checkpoint.Token),
                    PostgresColumns.Numbers([.. tiles.Select(t => t.Tile)]), PostgresColumns.Numbers([.. tiles.Select(t => t.First.Position)]),
                    PostgresColumns.Text([.. tiles.Select(t => t.First.Stream)]), PostgresColumns.Numbers([.. tiles.Select(t => t.First.Seq)]),
                    PostgresColumns.Bytes([.. tiles.Select(t => t.Root)]));
                return (long)(await command.ExecuteScalarAsync(cancel))! == 1;
            },
            cancel);

    public Task<IReadOnlyList<Checkpoint>> Checkpoints(long after, int limit, CancellationToken cancel) =>
        List($"{CheckpointColumns} WHERE number > $1 ORDER BY number LIMIT $2", CheckpointOf, cancel, PostgresColumns.Number(after), PostgresColumns.Number(limit));

    public Task<Checkpoint?> LastCheckpoint(CancellationToken cancel) => First($"{CheckpointColumns} ORDER BY number DESC LIMIT 1", CheckpointOf, cancel);

    public Task<Checkpoint?> CheckpointOf(long position, CancellationToken cancel) =>
        First($"{CheckpointColumns} WHERE up_to >= $1 AND after < $1 ORDER BY up_to LIMIT 1", CheckpointOf, cancel, PostgresColumns.Number(position));

    public Task<IReadOnlyList<CheckpointTile>> Tiles(long number, CancellationToken cancel) =>
        List(
            "SELECT tile, position, stream, seq, root FROM checkpoint_tiles WHERE number = $1 ORDER BY tile",
            static row => new CheckpointTile(row.GetInt64(0), new RowPlace(row.GetInt64(1), row.GetString(2), row.GetInt64(3)), Bytes(row, 4)),
            cancel, PostgresColumns.Number(number));

    public Task<IReadOnlyList<Checkpoint>> UntoldCheckpoints(int limit, CancellationToken cancel) =>
        List($"{CheckpointColumns} WHERE told = 0 ORDER BY number LIMIT $1", CheckpointOf, cancel, PostgresColumns.Number(limit));

    public Task MarkTold(long number, CancellationToken cancel) => Execute("UPDATE checkpoints SET told = 1 WHERE number = $1", cancel, PostgresColumns.Number(number));

    private static async Task ContinueNumbering(NpgsqlConnection connection)
    {
        await using var transaction = await connection.BeginTransactionAsync();
        foreach (var sql in new[] { "SET LOCAL statement_timeout = 0", "SELECT journal_continue_numbering()" })
        {
            await using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = 0 };
            await command.ExecuteNonQueryAsync();
        }

        await transaction.CommitAsync();
    }

    private static Checkpoint CheckpointOf(NpgsqlDataReader row) => new(row.GetInt64(0), row.GetInt64(1), row.GetInt64(2), row.GetInt64(3), row.GetInt64(4), row.GetString(5));
}
