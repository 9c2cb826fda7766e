using Agora.Testing.Postgres;

namespace Agora.Packaging.Backup;

/// <summary>A server that archives its WAL, and the directories that outlive it: the archive, the base backups, copies of the scripts that its user can reach.</summary>
internal sealed class BackupPlace : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("agora-backup-").FullName;

    public BackupPlace()
    {
        foreach (var directory in (string[])[Archive, Backups, Scripts]) Directory.CreateDirectory(directory);
        foreach (var script in (string[])["archive-wal", "base-backup", "restore"]) File.Copy(Repository.File($"deploy/backup/{script}"), Script(script));
        if (Environment.UserName == "root")
        {
            Root("chown", "-R", "postgres:postgres", _root);
        }

        Server = PostgresServer.Start(settings: $"-c archive_mode=on -c archive_command='{Script("archive-wal")} {Archive} \"%p\" \"%f\"'");
        Database = Server.CreateDatabase("agora");
    }

    public PostgresServer Server { get; }

    public string Database { get; }

    public string Archive => Path.Combine(_root, "wal");

    public string Backups => Path.Combine(_root, "base");

    private string Scripts => Path.Combine(_root, "scripts");

    public string Script(string name) => Path.Combine(Scripts, name);

    /// <summary>Returns the backup's directory.</summary>
    public string TakeBaseBackup() => PostgresTool.Run(Script("base-backup"), Backups, $"host=127.0.0.1 port={Server.Port} user=postgres");

    /// <summary>Closes the WAL file in which everything so far stands, and waits until it is in the archive.</summary>
    public Task ArchiveEverything()
    {
        var file = PostgresServer.Scalar<string>(Database, "SELECT pg_walfile_name(pg_switch_wal())");
        return Until(() => File.Exists(Path.Combine(Archive, file)));
    }

    /// <summary>The machine is lost: no process gets to say anything, no file of the data directory is left.</summary>
    public void LoseTheMachine()
    {
        Server.Kill();
        Directory.Delete(Server.DataDirectory, recursive: true);
    }

    /// <summary>Returns when the restored server takes writes.</summary>
    public Task Restore(string backup, params string[] time)
    {
        PostgresTool.Run(Script("restore"), [backup, Archive, Server.DataDirectory, .. time]);
        Server.Resume();
        return Until(() => !PostgresServer.Scalar<bool>(Database, "SELECT pg_is_in_recovery()"));
    }

    public void Dispose()
    {
        Server.Dispose();
        Directory.Delete(_root, recursive: true);
    }

    // Another process is waited for, which has no event to await.
    private static async Task Until(Func<bool> happened)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        using var patience = new CancellationTokenSource(Hang.Timeout);
        while (!happened()) await timer.WaitForNextTickAsync(patience.Token);
    }

    private static void Root(string program, params string[] arguments)
    {
        using var process = System.Diagnostics.Process.Start(program, arguments);
        process.WaitForExit();
        Assert.Equal(0, process.ExitCode);
    }
}
