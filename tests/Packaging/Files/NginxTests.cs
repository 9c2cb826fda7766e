using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace Agora.Packaging;

/// <summary>deploy/nginx/nginx.conf in nginx itself; only ports, places and the name of the front ends are others.</summary>
public sealed class NginxTests
{
    [NginxTheory]
    [InlineData("/metrics")]
    [InlineData("/METRICS")]
    [InlineData("/Metrics/")]
    [InlineData("/%6detrics")]
    [InlineData("/dashboard")]
    [InlineData("/DashBoard/index.html")]
    [InlineData("//dashboard/")]
    [InlineData("/agent/../METRICS")]
    public async Task What_is_for_whoever_runs_it_is_kept_from_the_world_in_any_case(string path)
    {
        using var api = new Behind();
        await using var nginx = await Nginx.Start(api.Port);
        Assert.Equal(404, await nginx.Get(path));
        Assert.Equal(200, await nginx.Get("/openapi/v1.json"));
        Assert.Equal(["GET /openapi/v1.json HTTP/1.1"], api.Lines);
    }

    [NginxTheory]
    [InlineData("/approvals/")]
    [InlineData("/Approvals/")]
    [InlineData("/%61pprovals/")]
    public async Task A_link_to_an_approval_is_in_no_line_of_nginx_where_no_front_end_answers(string path)
    {
        await using var nginx = await Nginx.Start(Behind.Nobody());
        Assert.Equal(502, await nginx.Get(path + "apv_secret-part"));
        Assert.Equal(502, await nginx.Get("/agent/services"));
        await nginx.DisposeAsync();
        Assert.Contains("/agent/services", nginx.Log, StringComparison.Ordinal);
        Assert.DoesNotContain("secret-part", nginx.Log, StringComparison.Ordinal);
    }

    /// <summary>Stands for a front end: answers 200, and keeps the first line of each request.</summary>
    private sealed class Behind : IDisposable
    {
        private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
        private readonly List<string> _lines = [];

        public Behind()
        {
            _listener.Start();
            _ = Serve();
        }

        public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

        public IReadOnlyList<string> Lines => _lines;

        public static int Nobody()
        {
            using var taken = new Behind();
            return taken.Port;
        }

        public void Dispose() => _listener.Stop();

        private async Task Serve()
        {
            try
            {
                while (true)
                {
                    using var client = await _listener.AcceptTcpClientAsync();
                    using var reader = new StreamReader(client.GetStream());
                    _lines.Add(await reader.ReadLineAsync() ?? "");
                    while (await reader.ReadLineAsync() is { Length: > 0 })
                    {
                    }

                    await client.GetStream().WriteAsync("HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"u8.ToArray());
                }
            }
            catch (SocketException)
            {
                // Stopped.
            }
        }
    }

    private sealed class Nginx(Process process, string directory, int port) : IAsyncDisposable
    {
        private bool _ended;

        public string Log { get; private set; } = "";

        public static async Task<Nginx> Start(int frontEnd)
        {
            var directory = Directory.CreateTempSubdirectory("agora-nginx-").FullName;
            var port = Behind.Nobody();
            var configuration = Repository.Text("deploy/nginx/nginx.conf")
                .Replace("listen 8080;", $"listen 127.0.0.1:{port};", StringComparison.Ordinal)
                .Replace("http://api:8080", $"http://127.0.0.1:{frontEnd}", StringComparison.Ordinal)
                .Replace("error_log /dev/stderr", "error_log stderr", StringComparison.Ordinal)
                .Replace(" /tmp/", $" {directory}/", StringComparison.Ordinal);
            var file = Path.Combine(directory, "nginx.conf");
            await File.WriteAllTextAsync(file, configuration);
            var process = Process.Start(new ProcessStartInfo(NginxTheoryAttribute.Program!, ["-e", "stderr", "-p", directory, "-c", file, "-g", "daemon off; master_process off;"]) { RedirectStandardError = true })!;
            var nginx = new Nginx(process, directory, port);
            await nginx.Listens();
            return nginx;
        }

        /// <summary>The path as it is given: a client that tidies it up would hide what is looked for.</summary>
        public async Task<int> Get(string path)
        {
            using var client = new TcpClient();
            await client.ConnectAsync(IPAddress.Loopback, port);
            await client.GetStream().WriteAsync(System.Text.Encoding.ASCII.GetBytes($"GET {path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"));
            using var reader = new StreamReader(client.GetStream());
            return int.Parse((await reader.ReadToEndAsync()).Split(' ')[1]);
        }

        public async ValueTask DisposeAsync()
        {
            if (_ended) return;

            _ended = true;
            process.Kill();
            Log = await process.StandardError.ReadToEndAsync();
            await process.WaitForExitAsync();
            process.Dispose();
            Directory.Delete(directory, recursive: true);
        }

        /// <summary>Another process is waited for, in bounded tries.</summary>
        private async Task Listens()
        {
            for (var tries = 0; !process.HasExited && tries < 500; tries++)
            {
                try
                {
                    using var client = new TcpClient();
                    await client.ConnectAsync(IPAddress.Loopback, port);
                    return;
                }
                catch (SocketException)
                {
                    await Task.WhenAny(process.WaitForExitAsync(), Task.Delay(TimeSpan.FromMilliseconds(20)));
                }
            }

            process.Kill();
            throw new InvalidOperationException($"nginx does not listen: {await process.StandardError.ReadToEndAsync()}");
        }
    }
}

/// <summary>Where nginx is missing the test is skipped by name.</summary>
public sealed class NginxTheoryAttribute : TheoryAttribute
{
    public NginxTheoryAttribute() => Skip = Program is null ? "nginx is not on the PATH, nor in /usr/sbin" : null;

    public static string? Program { get; } = Checks.Found("nginx") ?? (File.Exists("/usr/sbin/nginx") ? "/usr/sbin/nginx" : null);
}
