using System.Net;
using System.Net.Sockets;

namespace Agora.Hosting;

/// <summary>The addresses of <c>--urls</c>, tried before anything is made: a start that cannot listen leaves nothing behind.</summary>
public static class ListenAddresses
{
    /// <exception cref="SettingException">One of them is taken, is none of this machine, or may not be listened on.</exception>
    public static void CheckFree(string urls)
    {
        foreach (var url in urls.Split(';'))
        {
            if (WhyNot(url) is { } why) throw new SettingException($"--urls / AGORA_URLS: {why}");
        }
    }

    /// <returns>Null: it can be listened on.</returns>
    public static string? WhyNot(string url)
    {
        var address = new Uri(url);
        if (address.Port == 0) return null;

        var endPoint = EndPoint(address);
        using var probe = new Socket(endPoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            probe.Bind(endPoint);
            return null;
        }
        catch (SocketException e)
        {
            return $"{url}: {e.Message}.";
        }
    }

    // A name that is no address stands for all interfaces, as the web server has it.
    private static IPEndPoint EndPoint(Uri url) =>
        new(IPAddress.TryParse(url.Host.Trim('[', ']'), out var ip) ? ip : url.Host == "localhost" ? IPAddress.Loopback : IPAddress.Any, url.Port);
}
