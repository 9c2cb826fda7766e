using Agora.Core.Kernel;
using Agora.Core.Memories;
using Agora.Core.Users;
using Agora.Grains.Kernel;

namespace Agora.Grains.Memories;

/// <summary>What is remembered, as the journal has it. It wakes no entity.</summary>
public sealed class MemoryLog(PersonalLog log)
{
    /// <summary>Events of the book behind a row, in order, a page of rows at a time.</summary>
    /// <param name="after">0: from the beginning.</param>
    public IAsyncEnumerable<Logged<MemoryEvent>> Read(StreamId book, long after, CancellationToken cancel) => log.Pages(MemoryEntity.Entity, book, after, cancel);

    /// <summary>What a memory says by the row that stands there; null: the user's key is gone.</summary>
    public async Task<MemoryContent?> Content(StreamId book, long seq, Guid memoryId, CancellationToken cancel)
    {
        var said = (Personal?)null;
        foreach (var (_, _, happened) in await log.Row(MemoryEntity.Entity, book, seq, cancel))
        {
            said = happened switch
            {
                MemoryEvent.Kept e when e.MemoryId == memoryId => e.Content,
                MemoryEvent.Edited e when e.MemoryId == memoryId => e.Content,
                _ => said,
            };
        }

        return said?.Read<MemoryContent>();
    }

    /// <summary>The user was erased: of what was remembered nothing can be read any more.</summary>
    public Task<bool> IsErased(Tenant tenant, string userId, CancellationToken cancel) => log.IsErased(UserState.PersonalKeyOf(tenant.Name, userId), cancel);
}
