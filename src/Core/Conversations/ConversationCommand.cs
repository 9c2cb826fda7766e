using System.Text.Json.Serialization;
using Agora.Core.Kernel;

namespace Agora.Core.Conversations;

/// <summary>
/// Closed union; every command names the agent that asks. Answers: Get → <see cref="ConversationView"/>; DeadLetters → <see cref="DeadLetterList"/>; Acknowledge → <see cref="Acknowledged"/>; GetRequest → <see cref="Asked"/>;
/// Block, Unblock, Erase → nothing; Append → <see cref="Entered"/>, or <see cref="Repeated"/>; all others → <see cref="Entered"/>. Whoever is no member is answered not_found, as for a conversation that is not there.
/// </summary>
public abstract record ConversationCommand
{
    private ConversationCommand()
    {
    }

    /// <param name="Members">Agents that are invited, without the owner.</param>
    /// <param name="Topic">What it is about, for people; null: nothing is said.</param>
    /// <param name="IsOpen">Any agent of the tenant may subscribe.</param>
    /// <param name="Chosen">Those of the members that were chosen for a skill, by whoever opens it; null: none was.</param>
    /// <param name="Blocks">Of those who take part, among each other; null: none.</param>
    /// <param name="ContentType">Of all that is said in it, where it is a stream; null: it is none.</param>
    /// <param name="First">What its owner says with it; null: nothing.</param>
    public sealed record Open(string Owner, IReadOnlyList<string> Members, Personal? Topic, bool IsOpen, ConversationLimits Limits, IReadOnlyList<ChosenMember>? Chosen = null, IReadOnlyList<Conversations.Block>? Blocks = null, string? ContentType = null, Appending? First = null) : ConversationCommand;

    /// <param name="AgentId">Null: an operator, who sees whatever is there.</param>
    public sealed record Get(string? AgentId) : ConversationCommand;

    /// <summary>The request under this id that waits for a reply of the agent: on whose behalf it does what follows.</summary>
    public sealed record GetRequest(string AgentId, string MessageId) : ConversationCommand;

    public sealed record Say(string From, Saying Saying, Personal Content) : ConversationCommand;

    /// <summary>Says several things at once, closes, or both: all of it, or nothing.</summary>
    public sealed record Append(string From, Appending Appending) : ConversationCommand;

    /// <summary>A member that was invited takes part from now on; any other agent subscribes to an open conversation.</summary>
    public sealed record Join(string AgentId) : ConversationCommand;

    /// <param name="Blocks">Of members, of whom is invited and the other way round; null: none.</param>
    public sealed record Invite(string By, string AgentId, IReadOnlyList<Conversations.Block>? Blocks = null) : ConversationCommand;

    /// <summary>From now on a member is told nothing that another says. An agent's own stream has all its blocks; here stand those that concern who takes part.</summary>
    public sealed record Block(string By, string Whom) : ConversationCommand;

    public sealed record Unblock(string By, string Whom) : ConversationCommand;

    public sealed record Leave(string AgentId) : ConversationCommand;

    public sealed record Close(string By) : ConversationCommand;

    /// <summary>All up to this number was received: it is not told again where the member reads on from what it acknowledged, and does not expire.</summary>
    public sealed record Acknowledge(string AgentId, long Number) : ConversationCommand;

    /// <summary>Those that the agent sent, and those that did not reach it: of others it was perhaps not to hear, or has left before.</summary>
    public sealed record DeadLetters(string AgentId) : ConversationCommand;

    public sealed record Drop(string By, long Number) : ConversationCommand;

    /// <summary>What was said in it is unreadable from then on, everywhere; a conversation that is not closed closes.</summary>
    /// <param name="By">Its owner; null: an operator.</param>
    public sealed record Erase(string? By) : ConversationCommand;

    public sealed record Tick : ConversationCommand;
}

