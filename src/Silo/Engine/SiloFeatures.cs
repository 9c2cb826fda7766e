using System.Collections.Frozen;
using Agora.Contracts;
using Orleans.Metadata;
using Orleans.Runtime;

namespace Agora.Silo.Engine;

/// <summary>
/// What every other silo of the cluster understands, as its manifest says (<see cref="GrainFeaturesAttribute"/>). A silo whose manifest is not here yet understands what release 0.7 does.
/// </summary>
internal sealed class SiloFeatures(IServiceProvider services)
{
    // Found at the first call: they need the runtime, and the runtime this.
    private readonly Lazy<(IClusterManifestProvider Manifests, IClusterMembershipService Members, ILocalSiloDetails Self)> _cluster = new(
        () => (services.GetRequiredService<IClusterManifestProvider>(), services.GetRequiredService<IClusterMembershipService>(), services.GetRequiredService<ILocalSiloDetails>()));

    private volatile Looked? _last;

    /// <summary>Some silo finds no callers' tokens in envelopes, so calls need them beside these too.</summary>
    public bool AnyNeedsToken() => !Now().ReadCallers;

    /// <summary>Grains of this type have a method of this name.</summary>
    public bool AllHave(GrainType grain, string method) => Now().Methods is not { } known || known.Contains((grain, method));

    private Looked Now()
    {
        var (manifest, members) = (_cluster.Value.Manifests.Current, _cluster.Value.Members.CurrentSnapshot);
        if (_last is { } last && ReferenceEquals(last.Manifest, manifest) && ReferenceEquals(last.Members, members)) return last;

        var others = members.Members.Values
            .Where(member => member.Status is not (SiloStatus.Dead or SiloStatus.None) && !member.SiloAddress.Equals(_cluster.Value.Self.SiloAddress))
            .Select(member => manifest.Silos.GetValueOrDefault(member.SiloAddress)).ToList();
        return _last = new(manifest, members, others.TrueForAll(ReadsCallers), others.Count == 0 ? null : others.Select(MethodsOf).Aggregate(static (all, next) => all.Intersect(next)).ToFrozenSet());
    }

    private static bool ReadsCallers(GrainManifest? silo) => silo?.Grains.Values.Any(static grain => grain.Properties.ContainsKey(GrainFeaturesAttribute.ReadsCaller)) == true;

    private static IEnumerable<(GrainType Grain, string Method)> MethodsOf(GrainManifest? silo) =>
        from grain in silo?.Grains ?? []
        where grain.Value.Properties.ContainsKey(GrainFeaturesAttribute.Methods)
        from method in grain.Value.Properties[GrainFeaturesAttribute.Methods].Split(',')
        select (grain.Key, method);

    /// <param name="Methods">Those that all others have; null: there are no others.</param>
    private sealed record Looked(ClusterManifest Manifest, ClusterMembershipSnapshot Members, bool ReadCallers, FrozenSet<(GrainType Grain, string Method)>? Methods);
}
