using System.Text.Json;

namespace Agora.Journal.Sqlite;

/// <summary>Rows are added behind all others, so room within a page is never filled again, and pages of which little is left become one only where a row is taken out. So an archived row is taken out and put back to its place.</summary>
public sealed partial class SqliteJournal
{
    public Task<IReadOnlyList<UnarchivedRows>> Unarchived(IReadOnlyList<string> streams, CancellationToken cancel) =>
        _reads.Add<IReadOnlyList<UnarchivedRows>>(
            session => session.List(
                "SELECT n.value, coalesce((SELECT max(last) FROM journal_archive WHERE stream = s.id), 0) + 1, j.seq FROM json_each($0) n CROSS JOIN streams s ON s.name = n.value "
                + "CROSS JOIN journal j ON j.stream = s.id AND j.seq = (SELECT max(seq) FROM journal WHERE stream = s.id) WHERE length(j.body) > 0",
                static row => new UnarchivedRows(row.GetString(0), row.GetInt64(1), row.GetInt64(2)), JsonSerializer.Serialize(streams)),
            cancel);

    public Task<bool> Archive(RowPack pack, CancellationToken cancel) =>
        Write(
            session =>
            {
                var stream = session.First("SELECT id FROM streams WHERE name = $0", static row => row.GetInt64(0), pack.Stream);
                if (session.First("SELECT 1 FROM due WHERE stream = $0", static row => row.GetInt64(0), pack.Stream) != 0
                    || session.First("SELECT 1 FROM journal_archive WHERE stream = $0 AND first <= $2 AND last >= $1", static row => row.GetInt64(0), stream, pack.First, pack.Last) != 0) return false;

                session.Execute("INSERT INTO journal_archive (stream, first, last, bodies) VALUES ($0, $1, $2, $3)", stream, pack.First, pack.Last, pack.Bytes);
                var rows = session.List(
                    "DELETE FROM journal WHERE stream = $0 AND seq BETWEEN $1 AND $2 AND length(body) > 0 RETURNING rowid, seq, hash", static row => (At: row.GetInt64(0), Seq: row.GetInt64(1), Hash: Bytes(row, 2)), stream, pack.First, pack.Last);
                foreach (var row in rows) session.Execute("INSERT INTO journal (rowid, stream, seq, hash, body) VALUES ($0, $1, $2, $3, x'')", row.At, stream, row.Seq, row.Hash);
                return rows.Count == pack.Last - pack.First + 1 ? true : throw new InvalidOperationException($"the pack {pack.First} to {pack.Last} of {pack.Stream} has {rows.Count} rows in the journal");
            },
            cancel);

    public Task<RowPack?> PackOf(string stream, long seq, CancellationToken cancel) =>
        _reads.Add(
            session => session.First(
                "SELECT first, last, bodies FROM journal_archive WHERE stream = (SELECT id FROM streams WHERE name = $0) AND first <= $1 AND last >= $1 ORDER BY first DESC LIMIT 1",
                row => new RowPack(stream, row.GetInt64(0), row.GetInt64(1), Bytes(row, 2)), stream, seq),
            cancel);
}
