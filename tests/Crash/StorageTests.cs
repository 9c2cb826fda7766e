using Agora.Crash.Support;

namespace Agora.Crash;

/// <summary>What the operator sees when the place of the data is taken, full, or locked.</summary>
public sealed class StorageTests
{
    private const int Attempts = 200;
    private static readonly TimeSpan Patience = Hang.Timeout;

    [Fact]
    public async Task A_second_process_on_the_same_data_directory_is_refused_with_one_line()
    {
        using var directory = new DataDirectory();
        await using var first = await ServerProcess.Start(directory.Path, ServerProcess.FreeAddress());

        var (exitCode, said) = await ServerProcess.Run("--data", directory.Path, "--urls", ServerProcess.FreeAddress().ToString().TrimEnd('/'));

        Assert.True(exitCode == 2, said);
        Assert.Contains(directory.Database, Assert.Single(said.Split('\n')), StringComparison.Ordinal);
        using var api = new ApiClient(first.Address);
        (await api.Admin(HttpMethod.Get, "/admin/campaigns")).Expect(200);
    }

    [RootFact]
    public async Task A_start_on_a_database_that_cannot_be_written_is_refused_with_one_line()
    {
        using var directory = new DataDirectory();
        await using (await ServerProcess.Start(directory.Path, ServerProcess.FreeAddress()))
        {
        }

        Tool.Run("chattr", "+i", directory.Database);
        try
        {
            var (exitCode, said) = await ServerProcess.Run("--data", directory.Path, "--urls", ServerProcess.FreeAddress().ToString().TrimEnd('/'));

            Assert.True(exitCode == 2, said);
            Assert.Contains(directory.Database, Assert.Single(said.Split('\n')), StringComparison.Ordinal);
        }
        finally
        {
            Tool.Run("chattr", "-i", directory.Database);
        }
    }

    [RootFact]
    public async Task A_database_that_can_no_longer_be_written_answers_503_and_recovers_by_itself()
    {
        using var directory = new DataDirectory();
        await Trouble(
            directory.Path,
            () =>
            {
                Tool.Run("chattr", "+i", directory.Database, directory.Database + "-wal");
            },
            () => Tool.Run("chattr", "-i", directory.Database, directory.Database + "-wal"));
    }

    [RootFact]
    public async Task A_full_disk_answers_503_with_Retry_After_loses_nothing_and_recovers_by_itself()
    {
        using var directory = new DataDirectory();
        Tool.Run("mount", "-t", "tmpfs", "-o", "size=16m", "tmpfs", directory.Path);
        try
        {
            var ballast = Path.Combine(directory.Path, "ballast");
            await Trouble(directory.Path, () => Fill(ballast), () => File.Delete(ballast));
        }
        finally
        {
            Tool.Run("umount", directory.Path);
        }
    }

    /// <summary>Runs before, during and after; those that were acknowledged are all there afterwards, and the journal is whole.</summary>
    private static async Task Trouble(string directory, Action begin, Action end)
    {
        await using var provider = await TextProvider.Start();
        var address = ServerProcess.FreeAddress();
        using var api = new ApiClient(address);
        await using var server = await ServerProcess.Start(directory, address, provider.Allowed);
        await Market.Load(api, provider);
        var session = (await Market.Open(api, users: 1, sessionsOfEach: 1))[0];
        var acknowledged = new List<string> { await Acknowledged(api, session, "before") };

        begin();
        try
        {
            // What the file has room for already may still be written.
            var refused = await FirstRefusal(api, session, acknowledged);
            Assert.Equal("unavailable", refused.Code);
            Assert.True(refused.RetryAfter > TimeSpan.Zero, "There is no Retry-After.");
        }
        finally
        {
            end();
        }

        var after = await Market.Eventually(() => api.Post(Market.RunRoute, session.Token, Market.Input("after")), reply => reply.Status != 503, Patience);
        acknowledged.Add(after.Expect(200).Data.GetProperty("run_id").GetString()!);
        foreach (var run in acknowledged)
        {
            Assert.Equal("succeeded", (await api.Get($"/agent/runs/{run}", session.Token)).Expect(200).Data.GetProperty("state").GetString());
        }

        await Market.Eventually(async () => (await Market.Standing(api, session)).Budget.GetProperty("reserved_cents").GetDecimal(), reserved => reserved == 0, Patience);
        server.Terminate();
        Assert.True(await server.Ended() == 0, server.Output);
        await ServerProcess.Verify(directory);
    }

    private static async Task<Received> FirstRefusal(ApiClient api, OpenSession session, List<string> acknowledged)
    {
        var large = new string('x', 100_000);
        for (var n = 0; n < Attempts; n++)
        {
            var reply = await api.Post(Market.RunRoute, session.Token, Market.Input($"{large}{Market.Of(n)}"));
            if (reply.Status == 503) return reply;

            acknowledged.Add(reply.Expect(200).Data.GetProperty("run_id").GetString()!);
        }

        throw new InvalidOperationException("No run was refused.");
    }

    private static async Task<string> Acknowledged(ApiClient api, OpenSession session, string text) =>
        (await api.Post(Market.RunRoute, session.Token, Market.Input(text))).Expect(200).Data.GetProperty("run_id").GetString()!;

    private static void Fill(string path)
    {
        using var ballast = new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 0);
        var block = new byte[4096];
        try
        {
            while (true)
            {
                ballast.Write(block);
            }
        }
        catch (IOException)
        {
            // Full.
        }
    }
}
