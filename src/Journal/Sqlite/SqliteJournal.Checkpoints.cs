using Microsoft.Data.Sqlite;

namespace Agora.Journal.Sqlite;

/// <summary>The order is the journal's rowid: one process writes, and what a reader sees is committed, so the highest one is a cut.</summary>
public sealed partial class SqliteJournal
{
    private const string CheckpointColumns = "SELECT number, after, up_to, size, at, token FROM checkpoints";

    public Task<long> Cut(CancellationToken cancel) => _reads.Add(session => session.First("SELECT max(rowid) FROM journal", static row => row.IsDBNull(0) ? 0 : row.GetInt64(0)), cancel);

    public Task<IReadOnlyList<PlacedRow>> Placed(RowPlace after, long upTo, int limit, CancellationToken cancel) =>
        _reads.Add<IReadOnlyList<PlacedRow>>(
            session => session.List(
                "SELECT j.rowid, s.name, j.seq, j.hash FROM journal j JOIN streams s ON s.id = j.stream "
                + "WHERE j.rowid >= $0 AND j.rowid <= $1 AND (j.rowid, s.name, j.seq) > ($0, $2, $3) ORDER BY j.rowid LIMIT $4",
                static row => new PlacedRow(new RowPlace(row.GetInt64(0), row.GetString(1), row.GetInt64(2)), Bytes(row, 3)), after.Position, upTo, after.Stream, after.Seq, (long)limit),
            cancel);

    public Task<PlacedRow?> PlaceOf(string stream, long seq, CancellationToken cancel) =>
        _reads.Add(session => Place(session, stream, seq), cancel);

    public Task<bool> AddCheckpoint(Checkpoint checkpoint, IReadOnlyList<CheckpointTile> tiles, CancellationToken cancel) =>
        Write(
            session =>
            {
                if (session.First("SELECT coalesce(max(number), 0) FROM checkpoints", static row => row.GetInt64(0)) + 1 != checkpoint.Number)
                {
                    return false;
                }

                session.Execute(
                    "INSERT INTO checkpoints (number, after, up_to, size, at, token) VALUES ($0, $1, $2, $3, $4, $5)",
                    checkpoint.Number, checkpoint.After, checkpoint.UpTo, checkpoint.Size, checkpoint.AtMicros, checkpoint.Token);
                foreach (var tile in tiles)
                    session.Execute(
                        "INSERT INTO checkpoint_tiles (number, tile, position, stream, seq, root) VALUES ($0, $1, $2, $3, $4, $5)",
                        checkpoint.Number, tile.Tile, tile.First.Position, tile.First.Stream, tile.First.Seq, tile.Root);
                return true;
            },
            cancel);

    public Task<IReadOnlyList<Checkpoint>> Checkpoints(long after, int limit, CancellationToken cancel) =>
        _reads.Add<IReadOnlyList<Checkpoint>>(session => session.List($"{CheckpointColumns} WHERE number > $0 ORDER BY number LIMIT $1", CheckpointOf, after, (long)limit), cancel);

    public Task<Checkpoint?> LastCheckpoint(CancellationToken cancel) =>
        _reads.Add(session => session.First($"{CheckpointColumns} ORDER BY number DESC LIMIT 1", CheckpointOf), cancel);

    public Task<Checkpoint?> CheckpointOf(long position, CancellationToken cancel) =>
        _reads.Add(session => session.First($"{CheckpointColumns} WHERE up_to >= $0 AND after < $0 ORDER BY up_to LIMIT 1", CheckpointOf, position), cancel);

    public Task<IReadOnlyList<CheckpointTile>> Tiles(long number, CancellationToken cancel) =>
        _reads.Add<IReadOnlyList<CheckpointTile>>(
            session => session.List(
                "SELECT tile, position, stream, seq, root FROM checkpoint_tiles WHERE number = $0 ORDER BY tile",
                static row => new CheckpointTile(row.GetInt64(0), new RowPlace(row.GetInt64(1), row.GetString(2), row.GetInt64(3)), Bytes(row, 4)), number),
            cancel);

    public Task<IReadOnlyList<Checkpoint>> UntoldCheckpoints(int limit, CancellationToken cancel) =>
        _reads.Add<IReadOnlyList<Checkpoint>>(session => session.List($"{CheckpointColumns} WHERE told = 0 ORDER BY number LIMIT $0", CheckpointOf, (long)limit), cancel);

    public Task MarkTold(long number, CancellationToken cancel) => Write(session => session.Execute("UPDATE checkpoints SET told = 1 WHERE number = $0", number), cancel);

    private static PlacedRow? Place(SqliteSession session, string stream, long seq) =>
        session.First(
            "SELECT j.rowid, j.hash FROM journal j JOIN streams s ON s.id = j.stream WHERE s.name = $0 AND j.seq = $1",
            row => new PlacedRow(new RowPlace(row.GetInt64(0), stream, seq), Bytes(row, 1)), stream, seq);

    private static Checkpoint CheckpointOf(SqliteDataReader row) => new(row.GetInt64(0), row.GetInt64(1), row.GetInt64(2), row.GetInt64(3), row.GetInt64(4), row.GetString(5));
}
