using System.Data;
using System.Net.Sockets;
using Npgsql;

namespace Agora.Journal.Postgres;

/// <summary>
/// What an error means for the contract. A refused transaction was rolled back: nothing was written. When the connection ends instead,
/// be it with a last word of the server (FATAL), the commit may have happened: whoever wrote can only ask again.
/// </summary>
internal static class PostgresErrors
{
    private const string GuardClass = "AG";

    /// <summary>A row or key is there already, or the guard refused: which streams, the careful look finds out.</summary>
    public static bool IsRefusal(PostgresException e) => e.SqlState == PostgresErrorCodes.UniqueViolation || e.SqlState.StartsWith(GuardClass, StringComparison.Ordinal);

    /// <summary>The server chose this transaction to end a deadlock or a conflict; the same one may pass at once.</summary>
    public static bool IsTransient(PostgresException e) => e.SqlState is PostgresErrorCodes.DeadlockDetected or PostgresErrorCodes.SerializationFailure;

    public static bool IsCorrupt(Exception e) => e is PostgresException { SqlState: PostgresErrorCodes.DataCorrupted or PostgresErrorCodes.IndexCorrupted };

    /// <summary>The connection is gone; others to the same server, idle in their pool, probably too.</summary>
    public static bool IsLost(Exception e) => e is PostgresException refused
        ? refused.Severity is "FATAL" or "PANIC" || refused.InvariantSeverity is "FATAL" or "PANIC"
        : e is NpgsqlException or SocketException or System.IO.IOException or TimeoutException or ObjectDisposedException; // the last as of a connection that broke while it was in use

    /// <summary>Of what failed while a transaction was sent or answered.</summary>
    public static Exception OfWrite(Exception e) => IsLost(e) ? Unknown(e) : e is PostgresException refused && IsOperating(refused) ? Unavailable(refused) : e;

    /// <summary>Of what failed while reading, or while writing what may be written twice.</summary>
    public static Exception OfRead(Exception e) => IsLost(e) ? Unavailable(e) : OfWrite(e);

    // Classes of SQLSTATE: 08 connection, 40 rollback, 53 resources, 55 not in the state, 57 intervention, 58 system error, XX internal.
    private static bool IsOperating(PostgresException e) =>
        e.SqlState is PostgresErrorCodes.ReadOnlySqlTransaction || e.SqlState[..2] is "08" or "40" or "53" or "55" or "57" or "58" or "XX";

    /// <inheritdoc cref="OfWrite(Exception)"/>
    public static Exception OfWrite(Exception e, NpgsqlConnection connection) => HadBroken(e, connection) ? Unknown(e) : OfWrite(e);

    /// <inheritdoc cref="OfRead(Exception)"/>
    public static Exception OfRead(Exception e, NpgsqlConnection connection) => HadBroken(e, connection) ? Unavailable(e) : OfRead(e);

    // A connection can break while the server's refusal of the command before is read. Npgsql reports the next command on it as a wrong use.
    private static bool HadBroken(Exception e, NpgsqlConnection connection) => e is InvalidOperationException && connection.State is not ConnectionState.Open;

    public static JournalUnavailableException Unavailable(Exception e, string what = "")
    {
        CommitterMetrics.Failed();
        return new($"PostgreSQL: {what}{e.Message}", e);
    }

    private static JournalUnknownException Unknown(Exception e)
    {
        CommitterMetrics.Failed();
        return new($"PostgreSQL: {e.Message}", e);
    }
}
