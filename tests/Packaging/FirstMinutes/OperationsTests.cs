using System.Text.RegularExpressions;
using Agora.Crash.Support;

namespace Agora.Packaging.FirstMinutes;

/// <summary>
/// Every block of operations.md, in its order, on a server with one agent and one user. What is indented there needs a cluster, containers or PostgreSQL; the
/// restore of PostgreSQL is drilled in <c>Backup</c>.
/// </summary>
public sealed partial class OperationsTests
{
    private static readonly string Text = Repository.Text("docs/operations.md");

    [Theory]
    [InlineData("Stop one agent now")]
    [InlineData("Back up SQLite")]
    [InlineData("Restore SQLite")]
    [InlineData("Restore to a point in time")]
    [InlineData("Rotate a leaked key")]
    [InlineData("Which alerts, and at what")]
    [InlineData("Upgrade one machine")]
    public void What_operators_look_for_is_a_heading_of_the_first_section(string heading)
    {
        var from = Text.IndexOf("## At hand\n", StringComparison.Ordinal);
        Assert.Contains($"\n### {heading}\n", Text[from..Text.IndexOf("\n## ", from, StringComparison.Ordinal)], StringComparison.Ordinal);
    }

    /// <summary>What services of others answer is no fault of this process: such a run is tried under a new key.</summary>
    [Fact]
    public void The_alert_of_errors_counts_those_of_this_process_alone()
    {
        var watched = Watched().Match(Repository.Text("docs/runbooks.md")).Groups[1].Value;
        var statuses = Status().Matches(Repository.Text("docs/errors.md")).Select(m => (Status: m.Groups[1].Value, IsOurs: m.Groups[2].Value == "same_key")).ToList();
        Assert.Equal(4, statuses.Count);
        Assert.All(statuses, one => Assert.Equal(one.IsOurs, Regex.IsMatch(one.Status, $"^({watched})$")));
    }

    [Fact]
    public void Every_command_works_as_it_stands()
    {
        var blocks = Block().Matches(Text).Select(m => m.Groups[1].Value).ToList();
        Assert.Equal(Text.Split("```bash").Length - 1, blocks.Count);
        Assert.InRange(blocks.Count, 11, 20);
        using var shell = new Shell();
        var url = ServerProcess.FreeAddress().ToString().TrimEnd('/');
        var (server, _) = shell.Begin("/run -H", ["./run", "--urls", url]);
        try
        {
            // As one shell would have it: the key is read once, before a block rotates it.
            var set = $"set -e; B={url}; D=data; A='Authorization: Bearer {File.ReadAllText(shell.File("data/admin.access")).Trim()}'\n";
            Run(shell, set + "curl -sf -X PUT $B/admin/agents/a1 -H \"$A\" -H 'Content-Type: application/json' -d '{}'");
            Run(shell, set + "curl -sf -X PUT $B/admin/users/u1 -H \"$A\" -H 'Content-Type: application/json' -d '{}'");
            foreach (var block in blocks)
            {
                for (var again = 0; again < (block.Contains("deploy/backup/sqlite", StringComparison.Ordinal) ? 2 : 1); again++) Run(shell, set + block); // one is taken daily
            }

            foreach (var file in (string[])["agora-backup.db", "restored/agora.db", "secrets/admin.access", "secrets/master.key"])
            {
                Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(shell.File(file)));
                Assert.Equal(file, Checks.Run("git", "-C", Repository.File("."), "check-ignore", file));
            }

            Assert.Empty(Directory.EnumerateFiles(shell.File("restored"), "*.key")); // The master key stays apart from the copy.
            Assert.StartsWith("payment_id", File.ReadAllText(shell.File("payments.csv")), StringComparison.Ordinal);
            Assert.Contains("agora_api_request_duration_seconds_count", File.ReadAllText(shell.File("metrics.txt")), StringComparison.Ordinal);
        }
        finally
        {
            server.Kill(entireProcessTree: true);
            server.WaitForExit();
            server.Dispose();
        }
    }

    private static void Run(Shell shell, string text)
    {
        var (exitCode, output, errors) = shell.Paste(text);
        Assert.True(exitCode == 0, text + output + errors);
        Assert.DoesNotContain("\"status\":\"error\"", output, StringComparison.Ordinal);
    }

    [GeneratedRegex("```bash\n(.*?)```\n", RegexOptions.Singleline)]
    private static partial Regex Block();

    [GeneratedRegex("""`sum by \(operation, status\) \(rate\([a-z_]+\{status=~"([^"]*)"\}""")]
    private static partial Regex Watched();

    [GeneratedRegex("Status (5[0-9][0-9]), retry `([a-z_]+)`")]
    private static partial Regex Status();
}
