using System.Security.Cryptography.X509Certificates;

namespace Agora.Packaging;

public sealed class ScriptTests
{
    public static TheoryData<string> Scripts => ["deploy/backup/archive-wal", "deploy/backup/base-backup", "deploy/backup/restore", "deploy/backup/sqlite", "deploy/ci/prepare", "deploy/ci/release", "deploy/ci/secrets", "deploy/ci/vulnerable", "deploy/canary/by-kubernetes", "deploy/canary/by-nginx", "deploy/canary/gate", "deploy/canary/rollout", "deploy/make-secrets"];

    public static TheoryData<string> BashScripts => ["deploy/cluster", "run"];

    [Theory]
    [MemberData(nameof(BashScripts))]
    public void A_script_of_bash_says_so_and_can_be_run(string script) => CanBeRun(script, "bash", "#!/usr/bin/env bash\n");

    [Theory]
    [MemberData(nameof(Scripts))]
    public void A_script_is_a_shell_script_that_can_be_run(string script) => CanBeRun(script, "sh", "#!/bin/sh\n");

    [ShellCheckTheory]
    [MemberData(nameof(Scripts))]
    [MemberData(nameof(BashScripts))]
    public void A_script_has_no_findings_of_shellcheck(string script) => Assert.Equal("", Checks.Run("shellcheck", Repository.File(script)));

    [Fact]
    public void Secrets_are_made_once_and_are_what_the_settings_take()
    {
        using var secrets = new MadeSecrets();
        var made = secrets.Read();
        secrets.Make();
        Assert.Equal(made, secrets.Read());

        var settings = Settings(secrets[""], ("AGORA_ADMIN_KEY", "agora_admin_key"), ("AGENT_API_KEY", "agent_api_key"), ("AGORA_MASTER_KEY", "agora_master_key"), ("AGORA_TOKEN_KEY", "agora_token_key"));
        Assert.Equal(made["agora_admin_key"].Trim(), settings.AdminKey);
        Assert.Contains(made["postgres_password"].Trim(), made["agora_postgres"], StringComparison.Ordinal);
    }

