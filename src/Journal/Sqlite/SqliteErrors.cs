using Microsoft.Data.Sqlite;

namespace Agora.Journal.Sqlite;

/// <summary>
/// What an error of SQLite means for the contract. Before COMMIT everything is rolled back: nothing was written. At COMMIT a full disk
/// or a failed write means that the log's last frame, which alone makes it valid, is not there; another IO error may be that of the
/// sync after it, and then a crash may yet find the transaction.
/// </summary>
internal static class SqliteErrors
{
    private const int Perm = 3, Busy = 5, Locked = 6, NoMem = 7, ReadOnly = 8, Interrupt = 9, IoError = 10, Corrupt = 11, Full = 13, CantOpen = 14, Protocol = 15, Auth = 23, NotADatabase = 26;
    private const int IoErrorWrite = IoError | (3 << 8);

    public static bool IsOperating(SqliteException e) =>
        e.SqliteErrorCode is Perm or Busy or Locked or NoMem or ReadOnly or Interrupt or IoError or Corrupt or Full or CantOpen or Protocol or Auth or NotADatabase;

    public static bool IsCorrupt(SqliteException e) => e.SqliteErrorCode is Corrupt or NotADatabase;

    /// <summary>After these the connection is opened anew before its next use: it may have fallen back to reading, or lost its files.</summary>
    public static bool NeedsReopening(SqliteException e) => e.SqliteErrorCode is ReadOnly or IoError or CantOpen or Corrupt or NotADatabase;

    /// <summary>What the caller gets; errors that are none of operation (a wrong statement) are defects and stay as they are.</summary>
    public static Exception Map(SqliteException e, bool atCommit)
    {
        if (!IsOperating(e)) return e;

        CommitterMetrics.Failed();
        var what = $"SQLite: {e.Message} ({e.SqliteExtendedErrorCode})";
        return atCommit && e.SqliteErrorCode == IoError && e.SqliteExtendedErrorCode != IoErrorWrite ? new JournalUnknownException(what, e) : new JournalUnavailableException(what, e);
    }
}
