using System.Net;
using System.Net.Sockets;

namespace Agora.Hosting;

/// <summary>The addresses that a process is to listen on, tried before anything is made: a start that cannot listen leaves nothing behind.</summary>
public static class ListenAddresses
{
    public const string Setting = "--urls / AGORA_URLS";
    public const string MetricsSetting = "AGORA_METRICS_URL";

    /// <exception cref="SettingException">One of them is taken, is none of this machine, or may not be listened on. The line names the setting that it is of.</exception>
    public static void CheckFree(AgoraSettings settings)
    {
        foreach (var url in settings.Urls.Split(';'))
        {
            if (WhyNot(url) is { } why) throw new SettingException($"{Setting}: {why}");
        }

        if (settings.MetricsUrl is { } metrics && WhyNot(metrics.GetLeftPart(UriPartial.Authority)) is { } whyNot)
        {
            throw new SettingException($"{MetricsSetting}: {whyNot}");
        }
    }

    /// <summary>The setting whose address a message of the web server names.</summary>
    public static string SettingIn(string message, AgoraSettings settings) =>
        settings.MetricsUrl is { } metrics && message.Contains($":{metrics.Port}:", StringComparison.Ordinal) ? MetricsSetting : Setting;

    /// <returns>Null: it can be listened on.</returns>
    public static string? WhyNot(string url)
    {
        if (ListenAddress.Refusal(url) is { } wrong) return wrong;

        var address = ListenAddress.Parse(url);
        var why = address.Socket is { } file ? WhyNoSocket(file) : address.EndPoints.Select(point => WhyNot(point, address.IsName)).FirstOrDefault(static why => why is not null);
        return why is null ? null : $"{url}: {why}";
    }

    /// <summary>The web server would find out only after keys and journal were made.</summary>
    /// <exception cref="SettingException">Two of them cannot be listened on together.</exception>
    internal static void CheckApart(string urls, Uri? metrics)
    {
        List<ListenAddress> addresses = [.. urls.Split(';').Select(ListenAddress.Parse)];
        foreach (var (i, address) in addresses.Index())
        {
            if (addresses.Take(i).FirstOrDefault(address.Overlaps) is { } before)
            {
                throw new SettingException($"{Setting}: {before.Text} and {address.Text} overlap: leave one of them out.");
            }
        }

        // Requests are told apart by their port alone, so another address does not suffice.
        if (metrics is not null && addresses.Any(address => address.Port == metrics.Port))
        {
            throw new SettingException($"{MetricsSetting} must have a port that no address of {Setting} has; {metrics.Port} is there.");
        }
    }

    private static string? WhyNoSocket(string file)
    {
        if (File.Exists(file)) return "the file is there already. Remove it if no server uses it.";

        try
        {
            using var probe = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            probe.Bind(new UnixDomainSocketEndPoint(file)); // its end removes the file
            return null;
        }
        catch (Exception e) when (e is SocketException or ArgumentException)
        {
            return $"a socket cannot be made there. The directory must be there and writable, and the path short enough: {e.Message}";
        }
    }

    private static string? WhyNot(IPEndPoint point, bool isName)
    {
        if (point.Port == 0) return null;

        try
        {
            using var probe = new Socket(point.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
            if (point.Address.Equals(IPAddress.IPv6Any))
            {
                probe.DualMode = true;
            }

            probe.Bind(point);
            return null;
        }
        catch (SocketException e) when (isName && point.AddressFamily == AddressFamily.InterNetworkV6 && e.SocketErrorCode is (SocketError.AddressNotAvailable or SocketError.AddressFamilyNotSupported))
        {
            return null; // on a machine without IPv6 the web server listens for a name by IPv4 alone
        }
        catch (SocketException e)
        {
            return $"{e.Message}.";
        }
    }
}
