using Agora.Core.Kernel;

namespace Agora.Core.Chats;

/// <summary>A chat as it stands: a tree of turns.</summary>
/// <param name="AgentId">Whose it is besides its user's: the agents on the path of the session that began it, root first, with &gt; between.</param>
/// <param name="Turns">In the order in which they were said. What was said stands in the journal alone.</param>
public sealed record ChatView(string ChatId, string UserId, string AgentId, DateTimeOffset CreatedAt, IReadOnlyList<ChatTurn> Turns, bool IsDeleted = false)
{
    /// <summary>The newest: what is said next follows it, where nothing else is said. 0: there is none.</summary>
    public int Newest => Turns.Count;
}

/// <summary>What was said to a model, and the run that replies.</summary>
/// <param name="Number">From 1 on, without gaps.</param>
/// <param name="Id">Of whoever said it: a repeat is the same turn.</param>
/// <param name="After">The turn that it follows; 0: it begins a branch of its own.</param>
/// <param name="Repeats">The turn whose words it says again; null: its own.</param>
/// <param name="Model">As it was asked for.</param>
/// <param name="RunId">Whose response is the reply; null: no model has been called, for no limit had room, or whoever asked is gone.</param>
public sealed record ChatTurn(int Number, Guid Id, int After, int? Repeats, string SessionId, string Model, DateTimeOffset At, Guid? RunId = null);

/// <summary>Closed union; each is answered with <see cref="ChatView"/>.</summary>
public abstract record ChatCommand
{
    private ChatCommand()
    {
    }

    /// <summary>Says something. The same id is the same turn.</summary>
    /// <param name="After">The turn that it follows, 0 for none; null: the newest.</param>
    /// <param name="Repeats">A turn of this chat whose words are said again, to have another reply: <paramref name="Content"/> is null then, and it follows what that one follows.</param>
    public sealed record Ask(string AgentId, string SessionId, Guid Id, string Model, int? After, int? Repeats, Personal? Content) : ChatCommand;

    /// <summary>The run that is about to reply: what it held can be paid from here on, so the turn has it first. One that is followed by another, because its provider did nothing, replies no more.</summary>
    public sealed record Reply(string AgentId, int Number, Guid RunId) : ChatCommand;

    public sealed record Get(string AgentId) : ChatCommand;

    public sealed record Delete(string AgentId) : ChatCommand;

    public sealed record Tick : ChatCommand;
}

/// <summary>Why nothing is said in a chat.</summary>
public static class ChatRejection
{
    public static Rejection NotFound { get; } = new(Codes.NotFound, "There is no such chat.");

    public static Rejection NoTurn { get; } = new(Codes.NotFound, "The chat has no turn of this number.");

    public static Rejection Full { get; } = new Rejection(Codes.NotEligible, "The chat has as many turns as one may have. Begin another.").AtMost("turns", ChatLimits.Turns);
}

/// <summary>Bounds of chats.</summary>
public static class ChatLimits
{
    public const int Turns = 2_000;
}
