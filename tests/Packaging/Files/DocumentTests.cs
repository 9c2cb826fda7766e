using System.Text.RegularExpressions;
using Agora.Core.Access;
using Agora.Core.Webhooks;
using Agora.Hosting;

namespace Agora.Packaging;

/// <summary>What docs/operations.md names is there, README.md can be read in one go, and the newest version of CHANGELOG.md is the one that is built.</summary>
public sealed partial class DocumentTests
{
    // Of the compose files, not of the program.
    private static readonly string[] OfCompose = ["AGORA_VERSION", "AGORA_WAL"];
    private static readonly string Text = Repository.Text("docs/operations.md");
    private static readonly string OfClusters = Text[Text.IndexOf("### Settings of a cluster\n", StringComparison.Ordinal)..];

    [Fact]
    public void Every_metric_it_names_is_measured()
    {
        var measured = Directory.EnumerateFiles(Repository.File("src"), "*.cs", SearchOption.AllDirectories)
            .SelectMany(f => Instrument().Matches(File.ReadAllText(f)).Select(m => m.Groups[1].Value.Replace('.', '_'))).ToList();
        var named = Metric().Matches(Text).Select(m => m.Value).ToList();
        Assert.NotEmpty(named);
        Assert.All(named, n => Assert.Contains(n, measured.SelectMany(m => (string[])[m, $"{m}_seconds", $"{m}_total"]).Append("agora_metrics_dropped_total")));
    }

    [Fact]
    public void Every_setting_it_names_is_read() =>
        Assert.Empty(Setting().Matches(Text).Select(m => m.Value).Except(OfCompose).Except(AgoraSettings.Names()));

    [Fact]
    public void Every_file_it_names_is_there() =>
        Assert.All(Deployed().Matches(Text), m => Assert.True(Path.Exists(Repository.File(m.Value)), m.Value));

    /// <summary>How many blocks of commands each has, and who runs them: a further one wants a test first.</summary>
    [Theory]
    [InlineData("docs/tour.md", 1, "tests/Packaging/FirstMinutes/TourTests.cs")]
    [InlineData("docs/for-developers.md", 6, "tests/Packaging/FirstMinutes/ManualTests.cs")]
    [InlineData("docs/for-providers.md", 2, "tests/Packaging/FirstMinutes/ManualTests.cs")]
    [InlineData("docs/for-sponsors.md", 6, "tests/Packaging/FirstMinutes/ManualTests.cs")]
    [InlineData("docs/for-principals.md", 6, "tests/Packaging/FirstMinutes/ManualTests.cs")]
    [InlineData("docs/for-operators.md", 8, "tests/Packaging/FirstMinutes/ManualTests.cs")]
    [InlineData("docs/console.md", 1, "tests/Packaging/FirstMinutes/ManualTests.cs")]
    [InlineData("docs/troubleshooting.md", 2, "tests/Packaging/FirstMinutes/ManualTests.cs")]
    [InlineData("docs/ja/quickstart.md", 1, "tests/Packaging/FirstMinutes/ManualTests.cs")]
    [InlineData("docs/ja/for-operators.md", 6, "tests/Packaging/FirstMinutes/ManualTests.cs")]
    [InlineData("docs/ja/for-principals.md", 5, "tests/Packaging/FirstMinutes/ManualTests.cs")]
    [InlineData("docs/cli.md", 1, "tests/Packaging/FirstMinutes/TourTests.cs")]
    [InlineData("docs/gpt.md", 1, "tests/Packaging/FirstMinutes/TourTests.cs")]
    [InlineData("docs/roles.md", 1, "tests/Packaging/FirstMinutes/TourTests.cs")]
    [InlineData("docs/signed-requests.md", 1, "tests/Api.Tests/Signed/InteropTests.cs")]
    [InlineData("docs/testing.md", 2, "tests/Packaging/FirstMinutes/TourTests.cs")]
    [InlineData("docs/webhooks.md", 2, "tests/Packaging/FirstMinutes/TourTests.cs")]
    [InlineData("docs/operations.md", 14, "tests/Packaging/FirstMinutes/OperationsTests.cs")]
    [InlineData("docs/hub.md", 2, "tests/Api.Tests/Mcp/Hub/DocumentTests.cs")]
    [InlineData("docs/a2a.md", 1, "tests/Api.Tests/A2a/DocumentTests.cs")]
    [InlineData("docs/conversations.md", 1, "tests/Api.Tests/Peers/DocumentTests.cs")]
    [InlineData("docs/peers.md", 1, "tests/Api.Tests/Peers/DocumentTests.cs")]
    [InlineData("docs/streams.md", 1, "tests/Api.Tests/Streams/StreamTests.cs")]
    [InlineData("docs/models.md", 1, "tests/Api.Tests/Models/FirstCallTests.cs")]
    [InlineData("docs/chat.md", 1, "tests/Api.Tests/Models/FirstCallTests.cs")]
    [InlineData("docs/scenario.md", 1, "tests/Packaging/FirstMinutes/ManualTests.cs")]
    [InlineData("docs/watch.md", 1, "tests/Packaging/FirstMinutes/ManualTests.cs")]
    [InlineData("docs/mcp.md", 2, "tests/Api.Tests/Mcp/DocumentTests.cs")]
    public void Every_block_of_commands_is_run_by_a_test(string document, int blocks, string test)
    {
        Assert.Equal(blocks, Repository.Text(document).Split("```bash\n").Length - 1);
        Assert.Contains(document.StartsWith("docs/ja/", StringComparison.Ordinal) ? document : document.Split('/')[^1], Repository.Text(test), StringComparison.Ordinal);
    }

