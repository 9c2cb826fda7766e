using System.Net;
using Agora.Crash.Support;
using Agora.Testing;
using Agora.Testing.Postgres;

namespace Agora.Orleans.Tests.Cluster;

/// <summary>Two silos, each a process of its own that can be killed, on one database, with an upstream that they may call and keys for the tenant for tests.</summary>
public sealed class TwoSilos : IAsyncLifetime
{
    private static readonly TimeSpan Patience = Hang.Timeout;
    private readonly DataDirectory _directory = new();
    private readonly ServerProcess?[] _silos = new ServerProcess?[2];
    private readonly Uri[] _addresses = [ServerProcess.FreeAddress(), ServerProcess.FreeAddress()];
    private readonly string _database = PostgresServer.Missing is null ? RealCluster.CreateDatabase() : "";

    internal ApiClient[] Apis { get; private set; } = [];

    internal ToolServer Upstream { get; private set; } = null!;

    public async Task InitializeAsync()
    {
        if (PostgresServer.Missing is not null) return;

        Upstream = await ToolServer.Start(FreePort.Next());
        Apis = [.. _addresses.Select(address => new ApiClient(address))];
        await Start(0); // It brings the database up to date.
        await Start(1);
    }

    public async Task DisposeAsync()
    {
        foreach (var silo in _silos)
        {
            await (silo?.DisposeAsync() ?? default);
        }

        Apis.ToList().ForEach(api => api.Dispose());
        await (Upstream?.DisposeAsync() ?? default);
        _directory.Dispose();
    }

    /// <summary>kill -9.</summary>
    internal async Task Kill(int silo)
    {
        await _silos[silo]!.DisposeAsync();
        _silos[silo] = null;
    }

    /// <summary>Until it is ready.</summary>
    internal async Task Start(int silo)
    {
        var settings = new Dictionary<string, string>(PlayTenant.Keys.Settings)
        {
            ["AGORA_POSTGRES"] = _database,
            ["AGORA_MASTER_KEY"] = Convert.ToBase64String([.. Enumerable.Repeat((byte)1, 32)]),
            ["AGORA_TOKEN_KEY"] = Convert.ToBase64String([.. Enumerable.Repeat((byte)2, 32)]),
            ["AGORA_SILO_PORT"] = Market.Of(FreePort.Next()),
            ["AGORA_GATEWAY_PORT"] = Market.Of(FreePort.Next()),
        };
        _silos[silo] = await ServerProcess.Start(_directory.Path, _addresses[silo], ToolMarket.Allowed(Upstream), surroundings: new(settings));
        using var http = new HttpClient(new SocketsHttpHandler { UseProxy = false });
        await Market.Eventually(
            async () =>
            {
                using var reply = await http.GetAsync(new Uri(_addresses[silo], "/readyz"));
                return reply.StatusCode;
            },
            status => status == HttpStatusCode.OK,
            Patience);
    }
}

[CollectionDefinition(Name)]
public sealed class TwoSilosCollection : ICollectionFixture<TwoSilos>
{
    public const string Name = "Two silos";
}
