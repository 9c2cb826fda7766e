using System.Diagnostics;
using System.Globalization;

namespace Agora.Orleans.Tests.Life.Support;

/// <summary>
/// Where silos live: each in a network namespace of its own, on one bridge with this process, so that the line between two of them can be cut while
/// both still reach everyone else. Where namespaces are not permitted all live on the loopback address, and nothing can be cut.
/// </summary>
internal sealed class SiloNetwork : IDisposable
{
    // 198.18.0.0/15 is for tests of networks (RFC 2544); the third number is this process's, the last a silo's.
    private static readonly int Place = Environment.ProcessId % 256;
    private static readonly string Bridge = $"agora{Text(Environment.ProcessId)}";
    private readonly int _silos;

    private SiloNetwork(int silos) => _silos = silos;

    /// <summary>Why no line can be cut here; null when it can.</summary>
    public static string? Missing { get; } = OperatingSystem.IsLinux() && IsPermitted() ? null : "network namespaces cannot be made here: that takes root on Linux, and iproute2";

    public static string Host => Missing is null ? $"198.18.{Text(Place)}.1" : "127.0.0.1";

    public static string Subnet => $"198.18.{Text(Place)}.0/24";

    public static SiloNetwork Create(int silos)
    {
        var network = new SiloNetwork(silos);
        if (Missing is null)
        {
            Ip("link", "add", Bridge, "type", "bridge");
            Ip("addr", "add", $"{Host}/24", "dev", Bridge);
            Ip("link", "set", Bridge, "up");
            for (var silo = 0; silo < silos; silo++)
            {
                Add(silo);
            }
        }

        return network;
    }

    public static string Address(int silo) => Missing is null ? $"198.18.{Text(Place)}.{Text(10 + silo)}" : Host;

    /// <summary>What starts a program in the place of this silo.</summary>
    public static string[] Command(int silo) => Missing is null ? ["ip", "netns", "exec", Namespace(silo)] : [];

    /// <summary>From now on packets between the two are dropped, in both directions and without a word to either.</summary>
    public static void Cut(int one, int other) => Isolate(one, other, "on");

    public static void Mend(int one, int other) => Isolate(one, other, "off");

    public void Dispose()
    {
        if (Missing is not null) return;

        for (var silo = 0; silo < _silos; silo++)
        {
            Ip("netns", "del", Namespace(silo));
        }

        Ip("link", "del", Bridge);
    }

    private static void Add(int silo)
    {
        var inside = Namespace(silo);
        Ip("netns", "add", inside);
        Ip("link", "add", Port(silo), "type", "veth", "peer", "name", "eth0", "netns", inside);
        Ip("link", "set", Port(silo), "master", Bridge, "up");
        Ip("-n", inside, "addr", "add", $"{Address(silo)}/24", "dev", "eth0");
        Ip("-n", inside, "link", "set", "eth0", "up");
        Ip("-n", inside, "link", "set", "lo", "up");
    }

    // Isolated ports of a bridge reach all others, but not each other.
    private static void Isolate(int one, int other, string isolated)
    {
        Ip("link", "set", "dev", Port(one), "type", "bridge_slave", "isolated", isolated);
        Ip("link", "set", "dev", Port(other), "type", "bridge_slave", "isolated", isolated);
    }

    private static string Namespace(int silo) => $"{Bridge}-{Text(silo)}";

    private static string Port(int silo) => $"{Bridge}p{Text(silo)}";

    private static bool IsPermitted()
    {
        var probe = $"{Bridge}-probe";
        try
        {
            return Run("netns", "add", probe) is null && Run("netns", "del", probe) is null;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return false; // There is no such program.
        }
    }

    private static void Ip(params string[] arguments) => Assert.Null(Run(arguments));

    /// <returns>Null, or what it complains about.</returns>
    private static string? Run(params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo("ip", arguments) { RedirectStandardError = true })!;
        var complaint = process.StandardError.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0 ? null : $"ip {string.Join(' ', arguments)}: {complaint}";
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}

/// <summary>Where no server can be started, or no line be cut, the test is skipped by name.</summary>
public sealed class NetworkFactAttribute : FactAttribute
{
    public NetworkFactAttribute() => Skip = Testing.Postgres.PostgresServer.Missing ?? SiloNetwork.Missing;
}
