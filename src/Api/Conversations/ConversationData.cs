using System.Text.Json.Serialization;
using Agora.Application.Conversations;
using Agora.Application.Values;
using Agora.Core.Conversations;
using Agora.Grains.Conversations;
using Agora.Web;

namespace Agora.Api.Conversations;

internal sealed record ConversationLimitsData(int MessagesPerMinute, int Unacknowledged, int MessageBytes, int TtlSeconds, int RetentionSeconds)
{
    public static ConversationLimitsData Of(ConversationLimits limits) => new(limits.MessagesPerMinute, limits.Unacknowledged, limits.MessageBytes, limits.TtlSeconds, limits.RetentionSeconds);
}

/// <param name="Acknowledged">Up to which number.</param>
/// <param name="ChosenFor">The skill for which it was chosen; absent: it was named.</param>
internal sealed record MemberData(string AgentId, string Standing, long Acknowledged, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? ChosenFor = null)
{
    public static MemberData Of(Core.Conversations.Member member) => new(member.AgentId, member.Standing, member.Acked, member.Skill);
}

/// <param name="Standing">Of the agent that asks; null: it stands outside.</param>
internal sealed record ConversationData(
    string ConversationId,
    string Owner,
    string? Topic,
    bool Open,
    string State,
    string? Standing,
    IReadOnlyList<MemberData> Members,
    int Subscribers,
    long Last,
    int DeadLetters,
    ConversationLimitsData Limits,
    DateTimeOffset CreatedAt,
    DateTimeOffset? ClosedAt)
{
    public const string Example = """{"conversation_id":"0198c0de-0000-7000-8000-000000000001","owner":"agent-1","topic":"Rates","open":false,"state":"open","standing":"joined","members":[{"agent_id":"agent-1","standing":"joined","acknowledged":0},{"agent_id":"agent-2","standing":"invited","acknowledged":0}],"subscribers":0,"last":1,"dead_letters":0,"limits":{"messages_per_minute":600,"unacknowledged":1000,"message_bytes":65536,"ttl_seconds":604800,"retention_seconds":2592000},"created_at":"2030-01-01T00:00:00.000000Z","closed_at":null}""";

    public static ConversationData Of(ConversationView view) => new(
        view.ConversationId,
        view.Owner,
        view.Topic?.Read<string>(),
        view.IsOpen,
        StateOf(view),
        view.You?.Standing,
        [.. view.Members.Select(MemberData.Of)],
        view.Subscribers,
        view.Last,
        view.DeadLetters,
        ConversationLimitsData.Of(view.Limits),
        view.CreatedAt,
        view.ClosedAt);

    private static string StateOf(ConversationView view) => view.Erased ? "erased" : view.ClosedAt is null ? "open" : "closed";
}

/// <param name="Number">Of the entry; 0: nothing changed.</param>
internal sealed record EnteredData(string ConversationId, long Number);

internal sealed record SaidData(string ConversationId, long Number, string MessageId)
{
    public static Reply Created(SaidMessage said) => Reply.Created(new SaidData(said.ConversationId, said.Number, said.MessageId));
}

internal sealed record AcknowledgedData(string ConversationId, long Acknowledged)
{
    public static Reply Ok(string id, Acknowledged acknowledged) => Reply.Ok(new AcknowledgedData(id, acknowledged.Number));
}

internal sealed record ErasedConversationData(string ConversationId);

internal sealed record DeadLetterData(long Number, string MessageId, string AgentId, IReadOnlyList<string> To, string Reason, DateTimeOffset At)
{
    public static DeadLetterData Of(DeadLetter letter) => new(letter.Number, letter.MessageId, letter.From, letter.To, letter.Reason, letter.At);
}

internal sealed record DeadLettersData(string ConversationId, IReadOnlyList<DeadLetterData> DeadLetters)
{
    public static DeadLettersData Of(string id, DeadLetterList found) => new(id, [.. found.Letters.Select(DeadLetterData.Of)]);
}

/// <summary>What is told of an entry. Members that do not belong to its kind are null.</summary>
/// <param name="Kind">message, opened, invited, joined, left, closed, unanswered or dead_letter.</param>
/// <param name="AgentId">Who opened, was invited, joined, left, closed, or spoke.</param>
/// <param name="Content">Null, too, when it was erased.</param>
/// <param name="More">It is a part of a reply; absent: it is none, or the last one.</param>
/// <param name="Path">Agents on whose behalf it is said; absent: nobody's.</param>
internal sealed record InboxEntryData(
    string ConversationId,
    long Number,
    string Kind,
    DateTimeOffset At,
    string? AgentId,
    string? MessageId,
    string? ContentType,
    RawJson? Content,
    string? ReplyTo,
    DateTimeOffset? ReplyBy,
    long? Letter,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] bool? More = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IReadOnlyList<string>? Path = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? RunId = null)
{
    public const string Example = """{"conversation_id":"0198c0de-0000-7000-8000-000000000001","number":3,"kind":"message","at":"2030-01-01T00:00:00.000000Z","agent_id":"agent-2","message_id":"0198c0de-0000-7000-8000-000000000002","content_type":"application/json","content":{"rate":7},"reply_to":null,"reply_by":null,"letter":null}""";

    public static readonly IReadOnlyList<string> Kinds = ["message", "opened", "invited", "joined", "left", "closed", "unanswered", "dead_letter"];

    /// <summary>Places of a list of entries that hold what others wrote.</summary>
    public static readonly IReadOnlyList<string> Untrusted = ["data.entries[].message_id", "data.entries[].content_type", "data.entries[].content", "data.entries[].reply_to"];

    public static InboxEntryData Of(Entry entry) => Of(entry, new InboxEntryData(entry.Conversation.Id, entry.Number, "", entry.At, null, null, null, null, null, null, null));

    private static InboxEntryData Of(Entry entry, InboxEntryData data) => entry.Happened switch
    {
        ConversationEvent.Said e => data with { Kind = "message", AgentId = e.From, MessageId = e.MessageId, ContentType = e.ContentType, Content = RawJson.Of(e.Content), ReplyTo = e.ReplyTo, ReplyBy = e.ReplyBy, More = e.More ? true : null, Path = e.Path, RunId = e.RunId },
        ConversationEvent.Opened e => data with { Kind = "opened", AgentId = e.Owner },
        ConversationEvent.Invited e => data with { Kind = "invited", AgentId = e.AgentId },
        ConversationEvent.Joined e => data with { Kind = "joined", AgentId = e.AgentId },
        ConversationEvent.Left e => data with { Kind = "left", AgentId = e.AgentId },
        ConversationEvent.Closed e => data with { Kind = "closed", AgentId = e.By },
        ConversationEvent.Unanswered e => data with { Kind = "unanswered", AgentId = e.From, MessageId = e.MessageId },
        ConversationEvent.Died e => data with { Kind = "dead_letter", AgentId = e.Letter.From, MessageId = e.Letter.MessageId, Letter = e.Letter.Number },
        _ => throw new System.Diagnostics.UnreachableException(),
    };
}

internal sealed record EntriesData(IReadOnlyList<InboxEntryData> Entries, string NextCursor)
{
    public static EntriesData Of(EntryPage page) => new([.. page.Entries.Select(InboxEntryData.Of)], page.Next.ToString());
}

internal sealed record MembershipData(string ConversationId, string Standing, DateTimeOffset UpdatedAt);

internal sealed record MembershipsData(IReadOnlyList<MembershipData> Conversations, long? TotalCount, string? TotalCountUnknown, int Offset, int Limit);
