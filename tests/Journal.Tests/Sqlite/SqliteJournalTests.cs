using Agora.Journal.Sqlite;
using Agora.Journal.Tests.Fakes;
using Microsoft.Data.Sqlite;

namespace Agora.Journal.Tests.Sqlite;

public sealed class SqliteJournalTests : JournalConformance
{
    private readonly ManualTime _time = new();
    private readonly SqliteFile _file = new();
    private readonly SqliteFile _another = new();
    private SqliteConnection? _other;

    protected override long NowMicros => _time.NowMicros;

    protected override Task<IJournal> Open() => Task.FromResult<IJournal>(SqliteJournal.Open(_file.Options(_time) with { BusyTimeout = TimeSpan.FromMilliseconds(1) }));

    // Another program, such as a backup, holds the write lock.
    protected override async Task SetUnavailable(bool unavailable)
    {
        if (!unavailable)
        {
            await _other!.DisposeAsync();
            return;
        }

        _other = _file.Connect();
        using var begin = _other.CreateCommand();
        begin.CommandText = "BEGIN IMMEDIATE";
        await begin.ExecuteNonQueryAsync();
    }

    protected override Task<IJournal> OpenAnother() => Task.FromResult<IJournal>(SqliteJournal.Open(_another.Options(_time)));

    protected override async Task<IJournal> Reopen()
    {
        await Journal.DisposeAsync();
        return await Open();
    }

    public override async Task DisposeAsync()
    {
        await base.DisposeAsync();
        _file.Dispose();
        _another.Dispose();
    }
}
