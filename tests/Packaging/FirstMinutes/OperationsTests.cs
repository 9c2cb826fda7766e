using System.Text.RegularExpressions;
using Agora.Crash.Support;
using Agora.Testing.Postgres;

namespace Agora.Packaging.FirstMinutes;

/// <summary>
/// Every block of operations.md, in its order, on a server with one agent and one user: on SQLite, and those that are not about SQLite on PostgreSQL, with keys from files. What is indented there is run where
/// <see cref="DocumentTests"/> says; the restore of PostgreSQL is drilled in <c>Backup</c>.
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
            var set = Set(url, File.ReadAllText(shell.File("data/admin.access")).Trim());
            Run(shell, set + AgentAndUser + "./run rotate-key night --data data"); // one more of operators'
            foreach (var block in blocks)
            {
                for (var again = 0; again < (block.Contains("deploy/backup/sqlite", StringComparison.Ordinal) ? 2 : 1); again++) Run(shell, set + block); // one is taken daily
            }

            foreach (var file in (string[])["agora-backup.db", "restored/agora.db", "secrets/admin.access", "secrets/master.key"])
            {
                Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(shell.File(file)));
                Assert.Equal(file, Checks.Run("git", "-C", Repository.File("."), "check-ignore", file));
            }

            Assert.All(Keys(shell.File("data")), file => Assert.Contains($"`{Path.GetFileName(file).Replace("night", "NAME", StringComparison.Ordinal)}`", Text, StringComparison.Ordinal));
            Assert.Empty(Directory.EnumerateFiles(shell.File("restored"), "*.key")); // The master key stays apart from the copy.
            Assert.StartsWith("payment_id", File.ReadAllText(shell.File("payments.csv")), StringComparison.Ordinal);
            Assert.Contains("agora_api_request_duration_seconds_count", File.ReadAllText(shell.File("metrics.txt")), StringComparison.Ordinal);
        }
        finally
        {
            End(server);
        }

        StartsRestored(shell);
    }

    /// <summary>As compose and Kubernetes start it: nothing is kept on a disk here, so no data directory is made.</summary>
    [PostgresFact]
    public void Every_command_that_is_not_about_SQLite_works_on_PostgreSQL_with_keys_from_files()
    {
        var blocks = Block().Matches(Text).Select(m => m.Groups[1].Value).Where(static block => !block.Contains("$D", StringComparison.Ordinal) && !block.Contains("--data", StringComparison.Ordinal)).ToList();
        Assert.InRange(blocks.Count, 7, 20);
        using var shell = new Shell();
        Run(shell, "deploy/make-secrets s");
        (string, string)[] settings =
        [
            ("AGORA_POSTGRES", PostgresServer.Shared.CreateDatabase("operations")), ("AGORA_ADMIN_KEY_FILE", "s/agora_admin_key"), ("AGENT_API_KEY_FILE", "s/agent_api_key"),
            ("AGORA_MASTER_KEY_FILE", "s/agora_master_key"), ("AGORA_TOKEN_KEY_FILE", "s/agora_token_key"),
            ("AGORA_SILO_PORT", $"{FreePort.Next()}"), ("AGORA_GATEWAY_PORT", $"{FreePort.Next()}"),
        ];
        var url = ServerProcess.FreeAddress().ToString().TrimEnd('/');
        var (server, started) = shell.Begin("is listening on", ["./run", "--urls", url], settings);
        try
        {
            var key = File.ReadAllText(shell.File("s/agora_admin_key")).Trim();
            var set = Set(url, key);
            Run(shell, set + AgentAndUser);
            foreach (var block in blocks) Run(shell, set + block);

            var (_, health, _) = shell.Paste($"{set}curl -sf \"$B/admin/health\" -H \"$A\"");
            Assert.Contains("{\"name\":\"disk\",\"state\":\"off\"", health, StringComparison.Ordinal);
            var (exitCode, said, errors) = shell.Paste("./agora doctor", ("AGORA_URL", url), ("AGORA_ADMIN_KEY", key));
            Assert.True(exitCode == 0, said + errors);
            Assert.Matches("(?m)^off +disk ", said);
            Assert.Matches("(?m)^ok +verification ", said);
            var (withData, of, failed) = shell.Paste("./agora doctor --data data", ("AGORA_URL", url), ("AGORA_ADMIN_KEY", key));
            Assert.True(withData == 0, of + failed);
            Assert.Contains("? data There is no directory 'data', and the server keeps nothing on a disk: leave --data out.", string.Join(' ', of.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)), StringComparison.Ordinal);
            Assert.Contains(", no data directory\n", started, StringComparison.Ordinal);
            var (rotated, _, refusal) = shell.Paste("./run rotate-key night", settings);
            Assert.Equal(2, rotated);
            Assert.EndsWith("change the key there, and restart the server.\n", refusal, StringComparison.Ordinal);
            var (checkedAs, report, why) = shell.Paste("./run check", settings);
            Assert.True(checkedAs == 0, report + why);
            Assert.False(Directory.Exists(shell.File("data")));
        }
        finally
        {
            End(server);
        }
    }

    private const string AgentAndUser = """
        curl -sf -X PUT $B/admin/agents/a1 -H "$A" -H 'Content-Type: application/json' -d '{}'
        curl -sf -X PUT $B/admin/users/u1 -H "$A" -H 'Content-Type: application/json' -d '{}'

        """;

    /// <summary>The lines that set B, D and A, as they stand, where the key is known to the shell alone.</summary>
    private static string Set(string url, string key) => $"set -e\nPORT={new Uri(url).Port} AGORA_ADMIN_KEY={key}\n{Setup().Match(Text).Value}";

    /// <summary>The indented line that starts a restored server, with the master key that its block exports.</summary>
    private static void StartsRestored(Shell shell)
    {
        var url = ServerProcess.FreeAddress().ToString().TrimEnd('/');
        Run(shell, "(umask 077 && openssl rand -hex 24 > secrets/platform.access)");
        var (server, _) = shell.Begin("is listening on", ["bash", "-c", $"export AGORA_MASTER_KEY=$(base64 -w0 secrets/master.key)\n{Restored().Match(Text).Value.Trim()} --urls {url}"]);
        try
        {
            Run(shell, $"set -e\ncurl -sf {url}/admin/agents/a1 -H \"Authorization: Bearer $(cat secrets/admin.access)\"");
            foreach (var operators in Keys(shell.File("secrets")).Where(static file => file.EndsWith(".access", StringComparison.Ordinal) && !file.EndsWith("platform.access", StringComparison.Ordinal)))
            {
                Run(shell, $"curl -sf {url}/admin/agents -H \"Authorization: Bearer $(cat {operators})\"");
            }

            Run(shell, $"B={url}\n" + """curl -sf $B/agent/auth -H "Authorization: Bearer $(cat secrets/test-platform.access)" -H 'Content-Type: application/json' -d '{"agent_id":"a1","user_id":"u1","scopes":{"budget_limit_cents":1}}'""");
            Run(shell, $"B={url}\n" + """curl -sf $B/agent/auth -H "Authorization: Bearer $(cat secrets/platform.access)" -H 'Content-Type: application/json' -d '{"agent_id":"a1","user_id":"u1","scopes":{"budget_limit_cents":1}}'""");
        }
        finally
        {
            End(server);
        }
    }

    /// <summary>Keys of a data directory, or of the place where they are kept.</summary>
    private static IReadOnlyList<string> Keys(string directory) => [.. Directory.EnumerateFiles(directory, "*.key"), .. Directory.EnumerateFiles(directory, "*.access")];

    private static void End(System.Diagnostics.Process server)
    {
        server.Kill(entireProcessTree: true);
        server.WaitForExit();
        server.Dispose();
    }

    private static void Run(Shell shell, string text)
    {
        var (exitCode, output, errors) = shell.Paste(text);
        Assert.True(exitCode == 0, text + output + errors);
        Assert.DoesNotContain("\"status\":\"error\"", output, StringComparison.Ordinal);
    }

    [GeneratedRegex("```bash\n(.*?)```\n", RegexOptions.Singleline)]
    private static partial Regex Block();

    [GeneratedRegex(@"    B=\$\{B:-.*\n    A=.*\n")]
    private static partial Regex Setup();

    [GeneratedRegex(@"    AGORA_TOKEN_KEY=\$\(base64.*")]
    private static partial Regex Restored();

    [GeneratedRegex("""`sum by \(operation, status\) \(rate\([a-z_]+\{status=~"([^"]*)"\}""")]
    private static partial Regex Watched();

    [GeneratedRegex("Status (5[0-9][0-9]), retry `([a-z_]+)`")]
    private static partial Regex Status();
}
