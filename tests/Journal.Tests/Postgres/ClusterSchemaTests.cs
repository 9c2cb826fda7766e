using Agora.Journal.Postgres;
using Agora.Testing.Postgres;
using Npgsql;
using NpgsqlTypes;

namespace Agora.Journal.Tests.Postgres;

/// <summary>The queries of <c>sql/orleans</c>, executed as Orleans' providers do: by their texts, with parameters by name.</summary>
public sealed class ClusterSchemaTests
{
    private static readonly DateTime Now = new(2026, 1, 1, 0, 0, 0, DateTimeKind.Utc);

    [PostgresFact]
    public async Task It_stands_beside_the_journal_and_is_applied_once()
    {
        var database = PostgresDatabase.Create();
        await using var journal = await PostgresJournal.Open(new() { ConnectionString = database });
        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => ClusterSchema.Apply(new() { ConnectionString = database })));
        Assert.Equal(Migrations.Of("orleans").Count, (int)PostgresServer.Scalar<long>(database, "SELECT count(*) FROM orleans_migrations"));
        Assert.Equal(Migrations.Of("postgres").Count, (int)PostgresServer.Scalar<long>(database, "SELECT count(*) FROM migrations"));
    }

    [PostgresFact]
    public async Task Of_two_that_change_the_members_from_one_version_one_wins_and_the_version_moves_once()
    {
        await using var members = await Members.Make();
        Assert.Equal(1, await members.Run("InsertMembershipVersionKey", Members.Cluster));
        Assert.Equal(0, await members.Run("InsertMembershipVersionKey", Members.Cluster));

        var won = await Task.WhenAll(Enumerable.Range(1, 8).Select(generation => members.Run("InsertMembershipKey", Members.Row(generation, status: 2, version: 0))));
        Assert.Equal(1, won.Sum());
        Assert.Equal((1, 1), await members.CountAndVersion());

        var generation = await members.Number("SELECT generation FROM orleansmembershiptable");
        won = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => members.Run("UpdateMembershipKey", Members.Row(generation, status: 3, version: 1))));
        Assert.Equal(1, won.Sum());
        Assert.Equal((1, 2), await members.CountAndVersion());
    }

    [PostgresFact]
    public async Task A_change_of_a_member_that_is_not_there_changes_nothing()
    {
        await using var members = await Members.Make();
        await members.Run("InsertMembershipVersionKey", Members.Cluster);
        Assert.Equal(0, await members.Run("UpdateMembershipKey", Members.Row(1, status: 3, version: 0)));
        Assert.Equal((0, 0), await members.CountAndVersion());
    }

    [PostgresFact]
    public async Task A_member_that_is_there_already_is_not_added_again()
    {
        await using var members = await Members.Make();
        await members.Run("InsertMembershipVersionKey", Members.Cluster);
        Assert.Equal(1, await members.Run("InsertMembershipKey", Members.Row(1, status: 2, version: 0)));
        var twice = await Assert.ThrowsAsync<PostgresException>(() => members.Run("InsertMembershipKey", Members.Row(1, status: 2, version: 1)));
        Assert.Equal(PostgresErrorCodes.UniqueViolation, twice.SqlState);
        Assert.Equal((1, 1), await members.CountAndVersion());
    }

    [PostgresFact]
    public async Task Only_members_that_are_out_and_long_silent_are_removed()
    {
        await using var members = await Members.Make();
        await members.Run("InsertMembershipVersionKey", Members.Cluster);
        (int Generation, int Status, int SilentDays)[] rows = [(1, 6, 3), (2, 6, 0), (3, 3, 3), (4, 5, 3)];
        foreach (var (generation, status, silentDays) in rows)
        {
            Assert.Equal(1, await members.Run("InsertMembershipKey", [.. Members.Row(generation, status, version: generation - 1, at: Now.AddDays(-silentDays))]));
        }

        await members.Run("CleanupDefunctSiloEntriesKey", [.. Members.Cluster, new("IAmAliveTime", Now.AddDays(-1))]);
        Assert.Equal((2, 4), await members.CountAndVersion());
        Assert.Equal(5, await members.Number("SELECT sum(generation)::integer FROM orleansmembershiptable"));
        await members.Run("DeleteMembershipTableEntriesKey", Members.Cluster);
        Assert.Equal(0, await members.Number("SELECT count(*)::integer FROM orleansmembershiptable"));
        Assert.Equal(0, await members.Number("SELECT count(*)::integer FROM orleansmembershipversiontable"));
    }

    /// <summary>A silo compares its certificate with theirs before it joins, and refuses to start if one is of another authority.</summary>
    [PostgresFact]
    public async Task Of_members_those_that_are_active_in_the_same_cluster_are_found()
    {
        var database = PostgresDatabase.Create();
        await ClusterSchema.Apply(new() { ConnectionString = database });
        PostgresServer.Execute(database, """
            INSERT INTO orleansmembershipversiontable (deploymentid, version) VALUES ('agora', 1), ('other', 1);
            INSERT INTO orleansmembershiptable (deploymentid, address, port, generation, siloname, hostname, status, proxyport, starttime, iamalivetime)
            SELECT deploymentid, '127.0.0.1', port, 1, 'one', 'here', status, 30000, now(), now()
            FROM (VALUES ('agora', 11111, 3), ('agora', 11112, 3), ('agora', 11113, 2), ('agora', 11114, 6), ('other', 11115, 3)) AS members (deploymentid, port, status)
            """);

        var found = await ClusterSchema.ActiveMembers(new() { ConnectionString = database }, "agora");

        Assert.Equal(["127.0.0.1:11111", "127.0.0.1:11112"], found.Select(static member => member.ToString()).Order(StringComparer.Ordinal));
    }

    [PostgresFact]
    public async Task Of_two_first_writes_of_a_grains_state_one_wins_and_a_stale_one_gets_its_own_version_back()
    {
        await using var members = await Members.Make();
        var first = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => members.RunOrNull("WriteToStorageKey", State(version: null))));
        Assert.Equal(1, Assert.Single(first, version => version is not null));
        Assert.Equal(2, await members.RunOrNull("WriteToStorageKey", State(version: 1)));
        Assert.Equal(1, await members.RunOrNull("WriteToStorageKey", State(version: 1)));
        Assert.Null(await members.RunOrNull("ClearStorageKey", State(version: 1)));
        Assert.Equal(3, await members.RunOrNull("ClearStorageKey", State(version: 2)));
        Assert.Equal(4, await members.RunOrNull("DeleteStorageKey", State(version: 3)));
        Assert.Equal(0, await members.Number("SELECT count(*)::integer FROM orleansstorage"));
    }

    private static NpgsqlParameter[] State(int? version) =>
    [
        new("GrainIdHash", (object)1), new("GrainTypeHash", (object)2), new("GrainIdN0", (object)0L), new("GrainIdN1", (object)0L), new("GrainTypeString", "note"),
        new("GrainIdExtensionString", NpgsqlDbType.Text) { Value = DBNull.Value }, new("ServiceId", "agora"),
        new("GrainStateVersion", NpgsqlDbType.Integer) { Value = (object?)version ?? DBNull.Value }, new("PayloadBinary", new byte[] { 1 }),
    ];

    private sealed class Members(NpgsqlDataSource source) : IAsyncDisposable
    {
        public static NpgsqlParameter[] Cluster => [new("DeploymentId", "agora")];

        public static async Task<Members> Make()
        {
            var database = PostgresDatabase.Create();
            await ClusterSchema.Apply(new() { ConnectionString = database });
            return new(NpgsqlDataSource.Create(database));
        }

        public static NpgsqlParameter[] Row(int generation, int status, int version, DateTime? at = null) =>
        [
            .. Cluster, new("Address", "127.0.0.1"), new("Port", (object)11_111), new("Generation", (object)generation), new("SiloName", "one"), new("HostName", "here"),
            new("Status", (object)status), new("ProxyPort", (object)30_000), new("StartTime", at ?? Now), new("IAmAliveTime", at ?? Now), new("Version", (object)version),
            new("SuspectTimes", NpgsqlDbType.Text) { Value = DBNull.Value },
        ];

        public async Task<int> Run(string key, NpgsqlParameter[] parameters) => await RunOrNull(key, parameters) ?? 0;

        public async Task<int?> RunOrNull(string key, NpgsqlParameter[] parameters)
        {
            await using var text = source.CreateCommand("SELECT querytext FROM orleansquery WHERE querykey = $1");
            text.Parameters.AddWithValue(key);
            await using var command = source.CreateCommand((string)(await text.ExecuteScalarAsync())!);
            command.Parameters.AddRange(parameters);
            return await command.ExecuteScalarAsync() as int?;
        }

        public async Task<int> Number(string sql)
        {
            await using var command = source.CreateCommand(sql);
            return (int)(await command.ExecuteScalarAsync())!;
        }

        public async Task<(int Members, int Version)> CountAndVersion() =>
            (await Number("SELECT count(*)::integer FROM orleansmembershiptable"), await Number("SELECT version FROM orleansmembershipversiontable"));

        public ValueTask DisposeAsync() => source.DisposeAsync();
    }
}
