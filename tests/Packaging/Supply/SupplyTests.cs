using System.Diagnostics;
using System.Text.RegularExpressions;
using Agora.Hosting;

namespace Agora.Packaging.Supply;

/// <summary>What goes on between a change and a machine that serves it.</summary>
public sealed partial class SupplyTests
{
    public static TheoryData<string> Workflows => [.. Directory.EnumerateFiles(Repository.File(".github/workflows"), "*.yml").Select(file => Path.GetRelativePath(Repository.File(""), file)).Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Workflows))]
    public void A_workflow_names_actions_by_their_commit_and_runs_scripts_that_are_there(string workflow)
    {
        var text = Repository.Text(workflow);
        var actions = Action().Matches(text).Select(action => action.Groups[1].Value).ToList();
        var scripts = Script().Matches(text).Select(script => script.Groups[1].Value).Distinct().ToList();

        Assert.NotEmpty(actions);
        Assert.All(actions, action => Assert.Matches("^[a-z-]+/[a-z-]+@[0-9a-f]{40}$", action));
        Assert.NotEmpty(scripts);
        Assert.All(scripts, script => Assert.True(File.Exists(Repository.File(script)), script));
        Assert.Contains("permissions:", text, StringComparison.Ordinal);
    }

    [Fact]
    public void No_file_of_the_repository_holds_what_looks_like_a_credential() => Assert.Equal("", Checks.Run("sh", Repository.File("deploy/ci/secrets"), Repository.File("")));

    [Theory]
    [InlineData("-----BEGIN PRIVATE KEY-----")]
    [InlineData("-----BEGIN RSA PRIVATE KEY-----")]
    [InlineData("token = gh" + "p_0123456789abcdefghijABCDEFGHIJ012345")]
    [InlineData("key: AK" + "IAABCDEFGHIJKLMNOP")]
    public void What_looks_like_a_credential_is_found(string line)
    {
        var place = Directory.CreateTempSubdirectory("agora-secrets-").FullName;
        try
        {
            File.WriteAllText(Path.Combine(place, "notes.txt"), $"so\n{line}\n");
            Assert.Equal("", Checks.Run("git", "-C", place, "init", "-q"));
            Assert.Equal("", Checks.Run("git", "-C", place, "add", "notes.txt"));
            var found = Assert.ThrowsAny<Xunit.Sdk.XunitException>(() => Checks.Run("sh", Repository.File("deploy/ci/secrets"), place));
            Assert.Contains("notes.txt:2", found.Message, StringComparison.Ordinal);
        }
        finally
        {
            Directory.Delete(place, recursive: true);
        }
    }

    [Fact]
    public void Where_git_cannot_look_nothing_is_called_clean()
    {
        var place = Directory.CreateTempSubdirectory("agora-secrets-").FullName;
        try
        {
            Assert.Contains("git looked at nothing", Assert.ThrowsAny<Xunit.Sdk.XunitException>(() => Checks.Run("sh", Repository.File("deploy/ci/secrets"), place)).Message, StringComparison.Ordinal);
        }
        finally
        {
            Directory.Delete(place, recursive: true);
        }
    }

    [Fact]
    public void Each_setting_of_the_sample_is_one_that_the_program_reads()
    {
        Assert.Contains($"{Agora.Core.Kernel.Limits.AccessKeyLength} characters or more", Repository.Text(".env.example"), StringComparison.Ordinal);
        var named = Setting().Matches(Repository.Text(".env.example")).Select(setting => setting.Groups[1].Value).Where(name => name.StartsWith("AGORA_", StringComparison.Ordinal)).ToList();

        Assert.True(named.Count >= 6, $"{named.Count} settings");
        Assert.All(named, name => Assert.Contains(name, AgoraSettings.Names()));
    }

    /// <summary>Where a program of a unit is not on this machine, that alone is said.</summary>
    [SystemdTheory]
    [InlineData("agora.service")]
    [InlineData("agora-backup.service")]
    [InlineData("agora-backup.timer")]
    public void A_unit_is_as_systemd_has_it(string unit) =>
        Assert.All(Verified(Repository.File($"deploy/systemd/{unit}")), static line => Assert.Contains("is not executable", line, StringComparison.Ordinal));

    [SystemdTheory]
    [InlineData("agora-backup.timer", "02:30:00", "half past two")]
    [InlineData("agora.service", "ProtectSystem=strict", "ProtectSystm=strict")]
    public void A_planted_fault_is_found(string unit, string right, string wrong)
    {
        var place = Directory.CreateTempSubdirectory("agora-units-").FullName;
        try
        {
            var text = Repository.Text($"deploy/systemd/{unit}");
            Assert.Contains(right, text, StringComparison.Ordinal);
            File.WriteAllText(Path.Combine(place, unit), text.Replace(right, wrong, StringComparison.Ordinal));
            Assert.NotEmpty(Verified(Path.Combine(place, unit)));
        }
        finally
        {
            Directory.Delete(place, recursive: true);
        }
    }

    private static IReadOnlyList<string> Verified(string unit)
    {
        using var process = Process.Start(new ProcessStartInfo("systemd-analyze", ["verify", "--man=no", unit]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var errors = process.StandardError.ReadToEndAsync();
        var said = process.StandardOutput.ReadToEnd() + errors.GetAwaiter().GetResult();
        process.WaitForExit();
        return [.. said.Split('\n').Where(line => line.Contains(Path.GetFileName(unit), StringComparison.Ordinal))];
    }

    [GeneratedRegex(@"uses: (\S+)")]
    private static partial Regex Action();

    [GeneratedRegex(@"(?:run: |run: \./)((?:deploy/ci/[a-z]+)|test)\b")]
    private static partial Regex Script();

    [GeneratedRegex("^#? ?([A-Z_]+)=", RegexOptions.Multiline)]
    private static partial Regex Setting();
}

/// <summary>A theory that systemd-analyze tells.</summary>
public sealed class SystemdTheoryAttribute : TheoryAttribute
{
    public SystemdTheoryAttribute() => Skip = File.Exists("/usr/bin/systemd-analyze") ? null : "systemd-analyze is not here";
}
