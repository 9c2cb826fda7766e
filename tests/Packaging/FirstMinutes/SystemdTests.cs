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
    public void The_service_starts_as_its_unit_says_is_backed_up_by_the_other_unit_and_ends_in_time_by_SIGTERM()
    {
        using var shell = new Shell();
        var (service, backup) = (Unit("agora.service"), Unit("agora-backup.service"));
        var url = ServerProcess.FreeAddress().ToString().TrimEnd('/');
        foreach (var directory in (string[])["etc", "opt", "var/lib", "var/backups/agora"]) Directory.CreateDirectory(shell.File(directory));
        CopyPublished(shell.File("opt/agora"));
        Directory.CreateSymbolicLink(shell.File("opt/agora/backup"), Repository.File("deploy/backup"));
        Directory.CreateDirectory(shell.File($"var/lib/{service["StateDirectory"]}"), Mode(service["StateDirectoryMode"]));
        shell.Write("etc/agora.env", $"AGORA_URLS={url}\n");

        var settings = Settings(service["Environment"]).Concat(Settings(File.ReadAllText(Under(shell, service["EnvironmentFile"].TrimStart('-'))))).ToArray();
        var (server, _) = shell.Begin("is listening on", ["bash", "-c", $"cd '{Under(shell, service["WorkingDirectory"])}' && umask {service["UMask"]} && exec {Under(shell, service["ExecStart"])}"], settings);
        try
        {
            var (ready, said, errors) = shell.Paste($"curl -sf {url}/readyz");
            Assert.True(ready == 0, said + errors);
            var (copied, output, why) = shell.Paste($"umask {backup["UMask"]} && {Under(shell, backup["ExecStart"])}");
            Assert.True(copied == 0, output + why);
            var copy = Assert.Single(Directory.GetFiles(shell.File("var/backups/agora"), "agora-*.db"));
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(copy));
            Assert.True(File.Exists(shell.File("var/lib/agora/master.key")));

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

    private static Dictionary<string, string> Unit(string name) =>
        Line().Matches(Repository.Text($"deploy/systemd/{name}")).GroupBy(static line => line.Groups[1].Value).ToDictionary(static lines => lines.Key, static lines => lines.Last().Groups[2].Value.Trim());

    /// <summary>Absolute paths but that of .NET lead below the root.</summary>
    private static string Under(Shell shell, string text) => Absolute().Replace(text, path => path.Value.StartsWith("/usr/bin/", StringComparison.Ordinal) ? "dotnet" : $"{shell.Root}{path.Value}");

    private static IEnumerable<(string Name, string Value)> Settings(string text) => Setting().Matches(text).Select(static setting => (setting.Groups[1].Value, setting.Groups[2].Value));

    private static UnixFileMode Mode(string octal) => (UnixFileMode)Convert.ToInt32(octal, 8);

    /// <summary>As <c>dotnet publish</c> would lay it out: the program with all beside it.</summary>
    private static void CopyPublished(string to)
    {
        var built = new DirectoryInfo(AppContext.BaseDirectory);
        var from = Path.GetFullPath(Path.Combine(built.FullName, "..", "..", "Silo", built.Name));
        Assert.Equal(0, Process.Start("cp", ["-r", from, to]) is { } copying && copying.WaitForExit(TimeSpan.FromSeconds(120)) ? copying.ExitCode : -1);
    }

    [GeneratedRegex("^([A-Za-z]+)=(.*)$", RegexOptions.Multiline)]
    private static partial Regex Line();

    [GeneratedRegex(@"(?<![^\s])/[^\s]+")]
    private static partial Regex Absolute();

    [GeneratedRegex(@"([A-Za-z_]+)=(\S+)")]
    private static partial Regex Setting();

    private sealed class SystemdFactAttribute : FactAttribute
    {
        public SystemdFactAttribute() => Skip = Programs.Find("systemd-analyze") is null ? "systemd-analyze is not here" : null;
    }
}
