using System.Buffers.Text;
using System.Collections.Concurrent;
using System.Text.Json;
using Agora.Application.Operations;
using Agora.Application.Reading;
using Agora.Core.Agents;
using Agora.Core.Kernel;
using Agora.Crypto;
using Agora.Grains.Conversations;
using Agora.Search;

namespace Agora.Application.Catalogue;

/// <summary>How an agent is there.</summary>
internal static class AgentStatuses
{
    /// <summary>Its lease runs.</summary>
    public const string Online = "online";

    /// <summary>Its lease is over, for no longer than it was.</summary>
    public const string Away = "away";

    /// <summary>It has not been heard of for longer, or never.</summary>
    public const string Gone = "gone";

    /// <summary>Its key was revoked: it is found no more.</summary>
    public const string Revoked = "revoked";

    public static readonly IReadOnlyList<string> Found = [Online, Away, Gone];

    public static string Of(AgentCard card, DateTimeOffset now) => card.Signed.IsRevoked ? Revoked
        : card.LeaseUntil is not { } until || now >= until.AddSeconds(card.LeaseSeconds) ? Gone
        : now < until ? Online : Away;
}

/// <summary>A registered agent as this process knows it.</summary>
internal sealed record CardEntry(AgentCard Card, CardContent Content)
{
    /// <summary>By which the agent signs its requests.</summary>
    public Jwk SigningKey { get; } = new(Base64Url.DecodeFromChars(Card.Signed.Key));

    public bool Offers(string skill) => Content.Skills.Any(offered => offered.Id == skill);
}

/// <summary>
/// This process's replica of one tenant's registered agents, in memory, as that of services is (<see cref="Catalogue.ServiceCatalogue"/>): what is looked up wakes no agent, and the engine of services ranks
/// what is searched. An entry never goes back.
/// </summary>
internal sealed class AgentRegistry
{
    private readonly Lock _writing = new();
    private readonly ConcurrentDictionary<string, CardEntry> _agents = new(StringComparer.Ordinal);
    private readonly SearchIndex _index = new();

    public int Count => _agents.Count;

    public CardEntry? Find(string agentId) => _agents.GetValueOrDefault(agentId);

    public void Put(AgentCard card)
    {
        lock (_writing)
        {
            var known = Find(card.AgentId);
            if (known?.Card.UpdatedAt > card.UpdatedAt) return;

            var isSame = known is not null && known.Card.Signed.Is(card.Signed);
            var entry = isSame ? known! with { Card = card } : new(card, Cards.Content(card.Signed.Jws));
            _agents[card.AgentId] = entry;
            if (isSame) return; // a lease changes nothing that is searched

            if (card.Signed.IsRevoked)
            {
                _index.Remove(card.AgentId);
            }
            else
            {
                _index.Upsert(Document(entry));
            }
        }
    }

    /// <summary>These in place of all that is held.</summary>
    public void Load(IReadOnlyCollection<AgentCard> cards)
    {
        lock (_writing)
        {
            _agents.Clear();
            foreach (var card in cards)
            {
                _agents[card.AgentId] = new(card, Cards.Content(card.Signed.Jws));
            }

            _index.Load(_agents.Values.Where(entry => !entry.Card.Signed.IsRevoked).Select(Document));
        }
    }

    /// <param name="skill">Only who offers this; null: whoever.</param>
    /// <param name="status">Only who is there so; null: however.</param>
    public (IReadOnlyList<(CardEntry Entry, double Relevance)> Agents, int TotalCount) Search(string? text, string? skill, string? status, Page page, DateTimeOffset now)
    {
        var only = skill is null && status is null ? null
            : _agents.Values.Where(entry => (skill is null || entry.Offers(skill)) && (status is null || AgentStatuses.Of(entry.Card, now) == status)).Select(entry => entry.Card.AgentId).ToHashSet(StringComparer.Ordinal);
        var found = _index.Search(new() { Text = text, OnlyIds = only, Offset = page.Offset, Limit = page.Limit });
        return ([.. found.Hits.Select(hit => (Entry: Find(hit.Id), hit.Relevance)).Where(hit => hit.Entry is not null).Select(hit => (hit.Entry!, hit.Relevance))], found.TotalCount);
    }

    /// <summary>Who is online and offers it.</summary>
    public IReadOnlyList<Offer> Offering(string skill, DateTimeOffset now) =>
    [
        .. from entry in _agents.Values
           where AgentStatuses.Of(entry.Card, now) == AgentStatuses.Online
           from offered in entry.Content.Skills
           where offered.Id == skill
           select new Offer(entry.Card.AgentId, offered.Weight ?? 1),
    ];

    public static AgentCard Card(NamedRow row) => new(
        row.Text("agent_id"),
        new(
            row.Text("genesis"), row.Text("key"), row.Number("version"), row.Text("card"), JsonSerializer.Deserialize<IReadOnlyList<string>>(row.Text("rotations"), StoredJson.Options)!, row.Text("hash"),
            row.OptionalText("revocation")),
        row.Time("registered_at"),
        row.Time("updated_at"),
        row.OptionalTime("lease_until"),
        (int)row.Number("lease_seconds"));

    private static SearchDocument Document(CardEntry entry) => new(
        entry.Card.AgentId,
        entry.Content.Name,
        string.Join('\n', entry.Content.Skills.SelectMany(skill => (string[])[skill.Name, skill.Description, .. skill.Tags]).Prepend(entry.Content.Description)),
        "",
        0);
}
