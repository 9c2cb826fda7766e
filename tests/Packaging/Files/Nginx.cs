using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace Agora.Packaging;

/// <summary>nginx itself with deploy/nginx/nginx.conf; only ports, places and the name of the front ends are others.</summary>
internal sealed class Nginx : IAsyncDisposable
{
    private static readonly TimeSpan Patience = Hang.Timeout;
    private readonly string _directory = Directory.CreateTempSubdirectory("agora-nginx-").FullName;
    private readonly Process _process;
    private readonly Task<string> _errors;
    private bool _ended;

    private Nginx(string frontEnds)
    {
        var configuration = Repository.Text("deploy/nginx/nginx.conf")
            .Replace("listen 8080;", $"listen 127.0.0.1:{Port};", StringComparison.Ordinal)
            .Replace("error_log /dev/stderr", "error_log stderr", StringComparison.Ordinal)
            .Replace(" /tmp/", $" {_directory}/", StringComparison.Ordinal);
        File.WriteAllText(Path.Combine(_directory, "nginx.conf"), configuration);
        Directory.CreateDirectory(Path.GetDirectoryName(Split)!);
        File.WriteAllText(Split, Repository.Text("deploy/nginx/split/front-ends.conf").Replace("http://api:8080", frontEnds, StringComparison.Ordinal));
        _process = Process.Start(new ProcessStartInfo(NginxTheoryAttribute.Program!, [.. Arguments, "-g", "daemon off;"]) { RedirectStandardError = true })!;
        _errors = _process.StandardError.ReadToEndAsync();
    }

    public int Port { get; } = FreePort.Next();

    public string Log { get; private set; } = "";

    /// <summary>The file that says which front ends a request goes to.</summary>
    public string Split => Path.Combine(_directory, "split", "front-ends.conf");

    /// <summary>What tells this nginx to read its files again.</summary>
    public string Reload => $"'{NginxTheoryAttribute.Program}' {string.Join(' ', Arguments)} -s reload";

    private string[] Arguments => ["-e", "stderr", "-p", _directory, "-c", Path.Combine(_directory, "nginx.conf")];

    public static async Task<Nginx> Start(string frontEnds)
    {
        var nginx = new Nginx(frontEnds);
        await nginx.Listens();
        return nginx;
    }

    /// <summary>The path as it is given: a client that tidies it up would hide what is looked for.</summary>
    public async Task<int> Get(string path)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, Port);
        await client.GetStream().WriteAsync(System.Text.Encoding.ASCII.GetBytes($"GET {path} HTTP/1.1\r\nHost: a:8080\r\nConnection: close\r\n\r\n"));
        using var reader = new StreamReader(client.GetStream());
        return int.Parse((await reader.ReadToEndAsync()).Split(' ')[1]);
    }

    /// <summary>With its workers, which a killed master would leave behind.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_ended) return;

        _ended = true;
        Checks.Run(NginxTheoryAttribute.Program!, [.. Arguments, "-s", "stop"]);
        Log = await _errors.WaitAsync(Patience);
        await _process.WaitForExitAsync().WaitAsync(Patience);
        _process.Dispose();
        Directory.Delete(_directory, recursive: true);
    }

    /// <summary>Another process is waited for, in bounded tries.</summary>
    private async Task Listens()
    {
        for (var tries = 0; !_process.HasExited && tries < 500; tries++)
        {
            try
            {
                using var client = new TcpClient();
                await client.ConnectAsync(IPAddress.Loopback, Port);
                return;
            }
            catch (SocketException)
            {
                await Task.WhenAny(_process.WaitForExitAsync(), Task.Delay(TimeSpan.FromMilliseconds(20)));
            }
        }

        _process.Kill(entireProcessTree: true);
        throw new InvalidOperationException($"nginx does not listen: {await _errors}");
    }
}

/// <summary>Where nginx is missing the test is skipped by name.</summary>
public sealed class NginxTheoryAttribute : TheoryAttribute
{
    public NginxTheoryAttribute() => Skip = Program is null ? "nginx is not on the PATH, nor in /usr/sbin" : null;

    public static string? Program { get; } = Programs.Find("nginx") ?? (File.Exists("/usr/sbin/nginx") ? "/usr/sbin/nginx" : null);
}

public sealed class NginxFactAttribute : FactAttribute
{
    public NginxFactAttribute() => Skip = new NginxTheoryAttribute().Skip;
}
