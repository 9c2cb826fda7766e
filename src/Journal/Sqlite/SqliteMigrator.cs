namespace Agora.Journal.Sqlite;

/// <summary>Brings a database to the program's schema: each migration in a transaction of its own, with the hash of its file recorded in the same.</summary>
internal static class SqliteMigrator
{
    public static void Apply(SqliteSession session, IReadOnlyList<Migration> known)
    {
        session.Script("CREATE TABLE IF NOT EXISTS migrations (number INTEGER PRIMARY KEY, name TEXT NOT NULL, sha256 TEXT NOT NULL)");
        foreach (var migration in Check(session, known))
        {
            session.Control("BEGIN IMMEDIATE");
            try
            {
                session.Script(migration.Sql);
                session.Execute("INSERT INTO migrations (number, name, sha256) VALUES ($0, $1, $2)", migration.Number, migration.Name, migration.Sha256);
                session.Control("COMMIT");
            }
            catch
            {
                session.TryRollback();
                throw;
            }
        }

        SqliteStatistics.Write(session);
    }

    /// <summary>What is not applied yet; refuses what <see cref="Migrations.Pending"/> refuses.</summary>
    public static IReadOnlyList<Migration> Check(SqliteSession session, IReadOnlyList<Migration> known) =>
        Migrations.Pending(known, session.List(
            "SELECT number, name, sha256 FROM migrations ORDER BY number",
            static row => new AppliedMigration(row.GetInt32(0), row.GetString(1), row.GetString(2))));
}
