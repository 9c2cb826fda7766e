using Agora.Crash.Support;

namespace Agora.Crash;

/// <summary>What an operator is told who runs <c>check</c>, by exit code and line.</summary>
public sealed class CheckTests(CheckTests.Served served) : IClassFixture<CheckTests.Served>
{
    [Theory]
    [InlineData("UPDATE funds_totals SET balance_micros = balance_micros + 1", "violation: sums: the totals of tenant default ")]
    [InlineData("UPDATE runs SET amount_micros = amount_micros + 1", "violation: stream default/session/")]
    [InlineData("DELETE FROM sessions", "violation: stream default/user/")]
    public async Task A_table_that_somebody_changed_ends_with_1_and_a_line_that_names_the_rule(string change, string line)
    {
        using var directory = served.Copy();
        using (var database = new Database(directory.Database, writes: true))
        {
            Assert.True(database.Change(change) > 0, "Nothing was changed.");
        }

        var (exitCode, said) = await ServerProcess.Run("check", "--data", directory.Path);

        Assert.Equal(1, exitCode);
        var violations = said.Split('\n').Where(each => each.StartsWith("violation: ", StringComparison.Ordinal)).ToList();
        Assert.NotEmpty(violations);
        Assert.All(violations, violation => Assert.StartsWith(line, violation, StringComparison.Ordinal));
        Assert.All(violations, violation => Assert.Contains(change.Contains("totals", StringComparison.Ordinal) ? " sums: " : ", tables: ", violation, StringComparison.Ordinal));
        Assert.Contains($"\n{Market.Of(violations.Count)} violations of ", said, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_cannot_be_looked_at_ends_with_2_and_one_line()
    {
        using var empty = new DataDirectory();
        var nothing = await ServerProcess.Run("check", "--data", empty.Path);
        using var directory = served.Copy();
        File.Delete(Path.Combine(directory.Path, "master.key"));
        var noKey = await ServerProcess.Run("check", "--data", directory.Path);
        await File.WriteAllBytesAsync(Path.Combine(directory.Path, "master.key"), new byte[32]);
        var otherKey = await ServerProcess.Run("check", "--data", directory.Path);

        Assert.All([nothing, noKey, otherKey], each => Assert.Equal((2, 1), (each.ExitCode, each.Output.Split('\n').Length)));
        Assert.Contains("There is no journal", nothing.Output, StringComparison.Ordinal);
        Assert.Contains("master key", noKey.Output, StringComparison.Ordinal);
        Assert.Contains("the master key does not open", otherKey.Output, StringComparison.Ordinal);
    }

    /// <summary>What a server left that did one paid run and ended in order; <c>check</c> finds nothing in it.</summary>
    public sealed class Served : IAsyncLifetime
    {
        private readonly DataDirectory _directory = new();

        public async Task InitializeAsync()
        {
            await using var provider = await TextProvider.Start();
            var address = ServerProcess.FreeAddress();
            using var api = new ApiClient(address);
            await using var server = await ServerProcess.Start(_directory.Path, address, provider.Allowed);
            await Market.Load(api, provider);
            var session = (await Market.Open(api, users: 1, sessionsOfEach: 1))[0];
            (await api.Post(Market.RunRoute, session.Token, Market.Input("once"))).Expect(200);
            server.Terminate();
            Assert.True(await server.Ended() == 0, server.Output);
            await ServerProcess.Check(_directory.Path);
        }

        public Task DisposeAsync()
        {
            _directory.Dispose();
            return Task.CompletedTask;
        }

        internal DataDirectory Copy()
        {
            var copy = new DataDirectory();
            foreach (var file in Directory.EnumerateFiles(_directory.Path)) File.Copy(file, Path.Combine(copy.Path, Path.GetFileName(file)));
            return copy;
        }
    }
}
