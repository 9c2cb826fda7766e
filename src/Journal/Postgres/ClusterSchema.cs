using System.Net;
using Npgsql;

namespace Agora.Journal.Postgres;

/// <summary>What Orleans' own providers need of the database (<c>sql/orleans</c>): beside the journal's tables, with a book of its own.</summary>
public static class ClusterSchema
{
    private const string Book = "orleans_migrations";
    private const int Active = 3; // Orleans' SiloStatus

    /// <summary>Brings it up to date; any number of processes may do so at once. Throws <see cref="JournalRefusedException"/> with one line for the operator.</summary>
    public static Task Apply(PostgresOptions options) => On(options, "brought up to date", (connection, _) => PostgresMigrator.Apply(connection, Migrations.Of("orleans"), Book));

    /// <summary>For who may only read it. Throws <see cref="JournalOutdatedException"/> where it is not up to date.</summary>
    public static Task Check(PostgresOptions options) => On(options, "read", async (connection, name) =>
    {
        if (await PostgresMigrator.Check(connection, Migrations.Of("orleans"), Book) > 0)
        {
            throw new JournalOutdatedException($"The cluster's tables in {name} are older, or not there: start a silo to bring them up to date.");
        }
    });

    /// <summary>Where silos listen for each other that are active in the cluster, as its table has it: some may be gone.</summary>
    public static async Task<IReadOnlyList<IPEndPoint>> ActiveMembers(PostgresOptions options, string clusterId)
    {
        var members = new List<IPEndPoint>();
        await On(options, "read", async (connection, _) =>
        {
            await using var command = new NpgsqlCommand("SELECT address, port FROM orleansmembershiptable WHERE deploymentid = $1 AND status = $2", connection)
            {
                Parameters = { new() { Value = clusterId }, new() { Value = Active } },
            };
            await using var reader = await command.ExecuteReaderAsync();
            while (await reader.ReadAsync()) members.Add(new(IPAddress.Parse(reader.GetString(0)), reader.GetInt32(1)));
        });
        return members;
    }

    internal static async Task On(PostgresOptions options, string what, Func<NpgsqlConnection, string, Task> act)
    {
        await using var connections = new PostgresConnections(options);
        try
        {
            await using var connection = await PostgresConnections.Open(connections.Others, CancellationToken.None);
            await act(connection, connections.Name);
        }
        catch (Exception e) when (e is NpgsqlException or JournalUnavailableException)
        {
            throw new JournalRefusedException($"The cluster's tables in {connections.Name} cannot be {what}: {e.Message}", e);
        }
    }

    /// <summary>The connection string as other users of Npgsql take it, without our own keys.</summary>
    public static string ConnectionString(string given) =>
        PostgresConnections.TryRead(given)?.Given.ConnectionString ?? throw new JournalRefusedException("The connection string of the cluster is none of PostgreSQL.");
}
