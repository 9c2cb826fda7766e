using System.Diagnostics;
using System.Globalization;
using Npgsql;

namespace Agora.Testing.Postgres;

/// <summary>
/// A PostgreSQL server of its own in a temporary directory, on a loopback port, as durable as a real one (fsync stays on). Started and
/// stopped by <c>pg_ctl</c>, as user postgres when we are root, which PostgreSQL refuses to run as. Gone with the process at the latest.
/// </summary>
public sealed class PostgresServer : IDisposable
{
    private static readonly Lazy<PostgresServer> One = new(() => Start());

    // Apart from us: a test host is killed soon after its last test. An ended process that nobody reaps is not waited for for ever.
    private const string CleanUp = "dir=$1; shift; [ $# -eq 0 ] || kill -KILL \"$@\"; for i in 1 2 3 4 5 6 7 8 9; do kill -0 \"$@\" 2>/dev/null || break; sleep 0.2; done; rm -rf \"$dir\"";

    private readonly string _directory;
    private readonly string _settings;
    private bool _disposed;

    private PostgresServer(int maxConnections, string settings, string? below)
    {
        _directory = below is null ? Directory.CreateTempSubdirectory("agora-postgres-").FullName : Directory.CreateDirectory(Path.Combine(below, "postgres")).FullName;
        Port = FreePort.Next();
        AppDomain.CurrentDomain.ProcessExit += (_, _) => Dispose();
        if (Environment.UserName == "root")
        {
            Run("chown", "postgres:postgres", _directory);
        }

        _settings = $"-p {Port} -k {_directory} -c listen_addresses=127.0.0.1 -c max_connections={maxConnections} {settings}";
    }

    /// <summary>Why there can be no server here; null when there can.</summary>
    public static string? Missing { get; } = FindPrograms() is null ? "PostgreSQL's initdb is neither on the PATH nor in /usr/lib/postgresql" : null;

    /// <summary>The one that the tests of a process share; each makes databases of its own.</summary>
    public static PostgresServer Shared => One.Value;

    public int Port { get; }

    public string DataDirectory => Path.Combine(_directory, "data");

    /// <summary>What its processes have used; those that ended are counted by their parent.</summary>
    public TimeSpan ProcessorTime => TimeSpan.FromSeconds(Processes().Sum(ProcessorTicks) / 100.0);

