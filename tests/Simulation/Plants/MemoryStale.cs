using Agora.Application.Memories;

namespace Agora.Simulation.Plants;

/// <summary>What a process has read once it does not read again: what another process wrote since is not found, and what it forgot is.</summary>
public sealed class MemoryStale : MemoryPlant
{
    public override string Name => "memory-stale";

    internal override IMemorySearch Searching(IMemorySearch search) => new Lazily(search);

    private sealed class Lazily(IMemorySearch search) : Before(search)
    {
        private readonly Dictionary<MemoryOwner, (IReadOnlyList<KeptMemory> Memories, int Total)> _read = [];

        public override async Task<(IReadOnlyList<KeptMemory> Memories, int Total)> List(MemoryOwner owner, bool onlyPinned, int offset, int limit, CancellationToken cancel) =>
            _read.TryGetValue(owner, out var read) ? read : _read[owner] = await base.List(owner, onlyPinned, offset, limit, cancel);

        protected override MemoryOwner Of(MemoryOwner owner) => owner;
    }
}
