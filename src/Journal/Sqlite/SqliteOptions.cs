namespace Agora.Journal.Sqlite;

public sealed record SqliteOptions
{
    /// <summary>The database file; made if it is not there, readable by its owner only. A lock file and SQLite's own -wal and -shm stand beside it.</summary>
    public required string Path { get; init; }

    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>Only reads, beside the process that owns the file if there is one; every write answers unavailable.</summary>
    public bool ReadOnly { get; init; }

    /// <summary>
    /// Everything is read from one state, that of the first question, by one connection: a read transaction of the write-ahead log. Nobody waits for it; but the log
    /// is not begun anew as long as it stands, and grows by what is written meanwhile. Only where <see cref="ReadOnly"/>.
    /// </summary>
    public bool AtOneMoment { get; init; }

    /// <summary>Connections, and threads, that read at the same time.</summary>
    public int Readers { get; init; } = 4;

    /// <summary>Calls that may wait; more are refused as unavailable. Loads of activations are the many: a second's worth of them.</summary>
    public int MaxWaiting { get; init; } = 16_384;

    /// <summary>How long a write waits for another program (a backup, a shell) that holds the file's write lock.</summary>
    public TimeSpan BusyTimeout { get; init; } = TimeSpan.FromSeconds(2);

    public IReadOnlyList<Migration> Migrations { get; init; } = Agora.Journal.Migrations.Of("sqlite");
}
