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
    /// <exception cref="CryptographicException">A file is no PEM of what it should be.</exception>
    public void Configure(TlsOptions options)
    {
        var trusted = new X509Certificate2Collection();
        trusted.ImportFromPemFile(Authority);
        options.LocalCertificate = X509Certificate2.CreateFromPemFile(Certificate, Key);
        options.RemoteCertificateMode = RemoteCertificateMode.RequireCertificate;
        options.ClientCertificateMode = RemoteCertificateMode.RequireCertificate;
        options.RemoteCertificateValidation = (remote, _, _) => IsSigned(remote, trusted);
        options.OnAuthenticateAsClient = (_, tls) => tls.TargetHost = "agora-cluster";
    }

    private static bool IsSigned(X509Certificate2 remote, X509Certificate2Collection trusted)
    {
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.AddRange(trusted);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        return chain.Build(remote);
    }
}
