using System.Diagnostics;
using Agora.Core.Kernel;
using Decided = Agora.Core.Kernel.Decision<Agora.Core.Memories.MemoryState, Agora.Core.Memories.MemoryEvent>;

namespace Agora.Core.Memories;

/// <summary>
/// A book of memories of one user, of one agent's.
/// <para>Rules. What was kept is changed, moved and forgotten by its id. A forgotten one comes back under no command. Keeping ends at half of the bytes, so what was kept can be edited; nothing that is written makes a book longer than whoever
/// opens it reads.</para>
/// </summary>
public static class MemoryDecider
{
    public static Decided Decide(MemoryState state, MemoryCommand command) => command switch
    {
        MemoryCommand.Keep c => Keep(state, c),
        MemoryCommand.Edit c => !state.Pinned.ContainsKey(c.MemoryId) ? Decided.Reject(MemoryRejection.NotFound)
            : state.Bytes + c.Content.Utf8.Length > Limits.MemoryBookBytes ? Decided.Reject(MemoryRejection.TooManyEdits)
            : Happened(c.MemoryId, new MemoryEvent.Edited(c.MemoryId, c.Pinned, c.Content.Utf8.Length, c.Model) { Content = c.Content }),
        MemoryCommand.Pin c => !state.Pinned.TryGetValue(c.MemoryId, out var pinned) ? Decided.Reject(MemoryRejection.NotFound)
            : pinned == c.Pinned ? Decided.Accept(new MemoryWritten(c.MemoryId))
            : Happened(c.MemoryId, new MemoryEvent.Moved(c.MemoryId, c.Pinned)),
        MemoryCommand.Forget c => state.Pinned.ContainsKey(c.MemoryId) ? Happened(c.MemoryId, new MemoryEvent.Forgotten(c.MemoryId)) : Decided.Reject(MemoryRejection.NotFound),
        MemoryCommand.Tick => Decided.Accept(Nothing.Value),
        _ => throw new UnreachableException(command.GetType().Name),
    };

    public static LateAnswer? Recall(MemoryEvent happened, Guid commandId) => new(commandId, Answer.Of(new MemoryWritten(happened switch
    {
        MemoryEvent.Kept e => e.MemoryId,
        MemoryEvent.Edited e => e.MemoryId,
        MemoryEvent.Moved e => e.MemoryId,
        MemoryEvent.Forgotten e => e.MemoryId,
        _ => throw new UnreachableException(happened.GetType().Name),
    })));

    private static Decided Keep(MemoryState state, MemoryCommand.Keep c)
    {
        if (state.Pinned.ContainsKey(c.MemoryId)) return Decided.Accept(new MemoryWritten(c.MemoryId));
        if (state.Kept >= Limits.MemoriesOfBook || state.Bytes + c.Content.Utf8.Length > Limits.MemoryBookBytes / 2)
        {
            return Decided.Reject(MemoryRejection.BookIsFull);
        }

        return Happened(c.MemoryId, new MemoryEvent.Kept(c.MemoryId, c.Pinned, c.Content.Utf8.Length, c.Model, c.Source) { Content = c.Content });
    }

    private static Decided Happened(Guid memoryId, MemoryEvent happened) => Decided.Accept(new MemoryWritten(memoryId), happened);
}
