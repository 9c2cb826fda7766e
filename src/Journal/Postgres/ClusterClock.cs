using Npgsql;

namespace Agora.Journal.Postgres;

/// <summary>The database's clock, which all processes of a cluster have in common.</summary>
public static class ClusterClock
{
    /// <summary>How far this process's clock is ahead of the database's; less than zero: behind. Throws <see cref="JournalRefusedException"/> with one line for the operator.</summary>
    public static async Task<TimeSpan> Ahead(PostgresOptions options, TimeProvider time)
    {
        var ahead = TimeSpan.Zero;
        await ClusterSchema.On(options, "read", async (connection, _) =>
        {
            await using var command = new NpgsqlCommand("SELECT journal_now()", connection);
            var micros = (long)(await command.ExecuteScalarAsync())!;
            ahead = time.GetUtcNow() - DateTimeOffset.UnixEpoch.AddMicroseconds(micros);
        });
        return ahead;
    }
}
