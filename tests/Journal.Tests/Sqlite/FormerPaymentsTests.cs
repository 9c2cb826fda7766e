using Agora.Journal.Sqlite;
using Agora.Journal.Tests.Fakes;

namespace Agora.Journal.Tests.Sqlite;

/// <summary>The migration that sums payments of users too, over payments that are summed otherwise already and over some that wait yet.</summary>
public sealed class FormerPaymentsTests : IDisposable
{
    private readonly SqliteFile _file = new();

    public void Dispose() => _file.Dispose();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Sums_of_users_are_exact_of_payments_of_before_and_of_after(bool waiting)
    {
        await using (var former = SqliteJournal.Open(_file.Options(new ManualTime()) with { Migrations = FormerPayments.Before(Migrations.Of("sqlite")) })) // Nothing is done in the background.
        {
            await FormerPayments.Write(former);
            if (!waiting)
            {
                await former.Sums(new(Samples.Summed, "default", null, null, 0, 1), default);
            }
        }

        using (var connection = _file.Connect())
        {
            using var command = connection.CreateCommand();
            command.CommandText = "DELETE FROM runs_days WHERE kind = 'user_id'"; // The release before summed by everything else.
            command.ExecuteNonQuery();
        }

        await using (var journal = SqliteJournal.Open(_file.Options(new ManualTime())))
        {
            await FormerPayments.Check(journal);
        }

        using var after = _file.Connect();
        using var check = after.CreateCommand();
        check.CommandText = "PRAGMA integrity_check";
        Assert.Equal("ok", check.ExecuteScalar()); // A migration changed what the file says of a table's columns.
    }
}
