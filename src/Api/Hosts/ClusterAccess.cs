using Agora.Client;
using Agora.Contracts;
using Agora.Hosting;

namespace Agora.Api.Hosts;

/// <summary>From settings to what silos and clients of the cluster are told.</summary>
public static class ClusterAccess
{
    public static ClusterTls? TlsOf(ClusterSettings cluster) => cluster.Tls is { } files ? new(files.Certificate, files.Key, files.Authority) : null;

    /// <summary>Who may call grains: the cluster's own processes, and the services with a key.</summary>
    public static IEnumerable<Caller> Callers(ClusterSettings cluster, DataDirectory data) =>
    [
        Caller.OfCluster(ServiceKey.Silo, data.MasterKey),
        Caller.OfCluster(ServiceKey.FrontEnd, data.MasterKey),
        .. cluster.ServiceKeys.Select(service => Caller.OfService(service.Name, service.Key, service.Kinds)),
    ];
}
