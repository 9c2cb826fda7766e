using System.Globalization;
using Agora.Crash.Support;
using Agora.Testing;
using Agora.Testing.Attackers;
using Microsoft.Data.Sqlite;

namespace Agora.Crash;

/// <summary>Checkpoints of the real program, which is killed again and again while it makes and tells them.</summary>
public sealed class CheckpointTests
{
    private const int Kills = 6;
    private const int Users = 40;
    private static readonly TimeSpan Patience = Hang.Timeout;

    [LongFact]
    public async Task Kill_9_while_checkpoints_are_made_leaves_one_whole_chain_and_a_row_cut_off_afterwards_is_found()
    {
        using var directory = new DataDirectory();
        var chain = Path.Combine(directory.Path, "chain.txt");
        var surroundings = new Surroundings(new Dictionary<string, string> { ["AGORA_CHECKPOINT_SECONDS"] = "1", ["AGORA_CHECKPOINT_SINK"] = chain });
        var address = ServerProcess.FreeAddress();
        using var api = new ApiClient(address);

        // A process makes its first checkpoint as it starts, over what the one before it left: that is when it is killed, a little later each time.
        for (var kill = 0; kill < Kills; kill++)
        {
            await using var server = await ServerProcess.Start(directory.Path, address, surroundings: surroundings);
            foreach (var user in Enumerable.Range(0, Users * kill / Kills)) await Put(api, user, kill);
        }

        await using (var last = await ServerProcess.Start(directory.Path, address, surroundings: surroundings))
        {
            foreach (var user in Enumerable.Range(0, Users)) await Put(api, user, Kills);
            using var database = new Database(directory.Database);
            await Market.Eventually(
                () => Task.FromResult(database.Number("SELECT (SELECT max(up_to) FROM checkpoints) - (SELECT max(rowid) FROM journal) - (SELECT count(*) FROM checkpoints WHERE told = 0)")), behind => behind == 0, Patience);
            last.Terminate();
            Assert.True(await last.Ended() == 0, last.Output);
        }

        var lines = await File.ReadAllLinesAsync(chain);
        Assert.Equal(lines.Length, lines.Distinct(StringComparer.Ordinal).Count());
        var (exitCode, said) = await ServerProcess.Run(surroundings, "verify-journal", "--data", directory.Path);
        Assert.True(exitCode == 0, said);
        var rows = Rows(directory);
        Assert.Contains($"{Market.Of(lines.Length)} checkpoints over {rows.ToString(CultureInfo.InvariantCulture)} rows, 0 broken; compared with {Market.Of(lines.Length)} in {chain}.", said, StringComparison.Ordinal);

        Assert.Contains("Signed by keys that the master key vouches for.", said, StringComparison.Ordinal);
        using var forger = new CheckpointForger(directory.Database);
        var key = forger.Signer;
        Assert.Equal(0, (await ServerProcess.Run(surroundings, "verify-journal", "--data", directory.Path, "--key", key)).ExitCode);
        forger.SignAnew();
        (exitCode, said) = await ServerProcess.Run("verify-journal", "--data", directory.Path);
        Assert.True(exitCode == 1 && said.Contains("not its own", StringComparison.Ordinal), said);
        (exitCode, said) = await ServerProcess.Run("verify-journal", "--data", directory.Path, "--key", key);
        Assert.True(exitCode == 1 && said.Contains($"There is no signing key '{key}'", StringComparison.Ordinal), said);
        forger.PutBack();

        Execute(directory, "INSERT INTO snapshots (stream, seq, hash, version, state) SELECT s.name, j.seq, j.hash, 3, x'7b7d' FROM journal j JOIN streams s ON s.id = j.stream WHERE j.rowid = 1");
        (exitCode, said) = await ServerProcess.Run(surroundings, "verify-journal", "--data", directory.Path);
        Assert.True(exitCode == 0 && said.Contains("1 snapshots, 0 broken, 1 without a code", StringComparison.Ordinal), said);
        Execute(directory, "UPDATE snapshots SET version = 65539, state = zeroblob(34)");
        (exitCode, said) = await ServerProcess.Run(surroundings, "verify-journal", "--data", directory.Path);
        Assert.True(exitCode == 1 && said.Contains("its snapshot was changed", StringComparison.Ordinal), said);
        Execute(directory, "DELETE FROM snapshots");

        CutOff(directory);
        (exitCode, said) = await ServerProcess.Run(surroundings, "verify-journal", "--data", directory.Path);
        Assert.Equal(1, exitCode);
        Assert.Contains("are there\n", said, StringComparison.Ordinal);
        Assert.Contains(" entries, 0 broken.", said, StringComparison.Ordinal);
    }

    private static async Task Put(ApiClient api, int user, int round) =>
        (await api.Admin(HttpMethod.Put, $"/admin/users/user-{Market.Of(user)}", $$$"""{"attributes":{"round":"{{{Market.Of(round)}}}"}}""")).Expect(200);

    private static long Rows(DataDirectory directory)
    {
        using var database = new Database(directory.Database);
        return database.Number("SELECT count(*) FROM journal");
    }

    // The last row of a stream: the chain of what is left is whole.
    private static void CutOff(DataDirectory directory) => Execute(
        directory,
        "DELETE FROM journal WHERE rowid = (SELECT max(rowid) FROM journal j WHERE seq > 1 AND NOT EXISTS (SELECT 1 FROM journal k WHERE k.stream = j.stream AND k.seq > j.seq))");

    private static void Execute(DataDirectory directory, string sql)
    {
        using var connection = new SqliteConnection($"Data Source={directory.Database};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        Assert.Equal(1, command.ExecuteNonQuery());
    }
}