    [Fact]
    public void No_other_document_has_one() => Assert.Equal(
        ["docs/a2a.md", "docs/chat.md", "docs/cli.md", "docs/console.md", "docs/conversations.md", "docs/for-developers.md", "docs/for-operators.md", "docs/for-principals.md", "docs/for-providers.md", "docs/for-sponsors.md", "docs/gpt.md", "docs/hub.md", "docs/ja/for-operators.md", "docs/ja/for-principals.md", "docs/ja/quickstart.md", "docs/mcp.md", "docs/models.md", "docs/operations.md", "docs/peers.md", "docs/roles.md", "docs/scenario.md", "docs/signed-requests.md", "docs/streams.md", "docs/testing.md", "docs/tour.md", "docs/troubleshooting.md", "docs/watch.md", "docs/webhooks.md"],
        new[] { "README.md", "SECURITY.md", "SUPPORT.md", "CONTRIBUTING.md" }.Concat(new[] { "docs", "docs/ja" }.SelectMany(folder => Directory.EnumerateFiles(Repository.File(folder), "*.md").Select(file => $"{folder}/{Path.GetFileName(file)}")))
            .Concat(Directory.EnumerateFiles(Repository.File("clients"), "README.md", SearchOption.AllDirectories).Where(file => !file.Contains("node_modules", StringComparison.Ordinal)).Select(file => Path.GetRelativePath(Repository.File(""), file).Replace('\\', '/')))
            .Where(file => Repository.Text(file).Contains("```bash\n", StringComparison.Ordinal)).Order(StringComparer.Ordinal));

    /// <summary>Indented blocks of operations.md and settings.md, by how they begin, and who runs them. Of the others the text before them says that no test does, and why.</summary>
    [Fact]
    public void Every_indented_block_of_commands_is_run_by_a_test_or_says_that_it_is_not()
    {
        (string Begins, string Test)[] run =
        [
            ("B=${B:-", "tests/Packaging/FirstMinutes/OperationsTests.cs"),
            ("AGORA_TOKEN_KEY=$(base64", "tests/Packaging/FirstMinutes/OperationsTests.cs"),
            ("for p in src/Silo src/FrontEnd", "tests/Orleans.Tests/Cluster/DocumentedClusterTests.cs"),
            ("dotnet test tests/Orleans.Tests", "tests/Orleans.Tests/Life/LifeAndDeathTests.cs"), // is itself how tests are run
            ("dotnet publish src/Silo", "tests/Packaging/FirstMinutes/SystemdTests.cs"),
            ("CANARY_OLD=", "tests/Packaging/Canary/NginxRolloutTests.cs"),
        ];
        var blocks = new[] { "docs/operations.md", "docs/settings.md" }.SelectMany(static document => Indented().Matches(Repository.Text(document)))
            .Select(static match => (Before: match.Groups[1].Value, Commands: match.Groups[2].Value.Trim())).Where(static block => !Assignments().IsMatch(block.Commands)).ToList();
        Assert.All(blocks, block => Assert.True(
            block.Before.Contains("no test runs", StringComparison.Ordinal) != Array.Exists(run, one => block.Commands.StartsWith(one.Begins, StringComparison.Ordinal)), block.Commands));
        Assert.All(run, one => Assert.True(blocks.Exists(block => block.Commands.StartsWith(one.Begins, StringComparison.Ordinal)) && Path.Exists(Repository.File(one.Test)), one.Begins));
    }

