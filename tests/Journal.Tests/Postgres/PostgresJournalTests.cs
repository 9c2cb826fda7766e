using Agora.Journal.Postgres;
using Agora.Testing.Postgres;
using Npgsql;

namespace Agora.Journal.Tests.Postgres;

[NeedsPostgres]
public sealed class PostgresJournalTests : JournalConformance
{
    private readonly string _database = PostgresDatabase.Create();
    private NpgsqlConnection? _other;

    protected override long NowMicros => 1_767_225_600_000_000;

    protected override async Task<IJournal> Open() =>
        await PostgresJournal.Open(PostgresDatabase.Options(_database, NowMicros) with { StatementTimeout = TimeSpan.FromSeconds(2) });

    protected override Task AddSums() => ((PostgresJournal)Journal).AddSums(default);

    // Another program holds a lock that it should not hold for long.
    protected override async Task SetUnavailable(bool unavailable)
    {
        if (!unavailable)
        {
            await _other!.DisposeAsync();
            return;
        }

        _other = PostgresServer.Connect(_database);
        await _other.BeginTransactionAsync();
        await using var hold = new NpgsqlCommand("LOCK TABLE journal, probe IN EXCLUSIVE MODE", _other);
        await hold.ExecuteNonQueryAsync();
    }

    protected override async Task<IJournal> OpenAnother() => await PostgresJournal.Open(PostgresDatabase.Options(PostgresDatabase.Create(), NowMicros));

    protected override Task<IJournal> Reopen() => Open();
}
