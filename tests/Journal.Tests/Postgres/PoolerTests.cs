using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using Agora.Journal.Postgres;
using Agora.Journal.Tests.Fakes;
using Agora.Testing;
using Agora.Testing.Postgres;
using static Agora.Journal.Tests.Samples;

namespace Agora.Journal.Tests.Postgres;

/// <summary>PgBouncer in transaction mode, with fewer connections to the server than the journals have to it.</summary>
public sealed class PoolerTests
{
    [PoolerFact]
    public async Task Behind_a_pooler_in_transaction_mode_writers_lose_and_repeat_nothing()
    {
        var database = PostgresDatabase.Create();
        using var pooler = new PgBouncer(PostgresServer.Shared.Port);
        var options = PostgresDatabase.Options(database.Replace($"Port={PostgresServer.Shared.Port}", $"Port={pooler.Port}", StringComparison.Ordinal) + ";Pooler=true");
        await using var one = await Writers.Start(options, "one", "s/1", "s/2", "s/3");
        await using var other = await Writers.Start(options, "other", "s/3", "s/4", "s/5");
        await Task.WhenAll(one.More(100), other.More(100));
        PostgresServer.Execute(database, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()");
        await Task.WhenAll(one.More(100), other.More(100));
        await Task.WhenAll(one.Stop(), other.Stop());

        await using var journal = await PostgresJournal.Open(options);
        await Writers.Check(journal, one, other);
        await journal.Append([Append("s/9", StreamHead.Empty, Entry("a")) with { Upserts = [Run("r1", "x", 1)] }], false, default);
        Assert.Equal(1, (await journal.Query(new TableQuery(Runs, [], [], 0, 10), default)).TotalCount);
        await journal.Probe(default);
    }

    [PoolerFact]
    public async Task Behind_a_pooler_in_transaction_mode_who_waits_for_another_process_asks_for_the_last_position_and_sees_it()
    {
        var database = PostgresDatabase.Create();
        using var pooler = new PgBouncer(PostgresServer.Shared.Port);
        var options = PostgresDatabase.Options(database.Replace($"Port={PostgresServer.Shared.Port}", $"Port={pooler.Port}", StringComparison.Ordinal) + ";Pooler=true");
        await using var journal = await PostgresJournal.Open(options);
        await using var other = await PostgresJournal.Open(options);
        var waiting = JournalConformance.Seen(other, new FeedQuery(null) { Patience = TimeSpan.FromDays(1) }, 2);
        var first = Append("t/s/1", StreamHead.Empty, Entry("a"));
        await journal.Append([first], false, default);
        await journal.Append([Append("t/s/1", HeadAfter(first), Entry("b"))], false, default);

        Assert.Equal(["a", "b"], Said((await waiting.Soon()).Rows));
    }

    private sealed class PgBouncer : IDisposable
    {
        private readonly string _directory = Directory.CreateTempSubdirectory("agora-pgbouncer-").FullName;
        private readonly Process _process;

        public PgBouncer(int server)
        {
            var settings = Path.Combine(_directory, "pgbouncer.ini");
            File.WriteAllText(Path.Combine(_directory, "users.txt"), "\"postgres\" \"\"\n");
            File.WriteAllText(settings, string.Create(CultureInfo.InvariantCulture, $"""
                [databases]
                * = host=127.0.0.1 port={server} user=postgres
                [pgbouncer]
                listen_addr = 127.0.0.1
                listen_port = {Port}
                unix_socket_dir =
                auth_type = any
                auth_file = {_directory}/users.txt
                pool_mode = transaction
                default_pool_size = 2
                """));
            if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(_directory, (UnixFileMode)0b111_101_101); // Another user reads it.
            string[] command = Environment.UserName == "root" ? ["setpriv", "--reuid=postgres", "--regid=postgres", "--init-groups", "pgbouncer", "-q", settings] : ["pgbouncer", "-q", settings];
            _process = Process.Start(new ProcessStartInfo(command[0], command[1..]) { RedirectStandardError = true })!;
            _process.BeginErrorReadLine();
            while (!Listens()) Assert.False(_process.HasExited, "pgbouncer ended");
        }

        public int Port { get; } = FreePort.Next();

        public void Dispose()
        {
            _process.Kill();
            _process.WaitForExit();
            _process.Dispose();
            Directory.Delete(_directory, recursive: true);
        }

        private bool Listens()
        {
            try
            {
                using var client = new TcpClient("127.0.0.1", Port);
                return true;
            }
            catch (SocketException)
            {
                return false;
            }
        }
    }
}

/// <summary>Where there is no pgbouncer the test is skipped by name.</summary>
public sealed class PoolerFactAttribute : FactAttribute
{
    public PoolerFactAttribute() => Skip = PostgresServer.Missing
        ?? ((Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Append("/usr/sbin").Any(directory => File.Exists(Path.Combine(directory, "pgbouncer")))
            ? null
            : "pgbouncer is not on the PATH");
}