    [Fact]
    public void Commands_of_compose_say_that_no_test_runs_them() =>
        Assert.All((string[])["docker-compose.yml", "docker-compose.prod.yml"], static file => Assert.Contains("No test runs th", Repository.Text(file), StringComparison.Ordinal));

    [Fact]
    public void Each_verb_of_the_settings_is_run_by_a_test()
    {
        Dictionary<string, string> run = new()
        {
            ["verify-journal"] = "tests/Crash/CheckpointTests.cs",
            ["check"] = "tests/Crash/CheckTests.cs",
            ["archive"] = "tests/Crash/ArchiveTests.cs",
            ["rebuild"] = "tests/Crash/ArchiveTests.cs",
            ["rotate-key"] = "tests/Crash/StartTests.cs",
            ["rotate-signing-key"] = "tests/Crash/StartTests.cs",
            ["remove-signing-key"] = "tests/Crash/StartTests.cs",
            ["keep-signing-key"] = "tests/Crash/StartTests.cs",
            ["check-service"] = "tests/Clients.Tests/ClientWorld.cs",
        };

        Assert.Equal(run.Keys.Order(StringComparer.Ordinal), Verb().Matches(Repository.Text("docs/settings.md")).Select(static verb => verb.Groups[1].Value).Order(StringComparer.Ordinal));
        Assert.All(run, static verb => Assert.Contains($"\"{verb.Key}\"", Repository.Text(verb.Value), StringComparison.Ordinal));
    }

    [Fact]
    public void Each_script_and_command_of_deploy_is_run_by_a_test_or_says_that_it_is_not()
    {
        (string File, string Test)[] run =
        [
            ("deploy/backup/archive-wal", "tests/Packaging/Backup/BackupPlace.cs"),
            ("deploy/backup/base-backup", "tests/Packaging/Backup/BackupPlace.cs"),
            ("deploy/backup/restore", "tests/Packaging/Backup/BackupPlace.cs"),
            ("deploy/backup/sqlite", "tests/Packaging/Backup/SqliteBackupTests.cs"),
            ("deploy/canary/by-kubernetes", "tests/Packaging/Canary/KubernetesRolloutTests.cs"),
            ("deploy/canary/by-nginx", "tests/Packaging/Canary/NginxRolloutTests.cs"),
            ("deploy/canary/gate", "tests/Packaging/Canary/GateTests.cs"),
            ("deploy/canary/rollout", "tests/Packaging/Canary/NginxRolloutTests.cs"),
            ("deploy/ci/image", "tests/Packaging/Supply/PartsAndImageTests.cs"),
            ("deploy/ci/parts", "tests/Packaging/Supply/PartsAndImageTests.cs"),
            ("deploy/ci/secrets", "tests/Packaging/Supply/SupplyTests.cs"),
            ("deploy/ci/vulnerable", "tests/Packaging/Supply/VulnerableTests.cs"),
            ("deploy/cluster", "tests/Orleans.Tests/Cluster/RunClusterTests.cs"),
            ("deploy/make-secrets", "tests/Packaging/Files/MadeSecrets.cs"),
            ("deploy/systemd/agora.service", "tests/Packaging/FirstMinutes/SystemdTests.cs"),
            ("deploy/systemd/agora-backup.service", "tests/Packaging/FirstMinutes/SystemdTests.cs"),
            ("deploy/systemd/agora-check.service", "tests/Packaging/FirstMinutes/SystemdTests.cs"),
        ];
        var files = Directory.EnumerateFiles(Repository.File("deploy"), "*", SearchOption.AllDirectories).Select(static file => (Name: Path.GetRelativePath(Repository.File(""), file).Replace('\\', '/'), Text: File.ReadAllText(file)))
            .Where(static file => file.Text.StartsWith("#!", StringComparison.Ordinal) || file.Name.EndsWith(".service", StringComparison.Ordinal) || Shown().IsMatch(file.Text)).ToList();

        Assert.All(files, file => Assert.True(file.Text.Contains("No test runs", StringComparison.Ordinal) != Array.Exists(run, one => one.File == file.Name), file.Name));
        Assert.All(run, one => Assert.True(files.Exists(file => file.Name == one.File) && Repository.Text(one.Test).Contains(one.File.Split('/')[^1], StringComparison.Ordinal), one.File));
    }

