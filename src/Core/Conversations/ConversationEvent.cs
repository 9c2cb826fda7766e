using System.Text.Json.Serialization;
using Agora.Core.Kernel;

namespace Agora.Core.Conversations;

/// <summary>
/// Closed union of what happens in a conversation. What members are told is an entry and has a number: entries of one conversation are numbered from 1, without gaps, in the order in which they
/// were decided. Each event holds the answer to its command.
/// </summary>
public abstract record ConversationEvent
{
    private ConversationEvent()
    {
    }

    /// <summary>Its entry; 0: it is none.</summary>
    public virtual long Entry => 0;

    /// <param name="Chosen">Those of the members that were chosen for a skill; null: none was.</param>
    /// <param name="ContentType">Of a stream; null: it is none.</param>
    public sealed record Opened(string Owner, IReadOnlyList<string> Members, bool IsOpen, ConversationLimits Limits, IReadOnlyList<ChosenMember>? Chosen = null, IReadOnlyList<Block>? Blocks = null, string? ContentType = null) : ConversationEvent
    {
        [JsonIgnore]
        public Personal? Topic { get; init; }

        public override long Entry => 1;
    }

    /// <param name="Unheard">Members that want to hear nothing of its sender: they are not told it. Null: none.</param>
    /// <param name="ExpiresAt">Where that is not the conversation's own time to live.</param>
    /// <param name="ReplyBy">It is a request, and wants a reply by then.</param>
    /// <param name="More">A part of a reply: the request waits for the rest.</param>
    /// <param name="Path">Agents on whose behalf it is said, the first that asked first; null: nobody's.</param>
    /// <param name="To">The only member that is told it, and may answer it; null: all are told.</param>
    /// <param name="Order">Of a stream's writer, its own place; null: it named none.</param>
    /// <param name="Producer">By which the stream knows a repeat; null: it does not.</param>
    /// <param name="Along">Another event of the same decision answers the command.</param>
    public sealed record Said(
        long Number,
        string From,
        string MessageId,
        string ContentType,
        int Bytes,
        string? ReplyTo = null,
        DateTimeOffset? ReplyBy = null,
        DateTimeOffset? ExpiresAt = null,
        long? Requeues = null,
        IReadOnlyList<string>? Unheard = null,
        [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] bool More = false,
        IReadOnlyList<string>? Path = null,
        string? To = null,
        string? Order = null,
        ProducerMark? Producer = null,
        [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] bool Along = false) : ConversationEvent
    {
        /// <summary>Null: it was erased.</summary>
        [JsonIgnore]
        public Personal? Content { get; init; }

        /// <summary>The run that pays for the reply. Only runs ask one member, and what they say has their id; null: no run's request, or one that was sent anew as a dead letter, for which nobody pays.</summary>
        public string? RunId => To is null || Requeues is not null ? null : MessageId;

        public override long Entry => Number;
    }

    public sealed record Invited(long Number, string AgentId, string By, IReadOnlyList<Block>? Blocks = null) : ConversationEvent
    {
        public override long Entry => Number;
    }

    /// <param name="Along">It spoke, and what it said answers its command.</param>
    public sealed record Joined(long Number, string AgentId, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] bool Along = false) : ConversationEvent
    {
        public override long Entry => Number;
    }

    /// <summary>No entry: it is nobody's but the blocker's.</summary>
    public sealed record Blocked(string By, string Whom) : ConversationEvent;

    public sealed record Unblocked(string By, string Whom) : ConversationEvent;

    /// <summary>No entry: thousands may.</summary>
    public sealed record Subscribed(string AgentId, long From) : ConversationEvent;

    public sealed record Unsubscribed(string AgentId) : ConversationEvent;

    public sealed record Left(long Number, string AgentId) : ConversationEvent
    {
        public override long Entry => Number;
    }

    public sealed record Acknowledged(string AgentId, long Number) : ConversationEvent;

    /// <summary>The request has no reply in time.</summary>
    /// <param name="Along">A reply came too late, and answers its command.</param>
    public sealed record Unanswered(long Number, string MessageId, string From, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] bool Along = false) : ConversationEvent
    {
        public override long Entry => Number;
    }

    /// <summary>A message became a dead letter.</summary>
    public sealed record Died(long Number, DeadLetter Letter) : ConversationEvent
    {
        public override long Entry => Number;
    }

    /// <summary>The counts of a UTC day that is over. At most one event per day, in the order of the days.</summary>
    public sealed record DayCounted(DayCount Count) : ConversationEvent;

    /// <summary>A dead letter is gone.</summary>
    public sealed record Dropped(long Letter, string By) : ConversationEvent;

    /// <param name="By">Null: an operator did.</param>
    /// <param name="Along">It was erased, or opened so, which answers the command.</param>
    /// <param name="Producer">By which a stream knows a repeat; null: it does not.</param>
    public sealed record Closed(long Number, string? By, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] bool Along = false, ProducerMark? Producer = null) : ConversationEvent
    {
        public override long Entry => Number;
    }

    /// <param name="By">Null: its retention is over, or an operator did.</param>
    public sealed record Erased(string? By) : ConversationEvent, IErasesPersonalKey;
}
