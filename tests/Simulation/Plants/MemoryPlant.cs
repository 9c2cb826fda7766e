using Agora.Application.Memories;

namespace Agora.Simulation.Plants;

/// <summary>It shows where things are remembered: in the seeds that look for it they are.</summary>
public abstract class MemoryPlant : Plant
{
    public override bool IsWide => true;

    public override SeedOptions Draw(SeedOptions options) => options with { Memories = true };

    /// <summary>What stands before the search of a process.</summary>
    private protected abstract class Before(IMemorySearch search) : IMemorySearch
    {
        protected abstract MemoryOwner Of(MemoryOwner owner);

        public virtual Task<(IReadOnlyList<KeptMemory> Memories, int Total)> List(MemoryOwner owner, bool onlyPinned, int offset, int limit, CancellationToken cancel) => search.List(Of(owner), onlyPinned, offset, limit, cancel);

        public Task<KeptMemory?> Find(MemoryOwner owner, Guid memoryId, CancellationToken cancel) => search.Find(Of(owner), memoryId, cancel);

        public Task<int?> BookOf(MemoryOwner owner, Guid memoryId, CancellationToken cancel) => search.BookOf(Of(owner), memoryId, cancel);

        public Task<FoundMemories> Nearest(MemoryOwner owner, string model, byte[] direction, int limit, CancellationToken cancel) => search.Nearest(Of(owner), model, direction, limit, cancel);

        public Task<FoundMemories> ByWords(MemoryOwner owner, string query, int limit, CancellationToken cancel) => search.ByWords(Of(owner), query, limit, cancel);

        public Task<int> LastBook(MemoryOwner owner, CancellationToken cancel) => search.LastBook(Of(owner), cancel);
    }
}
