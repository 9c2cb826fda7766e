using System.Collections.Concurrent;
using System.Collections.Immutable;
using Agora.Core.Campaigns;
using Agora.Core.Search;
using Agora.Core.Services;

namespace Agora.Api.Catalogue;

/// <summary>
/// This process's replica of services and campaigns, in memory: what requests look up, and what search ranks. Nothing is decided on
/// it but facts that travel with a command, where the owner's stream decides again.
/// <para>Entries come from two sides: from the tables (<see cref="CatalogueFeed"/>), and directly after a PUT through this process,
/// so that one reads one's own writes. An entry never goes back: an older one is dropped, whichever way it came.</para>
/// </summary>
internal sealed class ServiceCatalogue
{
    private readonly Lock _writing = new();
    private readonly ConcurrentDictionary<string, ServiceEntry> _services = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, CampaignEntry> _campaigns = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, ImmutableSortedSet<string>> _coverage = new(StringComparer.Ordinal);
    private readonly SearchIndex _index = new();

    public ServiceEntry? Service(string? id) => id is null ? null : _services.GetValueOrDefault(id);

    public CampaignEntry? Campaign(string? id) => id is null ? null : _campaigns.GetValueOrDefault(id);

    public IEnumerable<CampaignEntry> Campaigns => _campaigns.Values;

    /// <summary>Campaigns that name this service, by id.</summary>
    public IEnumerable<CampaignEntry> CampaignsOf(string serviceId) =>
        _coverage.GetValueOrDefault(serviceId, EmptyIds).Select(id => _campaigns[id]);

    public SearchPage Search(SearchQuery query) => _index.Search(query);

    public bool IsNewer(string serviceId, DateTimeOffset updatedAt) => !(_services.GetValueOrDefault(serviceId)?.UpdatedAt >= updatedAt);

    public bool IsNewerCampaign(string campaignId, DateTimeOffset updatedAt) => !(_campaigns.GetValueOrDefault(campaignId)?.UpdatedAt >= updatedAt);

    public void Put(ServiceView view) => Put(ServiceEntry.Of(view));

    public void Put(CampaignView view) => Put(CampaignEntry.Of(view));

    public void Put(ServiceEntry entry)
    {
        lock (_writing)
        {
            if (!IsNewer(entry.ServiceId, entry.UpdatedAt))
            {
                return;
            }

            _services[entry.ServiceId] = entry;
            if (entry.IsRunnable)
            {
                _index.Upsert(Document(entry));
            }
            else
            {
                _index.Remove(entry.ServiceId);
            }
        }
    }

    /// <summary>The first load, at once: an index that grows one by one would be compacted over and over.</summary>
    public void Load(IReadOnlyCollection<ServiceEntry> entries)
    {
        lock (_writing)
        {
            foreach (var entry in entries)
            {
                _services[entry.ServiceId] = entry;
            }

            _index.Load(_services.Values.Where(s => s.IsRunnable).Select(Document));
        }
    }

    public void Put(CampaignEntry entry)
    {
        lock (_writing)
        {
            if (!IsNewerCampaign(entry.CampaignId, entry.UpdatedAt))
            {
                return;
            }

            var before = _campaigns.GetValueOrDefault(entry.CampaignId);
            _campaigns[entry.CampaignId] = entry;
            foreach (var service in entry.Definition.Services)
            {
                _coverage[service.ServiceId] = _coverage.GetValueOrDefault(service.ServiceId, EmptyIds).Add(entry.CampaignId);
            }

            var covered = entry.Definition.Services.Select(s => s.ServiceId).ToHashSet(StringComparer.Ordinal);
            foreach (var service in before?.Definition.Services.Where(s => !covered.Contains(s.ServiceId)) ?? [])
            {
                _coverage[service.ServiceId] = _coverage[service.ServiceId].Remove(entry.CampaignId);
            }
        }
    }

    private static readonly ImmutableSortedSet<string> EmptyIds = ImmutableSortedSet.Create<string>(StringComparer.Ordinal);

    private static SearchDocument Document(ServiceEntry entry) =>
        new(entry.ServiceId, entry.Definition.Name, entry.Definition.Description, entry.Definition.Category, entry.Definition.PriceMicros);
}
