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
        await using var nginx = await Nginx.Start($"http://127.0.0.1:{api.Port}");
        Assert.Equal(404, await nginx.Get(path));
        Assert.Equal(200, await nginx.Get("/openapi/v1.json"));
        Assert.Equal(["GET /openapi/v1.json HTTP/1.1"], api.Lines);
    }

    [NginxTheory]
    [InlineData("/approvals/")]
    [InlineData("/Approvals/")]
    [InlineData("/%61pprovals/")]
    [InlineData("/console/enter/")]
    [InlineData("/Console/%65nter/")]
    public async Task A_link_to_an_approval_is_in_no_line_of_nginx_where_no_front_end_answers(string path)
    {
        await using var nginx = await Nginx.Start($"http://127.0.0.1:{FreePort.Next()}");
        Assert.Equal(502, await nginx.Get(path + "apv_secret-part"));
        Assert.Equal(502, await nginx.Get("/agent/services"));
        await nginx.DisposeAsync();
        Assert.Contains("/agent/services", nginx.Log, StringComparison.Ordinal);
        Assert.DoesNotContain("secret-part", nginx.Log, StringComparison.Ordinal);
    }

    [NginxFact]
    public async Task A_front_end_is_told_the_host_with_its_port_by_which_a_browser_knows_it()
    {
        using var api = new Behind();
        await using var nginx = await Nginx.Start($"http://127.0.0.1:{api.Port}");
        await nginx.Get("/console/sign-in");

        Assert.Equal(["a:8080"], api.Hosts);
    }

    /// <summary>Stands for a front end: answers 200, and keeps the first line of each request.</summary>
    private sealed class Behind : IDisposable
    {
        private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
        private readonly List<string> _lines = [], _hosts = [];

        public Behind()
        {
            _listener.Start();
            _ = Serve();
        }

        public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

        public IReadOnlyList<string> Lines => _lines;

        public IReadOnlyList<string> Hosts => _hosts;

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
                    while (await reader.ReadLineAsync() is { Length: > 0 } header)
                    {
                        if (header.StartsWith("Host: ", StringComparison.Ordinal))
                        {
                            _hosts.Add(header["Host: ".Length..]);
                        }
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
}
