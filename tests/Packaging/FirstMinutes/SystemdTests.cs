using System.Diagnostics;
using System.Text.RegularExpressions;
using Agora.Crash.Support;

namespace Agora.Packaging.FirstMinutes;

/// <summary>
/// The units of deploy/systemd, with every absolute path of theirs below a scratch root: what systemd would start is started as the unit says, with its settings, directories and signals. Confinement is systemd's own, so it is not
/// tried here.
/// </summary>
public sealed partial class SystemdTests
{
    [Fact]
    public void Installed_as_operations_says_the_service_starts_as_its_unit_says_is_backed_up_and_checked_by_the_others_and_ends_in_time_by_SIGTERM()
    {
        using var shell = new Shell();
        var (service, backup, check) = (Unit("agora.service"), Unit("agora-backup.service"), Unit("agora-check.service"));
        var url = ServerProcess.FreeAddress().ToString().TrimEnd('/');
        Install(shell);
        var masterKey = File.ReadAllText(shell.File("etc/agora/master-key"));
        Install(shell);
        Assert.Equal(masterKey, File.ReadAllText(shell.File("etc/agora/master-key")));
        Assert.Equal(
            ["daemon-reload", "enable --now agora agora-backup.timer agora-check.timer"],
            File.ReadLines(shell.File("done")).Where(static line => line.StartsWith("systemctl ", StringComparison.Ordinal)).Select(static line => line["systemctl ".Length..]).Distinct());
        Assert.All(Directory.GetFiles(Repository.File("deploy/systemd")), file => Assert.True(File.Exists(shell.File($"etc/systemd/system/{Path.GetFileName(file)}")), file));
        Directory.CreateDirectory(shell.File($"var/lib/{service["StateDirectory"]}"), Mode(service["StateDirectoryMode"]));
        var installed = File.ReadAllText(shell.File("etc/agora.env"));
        shell.Write("etc/agora.env", Listens().Replace(installed, line => $"{line.Groups[1].Value}={(line.Groups[1].Value == "AGORA_URLS" ? url : ServerProcess.FreeAddress().ToString().TrimEnd('/'))}").Replace("=/etc/", $"={shell.Root}/etc/", StringComparison.Ordinal));

        (string, string)[] Given(Dictionary<string, string> unit) => [.. Settings(unit["Environment"]), .. Settings(File.ReadAllText(Under(shell, unit["EnvironmentFile"].TrimStart('-'))))];
        var settings = Given(service);
        var (server, _) = shell.Begin("is listening on", ["bash", "-c", $"cd '{Under(shell, service["WorkingDirectory"])}' && umask {service["UMask"]} && exec {Under(shell, service["ExecStart"])}"], settings);
        try
        {
            var (ready, said, errors) = shell.Paste($"curl -sf {url}/readyz");
            Assert.True(ready == 0, said + errors);
            var (copied, output, why) = shell.Paste($"umask {backup["UMask"]} && {Under(shell, backup["ExecStart"])}");
            Assert.True(copied == 0, output + why);
            var copy = Assert.Single(Directory.GetFiles(shell.File("var/backups/agora"), "agora-*.db"));
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(copy));
            Assert.Equal((true, false), (File.Exists(shell.File("var/lib/agora/token.key")), File.Exists(shell.File("var/lib/agora/master.key")))); // which is /etc/agora's
            var (kept, books, wrong) = shell.Paste($"cd '{Under(shell, check["WorkingDirectory"])}' && umask {check["UMask"]} && {Under(shell, check["ExecStart"])}", Given(check));
            Assert.True(kept == 0, books + wrong);
            Assert.Contains("\n0 violations of", books, StringComparison.Ordinal);

            Assert.Equal(0, shell.Paste($"kill -TERM {server.Id}").ExitCode);
            Assert.True(server.WaitForExit(TimeSpan.FromSeconds(120)), "It did not end.");
            Assert.Equal(0, server.ExitCode);
        }
        finally
        {
            if (!server.HasExited)
            {
                server.Kill(entireProcessTree: true);
            }

            server.WaitForExit();
            server.Dispose();
        }
    }

    /// <summary>SQLite locks files beside the database even where nothing is written to it.</summary>
    [Theory]
    [InlineData("agora.service")]
    [InlineData("agora-backup.service")]
    [InlineData("agora-check.service")]
    public void A_unit_may_write_in_the_directories_that_its_command_names(string name)
    {
        var unit = Unit(name);
        string[] writable = [.. unit.GetValueOrDefault("ReadWritePaths", "").Split(' '), $"/var/lib/{unit.GetValueOrDefault("StateDirectory", "")}"];
        var named = unit["ExecStart"].Split(' ').Where(static word => word.StartsWith("/var/", StringComparison.Ordinal)).ToList();

        Assert.Equal("strict", unit["ProtectSystem"]);
        Assert.NotEmpty(named);
        Assert.All(named, directory => Assert.Contains(directory, writable));
    }

    /// <summary>systemd's own look at the units; what they name is not on this machine, and is no part of it.</summary>
    [SystemdFact]
    public void systemd_reads_every_line_of_the_units()
    {
        string[] units = [.. Directory.GetFiles(Repository.File("deploy/systemd"))];
        using var process = Process.Start(new ProcessStartInfo("systemd-analyze", ["verify", "--man=no", .. units]) { RedirectStandardError = true, RedirectStandardOutput = true })!;
        var said = process.StandardError.ReadToEnd() + process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.DoesNotContain("Unknown", said, StringComparison.Ordinal);
        Assert.DoesNotContain("Failed to parse", said, StringComparison.Ordinal);
        Assert.DoesNotContain("ignoring", said, StringComparison.Ordinal);
    }

    /// <summary>The block of operations.md, below the root. What is the machine's own (users, owners of files, systemd) is noted in the file <c>done</c>, and the program that it would build is the one that the tests have built.</summary>
    private static void Install(Shell shell)
    {
        var built = new DirectoryInfo(AppContext.BaseDirectory);
        var silo = Path.GetFullPath(Path.Combine(built.FullName, "..", "..", "Silo", built.Name));
        foreach (var directory in (string[])["tools", "etc/systemd/system", "opt"]) Directory.CreateDirectory(shell.File(directory));
        foreach (var tool in (string[])["useradd", "chown", "systemctl"]) Tool(tool, $"echo \"{tool} $*\" >> '{shell.File("done")}'");
        Tool("dotnet", $"[ \"$1 $2\" = 'publish src/Silo' ] && mkdir -p \"$6\" && cp -r '{silo}/.' \"$6\"");
        File.Copy(Repository.File(".env.example"), shell.File(".env.example"), overwrite: true);

        var (exitCode, output, errors) = shell.Paste($"set -e\nPATH={shell.File("tools")}:$PATH\n{Under(shell, Steps().Match(Repository.Text("docs/operations.md")).Value)}");
        Assert.True(exitCode == 0, output + errors);

        void Tool(string name, string script)
        {
            shell.Write($"tools/{name}", $"#!/bin/sh\n{script}\n");
            File.SetUnixFileMode(shell.File($"tools/{name}"), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
    }

    private static Dictionary<string, string> Unit(string name) =>
        Line().Matches(Repository.Text($"deploy/systemd/{name}")).GroupBy(static line => line.Groups[1].Value).ToDictionary(static lines => lines.Key, static lines => lines.Last().Groups[2].Value.Trim());

    /// <summary>Absolute paths but that of .NET lead below the root.</summary>
    private static string Under(Shell shell, string text) => Absolute().Replace(text, path => path.Value.StartsWith("/usr/bin/", StringComparison.Ordinal) ? "dotnet" : $"{shell.Root}{path.Value}");

    private static IEnumerable<(string Name, string Value)> Settings(string text) => Setting().Matches(Comment().Replace(text, "")).Select(static setting => (setting.Groups[1].Value, setting.Groups[2].Value));

    private static UnixFileMode Mode(string octal) => (UnixFileMode)Convert.ToInt32(octal, 8);

    [GeneratedRegex("^([A-Za-z]+)=(.*)$", RegexOptions.Multiline)]
    private static partial Regex Line();

    [GeneratedRegex(@"(?<![^\s])/[^\s]+")]
    private static partial Regex Absolute();

    [GeneratedRegex(@"([A-Za-z_]+)=(\S+)")]
    private static partial Regex Setting();

    [GeneratedRegex("^#.*$", RegexOptions.Multiline)]
    private static partial Regex Comment();

    [GeneratedRegex("^(AGORA_URLS|AGORA_METRICS_URL)=.*$", RegexOptions.Multiline)]
    private static partial Regex Listens();

    [GeneratedRegex("^    dotnet publish src/Silo .*\n(?:    .*\n)+", RegexOptions.Multiline)]
    private static partial Regex Steps();

    private sealed class SystemdFactAttribute : FactAttribute
    {
        public SystemdFactAttribute() => Skip = Programs.Find("systemd-analyze") is null ? "systemd-analyze is not here" : null;
    }
}
