using Agora.Application.Memories;

namespace Agora.Simulation.Plants;

/// <summary>What a process has opened it keeps under the agents alone: another user of theirs finds it.</summary>
public sealed class MemoryAcrossUsers : MemoryPlant
{
    public override string Name => "memory-across-users";

    internal override IMemorySearch Searching(IMemorySearch search) => new Confused(search);

    private sealed class Confused(IMemorySearch search) : Before(search)
    {
        private readonly Dictionary<string, MemoryOwner> _opened = new(StringComparer.Ordinal);

        protected override MemoryOwner Of(MemoryOwner owner) => _opened.TryGetValue(owner.Agents, out var opened) ? opened : _opened[owner.Agents] = owner;
    }
}
