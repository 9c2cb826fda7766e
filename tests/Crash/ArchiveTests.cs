using Agora.Crash.Support;
using Agora.Testing;
using Agora.Testing.Postgres;
using Npgsql;

namespace Agora.Crash;

/// <summary>Sessions that ended are archived on the real program: beside its load where the store is a database, and between two of its lives where it is a file.</summary>
public sealed class ArchiveTests
{
    private const int Runs = 40;

    /// <summary>Alarms of sessions that ended ring within half a minute, and are out then. Nobody waits here for it.</summary>
    private const string AlarmsRing = "DELETE FROM due WHERE stream LIKE '%/session/%'";

    [LongFact]
    public async Task What_archived_sessions_did_is_read_proved_and_rebuilt_as_before_on_SQLite()
    {
        using var directory = new DataDirectory();
        await using var provider = await TextProvider.Start();
        var address = ServerProcess.FreeAddress();
        await using var server = new RestartedServer(directory, address, provider.Allowed);
        using var api = new ApiClient(address);
        await server.Start();
        var runs = await EndedSessions(api, provider);
        var before = await AllRead(api, runs);
        await server.Stop();
        using (var database = new Database(directory.Database, writes: true))
        {
            Assert.InRange(database.Change(AlarmsRing), 0, 4);
        }

        Assert.Matches("^[1-9][0-9]* rows of 4 sessions archived", await Archive("--data", directory.Path));
        Assert.StartsWith("0 rows of 0 sessions archived", await Archive("--data", directory.Path), StringComparison.Ordinal);
        using (var database = new Database(directory.Database))
        {
            Assert.Equal(0, database.Number("SELECT count(*) FROM journal j JOIN streams s ON s.id = j.stream WHERE s.name LIKE '%/session/%' AND length(j.body) > 0"));
        }

        await ServerProcess.Verify(directory.Path);
        await ServerProcess.Check(directory.Path);
        Assert.Equal(0, (await ServerProcess.Run("rebuild", "--data", directory.Path)).ExitCode);
        await server.Start();
        Assert.Equal(before, await AllRead(api, runs));
        await server.Stop();
        using (var database = new Database(directory.Database, writes: true))
        {
            Assert.Equal(1, database.Change("UPDATE journal_archive SET bodies = x'01' WHERE rowid = 1"));
        }

        var (exitCode, said) = await ServerProcess.Run("verify-journal", "--data", directory.Path);
        Assert.Equal(1, exitCode);
        Assert.Contains("the pack of rows 1 to", said, StringComparison.Ordinal);
    }

    [PostgresFact]
    public async Task Sessions_are_archived_beside_a_server_on_PostgreSQL_that_is_at_work()
    {
        using var directory = new DataDirectory();
        using var database = PostgresServer.Start();
        string[] store = ["--postgres", database.CreateDatabase("archive")];
        await using var provider = await TextProvider.Start();
        var address = ServerProcess.FreeAddress();
        await using var server = await ServerProcess.Start(directory.Path, address, provider.Allowed, store);
        using var api = new ApiClient(address);
        var runs = await EndedSessions(api, provider);
        var before = await AllRead(api, runs);
        var live = await Market.Open(api, "user-0");
        PostgresServer.Execute(database.ConnectionString("archive"), AlarmsRing);

        var working = Work(api, live);
        var said = await Archive(["--data", directory.Path, .. store]);
        await working;

        Assert.Matches("^[1-9][0-9]* rows of 4 sessions archived", said);
        Assert.Equal(before, await AllRead(api, runs));
        await ServerProcess.Check(directory.Path, store);
        Assert.Equal(0L, Number(database.ConnectionString("archive"), $"SELECT count(*) FROM journal WHERE octet_length(body) = 0 AND stream LIKE '%{live.Id}'"));
        Assert.Equal(0, (await ServerProcess.Run(["verify-journal", "--data", directory.Path, .. store])).ExitCode);
    }

    private static async Task<string> Archive(params string[] store)
    {
        var (exitCode, said) = await ServerProcess.Run(["archive", "--older-than-days", "0", .. store]);
        Assert.True(exitCode == 0, said);
        return said;
    }

    private static async Task<List<string>> AllRead(ApiClient api, List<string> runs)
    {
        var read = new List<string>();
        foreach (var run in runs)
        {
            var data = (await api.Admin(HttpMethod.Get, $"/admin/runs/{run}")).Expect(200).Data;
            read.Add(data.GetRawText());
            read.Add((await api.Admin(HttpMethod.Get, $"/admin/payments/{data.GetProperty("run").GetProperty("payment_id").GetString()}/receipt")).Expect(200).Data.GetRawText());
        }

        return read;
    }

    private static object Number(string connectionString, string sql)
    {
        using var connection = new NpgsqlConnection(connectionString);
        connection.Open();
        using var command = new NpgsqlCommand(sql, connection);
        return command.ExecuteScalar()!;
    }

    private static async Task Work(ApiClient api, OpenSession session)
    {
        for (var n = 0; n < Runs; n++) (await api.Post(Market.RunRoute, session.Token, Market.Input($"live {Market.Of(n)}"), $"live-{Market.Of(n)}")).Expect(200);
    }

    /// <returns>The runs of four sessions, which were ended.</returns>
    private static async Task<List<string>> EndedSessions(ApiClient api, TextProvider provider)
    {
        await Market.Load(api, provider);
        var sessions = await Market.Open(api, 2, 2);
        var runs = new List<string>();
        for (var n = 0; n < Runs; n++)
        {
            var session = sessions[n % sessions.Count];
            runs.Add((await api.Post(Market.RunRoute, session.Token, Market.Input($"text {Market.Of(n)}"), $"key-{Market.Of(n)}")).Expect(200).Data.GetProperty("run_id").GetString()!);
        }

        foreach (var session in sessions) (await api.Admin(HttpMethod.Post, $"/admin/sessions/{session.Id}/end", """{"reason":"over"}""")).Expect(200);
        return runs;
    }
}
