namespace Agora.Journal.Postgres;

public sealed record PostgresOptions
{
    /// <summary>
    /// As Npgsql takes it; what it says goes before what is set here. One key more: <c>Pooler=true</c> says that a pooler in
    /// transaction mode stands between, so nothing may be kept in a session: no prepared statements, no startup options.
    /// </summary>
    public required string ConnectionString { get; init; }

    /// <summary>Whether <see cref="ConnectionString"/> can be read; whether anyone answers there is another question.</summary>
    public static bool IsConnectionString(string text) => PostgresConnections.TryRead(text) is not null;

    /// <summary>Server and database, nothing secret.</summary>
    public static string NameOf(string connectionString) => PostgresConnections.TryRead(connectionString) is { } read ? PostgresConnections.NameOf(read.Given) : "?";

    /// <summary>Only reads, beside whoever writes; every write answers unavailable, and the schema is only checked.</summary>
    public bool ReadOnly { get; init; }

    /// <summary>
    /// Everything is read from one state, that of the first question, by one connection: a transaction of REPEATABLE READ that only reads. Nobody waits for it; but as long as it stands, what is
    /// replaced meanwhile is not vacuumed. Only where <see cref="ReadOnly"/>.
    /// </summary>
    public bool AtOneMoment { get; init; }

    /// <summary>Connections that append, hence batches that travel at the same time.</summary>
    public int Writers { get; init; } = 2;

    /// <summary>Connections for everything else. A journal never holds more than <see cref="Writers"/>, these, and two for the feed.</summary>
    public int Others { get; init; } = 6;

    /// <summary>The server gives up a statement after this: it waited for a lock, or for a disk. Nothing was written then.</summary>
    public TimeSpan StatementTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>The client gives up an answer after this, above the server's own bound: the connection is then taken for lost.</summary>
    public TimeSpan CommandTimeout { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>How long after a round the next one brings what waits behind the append to its place.</summary>
    internal TimeSpan RoundEvery { get; init; } = TimeSpan.FromSeconds(5);

    public IReadOnlyList<Migration> Migrations { get; init; } = Agora.Journal.Migrations.Of("postgres");
}
