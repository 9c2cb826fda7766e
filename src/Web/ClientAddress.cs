using System.Net;
using System.Net.Sockets;

namespace Agora.Web;

/// <summary>Addresses of clients in the one form in which they are compared, counted and shown.</summary>
internal static class ClientAddress
{
    private const int NetworkBytes = 8;

    /// <summary>An IPv4 address that a dual-stack socket reports within IPv6 (<c>::ffff:192.0.2.1</c>, RFC 4291 section 2.5.5.2) as IPv4; any other as it is.</summary>
    public static IPAddress Plain(IPAddress address) => address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;

    /// <summary>What bounds of one client are counted by: an IPv4 address, or the /64 of an IPv6 address, since one client can use each address of its /64.</summary>
    /// <param name="address">Null if the connection does not say it: all such connections count as one client.</param>
    public static IPAddress NetworkOf(IPAddress? address)
    {
        var plain = Plain(address ?? IPAddress.None);
        if (plain.AddressFamily != AddressFamily.InterNetworkV6) return plain;

        var bytes = plain.GetAddressBytes();
        bytes.AsSpan(NetworkBytes).Clear();
        return new(bytes);
    }
}
