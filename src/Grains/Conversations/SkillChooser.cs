using Agora.Contracts;
using Agora.Core.Agents;
using Agora.Core.Conversations;
using Agora.Core.Kernel;
using Agora.Grains.Clocks;

namespace Agora.Grains.Conversations;

/// <summary>Who offers a skill, as this process knows: it may be older than what the agents' own streams say.</summary>
public interface IOffers
{
    /// <summary>Agents that are online with a card that offers it.</summary>
    IReadOnlyList<Offer> Of(Tenant tenant, string skill, DateTimeOffset now);
}

/// <param name="Weight">From 1 on: of what is asked for, the agent gets its share among those that offer the skill.</param>
public sealed record Offer(string AgentId, int Weight);

/// <summary>
/// Chooses one live agent of those that offer a skill: the one with the fewest requests in flight from this process for its weight; of equals, whose turn it is by weight. Whether it is there, its own stream
/// is asked before it is chosen: nobody is asked for anything whose card was revoked, whose lease is over, or that an operator stopped, before that.
/// </summary>
public sealed class SkillChooser(IOffers offers, IEntities entities, TenantTimes times)
{
    private const long Stride = 1_000_000;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    private readonly Lock _gate = new();
    private readonly Dictionary<(string Tenant, string Agent), int> _inFlight = [];
    private readonly Remembered<(string Tenant, string Skill), Turns> _turns = new(TalkLimits.SkillsKnown);
    private int _sent;

    /// <param name="mayAsk">Agents that may be chosen.</param>
    /// <param name="passed">Agents that are not chosen; whoever is looked at is added.</param>
    /// <param name="basis">Of the ids of what is asked.</param>
    /// <param name="by">The agent that asks: whoever has blocked it is not chosen for it.</param>
    /// <returns>Null: none is there.</returns>
    public async Task<Chosen?> Choose(Tenant tenant, string skill, Func<string, bool> mayAsk, HashSet<string> passed, Guid basis, string? by = null)
    {
        var all = offers.Of(tenant, skill, times.Now(tenant)).Where(offer => mayAsk(offer.AgentId)).OrderBy(offer => offer.AgentId, StringComparer.Ordinal).ToList();
        while (Next(tenant, skill, all.FindAll(offer => !passed.Contains(offer.AgentId))) is { } chosen)
        {
            var isThere = false;
            try
            {
                passed.Add(chosen.AgentId);
                isThere = await IsThere(tenant, chosen.AgentId, basis, by);
                if (isThere) return chosen;
            }
            finally
            {
                if (!isThere)
                {
                    chosen.Dispose(); // also where asking broke: it would count as in flight for ever
                }
            }
        }

        return null;
    }

    private Chosen? Next(Tenant tenant, string skill, List<Offer> left)
    {
        if (left.Count == 0) return null;

        lock (_gate)
        {
            var turns = TurnsOf((tenant.Name, skill));
            var offer = left.MinBy(one => (_inFlight.GetValueOrDefault((tenant.Name, one.AgentId)) * Stride / one.Weight, turns.Of(one.AgentId)))!;
            turns.Take(offer, left.Count);
            _inFlight[(tenant.Name, offer.AgentId)] = _inFlight.GetValueOrDefault((tenant.Name, offer.AgentId)) + 1;
            return new(this, tenant, offer.AgentId, left.Count - 1);
        }
    }

    private async Task<bool> IsThere(Tenant tenant, string agentId, Guid basis, string? by)
    {
        try
        {
            var context = new CommandContext(Ids.Derive(times.Now(tenant), basis, Interlocked.Increment(ref _sent)), IsStep: true);
            return (await entities.In(tenant).Agent(agentId).Send(new AgentCommand.GetPresence(by), context).WaitAsync(Patience, times.World)).Reply is AgentPresence { Online: true };
        }
        catch (Exception e) when (e is OperatingException or TimeoutException)
        {
            return false; // out of reach for a moment: another one is asked
        }
    }

    private Turns TurnsOf((string, string) skill) => _turns.Of(skill) ?? _turns.Keep(skill, new());

    private void End(Tenant tenant, string agentId)
    {
        lock (_gate)
        {
            var left = _inFlight[(tenant.Name, agentId)] - 1;
            if (left == 0)
            {
                _inFlight.Remove((tenant.Name, agentId));
            }
            else
            {
                _inFlight[(tenant.Name, agentId)] = left;
            }
        }
    }

    /// <summary>An agent that was chosen: in flight until it is disposed of.</summary>
    /// <param name="others">How many more there may be.</param>
    public sealed class Chosen(SkillChooser chooser, Tenant tenant, string agentId, int others) : IDisposable
    {
        private bool _ended;

        public string AgentId => agentId;

        public int Others => others;

        public void Dispose()
        {
            if (_ended) return;

            _ended = true;
            chooser.End(tenant, agentId);
        }
    }

    /// <summary>Whose turn it is at one skill (stride scheduling): whoever has the least pass, which then rises by a step that is the shorter the more the agent's weight is. One that is behind is as one that is new.</summary>
    private sealed class Turns
    {
        private readonly Dictionary<string, long> _passes = new(StringComparer.Ordinal);
        private long _now;

        public long Of(string agentId) => Math.Max(_now, _passes.GetValueOrDefault(agentId));

        public void Take(Offer offer, int agents)
        {
            _now = Of(offer.AgentId);
            _passes[offer.AgentId] = _now + (Stride / offer.Weight);
            if (_passes.Count <= 2 * agents + 1) return;

            foreach (var (agent, pass) in _passes)
            {
                if (pass <= _now)
                {
                    _passes.Remove(agent);
                }
            }
        }
    }
}