/// <summary>What is said, without its content.</summary>
/// <param name="MessageId">The sender's own: a repeat of it is answered as the first.</param>
/// <param name="ReplyTo">The message that it replies to.</param>
/// <param name="ReplyWithinSeconds">It is a request: without a reply by then its sender is told so.</param>
/// <param name="TtlSeconds">Null: the conversation's.</param>
/// <param name="Requeues">The dead letter that it sends anew.</param>
/// <param name="More">It is a part of a reply: the request waits for the rest.</param>
/// <param name="Path">Agents on whose behalf it is said, the first that asked first; null: nobody's. Whoever sends the command has looked it up.</param>
/// <param name="To">The only member that is told it, and from whom something is wanted: it must be there, and not be one that the sender has blocked. Null: all are told.</param>
public sealed record Saying(
    string MessageId,
    string ContentType,
    int Bytes,
    string? ReplyTo = null,
    int? ReplyWithinSeconds = null,
    int? TtlSeconds = null,
    long? Requeues = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] bool More = false,
    IReadOnlyList<string>? Path = null,
    string? To = null);

/// <summary>Bounds of one conversation; each has a largest value in <see cref="TalkLimits"/>.</summary>
/// <param name="MessagesPerMinute">Of each member.</param>
/// <param name="Unacknowledged">Messages that some member has not acknowledged, before nobody is heard.</param>
/// <param name="TtlSeconds">After which a message that somebody has not acknowledged becomes a dead letter.</param>
/// <param name="RetentionSeconds">From its close on until what was said is erased.</param>
public sealed record ConversationLimits(int MessagesPerMinute, int Unacknowledged, int MessageBytes, int TtlSeconds, int RetentionSeconds)
{
    public static readonly ConversationLimits Default = new(
        TalkLimits.MessagesPerMinuteDefault, TalkLimits.UnacknowledgedDefault, TalkLimits.MessageBytes, TalkLimits.TtlSecondsDefault, TalkLimits.RetentionSecondsDefault);
}

/// <summary>A member that was not named, but chosen for a skill that it offers: it stays the conversation's.</summary>
public sealed record ChosenMember(string AgentId, string Skill);

/// <summary>What became of a command: its place in the conversation.</summary>
/// <param name="Number">Of the entry; 0: the command left none.</param>
public sealed record Entered(long Number);

/// <summary>A request that waits.</summary>
/// <param name="Path">Agents on whose behalf its sender asks, and the sender: the first that asked first.</param>
public sealed record Asked(IReadOnlyList<string> Path);

/// <summary>The command's producer has said it before, and nothing happened.</summary>
/// <param name="Number">Of the newest entry.</param>
/// <param name="Seq">The highest of its producer's epoch; null: it names no producer.</param>
public sealed record Repeated(long Number, long? Seq, bool IsClosed);

/// <param name="Number">Up to which the member has acknowledged.</param>
public sealed record Acknowledged(long Number);

/// <param name="Subscribers">Who subscribed to an open conversation is counted only.</param>
/// <param name="Last">Number of its newest entry.</param>
/// <param name="You">As the agent that asks stands in it; null: it stands outside, and may subscribe.</param>
/// <param name="ContentType">Of a stream; null: it is none.</param>
public sealed record ConversationView(
    string ConversationId,
    string Owner,
    Personal? Topic,
    bool IsOpen,
    ConversationLimits Limits,
    IReadOnlyList<Member> Members,
    int Subscribers,
    long Last,
    int DeadLetters,
    DateTimeOffset CreatedAt,
    DateTimeOffset? ClosedAt,
    bool Erased,
    Member? You,
    string? ContentType = null);

public sealed record DeadLetterList(IReadOnlyList<DeadLetter> Letters);

/// <summary>A message that did not reach a member in time. It stays until it is sent anew or dropped.</summary>
/// <param name="To">Members that had not acknowledged it.</param>
public sealed record DeadLetter(long Number, string MessageId, string From, IReadOnlyList<string> To, string Reason, DateTimeOffset At);

/// <summary>Why a letter is dead: stored, for ever.</summary>
public static class DeadReasons
{
    /// <summary>Its time to live ended.</summary>
    public const string Expired = "expired";

    /// <summary>The conversation was closed before.</summary>
    public const string Closed = "closed";
}