    /// <summary>Whatever its name is: operations.md calls it s.</summary>
    [Fact]
    public void Git_does_not_see_secrets_and_no_other_user_reads_them()
    {
        var above = Directory.CreateTempSubdirectory("agora-secrets-").FullName;
        try
        {
            Checks.Run("git", "-C", above, "init", "-q");
            foreach (var other in (string[])["theirs", "before"]) Directory.CreateDirectory(Path.Combine(above, other));
            File.WriteAllText(Path.Combine(above, "before", "agora_master_key"), "key"); // of a release that wrote no .gitignore

            foreach (var name in (string[])["s", "theirs", "before"]) Checks.Run("sh", Repository.File("deploy/make-secrets"), Path.Combine(above, name));

            Assert.Equal("?? theirs/", Checks.Run("git", "-C", above, "status", "--porcelain"));
            Assert.All(
                (string[])["s", "theirs", "before"],
                name => Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(Path.Combine(above, name))));
        }
        finally
        {
            Directory.Delete(above, recursive: true);
        }
    }

    [Fact]
    public void A_directory_with_other_files_is_refused_and_stays_as_it_is()
    {
        var other = Directory.CreateTempSubdirectory("agora-secrets-").FullName;
        try
        {
            File.WriteAllText(Path.Combine(other, "run"), "#!/bin/sh");
            const UnixFileMode Mode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute;
            File.SetUnixFileMode(Path.Combine(other, "run"), Mode);
            File.SetUnixFileMode(other, Mode);

            Assert.Equal($"make-secrets: {other} holds other files. Name a directory for the secrets alone.\n2", Checks.Run("sh", "-c", $"sh {Repository.File("deploy/make-secrets")} {other} 2>&1; echo $?").Trim());
            Assert.Equal(["run"], Directory.EnumerateFileSystemEntries(other).Select(Path.GetFileName));
            Assert.Equal((Mode, Mode), (File.GetUnixFileMode(other), File.GetUnixFileMode(Path.Combine(other, "run"))));
        }
        finally
        {
            Directory.Delete(other, recursive: true);
        }
    }

    /// <summary>An empty file would be kept as a key.</summary>
    [Theory]
    [InlineData("-hex 24")]
    [InlineData("-base64 32")]
    public void A_run_that_failed_leaves_no_empty_secret_and_the_next_one_completes_it(string failing)
    {
        var folder = Directory.CreateTempSubdirectory("agora-secrets-").FullName;
        try
        {
            var (program, secrets) = (Path.Combine(folder, "openssl"), Path.Combine(folder, "s"));
            File.WriteAllText(program, $"#!/bin/sh\ncase \"$*\" in \"rand {failing}\") exit 1 ;; esac\nexec {Programs.Find("openssl")} \"$@\"\n");
            File.SetUnixFileMode(program, UnixFileMode.UserRead | UnixFileMode.UserExecute);

            Assert.Equal("1", Checks.Run("sh", "-c", $"PATH={folder}:$PATH sh {Repository.File("deploy/make-secrets")} {secrets}; echo $?").Trim());
            Checks.Run("sh", Repository.File("deploy/make-secrets"), secrets);

            var files = Directory.GetFiles(secrets).Where(static file => Path.GetFileName(file) != ".gitignore").ToList();
            Assert.Equal(12, files.Count);
            Assert.All(files, static file => Assert.True(new FileInfo(file).Length > 0 && File.GetUnixFileMode(file) == (UnixFileMode)0b100_100_100, file));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Theory]
    [InlineData("cluster", "agora-cluster")]
    [InlineData("postgres", "postgres")]
    public void A_certificate_is_signed_by_its_own_authority_for_its_name_and_for_servers_and_clients(string name, string host)
    {
        using var secrets = new MadeSecrets();
        using var certificate = X509Certificate2.CreateFromPemFile(secrets[$"{name}_cert"], secrets[$"{name}_key"]);
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.CustomTrustStore.ImportFromPemFile(secrets[$"{name}_ca"]);
        Array.ForEach(["1.3.6.1.5.5.7.3.1", "1.3.6.1.5.5.7.3.2"], use => chain.ChainPolicy.ApplicationPolicy.Add(new(use)));

        Assert.True(chain.Build(certificate), string.Join("; ", chain.ChainStatus.Select(s => s.StatusInformation)));
        Assert.True(certificate.MatchesHostname(host));
        Assert.False(certificate.Extensions.OfType<X509BasicConstraintsExtension>().Single().CertificateAuthority);
    }

    private static void CanBeRun(string script, string shell, string firstLine)
    {
        Assert.Equal("", Checks.Run(shell, "-n", Repository.File(script)));
        Assert.StartsWith(firstLine, Repository.Text(script), StringComparison.Ordinal);
        Assert.True(File.GetUnixFileMode(Repository.File(script)).HasFlag(UnixFileMode.UserExecute));
    }

    private static Hosting.AgoraSettings Settings(string directory, params (string Name, string File)[] secrets) =>
        Hosting.AgoraSettings.Read(new Microsoft.Extensions.Configuration.ConfigurationManager
        {
            Sources = { new Microsoft.Extensions.Configuration.Memory.MemoryConfigurationSource { InitialData = secrets.Select(s => KeyValuePair.Create($"{s.Name}_FILE", (string?)Path.Combine(directory, s.File))) } },
        });
}

/// <summary>Where shellcheck is missing the test is skipped by name.</summary>
public sealed class ShellCheckTheoryAttribute : TheoryAttribute
{
    public ShellCheckTheoryAttribute() => Skip = Programs.Find("shellcheck") is null ? "shellcheck is not on the PATH" : null;
}
