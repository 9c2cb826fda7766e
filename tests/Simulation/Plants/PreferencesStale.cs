using Agora.Application.Memories;

namespace Agora.Simulation.Plants;

/// <summary>What a process has read once it does not read again.</summary>
public sealed class PreferencesStale : PreferencePlant
{
    public override string Name => "preferences-stale";

    internal override Func<MemoryOwner, Task<KeptPreferences?>> Preferring(Func<MemoryOwner, Task<KeptPreferences?>> find)
    {
        var read = new Dictionary<MemoryOwner, KeptPreferences>();
        return async owner => read.TryGetValue(owner, out var known) ? known : await find(owner) is { } found ? read[owner] = found : null;
    }
}
