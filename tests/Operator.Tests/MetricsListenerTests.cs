using System.Net;
using System.Net.Sockets;

namespace Agora.Operator.Tests;

public sealed class MetricsListenerTests
{
    [Fact]
    public async Task Metrics_that_have_a_listener_of_their_own_are_there_and_nowhere_else_and_nothing_else_is_there()
    {
        var metrics = $"http://127.0.0.1:{FreePort()}";
        await using var world = new ConsoleWorld { Settings = [new("AGORA_METRICS_URL", metrics)] };
        await world.InitializeAsync();
        using var there = new HttpClient { BaseAddress = new(metrics) };

        Assert.Contains("agora_build_info", await there.GetStringAsync("/metrics"), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.NotFound, (await world.Http.GetAsync("/metrics")).StatusCode);
        Assert.DoesNotContain("/metrics", await world.Http.GetStringAsync("/"), StringComparison.Ordinal);
        foreach (var path in new[] { "/readyz", "/healthz" })
        {
            Assert.Equal((HttpStatusCode.OK, HttpStatusCode.OK), ((await there.GetAsync(path)).StatusCode, (await world.Http.GetAsync(path)).StatusCode));
        }

        foreach (var path in new[] { "/", "/console", "/docs", "/openapi/v1.json", "/admin/users", "/METRICS" })
        {
            var refused = await there.GetAsync(path);
            Assert.Equal(HttpStatusCode.NotFound, refused.StatusCode);
            Assert.Contains("This port serves /metrics, /healthz and /readyz only.", await refused.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        }
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
