namespace Agora.Journal.Sqlite;

/// <summary>
/// The statistics by which SQLite chooses indices, written by rule instead of measured (ADR 0128). Without statistics SQLite assumes that one column of any index is as selective as
/// another, and reads a whole tenant by time where it could read one user. With measured statistics, plans would depend on what was in the file on the day of the measurement.
/// </summary>
internal static class SqliteStatistics
{
    /// <summary>Assumed size of every table, in rows.</summary>
    private const int Rows = 1_000_000;

    /// <summary>
    /// Each column of an index leaves one row in 128, a whole unique index one row, so the index that binds most columns wins. No index is used without its first column: SQLite
    /// takes a skip scan to be cheap where statistics say that the first column has few values. A table WITHOUT ROWID keeps the statistics of its primary key under its own name
    /// (https://www.sqlite.org/fileformat2.html#stat1tab).
    /// </summary>
    private const string ByRule =
        """
        SELECT tbl, idx, $0 || ' ' || group_concat(CASE WHEN uniq AND last THEN 1 ELSE max(1, $0 >> (7 * (place + 1))) END, ' ' ORDER BY place) || ' noskipscan' AS stat
        FROM (SELECT t.name AS tbl, iif(t.wr AND i.origin = 'pk', t.name, i.name) AS idx, i."unique" AS uniq, c.seqno AS place,
                c.seqno = max(c.seqno) OVER (PARTITION BY i.name) AS last
            FROM pragma_table_list AS t JOIN pragma_index_list(t.name) AS i JOIN pragma_index_info(i.name) AS c
            WHERE t.schema = 'main' AND t.type = 'table' AND t.name NOT LIKE 'sqlite\_%' ESCAPE '\')
        GROUP BY tbl, idx
        """;

    /// <summary>Writes the statistics if they are not those of the schema: after a migration, also if its process died before it wrote them, and in a file of an older release. Connections that are opened later use them.</summary>
    public static void Write(SqliteSession session)
    {
        if (!session.First("SELECT 1 FROM sqlite_schema WHERE name = 'sqlite_stat1'", static _ => true))
        {
            session.Script("ANALYZE sqlite_schema"); // creates the table without measuring anything
        }

        if (!session.First($"SELECT 1 FROM ({ByRule} EXCEPT SELECT tbl, idx, stat FROM sqlite_stat1)", static _ => true, (long)Rows)) return;

        session.Control("BEGIN IMMEDIATE");
        try
        {
            session.Execute("DELETE FROM sqlite_stat1");
            session.Execute($"INSERT INTO sqlite_stat1 (tbl, idx, stat) {ByRule}", (long)Rows);
            session.Control("COMMIT");
        }
        catch
        {
            session.TryRollback();
            throw;
        }
    }
}
