using System.Collections.Concurrent;
using Agora.Core.Kernel;

namespace Agora.Api.Catalogue;

/// <summary>Each tenant's catalogue, apart from the others': what is looked up in one finds nothing of another.</summary>
internal sealed class Catalogues
{
    private readonly ConcurrentDictionary<Tenant, ServiceCatalogue> _of = new();

    public ServiceCatalogue In(Tenant tenant) => _of.GetOrAdd(tenant, static _ => new());

    /// <summary>These in place of all that is held of any tenant (<see cref="ServiceCatalogue.Load"/>).</summary>
    public void Load(ILookup<Tenant, ServiceEntry> services, ILookup<Tenant, CampaignEntry> campaigns)
    {
        foreach (var tenant in _of.Keys.Union(services.Select(s => s.Key)).Union(campaigns.Select(c => c.Key)))
        {
            In(tenant).Load([.. services[tenant]], [.. campaigns[tenant]]);
        }
    }
}
