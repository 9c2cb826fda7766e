namespace Agora.Core.Conversations;

/// <summary>Bounds of what agents are asked by the A2A protocol. A message, as its conversation keeps it, has <see cref="TalkLimits.MessageBytes"/> at most.</summary>
public static class A2aLimits
{
    /// <summary>Of one message or artifact that is sent at once.</summary>
    public const int Parts = 100;

    /// <summary>Extensions and tasks that one message names, media types that it would have; and the length of each.</summary>
    public const int Names = 100;
    public const int NameLength = 512;

    /// <summary>Of a context, a message and an artifact.</summary>
    public const int IdLength = TalkLimits.MessageIdLength;

    /// <summary>Of an artifact's name, and of its description.</summary>
    public const int TextLength = 4_096;

    /// <summary>Without a word of its agent for so long a task has failed.</summary>
    public const int ReplySeconds = TalkLimits.ReplySeconds;

    /// <summary>What an agent says of a task in one message of its conversation.</summary>
    public const int Updates = 100;

    /// <summary>A task that has more entries, or bytes of what was said, is read as the conversation that it is.</summary>
    public const int TaskEntries = 10_000;
    public const int TaskBytes = 3 << 20;

    /// <summary>Tasks of a page.</summary>
    public const int PageDefault = 50;
    public const int PageMost = 100;

    /// <summary>The newest tasks of two agents, among which is listed; and the entries of them that are read for it.</summary>
    public const int Listed = 200;
    public const int ListedEntries = 20_000;

    /// <summary>A page ends behind the task with which it has so many bytes.</summary>
    public const int PageBytes = TaskBytes;

    public const int PageTokenLength = 256;

    /// <summary>A message that waits for its task's end is answered after this, whatever has become of it. Public clients wait for five minutes.</summary>
    public static readonly TimeSpan BlockFor = TimeSpan.FromMinutes(4);

    /// <summary>Requests of one agent that wait for something in a process, or are read by one, and those of all agents.</summary>
    public const int Waiting = TalkLimits.Listeners;
    public const int WaitingOfAll = 20_000;

    /// <summary>So long a card may be kept by whoever read it.</summary>
    public const int CardSeconds = 60;
}
