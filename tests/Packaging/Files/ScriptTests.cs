namespace Agora.Packaging;

public sealed class ScriptTests
{
    public static TheoryData<string> Scripts => ["deploy/backup/archive-wal", "deploy/backup/base-backup", "deploy/backup/restore", "deploy/make-secrets"];

    [Theory]
    [MemberData(nameof(Scripts))]
    public void A_script_is_a_shell_script_that_can_be_run(string script)
    {
        Assert.Equal("", Checks.Run("sh", "-n", Repository.File(script)));
        Assert.StartsWith("#!/bin/sh\n", Repository.Text(script), StringComparison.Ordinal);
        Assert.True(File.GetUnixFileMode(Repository.File(script)).HasFlag(UnixFileMode.UserExecute));
    }

    [ShellCheckTheory]
    [MemberData(nameof(Scripts))]
    public void A_script_has_no_findings_of_shellcheck(string script) => Assert.Equal("", Checks.Run("shellcheck", Repository.File(script)));

    [Fact]
    public void Secrets_are_made_once_and_are_what_the_settings_take()
    {
        var directory = Path.Combine(Directory.CreateTempSubdirectory("agora-secrets-").FullName, "secrets");
        Checks.Run("sh", Repository.File("deploy/make-secrets"), directory);
        var made = Read(directory);
        Checks.Run("sh", Repository.File("deploy/make-secrets"), directory);
        Assert.Equal(made, Read(directory));

        var settings = Settings(directory, ("AGORA_ADMIN_KEY", "agora_admin_key"), ("AGENT_API_KEY", "agent_api_key"), ("AGORA_MASTER_KEY", "agora_master_key"), ("AGORA_TOKEN_KEY", "agora_token_key"));
        Assert.Equal(made["agora_admin_key"].Trim(), settings.AdminKey);
        Assert.Contains(made["postgres_password"].Trim(), made["agora_postgres"], StringComparison.Ordinal);
        Directory.Delete(Path.GetDirectoryName(directory)!, recursive: true);
    }

    private static Hosting.AgoraSettings Settings(string directory, params (string Name, string File)[] secrets) =>
        Hosting.AgoraSettings.Read(new Microsoft.Extensions.Configuration.ConfigurationManager
        {
            Sources = { new Microsoft.Extensions.Configuration.Memory.MemoryConfigurationSource { InitialData = secrets.Select(s => KeyValuePair.Create($"{s.Name}_FILE", (string?)Path.Combine(directory, s.File))) } },
        });

    private static SortedDictionary<string, string> Read(string directory) =>
        new(Directory.EnumerateFiles(directory).ToDictionary(f => Path.GetFileName(f), File.ReadAllText), StringComparer.Ordinal);
}

/// <summary>Where shellcheck is missing the test is skipped by name.</summary>
public sealed class ShellCheckTheoryAttribute : TheoryAttribute
{
    public ShellCheckTheoryAttribute() => Skip = Checks.Found("shellcheck") is null ? "shellcheck is not on the PATH" : null;
}
