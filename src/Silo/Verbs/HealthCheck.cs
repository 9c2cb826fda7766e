using System.Net;
using System.Net.Sockets;
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

    public static Task<int> Run(string[] args) => Ask(AgoraSettings.Read(CommandLine.Configuration(args), serves: false).Urls.Split(';')[0]);

    /// <summary>Asks the server that listens there: on a port, or on a Unix socket (<c>http://unix:/path</c>).</summary>
    internal static Task<int> Ask(string listens)
    {
        if (BindingAddress.Parse(listens) is { IsUnixPipe: true } file)
        {
            return Ask(new($"{file.Scheme}://localhost/healthz"), listens, (_, cancel) => Connect(file.UnixPipePath, cancel));
        }

        var address = Address(listens);
        return Ask(address, address.ToString(), null);
    }

    /// <summary>An address that stands for all interfaces is asked on the loopback one.</summary>
    internal static Uri Address(string listens)
    {
        var url = new UriBuilder(listens) { Path = "/healthz" };
        url.Host = IPAddress.TryParse(url.Host.Trim('[', ']'), out var ip) ? Loopback(ip) : url.Host;
        return url.Uri;
    }

    private static string Loopback(IPAddress ip) =>
        ip.Equals(IPAddress.Any) ? $"{IPAddress.Loopback}" : ip.Equals(IPAddress.IPv6Any) ? $"[{IPAddress.IPv6Loopback}]" : ip.ToString();

    private static async ValueTask<Stream> Connect(string file, CancellationToken cancel)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(file), cancel);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <param name="named">In the line that says why.</param>
    /// <param name="connect">Null: by the address.</param>
    private static async Task<int> Ask(Uri address, string named, Func<SocketsHttpConnectionContext, CancellationToken, ValueTask<Stream>>? connect)
    {
        // The certificate names the public host, never this address; nothing secret is sent.
        using var handler = new SocketsHttpHandler { UseProxy = false, ConnectCallback = connect, SslOptions = { RemoteCertificateValidationCallback = static (_, _, _, _) => true } };
        using var http = new HttpClient(handler) { Timeout = Patience };
        try
        {
            using var reply = await http.GetAsync(address);
            return reply.StatusCode == HttpStatusCode.OK ? 0 : Unhealthy(named, $"it answers {(int)reply.StatusCode}");
        }
        catch (Exception e) when (e is HttpRequestException or OperationCanceledException)
        {
            return Unhealthy(named, e.Message);
        }
    }

    private static int Unhealthy(string address, string why)
    {
        Console.Error.WriteLine($"{address}: {why}");
        return 1;
    }
}
