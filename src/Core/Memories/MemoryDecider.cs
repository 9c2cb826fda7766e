using System.Diagnostics;
using Agora.Core.Kernel;
using Decided = Agora.Core.Kernel.Decision<Agora.Core.Memories.MemoryState, Agora.Core.Memories.MemoryEvent>;

namespace Agora.Core.Memories;

/// <summary>
/// A book of memories of one user, of one agent's.
/// <para>Rules. What was kept is changed, moved and forgotten by its id. A forgotten one comes back under no command. Keeping ends at half of the bytes, so what was kept can be edited; nothing that is written makes a book longer than whoever
/// opens it reads.</para>
/// <para>Preferences are put and erased as a whole, each time as the next version. They are counted, so that their stream stays short; erasing them is never too much.</para>
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
        MemoryCommand.Prefer c => Prefer(state, c),
        MemoryCommand.Unprefer => state.Preferences is { AreThere: true } there ? Written(new MemoryEvent.Unpreferred(there.Version + 1), there.Version + 1) : Decided.Reject(MemoryRejection.NoPreferences),
        MemoryCommand.Tick => Decided.Accept(Nothing.Value),
        _ => throw new UnreachableException(command.GetType().Name),
    };

    public static LateAnswer? Recall(MemoryEvent happened, Guid commandId) => new(commandId, Answer.Of(happened switch
    {
        MemoryEvent.Kept e => new MemoryWritten(e.MemoryId),
        MemoryEvent.Edited e => new MemoryWritten(e.MemoryId),
        MemoryEvent.Moved e => new MemoryWritten(e.MemoryId),
        MemoryEvent.Forgotten e => new MemoryWritten(e.MemoryId),
        MemoryEvent.Preferred e => new PreferencesWritten(e.Version),
        MemoryEvent.Unpreferred e => new PreferencesWritten(e.Version),
        _ => throw new UnreachableException(happened.GetType().Name),
    }));

    private static Decided Keep(MemoryState state, MemoryCommand.Keep c)
    {
        if (state.Pinned.ContainsKey(c.MemoryId)) return Decided.Accept(new MemoryWritten(c.MemoryId));
        if (state.Kept >= Limits.MemoriesOfBook || state.Bytes + c.Content.Utf8.Length > Limits.MemoryBookBytes / 2)
        {
            return Decided.Reject(MemoryRejection.BookIsFull);
        }

        return Happened(c.MemoryId, new MemoryEvent.Kept(c.MemoryId, c.Pinned, c.Content.Utf8.Length, c.Model, c.Source) { Content = c.Content });
    }

    private static Decided Prefer(MemoryState state, MemoryCommand.Prefer c)
    {
        var bytes = Math.Max(c.Content.Utf8.Length, Limits.PreferencesBytesLeast);
        if (state.Bytes + bytes > Limits.PreferencesBytes) return Decided.Reject(MemoryRejection.TooManyPreferences);

        var version = (state.Preferences?.Version ?? 0) + 1;
        return Written(new MemoryEvent.Preferred(version, bytes) { Content = c.Content }, version);
    }

    private static Decided Written(MemoryEvent happened, int version) => Decided.Accept(new PreferencesWritten(version), happened);

    private static Decided Happened(Guid memoryId, MemoryEvent happened) => Decided.Accept(new MemoryWritten(memoryId), happened);
}