    [Fact]
    public void Every_block_of_code_is_closed() => Assert.All(
        Directory.EnumerateFiles(Repository.File("docs"), "*.md", SearchOption.AllDirectories).Select(File.ReadAllLines),
        static lines =>
        {
            var isOpen = false;
            foreach (var fence in lines.Where(line => line.StartsWith("```", StringComparison.Ordinal)))
            {
                Assert.True(!isOpen || fence == "```", $"{lines[0]}: {fence} begins in a block of code.");
                isOpen = !isOpen;
            }

            Assert.False(isOpen, $"{lines[0]}: the last block of code is not closed.");
        });

    [Fact]
    public void The_README_has_at_most_120_lines_and_1200_words()
    {
        Assert.InRange(Repository.Text("README.md").TrimEnd().Split('\n').Length, 1, 120);
        Assert.InRange(Repository.Text("README.md").Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).Length, 1, 1_200);
    }

    [Fact]
    public void Every_setting_is_in_a_list_of_settings() =>
        Assert.All(AgoraSettings.Names().Where(static name => !name.EndsWith("_FILE", StringComparison.Ordinal)), static name => Assert.Contains($"`{name}`", Repository.Text("docs/settings.md") + OfClusters, StringComparison.Ordinal));

    [Fact]
    public void Every_setting_of_the_list_is_read() =>
        Assert.Empty(Setting().Matches(Repository.Text("docs/settings.md")).Select(static match => match.Value).Except(AgoraSettings.Names()).Except(["AGORA_"]));

    [Fact]
    public void Every_measure_of_targets_is_in_the_list_of_settings() =>
        Assert.All(DailyTarget.Measures, static measure => Assert.Contains($"`{measure}`", Repository.Text("docs/settings.md"), StringComparison.Ordinal));

    [Fact]
    public void The_page_on_webhooks_has_each_type_of_event_and_no_other() =>
        Assert.Equal(
            NoticeTypes.All.Order(StringComparer.Ordinal),
            Repository.Text("docs/webhooks.md").Split('\n').Where(static line => line.StartsWith("| `", StringComparison.Ordinal)).SelectMany(static line => NoticeType().Matches(line.Split('|')[1]).Select(static type => type.Groups[1].Value)).Order(StringComparer.Ordinal));

    [Fact]
    public void The_newest_version_of_the_changelog_is_the_one_that_is_built()
    {
        var newest = Version().Match(Repository.Text("CHANGELOG.md")).Groups[1].Value;
        Assert.Contains($"<Version>{newest}</Version>", Repository.Text("Directory.Build.props"), StringComparison.Ordinal);
    }

    [GeneratedRegex(@"`([a-z_]+\.[a-z_]+)`")]
    private static partial Regex NoticeType();

    [GeneratedRegex(@"^## \[(\d+\.\d+\.\d+)\] - \d{4}-\d{2}-\d{2}$", RegexOptions.Multiline)]
    private static partial Regex Version();

    [GeneratedRegex("\"(agora\\.[a-z_.]+)\"")]
    private static partial Regex Instrument();

    [GeneratedRegex("agora_[a-z_]+_(total|seconds|rows|unresolved|cents)")]
    private static partial Regex Metric();

    [GeneratedRegex("AGORA_[A-Z0-9_]+?(?=_FILE\\b|\\b)")]
    private static partial Regex Setting();

    [GeneratedRegex("([^\n]+)\n\n((?:    [^\n]+\n)+)")]
    private static partial Regex Indented();

    [GeneratedRegex(@"^(?:\s*[A-Z_]+=\S*\n?)+$")]
    private static partial Regex Assignments();

    [GeneratedRegex(@"^\| `\./run ([a-z-]+)", RegexOptions.Multiline)]
    private static partial Regex Verb();

    /// <summary>A command in a comment.</summary>
    [GeneratedRegex("^#.*\\b(?:docker (?:compose|buildx)|kubectl|kustomize edit)\\b", RegexOptions.Multiline)]
    private static partial Regex Shown();

    [GeneratedRegex("deploy/[a-z0-9/-]+(\\.[a-z]+)?")]
    private static partial Regex Deployed();
}
