using System.Net;
using System.Net.Sockets;

namespace Agora.Hosting;

/// <summary>How silos and front ends of one cluster find and trust each other.</summary>
public sealed record ClusterSettings
{
    /// <summary>Silos of one id on one database are one cluster.</summary>
    public required string ClusterId { get; init; }

    /// <summary>Part of the key under which ordinary grains are stored; stays when clusters are exchanged for each other.</summary>
    public required string ServiceId { get; init; }

    /// <summary>Where other silos reach this one.</summary>
    public required int SiloPort { get; init; }

    /// <summary>Where front ends and other clients reach this silo.</summary>
    public required int GatewayPort { get; init; }

    /// <summary>The address that goes with both ports. On the loopback address a silo listens there alone, else on all addresses.</summary>
    public required IPAddress AdvertisedAddress { get; init; }

    /// <summary>PEM files: certificate, key, authority; all or none.</summary>
    public required (string Certificate, string Key, string Authority)? Tls { get; init; }

    /// <summary>Services besides front ends that may call grains.</summary>
    public required IReadOnlyList<ServiceKey> ServiceKeys { get; init; }

    /// <summary>Whether <c>/dashboard</c> is there; it measures every grain call.</summary>
    public required bool Dashboard { get; init; }

    /// <summary>
    /// Refuses a port that another process has. Orleans itself would share it: its listeners may stand side by side on Linux, each would get a part
    /// of the connections, and the newcomer would have declared the other one dead.
    /// </summary>
    /// <exception cref="SettingException">The port is taken.</exception>
    public void CheckPorts()
    {
        Check("AGORA_SILO_PORT", SiloPort);
        Check("AGORA_GATEWAY_PORT", GatewayPort);
    }

    private void Check(string name, int port)
    {
        using var probe = new Socket(AdvertisedAddress.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            probe.Bind(new IPEndPoint(IPAddress.IsLoopback(AdvertisedAddress) ? AdvertisedAddress : IPAddress.Any, port));
        }
        catch (SocketException e)
        {
            throw new SettingException($"{name} {port}: {e.Message}.");
        }
    }

    internal static ClusterSettings Read(SettingReader read, bool serves) => new()
    {
        ClusterId = read.Name("AGORA_CLUSTER_ID", "agora"),
        ServiceId = read.Name("AGORA_SERVICE_ID", "agora"),
        SiloPort = read.Number("AGORA_SILO_PORT", 11_111, 1, 65_535),
        GatewayPort = read.Number("AGORA_GATEWAY_PORT", 30_000, 1, 65_535),
        AdvertisedAddress = serves ? Address(read.Text("AGORA_ADVERTISED_ADDRESS")) : IPAddress.Loopback,
        Tls = serves ? TlsFiles(read) : null,
        ServiceKeys = read.ServiceKeys("AGORA_SERVICE_KEYS"),
        Dashboard = read.Choice("AGORA_DASHBOARD", otherwise: true),
    };

    private static (string, string, string)? TlsFiles(SettingReader read) => (read.File("AGORA_CLUSTER_TLS_CERT"), read.File("AGORA_CLUSTER_TLS_KEY"), read.File("AGORA_CLUSTER_TLS_CA")) switch
    {
        (null, null, null) => null,
        ({ } certificate, { } key, { } authority) => (certificate, key, authority),
        _ => throw new SettingException("AGORA_CLUSTER_TLS_CERT, AGORA_CLUSTER_TLS_KEY and AGORA_CLUSTER_TLS_CA go together: PEM files of a certificate, its key, and the authority that signs the cluster's certificates."),
    };

    private static IPAddress Address(string? text)
    {
        try
        {
            // A name is looked up once: members know each other by address.
            return text is null ? IPAddress.Loopback : IPAddress.TryParse(text, out var address) ? address : Dns.GetHostAddresses(text, AddressFamily.InterNetwork)[0];
        }
        catch (Exception e) when (e is SocketException or ArgumentException)
        {
            throw new SettingException($"AGORA_ADVERTISED_ADDRESS must be an IP address, or a name that can be resolved; '{text}' is not.");
        }
    }
}

/// <summary>A service that may call grains.</summary>
/// <param name="Kinds">Kinds of entity that it may send commands to; null: all.</param>
public sealed record ServiceKey(string Name, string Key, IReadOnlyList<string>? Kinds)
{
    /// <summary>The cluster's own callers; their keys follow from the master key.</summary>
    public const string Silo = "silo";

    public const string FrontEnd = "front-end";

    internal static IReadOnlyList<string> Reserved { get; } = [Silo, FrontEnd];
}
