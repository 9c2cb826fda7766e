using System.Net;
using Agora.Hosting;

namespace Agora.Silo.Verbs;

/// <summary>
/// <c>healthcheck</c>: asks /healthz of the server that runs here with the same settings, for images that hold no other HTTP
/// client. Exit code 0 when it answers 200 in time, else 1 and one line that says why.
/// </summary>
internal static class HealthCheck
{
    // Below the 5 s that the image's HEALTHCHECK waits, so that the line is printed before the process is killed.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(4);

    public static Task<int> Run(string[] args) => Ask(Address(AgoraSettings.Read(CommandLine.Configuration(args), serves: false).Urls));

    /// <summary>The first address listened on; one that stands for all interfaces is asked on the loopback one.</summary>
    internal static Uri Address(string urls)
    {
        var url = new UriBuilder(urls.Split(';')[0]) { Path = "/healthz" };
        url.Host = IPAddress.TryParse(url.Host.Trim('[', ']'), out var ip) ? Loopback(ip) : url.Host;
        return url.Uri;
    }

    private static string Loopback(IPAddress ip) =>
        ip.Equals(IPAddress.Any) ? $"{IPAddress.Loopback}" : ip.Equals(IPAddress.IPv6Any) ? $"[{IPAddress.IPv6Loopback}]" : ip.ToString();

    private static async Task<int> Ask(Uri address)
    {
        // The certificate names the public host, never this address; nothing secret is sent.
        using var handler = new SocketsHttpHandler { UseProxy = false, SslOptions = { RemoteCertificateValidationCallback = static (_, _, _, _) => true } };
        using var http = new HttpClient(handler) { Timeout = Patience };
        try
        {
            using var reply = await http.GetAsync(address);
            return reply.StatusCode == HttpStatusCode.OK ? 0 : Unhealthy(address, $"it answers {(int)reply.StatusCode}");
        }
        catch (Exception e) when (e is HttpRequestException or OperationCanceledException)
        {
            return Unhealthy(address, e.Message);
        }
    }

    private static int Unhealthy(Uri address, string why)
    {
        Console.Error.WriteLine($"{address}: {why}");
        return 1;
    }
}
