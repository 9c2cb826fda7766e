using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.RegularExpressions;

namespace Agora.Hosting;

/// <summary>
/// One address to listen on, read as the web server reads it. Both must agree: the web server listens on all interfaces for a host that is neither an IP address nor <c>localhost</c>,
/// and takes a user name, or a colon without a port, for a part of such a host.
/// </summary>
internal sealed partial class ListenAddress
{
    public const string Form = "must be http:// or https:// addresses, separated by ';'.";
    private const string NoUser = "must have no user name and no password: write http://HOST:PORT.";
    private const string NoPath = "must have no path and no query: write http://HOST:PORT.";
    private const string HasHost = "must have an IP address or a name as its host, such as 127.0.0.1 or localhost; 0.0.0.0 stands for all interfaces.";
    private const string Localhost = "localhost";

    private readonly string _host;

    private ListenAddress(string text, string host, int port, string? socket) => (Text, _host, Port, Socket) = (text, host, port, socket);

    public string Text { get; }

    /// <summary>0: a free one.</summary>
    public int Port { get; }

    /// <summary>The file of a Unix socket, as <c>http://unix:/path</c> names it; null: it listens on a port.</summary>
    public string? Socket { get; }

    /// <summary>Its host is no IP address.</summary>
    public bool IsName => Socket is null && !IPAddress.TryParse(_host, out _);

    /// <summary>Only this machine reaches it.</summary>
    public bool IsLoopback => Socket is null && EndPoints.All(static point => IPAddress.IsLoopback(point.Address));

    /// <summary>What the web server binds; none for a Unix socket.</summary>
    public IReadOnlyList<IPEndPoint> EndPoints => Socket is not null ? []
        : IsLocalhost(_host) ? [new(IPAddress.Loopback, Port), new(IPAddress.IPv6Loopback, Port)]
        : [new(IPAddress.TryParse(_host, out var address) ? address : System.Net.Sockets.Socket.OSSupportsIPv6 ? IPAddress.IPv6Any : IPAddress.Any, Port)];

    /// <exception cref="FormatException">It is none.</exception>
    public static ListenAddress Parse(string text)
    {
        var (address, refusal) = Read(text);
        return address ?? throw new FormatException(refusal);
    }

    /// <returns>What an address must be that this one is not, without any user information of it; null: it can be listened on.</returns>
    public static string? Refusal(string text) => Read(text).Refusal;

    /// <summary>Whether only one of them can be listened on.</summary>
    public bool Overlaps(ListenAddress other) =>
        Socket is not null ? Socket == other.Socket
        : Port != 0 && Port == other.Port && EndPoints.Any(one => other.EndPoints.Any(another => Covers(one.Address, another.Address) || Covers(another.Address, one.Address)));

    private static bool Covers(IPAddress one, IPAddress other) =>
        one.Equals(other) || one.Equals(IPAddress.IPv6Any) || (one.Equals(IPAddress.Any) && other.AddressFamily == AddressFamily.InterNetwork);

    private static (ListenAddress? Address, string? Refusal) Read(string text)
    {
        if (AddressPattern().Match(text) is not { Success: true } parts) return (null, Form);
        if (text.Contains('@', StringComparison.Ordinal)) return (null, NoUser);

        var (authority, path) = (parts.Groups["authority"].Value, parts.Groups["path"].Value);
        if (authority == "unix:" && path.Length > 1 && path[0] == '/' && !path.Contains(':', StringComparison.Ordinal))
        {
            return (new(text, "", 0, path), null);
        }

        if (path is not ("" or "/")) return (null, NoPath);
        if (AuthorityPattern().Match(authority) is not { Success: true } match || !IsHost(match.Groups["host"].Value)) return (null, HasHost);

        var (host, port) = (match.Groups["host"].Value, match.Groups["port"]);
        if (!port.Success) return (new(text, host, parts.Groups["scheme"].Length == "http".Length ? 80 : 443, null), null);
        if (port.Length == 0) return (null, $"must have a port from 0 to {ushort.MaxValue} after the colon: there is none.");

        if (!ushort.TryParse(port.Value, NumberStyles.None, CultureInfo.InvariantCulture, out var number))
        {
            return (null, $"must have a port from 0 to {ushort.MaxValue}, not '{port.Value}'.");
        }

        return number == 0 && IsLocalhost(host) ? (null, "must have a port other than 0 where the host is localhost: for a free port write http://127.0.0.1:0.") : (new(text, host, number, null), null);
    }

    // System.Uri takes loopback for this machine; the web server takes it for all interfaces, as any other name.
    private static bool IsHost(string host) => host.StartsWith('[') ? IPAddress.TryParse(host, out var address) && address.AddressFamily == AddressFamily.InterNetworkV6
        : NamePattern().IsMatch(host) && !host.Equals("loopback", StringComparison.OrdinalIgnoreCase) && Uri.TryCreate($"http://{host}", UriKind.Absolute, out _);

    private static bool IsLocalhost(string host) => host.Equals(Localhost, StringComparison.OrdinalIgnoreCase);

    [GeneratedRegex(@"^(?<scheme>https?)://(?<authority>[^/\\?#]*)(?<path>.*)\z", RegexOptions.IgnoreCase | RegexOptions.Singleline)]
    private static partial Regex AddressPattern();

    [GeneratedRegex(@"^(?<host>\[[^\]]*\]|[^:\[\]]*)(?::(?<port>.*))?\z", RegexOptions.Singleline)]
    private static partial Regex AuthorityPattern();

    [GeneratedRegex(@"^[A-Za-z0-9._-]+\z")]
    private static partial Regex NamePattern();
}
