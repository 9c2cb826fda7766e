using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Agora.Api.Hosts;
using Agora.Client;
using Agora.Contracts;
using Agora.Hosting;
using Agora.Silo;
using Agora.Silo.Engine;
using Agora.Testing;
using Agora.Testing.Postgres;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orleans.Hosting;

namespace Agora.Orleans.Tests.Cluster;

/// <summary>Where no PostgreSQL can be started the test is skipped by name.</summary>
public sealed class PostgresFactAttribute : FactAttribute
{
    public PostgresFactAttribute() => Skip = PostgresServer.Missing;
}

/// <summary>As <see cref="PostgresFactAttribute"/>.</summary>
public sealed class PostgresTheoryAttribute : TheoryAttribute
{
    public PostgresTheoryAttribute() => Skip = PostgresServer.Missing;
}

/// <summary>
/// Two silos as the program builds them, in this process: membership and storage in a PostgreSQL database of their own, mutual TLS, the
/// call filter, the API and the dashboard.
/// </summary>
public sealed class RealCluster : IAsyncLifetime
{
    public const string AdminKey = "operators-key-of-the-tests-0123456789";
    public const string ServiceKey = "key-of-the-service-topper-0123456789";
    private static int _made;
    private readonly List<WebApplication> _silos = [];

    public string Directory { get; } = System.IO.Directory.CreateTempSubdirectory("agora-cluster-").FullName;

    public string Database { get; private set; } = "";

    public IReadOnlyList<WebApplication> Silos => _silos;

    public ClusterTls Tls { get; private set; } = null!;

    public async Task InitializeAsync()
    {
        if (PostgresServer.Missing is not null) return;

        Database = CreateDatabase();
        Tls = Certificates.Write(Directory, "cluster");
        for (var i = 0; i < 2; i++)
        {
            var silo = await Build(Settings());
            await silo.StartAsync();
            _silos.Add(silo);
        }
    }

    public async Task DisposeAsync()
    {
        foreach (var silo in _silos)
        {
            await silo.StopAsync();
            await silo.DisposeAsync();
        }

        System.IO.Directory.Delete(Directory, recursive: true);
    }

    public static string CreateDatabase() => PostgresServer.Shared.CreateDatabase($"cluster_{Interlocked.Increment(ref _made)}");

    public Dictionary<string, string?> Settings() => new()
    {
        ["urls"] = $"http://127.0.0.1:{FreePort.Next()}",
        ["data"] = Directory,
        ["postgres"] = Database,
        ["AGORA_ADMIN_KEY"] = AdminKey,
        ["AGORA_SILO_PORT"] = $"{FreePort.Next()}",
        ["AGORA_GATEWAY_PORT"] = $"{FreePort.Next()}",
        ["AGORA_CLUSTER_TLS_CERT"] = Tls.Certificate,
        ["AGORA_CLUSTER_TLS_KEY"] = Tls.Key,
        ["AGORA_CLUSTER_TLS_CA"] = Tls.Authority,
        ["AGORA_SERVICE_KEYS"] = $"topper:{ServiceKey}:campaign",
    };

    public static async Task<WebApplication> Build(Dictionary<string, string?> given)
    {
        var settings = AgoraSettings.Read(new ConfigurationBuilder().AddInMemoryCollection(given).Build());
        var data = new DataDirectory(settings);
        await GrainEngineRegistration.PrepareGrainEngine(settings);
        return Server.Build(settings, data, AccessKeys.Read(settings, data), services => services.AddLogging(logging => logging.SetMinimumLevel(LogLevel.Critical)));
    }

    /// <summary>A process of ours that is no silo.</summary>
    public IHost Client(Caller caller, ClusterTls? tls, Action<IClientBuilder>? more = null)
    {
        var builder = Host.CreateApplicationBuilder();
        builder.Logging.ClearProviders();
        builder.AddAgoraClient(new() { Postgres = Database, Caller = caller, Tls = tls }, more);
        return builder.Build();
    }

    public async Task<HttpResponseMessage> Get(WebApplication silo, string path, AuthenticationHeaderValue? authorization = null)
    {
        using var http = new HttpClient(new SocketsHttpHandler { UseProxy = false, AllowAutoRedirect = false });
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(new Uri(silo.Urls.First()), path));
        request.Headers.Authorization = authorization;
        return await http.SendAsync(request);
    }
}

/// <summary>An authority of its own and one certificate that it signed, for servers and clients.</summary>
internal static class Certificates
{
    public static ClusterTls Write(string directory, string name)
    {
        var (from, to) = (DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        using var authorityKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var authorityRequest = new CertificateRequest($"CN={name} authority", authorityKey, HashAlgorithmName.SHA256);
        authorityRequest.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, false, 0, critical: true));
        using var authority = authorityRequest.CreateSelfSigned(from, to);
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var certificate = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256).Create(authority, from, to, RandomNumberGenerator.GetBytes(8));
        return new(
            File("cert", certificate.ExportCertificatePem()),
            File("key", key.ExportPkcs8PrivateKeyPem()),
            File("ca", authority.ExportCertificatePem()));

        string File(string part, string pem)
        {
            var path = Path.Combine(directory, $"{name}-{part}.pem");
            System.IO.File.WriteAllText(path, pem);
            return path;
        }
    }
}
