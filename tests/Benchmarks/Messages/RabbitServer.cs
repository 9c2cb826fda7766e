using System.Diagnostics;
using System.Globalization;
using System.Text;
using Agora.Testing;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace Agora.Benchmarks.Messages;

/// <summary>
/// A RabbitMQ of its own in a temporary directory, on loopback ports, with the settings of the package. It runs below a shell that stops it, and the daemon that knows the ports
/// of Erlang's nodes, when this program is gone, however that happened. As user rabbitmq when we are root, to whom the package gives it.
/// </summary>
internal sealed class RabbitServer : IMailServer
{
    private const string Program = "/usr/lib/rabbitmq/bin/rabbitmq-server";
    private const string Watched = """
        out=$1; shift; exec 2>"$out"
        "$@" epmd -address 127.0.0.1 -port "$ERL_EPMD_PORT" </dev/null >>"$out" 2>&1 & names=$!
        "$@" /usr/lib/rabbitmq/bin/rabbitmq-server </dev/null >>"$out" 2>&1 & node=$!
        echo $node
        cat >/dev/null; kill -TERM $node; wait $node; kill -TERM $names; wait $names
        """;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    private readonly ScratchDirectory _scratch = new();
    private readonly Process _shell;
    private readonly Process _node;
    private readonly int _port;
    private readonly RabbitOptions _options;
    private string _version = "";

    private RabbitServer(RabbitOptions options)
    {
        (_options, _port) = (options, FreePort.Next());
        File.WriteAllText(Path.Combine(_scratch.Path, "rabbitmq.conf"), $"listeners.tcp.1 = 127.0.0.1:{_port}\ndistribution.listener.interface = 127.0.0.1\n");
        File.WriteAllText(Path.Combine(_scratch.Path, "enabled_plugins"), "[].");
        string[] user = Environment.UserName == "root" ? ["setpriv", "--reuid=rabbitmq", "--regid=rabbitmq", "--init-groups"] : ["env"];
        if (user.Length > 1)
        {
            using var owned = Process.Start("chown", ["-R", "rabbitmq:rabbitmq", _scratch.Path]);
            owned.WaitForExit();
        }

        var start = new ProcessStartInfo("/bin/sh", ["-c", Watched, "sh", Log, .. user]) { RedirectStandardInput = true, RedirectStandardOutput = true, WorkingDirectory = "/" };
        foreach (var (name, value) in Settings()) start.Environment[name] = value;
        _shell = Process.Start(start)!;
        _node = Process.GetProcessById(int.Parse(_shell.StandardOutput.ReadLine()!, CultureInfo.InvariantCulture));
    }

    /// <summary>Why there can be none here, and what to do; null when there can.</summary>
    public static string? Missing => File.Exists(Program) ? null : "RabbitMQ is not installed, so there is nothing to compare with: apt-get install rabbitmq-server (Debian's package; its own service need not run).";

    public string Name => "rabbitmq";

    public string What => $"RabbitMQ {_version}: durable queues, persistent messages, publisher confirms, manual acks; {_options}";

    public IReadOnlyList<Uri> Addresses => [new($"amqp://127.0.0.1:{_port}")];

    public IReadOnlyList<int> Processes => [_node.Id];

    public TimeSpan Cpu
    {
        get
        {
            _node.Refresh();
            return _node.TotalProcessorTime;
        }
    }

    private string Log => Path.Combine(_scratch.Path, "log");

    public static async Task<RabbitServer> Start(RabbitOptions options)
    {
        var server = new RabbitServer(options);
        await using var first = await server.Connected();
        server._version = first.ServerProperties?["version"] is byte[] version ? Encoding.UTF8.GetString(version) : "";
        return server;
    }

    public Task<long> Allocated() => Task.FromResult(0L);

    public async Task<IMailboxes> Open(int count) => await RabbitMailboxes.Open(Factory(), count, _options);

    public async ValueTask DisposeAsync()
    {
        _shell.StandardInput.Close();
        await _shell.WaitForExitAsync();
        _shell.Dispose();
        _node.Dispose();
        _scratch.Dispose();
    }

    private ConnectionFactory Factory() => new() { HostName = "127.0.0.1", Port = _port, AutomaticRecoveryEnabled = false };

    private async Task<IConnection> Connected()
    {
        for (var began = Stopwatch.GetTimestamp(); ;)
        {
            try
            {
                return await Factory().CreateConnectionAsync();
            }
            catch (BrokerUnreachableException e)
            {
                if (_shell.HasExited || Stopwatch.GetElapsedTime(began) > Patience)
                {
                    throw new InvalidOperationException($"RabbitMQ did not start: {File.ReadAllText(Log)}", e);
                }

                await Task.Delay(TimeSpan.FromMilliseconds(200));
            }
        }
    }

    // The last makes the package's script become the node itself, so that it is the node that is measured and stopped.
    private Dictionary<string, string> Settings() => new()
    {
        ["HOME"] = _scratch.Path,
        ["ERL_EPMD_PORT"] = $"{FreePort.Next()}",
        ["ERL_EPMD_ADDRESS"] = "127.0.0.1",
        ["RABBITMQ_CONF_ENV_FILE"] = "/dev/null",
        ["RABBITMQ_NODENAME"] = "benchmark@localhost",
        ["RABBITMQ_CONFIG_FILE"] = Path.Combine(_scratch.Path, "rabbitmq.conf"),
        ["RABBITMQ_ENABLED_PLUGINS_FILE"] = Path.Combine(_scratch.Path, "enabled_plugins"),
        ["RABBITMQ_MNESIA_BASE"] = Path.Combine(_scratch.Path, "data"),
        ["RABBITMQ_LOG_BASE"] = Path.Combine(_scratch.Path, "logs"),
        ["RABBITMQ_DIST_PORT"] = $"{FreePort.Next()}",
        ["RUNNING_UNDER_SYSTEMD"] = "true",
    };
}
