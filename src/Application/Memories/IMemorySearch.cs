using Agora.Core;
using Agora.Core.Kernel;
using Agora.Core.Memories;

namespace Agora.Application.Memories;

/// <summary>
/// Where memories are found. What is behind it knows of each owner's books alone, so nothing of one stands in a search of another's; what a memory says it does not keep, for that is read from the journal, sealed.
/// </summary>
internal interface IMemorySearch
{
    /// <summary>The newest first, and how many there are.</summary>
    Task<(IReadOnlyList<KeptMemory> Memories, int Total)> List(MemoryOwner owner, bool onlyPinned, int offset, int limit, CancellationToken cancel);

    /// <summary>Null: it is not there, or not this owner's.</summary>
    Task<KeptMemory?> Find(MemoryOwner owner, Guid memoryId, CancellationToken cancel);

    /// <summary>Also of one that was forgotten; null: there never was one.</summary>
    Task<int?> BookOf(MemoryOwner owner, Guid memoryId, CancellationToken cancel);

    /// <summary>Those whose vectors a model has made, nearest first, without those that are pinned; and how many have none of it.</summary>
    /// <param name="direction">Of what is searched for (<see cref="Search.Direction"/>).</param>
    Task<FoundMemories> Nearest(MemoryOwner owner, string model, byte[] direction, int limit, CancellationToken cancel);

    /// <summary>Those that hold words of the query, the best first, without those that are pinned.</summary>
    Task<FoundMemories> ByWords(MemoryOwner owner, string query, int limit, CancellationToken cancel);

    /// <summary>The book in which the next memory is kept, as far as is known here; it may be full.</summary>
    Task<int> LastBook(MemoryOwner owner, CancellationToken cancel);
}

/// <summary>Whose memories: a user's, kept by the agents on one path, root first. A session of the same agent of the same user has the same.</summary>
internal sealed record MemoryOwner(Tenant Tenant, string Agents, string UserId)
{
    public StreamId Book(int number) => Tenant.Memory(MemoryIds.Of(number, Agents, UserId));

    public StreamId Preferences => Tenant.Memory(MemoryIds.OfPreferences(Agents, UserId));
}

/// <summary>A memory as its book has it, without what it says.</summary>
/// <param name="Seq">Of the row that says it.</param>
/// <param name="Model">Which made its vector; null: it has none.</param>
internal sealed record KeptMemory(Guid MemoryId, int Book, long Seq, bool Pinned, string? Model, MemorySource? Source, DateTimeOffset CreatedAt, DateTimeOffset UpdatedAt);

/// <param name="Pinned">All that are, the newest first, as many as one search finds.</param>
/// <param name="Best">The others, with how well each answers, 0 to 1 by words and -1 to 1 by vectors.</param>
/// <param name="Unvectored">Memories that were not compared: another model made their vectors, or none did.</param>
internal sealed record FoundMemories(IReadOnlyList<KeptMemory> Pinned, IReadOnlyList<(KeptMemory Memory, double Score)> Best, int Unvectored);
