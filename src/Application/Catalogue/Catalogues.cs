using System.Collections.Concurrent;
using Agora.Core.Agents;
using Agora.Core.Kernel;
using Agora.Grains.Conversations;

namespace Agora.Application.Catalogue;

/// <summary>Each tenant's catalogue, apart from the others': what is looked up in one finds nothing of another.</summary>
internal sealed class Catalogues : IOffers
{
    private readonly ConcurrentDictionary<Tenant, ServiceCatalogue> _of = new();

    private readonly ConcurrentDictionary<Tenant, AgentRegistry> _agents = new();

    /// <summary>Who is registered there.</summary>
    public AgentRegistry Agents(Tenant tenant) => _agents.GetOrAdd(tenant, static _ => new());

    IReadOnlyList<Offer> IOffers.Of(Tenant tenant, string skill, DateTimeOffset now) => Agents(tenant).Offering(skill, now);

    /// <summary>The key that an agent's card names. Null if no agent of this id has a card.</summary>
    public SigningCard? SigningCard(Tenant tenant, string agentId) => Agents(tenant).Find(agentId) is { } entry ? new(entry.Card.Signed.Key, entry.SigningKey, entry.Card.Signed.IsRevoked) : null;

    public ServiceCatalogue In(Tenant tenant) => _of.GetOrAdd(tenant, static _ => new());

    /// <summary>These in place of all that is held of any tenant (<see cref="ServiceCatalogue.Load"/>).</summary>
    public void Load(ILookup<Tenant, ServiceEntry> services, ILookup<Tenant, CampaignEntry> campaigns, ILookup<Tenant, AgentCard> cards)
    {
        foreach (var tenant in _of.Keys.Union(services.Select(s => s.Key)).Union(campaigns.Select(c => c.Key)))
        {
            In(tenant).Load([.. services[tenant]], [.. campaigns[tenant]]);
        }

        foreach (var tenant in _agents.Keys.Union(cards.Select(c => c.Key)))
        {
            Agents(tenant).Load([.. cards[tenant]]);
        }
    }
}
