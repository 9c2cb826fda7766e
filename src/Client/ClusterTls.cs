using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Orleans.Connections.Security;

namespace Agora.Client;

/// <summary>
/// Mutual TLS between silos, and between clients and silos: whoever has a certificate of the cluster's own authority belongs to it. Names
/// are not compared, since members come and go under any address: the authority must sign for nothing else.
/// </summary>
/// <param name="Certificate">PEM file: this process's certificate. Where it limits its use, it has to be for servers and clients both.</param>
/// <param name="Key">PEM file: its private key.</param>
/// <param name="Authority">PEM file: the certificates of the authority.</param>
public sealed record ClusterTls(string Certificate, string Key, string Authority)
{
    private const string Name = "agora-cluster";

    /// <exception cref="CryptographicException">A file is no PEM of what it should be.</exception>
    public void Configure(TlsOptions options)
    {
        var trusted = Trusted();
        options.LocalCertificate = Own();
        options.RemoteCertificateMode = RemoteCertificateMode.RequireCertificate;
        options.ClientCertificateMode = RemoteCertificateMode.RequireCertificate;
        options.RemoteCertificateValidation = (remote, _, _) => Fault(remote, trusted) is null;
        options.OnAuthenticateAsClient = (_, tls) => tls.TargetHost = Name;
    }

    /// <summary>Why other processes of the cluster would refuse this process's certificate. Null: they would not.</summary>
    /// <exception cref="CryptographicException">A file is no PEM of what it should be.</exception>
    public string? OwnFault()
    {
        using var own = Own();
        return Fault(own, Trusted());
    }

    /// <summary>Why this process refuses the certificate of the member at this address. Null: it accepts it, or the member cannot be reached.</summary>
    public async Task<string?> FaultOf(IPEndPoint member, CancellationToken cancel)
    {
        var (trusted, fault) = (Trusted(), (string?)null);
        using var own = Own();
        using var client = new TcpClient(member.AddressFamily);
        try
        {
            await client.ConnectAsync(member, cancel);
            await using var stream = new SslStream(client.GetStream(), leaveInnerStreamOpen: false, (_, remote, _, _) => (fault = Fault((X509Certificate2)remote!, trusted)) is null);
            await stream.AuthenticateAsClientAsync(new SslClientAuthenticationOptions { TargetHost = Name, ClientCertificates = [own] }, cancel);
            return null;
        }
        catch (Exception e) when (e is AuthenticationException or SocketException or IOException or OperationCanceledException)
        {
            return fault;
        }
    }

    private X509Certificate2 Own() => X509Certificate2.CreateFromPemFile(Certificate, Key);

    private X509Certificate2Collection Trusted()
    {
        var trusted = new X509Certificate2Collection();
        trusted.ImportFromPemFile(Authority);
        return trusted;
    }

    private static string? Fault(X509Certificate2 certificate, X509Certificate2Collection trusted)
    {
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.AddRange(trusted);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        return chain.Build(certificate) ? null : string.Join(' ', chain.ChainStatus.Select(static status => status.StatusInformation.Trim().TrimEnd('.') + "."));
    }
}
