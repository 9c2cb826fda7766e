using System.Net;
using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Agora.Outbound.Tests;

public sealed class TlsTests
{
    [Fact]
    public async Task A_certificate_that_nobody_signed_is_not_trusted_Tls_and_the_call_is_not_sent()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var certificate = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256)
            .CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        using var listener = new System.Net.Sockets.TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var port = ((IPEndPoint)listener.LocalEndpoint).Port;
        var handshake = Handshake(listener, certificate);
        using var outbound = new HttpOutbound(AllowList.Parse("127.0.0.0/8"), new FakeTime());

        Assert.Equal(new OutboundResult.Failed(OutboundFailure.Tls, null, 1) { Sent = 0 }, await outbound.Call(Calls.To(port, "localhost", "https")));
        Assert.Equal(0, await handshake);
    }

    /// <summary>The number of bytes of application data that came through; a client that distrusts us sends none.</summary>
    private static async Task<int> Handshake(System.Net.Sockets.TcpListener listener, X509Certificate2 certificate)
    {
        using var client = await listener.AcceptTcpClientAsync();
        await using var tls = new SslStream(client.GetStream());
        try
        {
            await tls.AuthenticateAsServerAsync(certificate);
            return await tls.ReadAsync(new byte[1]);
        }
        catch (Exception failure) when (failure is IOException or AuthenticationException)
        {
            return 0;
        }
    }
}
