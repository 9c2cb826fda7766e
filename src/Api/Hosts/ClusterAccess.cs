using System.Security.Cryptography;
using Agora.Client;
using Agora.Contracts;
using Agora.Hosting;

namespace Agora.Api.Hosts;

/// <summary>From settings to what silos and clients of the cluster are told.</summary>
public static class ClusterAccess
{
    /// <exception cref="SettingException">The files are not what they should be, or the certificate is not one of the authority's.</exception>
    public static ClusterTls? TlsOf(ClusterSettings cluster)
    {
        if (cluster.Tls is not { } files) return null;

        var tls = new ClusterTls(files.Certificate, files.Key, files.Authority);
        try
        {
            return tls.OwnFault() is { } fault ? throw new SettingException($"AGORA_CLUSTER_TLS_CERT: the cluster would refuse this certificate by the authority in AGORA_CLUSTER_TLS_CA: {fault}") : tls;
        }
        catch (CryptographicException e)
        {
            throw new SettingException($"AGORA_CLUSTER_TLS_CERT, AGORA_CLUSTER_TLS_KEY and AGORA_CLUSTER_TLS_CA must be PEM files of a certificate, its key and its authority: {e.Message}");
        }
    }

    /// <summary>Who may call grains: the cluster's own processes, and the services with a key.</summary>
    public static IEnumerable<Caller> Callers(ClusterSettings cluster, DataDirectory data) =>
    [
        Caller.OfCluster(ServiceKey.Silo, data.MasterKey),
        Caller.OfCluster(ServiceKey.FrontEnd, data.MasterKey),
        .. cluster.ServiceKeys.Select(service => Caller.OfService(service.Name, service.Key, service.Kinds)),
    ];
}
