using System.Collections.Concurrent;
using System.Collections.Immutable;
using Agora.Core.Campaigns;
using Agora.Core.Runs;
using Agora.Core.Services;
using Agora.Search;

namespace Agora.Application.Catalogue;

/// <summary>
/// This process's replica of one tenant's services and campaigns, in memory: what requests look up, and what search ranks. Nothing is decided on
/// it but facts that travel with a command, where the owner's stream decides again.
/// <para>Entries come from two sides: from the tables (<see cref="CatalogueFeed"/>), and directly after a PUT through this process,
/// so that one reads one's own writes. An entry never goes back: an older one is dropped, whichever way it came.</para>
/// </summary>
internal sealed class ServiceCatalogue
{
    private readonly Lock _writing = new();
    private readonly ConcurrentDictionary<string, ServiceEntry> _services = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, CampaignEntry> _campaigns = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, Coverage> _coverage = new(StringComparer.Ordinal);
    private readonly SearchIndex _index = new();
    private volatile CampaignEntry[]? _sorted;

    public ServiceEntry? Service(string? id) => id is null ? null : _services.GetValueOrDefault(id);

    /// <summary>In no order, active or not.</summary>
    public IEnumerable<ServiceEntry> Services => _services.Select(service => service.Value);

    /// <summary>A service is, or was, somebody's whose wallet this is.</summary>
    public bool HasProvider(string walletId) => Services.Any(service => service.Definition.Provider == walletId);

    /// <summary>What an agent may have run; one that failed too often and rests is among it.</summary>
    public ServiceEntry? Active(string? id) => Service(id) is { Definition.Active: true } active ? active : null;

    /// <summary>As a command about a run carries it; null: no service is run.</summary>
    public Listing? Listed(string? id) => id is null ? null : new(Active(id)?.Terms);

    public CampaignEntry? Campaign(string? id) => id is null ? null : _campaigns.GetValueOrDefault(id);

    /// <summary>By id.</summary>
    public IReadOnlyList<CampaignEntry> Campaigns => _sorted ?? Sort();

    /// <summary>Of how many services it is known which campaigns name them.</summary>
    internal int Covered => _coverage.Count;

    /// <summary>Campaigns that would pay for this service as the catalogue stands, open or not yet, in the order of their ids: who is asked about a service asks no other campaign.</summary>
    public IReadOnlyList<CampaignEntry> SponsorsOf(ServiceEntry service) => PayersOf(service).Sponsors;

    /// <summary>Campaigns that would pay for this service as the catalogue stands.</summary>
    public Payers PayersOf(ServiceEntry service)
    {
        var coverage = _coverage.GetOrAdd(service.ServiceId, static _ => Coverage.None);
        return coverage.Payers is { } known && ReferenceEquals(known.Service, service)
            ? known
            : coverage.Payers = Payers.Of(service, Covering(coverage));
    }

    /// <summary>Its task is there to be done while it is open: it takes completions, and has money for one and for a service that it unlocks.</summary>
    public bool TakesCompletions(CampaignEntry campaign) =>
        !campaign.IsFull && campaign.HasLeft(campaign.Definition.RewardMicros)
        && (campaign.ShortMicros is null || campaign.Definition.Services.Count == 0 || HasLeftForSome(campaign));

    /// <summary>Who would pay for it once a task is done, as a search asks.</summary>
    public SponsorGroup GroupOf(ServiceEntry service) => SponsorGroup.Of(Covering(Covering(service.ServiceId)).Where(c => c.WouldPayFor(service) && TakesCompletions(c)));

    public SearchPage Search(SearchQuery query) => _index.Search(query);

    public bool IsNewer(string serviceId, DateTimeOffset updatedAt) => !(_services.GetValueOrDefault(serviceId)?.UpdatedAt >= updatedAt);

    public bool IsNewerCampaign(string campaignId, DateTimeOffset updatedAt) => !(_campaigns.GetValueOrDefault(campaignId)?.UpdatedAt >= updatedAt);

    public void Put(ServiceView view) => Put(ServiceEntry.Of(view));

    public void Put(CampaignView view) => Put(CampaignEntry.Of(view));

    public void Put(ServiceEntry entry)
    {
        lock (_writing)
        {
            if (!IsNewer(entry.ServiceId, entry.UpdatedAt)) return;

            _services[entry.ServiceId] = entry;
            if (entry.IsRunnable)
            {
                _index.Upsert(Document(entry));
            }
            else
            {
                _index.Remove(entry.ServiceId);
            }

            // What is left of a campaign may be enough for this service, and for no other of the campaign's.
            Regroup(Covering(Covering(entry.ServiceId)).Where(c => c.ShortMicros is not null));
        }
    }

