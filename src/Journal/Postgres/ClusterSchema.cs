using Npgsql;

namespace Agora.Journal.Postgres;

/// <summary>What Orleans' own providers need of the database (<c>sql/orleans</c>): beside the journal's tables, with a book of its own.</summary>
public static class ClusterSchema
{
    private const string Book = "orleans_migrations";

    /// <summary>Brings it up to date; any number of processes may do so at once. Throws <see cref="JournalRefusedException"/> with one line for the operator.</summary>
    public static async Task Apply(PostgresOptions options)
    {
        await using var connections = new PostgresConnections(options);
        try
        {
            await using var connection = await PostgresConnections.Open(connections.Others, CancellationToken.None);
            await PostgresMigrator.Apply(connection, Migrations.Of("orleans"), Book);
        }
        catch (Exception e) when (e is NpgsqlException or JournalUnavailableException)
        {
            throw new JournalRefusedException($"The cluster's tables in {connections.Name} cannot be brought up to date: {e.Message}", e);
        }
    }

    /// <summary>The connection string as other users of Npgsql take it, without our own keys.</summary>
    public static string ConnectionString(string given) =>
        PostgresConnections.TryRead(given)?.Given.ConnectionString ?? throw new JournalRefusedException("The connection string of the cluster is none of PostgreSQL.");
}
