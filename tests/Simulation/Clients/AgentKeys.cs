namespace Agora.Simulation.Clients;

/// <param name="Hash">As its agent presents it.</param>
public sealed record HandedOut(string KeyId, string Hash);

/// <summary>Keys that were handed out to agents. A revoked one is tried for a while still.</summary>
public sealed class AgentKeys
{
    private readonly SortedDictionary<string, List<HandedOut>> _keys = new(StringComparer.Ordinal);

    public IReadOnlyList<HandedOut> Of(string agent) => _keys.GetValueOrDefault(agent) ?? [];

    public void Add(string agent, HandedOut key)
    {
        if (!_keys.TryGetValue(agent, out var keys))
        {
            _keys.Add(agent, keys = []);
        }

        keys.Add(key);
    }

    public void Remove(string agent, HandedOut key) => _keys[agent].Remove(key);
}
