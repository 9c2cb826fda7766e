using System.Security.Cryptography;
using Agora.Benchmarks.Load;
using Agora.Benchmarks.Postgres;
using Agora.Benchmarks.Servers;
using Agora.Testing.Postgres;

namespace Agora.Benchmarks.SideBySide;

/// <summary>What a contest needs around its subjects: PostgreSQL, servers, files of requests. All of it is gone afterwards.</summary>
internal sealed class Stage : IAsyncDisposable
{
    private readonly ScratchDirectory _scratch = new();
    private readonly List<IAsyncDisposable> _started = [];
    private readonly int _connections;
    private readonly bool _onPostgres;

    public Stage(Options options)
    {
        Sessions = options.Number("sessions", 10_000);
        Campaigns = options.Number("campaigns", 1_000);
        _connections = options.Number("connections", 256);
        _onPostgres = options.Text("store", "postgres") == "postgres";
    }

    public int Sessions { get; }

    public int Campaigns { get; }

    /// <summary>Null until something needs it.</summary>
    public Database? Postgres { get; private set; }

    public Database NeedPostgres() => Postgres ??= Add(new Database());

    public T Add<T>(T part)
        where T : IAsyncDisposable
    {
        _started.Add(part);
        return part;
    }

    /// <summary>The product, and how to reach its store; null when that is SQLite.</summary>
    /// <param name="allowed">Whom it may call besides public addresses.</param>
    /// <param name="name">Of its store, where there are several.</param>
    public async Task<(string? Store, Child Agora)> Agora(string allowed = "", string name = "agora")
    {
        var store = _onPostgres ? NeedPostgres().Create(name) : null;
        return (store, Add(await Child.StartServer("serve-agora", "--data", Path.Combine(_scratch.Path, name), "--postgres", store ?? "", "--allow", allowed)));
    }

    /// <summary>Silos as they are deployed, on a store of their own, and how to reach that; null when it is SQLite, which has one silo.</summary>
    /// <param name="with"><c>NAME=VALUE,…</c>: settings that are others than everyone's.</param>
    public async Task<(string? Store, Silos Silos)> Cluster(string name, string program, int count, Child service, string with = "")
    {
        var store = _onPostgres ? NeedPostgres().Create(name.Replace('-', '_')) : null;
        var settings = Product.Raised.Concat(
        [
            .. store is null ? [] : new KeyValuePair<string, string?>[] { new("AGORA_POSTGRES", store) },
            new("AGORA_ADMIN_KEY", Product.AdminKey),
            new("AGENT_API_KEY", Product.PlatformKey),
            new("AGORA_MASTER_KEY", Convert.ToBase64String(RandomNumberGenerator.GetBytes(32))),
            new("AGORA_TOKEN_KEY", Convert.ToBase64String(RandomNumberGenerator.GetBytes(32))),
            new("AGORA_OUTBOUND_ALLOW", service.Address.Authority),
            new("AGORA_DASHBOARD", "false"),
        ]).ToDictionary(s => s.Key, s => s.Value!);
        foreach (var setting in with.Split(',', StringSplitOptions.RemoveEmptyEntries))
        {
            var (key, value) = setting.Split('=', 2) is [var k, var v] ? (k, v) : throw new ArgumentException($"--with {setting}: a setting is NAME=VALUE.");
            settings[key] = value;
        }

        var silos = Add(new Silos(program, Path.Combine(_scratch.Path, name), settings));
        for (var n = 0; n < count; n++)
        {
            await silos.Add();
        }

        return (store, silos);
    }

    /// <summary>After filling it. A database that has just been filled plans without knowing how much there is.</summary>
    public void Settle(string? store)
    {
        if (store is not null)
        {
            PostgresServer.Execute(store, "VACUUM ANALYZE");
        }
    }

    public HttpSubject Http(string name, string what, IServer server, IEnumerable<byte[]> requests, string mustSay, Child? service = null)
    {
        var file = Path.Combine(_scratch.Path, name + ".requests");
        LoadRequests.Of(requests, mustSay).Write(file);
        return new(name, what, server, file, _connections, service);
    }

    public async Task<IReadOnlyList<string>> Settings() =>
    [
        .. Postgres is null ? [] : new[] { await Postgres.Describe() },
        $"Agora: {(_onPostgres ? "on PostgreSQL" : "on SQLite, every commit synced")}, {Product.Settings}; otherwise as it comes",
    ];

    public async ValueTask DisposeAsync()
    {
        foreach (var started in Enumerable.Reverse(_started))
        {
            await started.DisposeAsync();
        }

        _scratch.Dispose();
    }
}
