using Agora.Application.Memories;

namespace Agora.Simulation.Plants;

/// <summary>A process knows preferences under the agents alone: another user of theirs has the same.</summary>
public sealed class PreferencesAcrossUsers : PreferencePlant
{
    public override string Name => "preferences-across-users";

    internal override Func<MemoryOwner, Task<KeptPreferences?>> Preferring(Func<MemoryOwner, Task<KeptPreferences?>> find)
    {
        var first = new Dictionary<string, MemoryOwner>(StringComparer.Ordinal);
        return owner => find(first.TryGetValue(owner.Agents, out var other) ? other : first[owner.Agents] = owner);
    }
}
