using System.Net;
using System.Net.Sockets;

namespace Agora.Outbound;

/// <summary>
/// Which addresses the system may connect to: global unicast ones, and those of the allow list. It judges addresses, not names
/// or spellings, so a decimal, octal or hexadecimal IP in the URI is caught where all of them meet, after resolution.
/// Forms of IPv6 that carry an IPv4 address inside (mapped, compatible, translated, NAT64, 6to4, Teredo) are refused whole:
/// a gateway on the way could turn them into a private one.
/// Source: the IANA IPv4 and IPv6 Special-Purpose Address Registries (RFC 6890).
/// </summary>
public static class AddressGuard
{
    private static readonly (IPNetwork Range, string Name)[] Refused =
    [
        Row("169.254.169.254/32", "metadata"),
        Row("168.63.129.16/32", "metadata"), // Azure's, public by its number alone
        Row("100.100.100.200/32", "metadata"),
        Row("192.0.0.192/32", "metadata"),
        Row("fd00:ec2::254/128", "metadata"),
        Row("fd20:ce::254/128", "metadata"),
        Row("0.0.0.0/8", "unspecified"),
        Row("10.0.0.0/8", "private"),
        Row("100.64.0.0/10", "carrier-grade NAT"),
        Row("127.0.0.0/8", "loopback"),
        Row("169.254.0.0/16", "link-local"),
        Row("172.16.0.0/12", "private"),
        Row("192.0.0.0/24", "protocol assignments"),
        Row("192.0.2.0/24", "documentation"),
        Row("192.88.99.0/24", "6to4 relay"),
        Row("192.168.0.0/16", "private"),
        Row("198.18.0.0/15", "benchmark"),
        Row("198.51.100.0/24", "documentation"),
        Row("203.0.113.0/24", "documentation"),
        Row("224.0.0.0/4", "multicast"),
        Row("255.255.255.255/32", "broadcast"),
        Row("240.0.0.0/4", "reserved"),
        Row("::/128", "unspecified"),
        Row("::1/128", "loopback"),
        Row("::/96", "IPv4-compatible"),
        Row("::ffff:0:0:0/96", "IPv4-translated"),
        Row("64:ff9b::/96", "NAT64"),
        Row("64:ff9b:1::/48", "NAT64"),
        Row("2001::/32", "Teredo"),
        Row("2001::/23", "protocol assignments"),
        Row("2001:db8::/32", "documentation"),
        Row("2002::/16", "6to4"),
        Row("3fff::/20", "documentation"),
        Row("fc00::/7", "unique-local"),
        Row("fe80::/10", "link-local"),
        Row("fec0::/10", "site-local"),
        Row("ff00::/8", "multicast"),
    ];

    // IANA hands out global unicast IPv6 from here alone; whatever lies outside is refused even without a row of its own.
    private static readonly IPNetwork GlobalUnicast6 = IPNetwork.Parse("2000::/3");

    /// <summary>Null for a public address, else the name of the range for which it is refused.</summary>
    public static string? RangeOf(IPAddress address)
    {
        // First, since IPNetwork looks through the mapping and would judge ::ffff:8.8.8.8 as 8.8.8.8.
        if (address.IsIPv4MappedToIPv6)
            return "IPv4-mapped";
        foreach (var (range, name) in Refused)
            if (range.Contains(address))
                return name;
        return address.AddressFamily switch
        {
            AddressFamily.InterNetwork => null,
            AddressFamily.InterNetworkV6 when GlobalUnicast6.Contains(address) => null,
            _ => "not global unicast",
        };
    }

    /// <summary>
    /// Null when a connection may be made, else why not. An address of the allow list may be reached by http and https, every
    /// other one only by https and only if it is public.
    /// </summary>
    internal static string? Refusal(IPAddress address, int port, bool isTls, AllowList allowed) =>
        Refusal(address.ToString(), address, port, isTls, allowed);

    /// <param name="host">As the URI has it.</param>
    internal static string? Refusal(string host, IPAddress address, int port, bool isTls, AllowList allowed) =>
        allowed.Covers(host, address, port) ? null : RangeOf(address) ?? (isTls ? null : "not https");

    /// <summary>
    /// Null when a call to an endpoint can be made as far as its URI says, else why not. Only a literal address, or <c>localhost</c>, can be judged
    /// by its spelling; a name is judged when it is connected to.
    /// </summary>
    public static string? Refusal(Uri endpoint, AllowList allowed)
    {
        var host = endpoint.IdnHost;
        var isLocal = host.Equals("localhost", StringComparison.OrdinalIgnoreCase);
        return isLocal ? Refusal(host, IPAddress.Loopback, endpoint.Port, endpoint.Scheme == Uri.UriSchemeHttps, allowed)
            : IPAddress.TryParse(host.Trim('[', ']'), out var literal) ? Refusal(host, literal, endpoint.Port, endpoint.Scheme == Uri.UriSchemeHttps, allowed)
            : null;
    }

    private static (IPNetwork, string) Row(string cidr, string name) => (IPNetwork.Parse(cidr), name);
}