    /// <summary>These in place of all that is held, older or not: what they lack is gone. At once: each document that is put on its own moves the ranks of the others.</summary>
    public void Load(IReadOnlyCollection<ServiceEntry> services, IReadOnlyCollection<CampaignEntry> campaigns)
    {
        lock (_writing)
        {
            foreach (var gone in _services.Keys.Except(services.Select(s => s.ServiceId), StringComparer.Ordinal))
            {
                _services.TryRemove(gone, out _);
            }

            foreach (var entry in services)
            {
                _services[entry.ServiceId] = entry;
            }

            foreach (var gone in _campaigns.Keys.Except(campaigns.Select(c => c.CampaignId), StringComparer.Ordinal))
            {
                Uncover(_campaigns[gone], ImmutableHashSet<string>.Empty);
                _campaigns.TryRemove(gone, out _);
            }

            foreach (var entry in campaigns)
            {
                Replace(entry);
            }

            _sorted = null;
            _index.Load(_services.Values.Where(s => s.IsRunnable).Select(Document));
        }
    }

    public void Put(CampaignEntry entry)
    {
        lock (_writing)
        {
            if (!IsNewerCampaign(entry.CampaignId, entry.UpdatedAt)) return;

            var before = Campaign(entry.CampaignId);
            Replace(entry);
            _sorted = null;
            Regroup(before is null ? [entry] : [before, entry]);
        }
    }

    /// <summary>Each service that these name, once.</summary>
    private void Regroup(IEnumerable<CampaignEntry> campaigns)
    {
        foreach (var serviceId in campaigns.SelectMany(campaign => campaign.Definition.Services).Select(covered => covered.ServiceId).Distinct(StringComparer.Ordinal))
        {
            if (Active(serviceId) is { IsRunnable: true } service)
            {
                _index.Group(service.ServiceId, GroupOf(service));
            }
        }
    }

    private void Replace(CampaignEntry entry)
    {
        var before = _campaigns.GetValueOrDefault(entry.CampaignId);
        _campaigns[entry.CampaignId] = entry;
        foreach (var service in entry.Definition.Services)
        {
            _coverage[service.ServiceId] = new(Covering(service.ServiceId).Ids.Add(entry.CampaignId));
        }

        if (before is not null)
        {
            Uncover(before, entry.Definition.Services.Select(s => s.ServiceId).ToHashSet(StringComparer.Ordinal));
        }
    }

    /// <summary>It covers these services only. What no campaign names any more is not kept: a campaign may name what is no service, and others each time that it is put.</summary>
    private void Uncover(CampaignEntry entry, IReadOnlySet<string> still)
    {
        foreach (var service in entry.Definition.Services.Where(s => !still.Contains(s.ServiceId)))
        {
            var ids = Covering(service.ServiceId).Ids.Remove(entry.CampaignId);
            if (ids.IsEmpty)
            {
                _coverage.TryRemove(service.ServiceId, out _);
            }
            else
            {
                _coverage[service.ServiceId] = new(ids);
            }
        }
    }

    /// <summary>Of ids that were read before a campaign was cut off.</summary>
    private IEnumerable<CampaignEntry> Covering(Coverage coverage) => coverage.Ids.Select(Campaign).OfType<CampaignEntry>();

    private Coverage Covering(string serviceId) => _coverage.GetValueOrDefault(serviceId, Coverage.None);

    private bool HasLeftForSome(CampaignEntry campaign) =>
        campaign.Definition.Services.Any(s => Service(s.ServiceId) is { } service && campaign.HasLeft(service.Definition.PriceMicros));

    /// <summary>In the lock: what is sorted here must not replace what a later Put has dropped.</summary>
    private CampaignEntry[] Sort()
    {
        lock (_writing)
        {
            return _sorted ??= [.. _campaigns.Values.OrderBy(c => c.CampaignId, StringComparer.Ordinal)];
        }
    }

    /// <summary>
    /// Which campaigns name one service; replaced by every Put of one of them, after that campaign, so that what is kept here was
    /// made of entries at least as new. Of the service itself it is made again when the entry is another.
    /// </summary>
    private sealed class Coverage(ImmutableSortedSet<string> ids)
    {
        public static Coverage None => new(ImmutableSortedSet.Create<string>(StringComparer.Ordinal));

        public ImmutableSortedSet<string> Ids { get; } = ids;

        public Payers? Payers { get; set; }
    }

    private SearchDocument Document(ServiceEntry entry) =>
        new(entry.ServiceId, entry.Definition.Name, entry.Definition.Description, entry.Definition.Category, entry.Definition.PriceMicros, entry.Definition.Provider) { Group = GroupOf(entry) };
}
