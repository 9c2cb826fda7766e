using System.Net;
using Agora.Journal.Postgres;
using Agora.Testing;
using Agora.Testing.Postgres;

namespace Agora.Orleans.Tests.Cluster;

/// <summary>A silo that joins: what it answers meanwhile, and members that are gone.</summary>
public sealed class JoiningTests
{
    private static readonly TimeSpan Patience = Hang.Timeout;

    [PostgresFact]
    public async Task Healthz_answers_while_a_silo_waits_for_a_member_that_is_gone_and_readyz_when_it_is_declared_dead()
    {
        await using var place = await Place.Make();
        PostgresServer.Execute(place.Database, $"""
            INSERT INTO orleansmembershipversiontable (deploymentid, version) VALUES ('agora', 7);
            INSERT INTO orleansmembershiptable (deploymentid, address, port, generation, siloname, hostname, status, proxyport, starttime, iamalivetime)
            VALUES ('agora', '127.0.0.1', {FreePort.Next()}, 1, 'gone', 'gone', 3, 0, now(), now())
            """);
        await using var silo = await RealCluster.Build(place.Settings());
        using var patience = new CancellationTokenSource(Patience);
        var started = silo.StartAsync(patience.Token);

        await place.Until("/healthz", HttpStatusCode.OK, patience.Token);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, await place.Status("/readyz"));
        Assert.Equal(HttpStatusCode.ServiceUnavailable, await place.Status("/"));
        await started;
        await place.Until("/readyz", HttpStatusCode.OK, patience.Token);
        Assert.Equal(6, PostgresServer.Scalar<int>(place.Database, "SELECT status FROM orleansmembershiptable WHERE siloname = 'gone'"));
        await silo.StopAsync();
    }

    [PostgresFact]
    public async Task A_second_silo_on_one_port_is_refused_and_the_first_lives_on()
    {
        await using var place = await Place.Make();
        await using var first = await RealCluster.Build(place.Settings());
        await first.StartAsync();
        var refused = await Assert.ThrowsAsync<Hosting.SettingException>(() => RealCluster.Build(place.Settings()));
        Assert.StartsWith("AGORA_SILO_PORT", refused.Message, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, await place.Status("/readyz"));
        await first.StopAsync();
    }

    /// <summary>One silo's settings and database.</summary>
    private sealed class Place : IAsyncDisposable
    {
        private readonly HttpClient _http = new(new SocketsHttpHandler { UseProxy = false });
        private readonly string _directory = Directory.CreateTempSubdirectory("agora-joining-").FullName;
        private readonly string _url = $"http://127.0.0.1:{FreePort.Next()}";
        private readonly int _siloPort = FreePort.Next();
        private readonly int _gatewayPort = FreePort.Next();

        public string Database { get; } = RealCluster.CreateDatabase();

        public static async Task<Place> Make()
        {
            var place = new Place();
            await ClusterSchema.Apply(new() { ConnectionString = place.Database });
            return place;
        }

        public Dictionary<string, string?> Settings() => new()
        {
            ["urls"] = _url,
            ["data"] = _directory,
            ["postgres"] = Database,
            ["AGORA_ADMIN_KEY"] = RealCluster.AdminKey,
            ["AGORA_SILO_PORT"] = $"{_siloPort}",
            ["AGORA_GATEWAY_PORT"] = $"{_gatewayPort}",
        };

        public async Task<HttpStatusCode> Status(string path)
        {
            using var reply = await _http.GetAsync(new Uri(_url + path));
            return reply.StatusCode;
        }

        /// <summary>Nothing tells when a server begins to listen, so it is asked until it does.</summary>
        public async Task Until(string path, HttpStatusCode status, CancellationToken cancel)
        {
            using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
            while (await StatusOrNull(path) != status)
            {
                await timer.WaitForNextTickAsync(cancel);
            }
        }

        public ValueTask DisposeAsync()
        {
            _http.Dispose();
            Directory.Delete(_directory, recursive: true);
            return default;
        }

        private async Task<HttpStatusCode?> StatusOrNull(string path)
        {
            try
            {
                return await Status(path);
            }
            catch (HttpRequestException)
            {
                return null;
            }
        }
    }
}
