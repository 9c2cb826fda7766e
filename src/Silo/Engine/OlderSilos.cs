using Agora.Contracts;
using Orleans.Metadata;
using Orleans.Runtime;

namespace Agora.Silo.Engine;

/// <summary>
/// Whether the cluster has a silo of a release that looks for a caller's token beside an envelope only (0.7 and before). One whose manifest is not here yet counts as such.
/// </summary>
internal sealed class OlderSilos(IServiceProvider services)
{
    // Found at the first call: they need the runtime, and the runtime this.
    private readonly Lazy<(IClusterManifestProvider Manifests, IClusterMembershipService Members, ILocalSiloDetails Self)> _cluster = new(
        () => (services.GetRequiredService<IClusterManifestProvider>(), services.GetRequiredService<IClusterMembershipService>(), services.GetRequiredService<ILocalSiloDetails>()));

    private volatile Looked? _last;

    public bool Any()
    {
        var (manifest, members) = (_cluster.Value.Manifests.Current, _cluster.Value.Members.CurrentSnapshot);
        if (_last is { } last && ReferenceEquals(last.Manifest, manifest) && ReferenceEquals(last.Members, members)) return last.Any;

        var any = members.Members.Values.Any(member => member.Status is not (SiloStatus.Dead or SiloStatus.None) && !member.SiloAddress.Equals(_cluster.Value.Self.SiloAddress) && !Reads(manifest, member.SiloAddress));
        _last = new(manifest, members, any);
        return any;
    }

    private static bool Reads(ClusterManifest manifest, SiloAddress silo) =>
        manifest.Silos.TryGetValue(silo, out var grains) && grains.Grains.Values.Any(static grain => grain.Properties.ContainsKey(ReadsCallerAttribute.Property));

    private sealed record Looked(ClusterManifest Manifest, ClusterMembershipSnapshot Members, bool Any);
}
