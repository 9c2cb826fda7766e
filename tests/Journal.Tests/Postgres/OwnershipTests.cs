using Agora.Journal.Postgres;
using Agora.Testing;
using Agora.Testing.Postgres;

namespace Agora.Journal.Tests.Postgres;

/// <summary>Who may write to a database beside whom, and what becomes of that when connections and processes go.</summary>
public sealed class OwnershipTests
{
    private const string EndConnections = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'agora owner'";

    [PostgresTheory]
    [InlineData(true, true)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    public async Task One_that_is_alone_stands_beside_no_other(bool first, bool second)
    {
        var database = PostgresDatabase.Create();
        await using var held = await Take(database, first);

        var refusal = await Assert.ThrowsAsync<JournalRefusedException>(() => Take(database, second));

        Assert.Contains("is in use", Assert.Single(refusal.Message.Split('\n')), StringComparison.Ordinal);
    }

    [PostgresFact]
    public async Task Members_of_a_cluster_stand_beside_each_other()
    {
        var database = PostgresDatabase.Create();
        await using var first = await Take(database, alone: false);
        await using var second = await Take(database, alone: false);

        Assert.False(first.Lost.IsCompleted || second.Lost.IsCompleted);
    }

    [PostgresFact]
    public async Task What_was_given_back_is_free()
    {
        var database = PostgresDatabase.Create();
        await (await Take(database, alone: true)).DisposeAsync();

        await using var next = await Take(database, alone: true);
        Assert.False(next.Lost.IsCompleted);
    }

    [PostgresFact]
    public async Task Nothing_is_left_of_a_connection_that_ended_and_whoever_was_away_is_told()
    {
        var database = PostgresDatabase.Create();
        await using var first = await Take(database, alone: true);
        PostgresServer.Execute(database, EndConnections);
        await using var second = await Take(database, alone: true);

        await first.Check(default); // finds that its connection is gone
        Assert.False(first.Lost.IsCompleted);
        await first.Check(default); // and that another is there

        Assert.True(first.Lost.IsCompleted);
        Assert.False(second.Lost.IsCompleted);
    }

    [PostgresFact]
    public async Task A_lost_connection_is_followed_by_another_that_holds_the_same()
    {
        var database = PostgresDatabase.Create();
        await using var first = await Take(database, alone: true);
        PostgresServer.Execute(database, EndConnections);

        await first.Check(default);
        await first.Check(default);

        await Assert.ThrowsAsync<JournalRefusedException>(() => Take(database, alone: true));
        Assert.False(first.Lost.IsCompleted);
    }

    [PostgresFact]
    public async Task One_whose_connection_ended_unseen_is_given_back_all_the_same()
    {
        var database = PostgresDatabase.Create();
        var first = await Take(database, alone: true);
        PostgresServer.Execute(database, EndConnections);

        await first.DisposeAsync();

        await using var next = await Take(database, alone: true);
        Assert.False(next.Lost.IsCompleted);
    }

    // Time stands still: only the test looks again.
    private static Task<PostgresOwnership> Take(string database, bool alone) =>
        PostgresOwnership.Take(PostgresDatabase.Options(database), alone, new SimTimeProvider(), TimeSpan.FromMilliseconds(200));
}
