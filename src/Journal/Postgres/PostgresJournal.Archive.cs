namespace Agora.Journal.Postgres;

/// <summary><c>sql/postgres/0040_archive.sql</c>. What bodies leave is filled again once it is vacuumed: the table grows no further, and is not made smaller.</summary>
public sealed partial class PostgresJournal
{
    public Task<IReadOnlyList<UnarchivedRows>> Unarchived(IReadOnlyList<string> streams, CancellationToken cancel) =>
        List(
            """
            SELECT n.name, coalesce((SELECT a.last FROM journal_archive a WHERE a.stream = n.name ORDER BY a.first DESC LIMIT 1), 0) + 1, h.seq
            FROM unnest($1::text[]) AS n (name) CROSS JOIN LATERAL (SELECT j.seq, octet_length(j.body) AS bytes FROM journal j WHERE j.stream = n.name ORDER BY j.seq DESC LIMIT 1) h
            WHERE h.bytes > 0
            """,
            static row => new UnarchivedRows(row.GetString(0), row.GetInt64(1), row.GetInt64(2)),
            cancel, PostgresColumns.Text([.. streams]));

    public Task<bool> Archive(RowPack pack, CancellationToken cancel) =>
        Write(
            async connection =>
            {
                await using var command = Command(
                    connection,
                    "SELECT journal_archived($1, $2, $3, $4)",
                    PostgresColumns.Text(pack.Stream), PostgresColumns.Number(pack.First), PostgresColumns.Number(pack.Last), PostgresColumns.Bytes(pack.Bytes));
                return (bool)(await command.ExecuteScalarAsync(cancel))!;
            },
            cancel);

    public Task<RowPack?> PackOf(string stream, long seq, CancellationToken cancel) =>
        First(
            "SELECT first, last, bodies FROM journal_archive WHERE stream = $1 AND first <= $2 AND last >= $2 ORDER BY first DESC LIMIT 1",
            row => new RowPack(stream, row.GetInt64(0), row.GetInt64(1), Bytes(row, 2)),
            cancel, PostgresColumns.Text(stream), PostgresColumns.Number(seq));
}