    /// <param name="settings">More arguments of <c>postgres</c>, such as <c>-c synchronous_commit=off</c>.</param>
    /// <param name="below">Where its directory is made; null: where temporary files are.</param>
    public static PostgresServer Start(int maxConnections = 100, string settings = "", string? below = null)
    {
        var server = new PostgresServer(maxConnections, settings, below);
        server.Tool("initdb", "-D", server.DataDirectory, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8");
        server.Resume();
        return server;
    }

    /// <summary>Another server that follows this one by streaming, from now on.</summary>
    /// <param name="name">By which <c>synchronous_standby_names</c> knows it.</param>
    /// <param name="port">On the way to this one; null: its own.</param>
    public PostgresServer Standby(string name, int? port = null)
    {
        var standby = new PostgresServer(100, "", null);
        standby.Tool("pg_basebackup", "-D", standby.DataDirectory, "-R", "-X", "stream", "-c", "fast", "-d", $"host=127.0.0.1 port={Text(port ?? Port)} user=postgres application_name={name}");
        standby.Resume();
        return standby;
    }

    /// <summary>A standby takes over: returns when it takes writes.</summary>
    public void Promote() => Tool("pg_ctl", "-w", "-D", DataDirectory, "promote");

    /// <summary>Starts it anew, whether it runs or has ended itself.</summary>
    public void Restart() => Tool("pg_ctl", "-w", "-t", "60", "-D", DataDirectory, "-l", Path.Combine(_directory, "log"), "-o", _settings, "-m", "fast", "restart");

    /// <summary>Starts it again after <see cref="Stop"/> or <see cref="Kill"/>; returns when it takes connections.</summary>
    public void Resume() => Tool("pg_ctl", "-w", "-t", "60", "-D", DataDirectory, "-l", Path.Combine(_directory, "log"), "-o", _settings, "start");

    /// <summary>Ends transactions under way, as an operator's restart does.</summary>
    public void Stop() => Tool("pg_ctl", "-w", "-D", DataDirectory, "-m", "fast", "stop");

    /// <summary>As a power failure would, but for the disk's own cache: no process of it gets to say anything.</summary>
    public void Kill()
    {
        var processes = Processes();
        foreach (var process in processes) End(process);
    }

    /// <summary>Still there, silent: connections stay open and nothing answers, until <see cref="Continue"/>.</summary>
    public void Pause() => Run("kill", ["-STOP", .. Processes().Select(Text)]);

    public void Continue() => Run("kill", ["-CONT", .. Processes().Select(Text)]);

    /// <summary>Copies the data directory of a stopped server, to go back to with <see cref="Restore"/>.</summary>
    public string Copy()
    {
        var copy = Path.Combine(_directory, "copy");
        Tool("cp", "-a", DataDirectory, copy);
        return copy;
    }

    /// <summary>As a fail-over to a replica that was behind: the same address, an earlier state.</summary>
    public void Restore(string copy)
    {
        Tool("rm", "-rf", DataDirectory);
        Tool("cp", "-a", copy, DataDirectory);
    }

    /// <summary>Makes a database; returns how to reach it.</summary>
    public string CreateDatabase(string name)
    {
        Execute(ConnectionString("postgres"), $"CREATE DATABASE {name}");
        return ConnectionString(name);
    }

    public string ConnectionString(string database) => $"Host=127.0.0.1;Port={Text(Port)};Username=postgres;Database={database}";

    public static void Execute(string connectionString, string sql)
    {
        using var connection = Connect(connectionString);
        using var command = new NpgsqlCommand(sql, connection);
        command.ExecuteNonQuery();
    }

    public static T Scalar<T>(string connectionString, string sql)
    {
        using var connection = Connect(connectionString);
        using var command = new NpgsqlCommand(sql, connection);
        return (T)command.ExecuteScalar()!;
    }

    /// <summary>Another program's connection, not pooled.</summary>
    public static NpgsqlConnection Connect(string connectionString)
    {
        var connection = new NpgsqlConnection(connectionString + ";Pooling=false");
        connection.Open();
        return connection;
    }

    public void Dispose()
    {
        if (Interlocked.Exchange(ref _disposed, true)) return;
        var processes = File.Exists(Path.Combine(DataDirectory, "postmaster.pid")) ? Processes() : [];
        Run("setsid", ["-f", "/bin/sh", "-c", CleanUp, "sh", _directory, .. processes.Select(Text)]);
    }

    // The postmaster and its children: a child outlives a killed parent for as long as it takes to notice.
    private List<int> Processes()
    {
        var postmaster = int.Parse(File.ReadLines(Path.Combine(DataDirectory, "postmaster.pid")).First(), CultureInfo.InvariantCulture);
        var children = $"/proc/{postmaster}/task/{postmaster}/children";
        if (!File.Exists(children)) return [];
        return [postmaster, .. File.ReadAllText(children).Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(id => int.Parse(id, CultureInfo.InvariantCulture))];
    }

    // Fields 14 to 17 of /proc/PID/stat: user and system time, its own and that of ended children, in hundredths of a second.
    private static long ProcessorTicks(int process)
    {
        try
        {
            var stat = File.ReadAllText($"/proc/{process}/stat");
            return stat[(stat.LastIndexOf(')') + 2)..].Split(' ')[11..15].Sum(field => long.Parse(field, CultureInfo.InvariantCulture));
        }
        catch (IOException)
        {
            return 0; // Ended meanwhile.
        }
    }

    private static void End(int id)
    {
        try
        {
            using var process = Process.GetProcessById(id);
            process.Kill();
            process.WaitForExit();
        }
        catch (ArgumentException)
        {
            // Ended already.
        }
    }

    private void Tool(string program, params string[] arguments)
    {
        var path = Path.Combine(FindPrograms()!, program);
        if (!File.Exists(path))
        {
            path = program;
        }

        if (Environment.UserName == "root")
            Run("setpriv", ["--reuid=postgres", "--regid=postgres", "--init-groups", path, .. arguments]);
        else
            Run(path, arguments);
    }

    // What it prints goes to a file, which the server that it leaves behind may keep open; a pipe would keep us waiting for its end.
    private static void Run(string program, params string[] arguments)
    {
        var output = Path.GetTempFileName();
        try
        {
            using var process = Process.Start(new ProcessStartInfo("/bin/sh", ["-c", "out=$1; shift; cd /; exec \"$@\" >\"$out\" 2>&1 </dev/null", "sh", output, program, .. arguments]))!;
            process.WaitForExit();
            if (process.ExitCode != 0)
            {
                throw new InvalidOperationException($"{program} {string.Join(' ', arguments)} ended with {process.ExitCode}: {File.ReadAllText(output)}");
            }
        }
        finally
        {
            File.Delete(output);
        }
    }

    private static string? FindPrograms() =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
            .Concat(Directory.Exists("/usr/lib/postgresql") ? Directory.GetDirectories("/usr/lib/postgresql").OrderDescending(StringComparer.Ordinal).Select(version => Path.Combine(version, "bin")) : [])
            .FirstOrDefault(directory => IsThere(Path.Combine(directory, "initdb")) && IsThere(Path.Combine(directory, "pg_ctl")));

    // A link whose target is gone exists too.
    private static bool IsThere(string path) => File.Exists(path) && File.ResolveLinkTarget(path, returnFinalTarget: true) is not { Exists: false };

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
