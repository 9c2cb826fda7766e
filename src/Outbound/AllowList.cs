using System.Collections.Immutable;
using System.Globalization;
using System.Net;

namespace Agora.Outbound;

/// <summary>
/// Addresses that the guard lets through besides public ones, as set by <c>AGORA_OUTBOUND_ALLOW</c>: entries separated by
/// commas, each a CIDR block (<c>10.1.0.0/16</c>, all ports) or one address and port (<c>127.0.0.1:8091</c>, <c>[::1]:8091</c>).
/// </summary>
public sealed class AllowList
{
    /// <summary>Nothing but public addresses by https.</summary>
    public static readonly AllowList Empty = new([]);

    private readonly ImmutableArray<Entry> _entries;
    private readonly bool _loopback;

    private AllowList(ImmutableArray<Entry> entries, bool loopback = false) => (_entries, _loopback) = (entries, loopback);

    /// <exception cref="FormatException">With a sentence that names the entry and what is allowed.</exception>
    public static AllowList Parse(string? setting) => new(
    [
        .. (setting ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Select(ParseEntry),
    ]);

    /// <summary>
    /// The same, and this machine's loopback addresses where the URI itself says so: by such an address, or by <c>localhost</c>. A name of somebody else's
    /// that resolves to one is refused as before, for its owner chose it (DNS rebinding).
    /// </summary>
    public AllowList WithLoopback() => new(_entries, loopback: true);

    internal bool Covers(string host, IPAddress address, int port) =>
        (_loopback && IPAddress.IsLoopback(address) && !address.IsIPv4MappedToIPv6 && IsLoopbackName(host)) || Covers(address, port);

    internal bool Covers(IPAddress address, int port)
    {
        foreach (var entry in _entries)
            if ((entry.Port is null || entry.Port == port) && IsSameFamily(entry.Range, address) && entry.Range.Contains(address))
                return true;
        return false;
    }

    private static bool IsLoopbackName(string host) =>
        host.Equals("localhost", StringComparison.OrdinalIgnoreCase) || IPAddress.TryParse(host.Trim('[', ']'), out var literal) && IPAddress.IsLoopback(literal);

    // An entry for an IPv4 address must not open the IPv4-mapped form, through which IPNetwork looks.
    private static bool IsSameFamily(IPNetwork range, IPAddress address) => range.BaseAddress.AddressFamily == address.AddressFamily;

    private static Entry ParseEntry(string text) =>
        text.Contains('/') && IPNetwork.TryParse(text, out var range) ? new Entry(range, null)
        : HasPort(text) && IPEndPoint.TryParse(text, out var endpoint) && endpoint.Port > 0 ? new Entry(Single(endpoint.Address), endpoint.Port)
        : throw new FormatException($"'{text}' is neither a CIDR block such as 10.1.0.0/16 nor an address and port such as 127.0.0.1:8091 or [::1]:8091.");

    // IPEndPoint also parses an address alone, and ::1:8091 as one; an entry that means less than it seems to must not pass.
    private static bool HasPort(string text)
    {
        var colon = text.LastIndexOf(':');
        return colon > 0 && (text[colon - 1] == ']' || !text.AsSpan(0, colon).Contains(':'))
            && ushort.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out _);
    }

    private static IPNetwork Single(IPAddress address) => new(address, address.GetAddressBytes().Length * 8);

    private readonly record struct Entry(IPNetwork Range, int? Port);
}
