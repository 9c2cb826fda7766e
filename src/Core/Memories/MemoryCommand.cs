using Agora.Core.Kernel;

namespace Agora.Core.Memories;

/// <summary>Which memory was written, moved or forgotten; what it says stands in the journal.</summary>
public sealed record MemoryWritten(Guid MemoryId);

/// <summary>So many times preferences were put and erased by now.</summary>
public sealed record PreferencesWritten(int Version);

/// <summary>Where a memory comes from.</summary>
/// <param name="Turn">Of the chat, from 1 on.</param>
public sealed record MemorySource(string ChatId, int Turn);

/// <summary>Closed union; each is answered with <see cref="MemoryWritten"/>, those about preferences with <see cref="PreferencesWritten"/>.</summary>
public abstract record MemoryCommand
{
    private MemoryCommand()
    {
    }

    /// <param name="Content">What it says and its vector (<see cref="MemoryContent"/>).</param>
    /// <param name="Model">Which made the vector; null: there is none.</param>
    /// <param name="Source">Null: it was not taken from a chat.</param>
    public sealed record Keep(Guid MemoryId, bool Pinned, Personal Content, string? Model, MemorySource? Source) : MemoryCommand;

    /// <summary>It says something else from now on.</summary>
    public sealed record Edit(Guid MemoryId, bool Pinned, Personal Content, string? Model) : MemoryCommand;

    /// <summary>It says what it said.</summary>
    public sealed record Pin(Guid MemoryId, bool Pinned) : MemoryCommand;

    public sealed record Forget(Guid MemoryId) : MemoryCommand;

    public sealed record Tick : MemoryCommand;

    /// <summary>How the user wants replies from now on: all of it.</summary>
    /// <param name="Content"><see cref="ReplyPreferences"/>.</param>
    public sealed record Prefer(Personal Content) : MemoryCommand;

    /// <summary>Nothing is wished any more.</summary>
    public sealed record Unprefer : MemoryCommand;
}

/// <summary>Why a memory is not had, or not kept.</summary>
public static class MemoryRejection
{
    public static Rejection NotFound { get; } = new(Codes.NotFound, "There is no such memory.");

    /// <summary>Of one book: the next one has room.</summary>
    public static Rejection BookIsFull { get; } = new(Codes.GrantExceeded, "The book of memories is full.");

    public static Rejection TooMany { get; } = new Rejection(Codes.GrantExceeded, "The agent keeps as many memories of its user as it may: an erased one makes no room, for what is written stays in the journal.").AtMost("memories", Limits.MemoryBooks * Limits.MemoriesOfBook);

    public static Rejection NoPreferences { get; } = new(Codes.NotFound, "There are no preferences.");

    public static Rejection TooManyPreferences { get; } = new(Codes.GrantExceeded, "The preferences were changed as often as they may be: they can still be erased.");

    /// <summary>Whoever has the text keeps it anew.</summary>
    public static Rejection TooManyEdits { get; } = new(Codes.GrantExceeded, "Memories beside this one were edited too often: keep what it is to say as a new memory, and erase this one.");
}
