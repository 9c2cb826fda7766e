namespace Agora.Journal.Memory;

/// <summary>Decides what happens to one call; asked once a call, in order, so a seeded source makes a run repeatable.</summary>
public delegate JournalFault JournalFaults(JournalCall call);

public enum JournalCall { Append, Read, Streams, LoadSnapshot, SaveSnapshot, FindKey, PruneKeys, Alarms, Probe, LoadKey, PutKey, DestroyKey, DestroyedKeys, Query, Clear, Write, Checkpoints, AddCheckpoint, MarkTold }

public enum JournalFailure
{
    None,

    /// <summary>Refused before anything is written; reads can only fail so.</summary>
    Unavailable,

    /// <summary>The call is lost on its way: nothing is written, and the caller cannot know.</summary>
    LostBefore,

    /// <summary>The answer is lost: everything is written, and the caller cannot know.</summary>
    LostAfter,
}

/// <param name="Before">Time until the call reaches the store.</param>
/// <param name="After">Time until its answer reaches the caller; others see what was written meanwhile.</param>
public readonly record struct JournalFault(JournalFailure Failure = JournalFailure.None, TimeSpan Before = default, TimeSpan After = default);
