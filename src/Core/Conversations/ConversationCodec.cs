using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;
using Agora.Core.Access;
using Agora.Core.Kernel;

namespace Agora.Core.Conversations;

/// <summary>Stored names, for ever.</summary>
public static class ConversationCodec
{
    /// <summary>Most of what stands beside messages.</summary>
    public const string Acknowledged = "conversation.acknowledged";

    public static readonly UnionCodec<ConversationEvent> Events = new UnionCodec<ConversationEvent>()
        .Case<ConversationEvent.Opened>("conversation.opened", 1, e => e.Topic, (e, topic) => e with { Topic = topic })
        .Case<ConversationEvent.Said>("conversation.said", 1, e => e.Content, (e, content) => e with { Content = content }, ConversationJson.Default.Said)
        .Case<ConversationEvent.Invited>("conversation.invited")
        .Case<ConversationEvent.Blocked>("conversation.blocked")
        .Case<ConversationEvent.Unblocked>("conversation.unblocked")
        .Case<ConversationEvent.Joined>("conversation.joined")
        .Case<ConversationEvent.Subscribed>("conversation.subscribed")
        .Case<ConversationEvent.Unsubscribed>("conversation.unsubscribed")
        .Case<ConversationEvent.Left>("conversation.left")
        .Case<ConversationEvent.Acknowledged>(Acknowledged, hot: ConversationJson.Default.Acknowledged)
        .Case<ConversationEvent.Unanswered>("conversation.unanswered")
        .Case<ConversationEvent.Died>("conversation.message_died")
        .Case<ConversationEvent.Dropped>("conversation.letter_dropped")
        .Case<ConversationEvent.DayCounted>("conversation.day_counted")
        .Case<ConversationEvent.Closed>("conversation.closed")
        .Case<ConversationEvent.Erased>("conversation.erased");

    public static readonly UnionCodec<ConversationCommand> Commands = new UnionCodec<ConversationCommand>()
        .Case<ConversationCommand.Open>("conversation.open")
        .Case<ConversationCommand.Get>("conversation.get")
        .Case<ConversationCommand.Say>("conversation.say")
        .Case<ConversationCommand.Append>("conversation.append")
        .Case<ConversationCommand.GetRequest>("conversation.get_request")
        .Case<ConversationCommand.Join>("conversation.join")
        .Case<ConversationCommand.Invite>("conversation.invite")
        .Case<ConversationCommand.Block>("conversation.block")
        .Case<ConversationCommand.Unblock>("conversation.unblock")
        .Case<ConversationCommand.Leave>("conversation.leave")
        .Case<ConversationCommand.Close>("conversation.close")
        .Case<ConversationCommand.Acknowledge>("conversation.acknowledge")
        .Case<ConversationCommand.DeadLetters>("conversation.dead_letters")
        .Case<ConversationCommand.Drop>("conversation.drop_letter")
        .Case<ConversationCommand.Erase>("conversation.erase")
        .Case<ConversationCommand.Tick>("conversation.tick");

    public static byte[] Save(ConversationState s) => JsonSerializer.SerializeToUtf8Bytes(
        new Saved(
            s.Stream.ToString(), s.Owner, s.Topic, s.IsOpen, s.Limits, [.. s.Members.Values], [.. s.Subscribers.Values], s.Last, s.SaidToStrangers, s.IsAccepted,
            [.. s.Waiting.Values], [.. s.Sooner.Select(sooner => sooner.Number)], [.. s.Requests.Values], [.. s.Dead.Values], [.. s.Windows.Select(w => new SavedWindow(w.Key, w.Value))], s.CreatedAt, s.ClosedAt, s.IsErased,
            s.Blocks.IsEmpty ? null : s.Blocks, s.ContentType, s.Producers.IsEmpty ? null : [.. s.Producers.Values], s.Orders.IsEmpty ? null : [.. s.Orders.Select(order => new SavedOrder(order.Key, order.Value))], s.ClosedBy,
            s.Days.IsEmpty ? null : s.Days),
        StoredJson.Options);

    public static ConversationState Restore(ReadOnlyMemory<byte> saved)
    {
        var s = JsonSerializer.Deserialize<Saved>(saved.Span, StoredJson.Options)!;
        var waiting = s.Waiting.ToImmutableSortedDictionary(w => w.Number, w => w);
        return new ConversationState(StreamId.Parse(s.Stream))
        {
            Owner = s.Owner,
            Topic = s.Topic,
            IsOpen = s.IsOpen,
            Limits = s.Limits,
            Members = s.Members.ToImmutableSortedDictionary(m => m.AgentId, m => m, StringComparer.Ordinal),
            Subscribers = s.Subscribers.ToImmutableSortedDictionary(m => m.AgentId, m => m, StringComparer.Ordinal),
            Last = s.Last,
            SaidToStrangers = s.SaidToStrangers,
            IsAccepted = s.IsAccepted,
            Waiting = waiting,
            Sooner = [.. s.Sooner.Select(number => (waiting[number].ExpiresAt, number))],
            Requests = s.Requests.ToImmutableSortedDictionary(r => r.MessageId, r => r, StringComparer.Ordinal),
            Dead = s.Dead.ToImmutableSortedDictionary(d => d.Number, d => d),
            Windows = s.Windows.ToImmutableSortedDictionary(w => w.AgentId, w => w.Window, StringComparer.Ordinal),
            CreatedAt = s.CreatedAt,
            ClosedAt = s.ClosedAt,
            IsErased = s.IsErased,
            Blocks = [.. s.Blocks ?? []],
            ContentType = s.ContentType,
            Producers = (s.Producers ?? []).ToImmutableSortedDictionary(p => p.Key, p => p, StringComparer.Ordinal),
            Orders = (s.Orders ?? []).ToImmutableSortedDictionary(o => o.AgentId, o => o.Order, StringComparer.Ordinal),
            ClosedBy = s.ClosedBy,
            Days = [.. s.Days ?? []],
        };
    }

    private sealed record Saved(
        string Stream,
        string? Owner,
        Personal? Topic,
        bool IsOpen,
        ConversationLimits Limits,
        IReadOnlyList<Member> Members,
        IReadOnlyList<Member> Subscribers,
        long Last,
        int SaidToStrangers,
        bool IsAccepted,
        IReadOnlyList<Waiting> Waiting,
        IReadOnlyList<long> Sooner,
        IReadOnlyList<Request> Requests,
        IReadOnlyList<DeadLetter> Dead,
        IReadOnlyList<SavedWindow> Windows,
        DateTimeOffset CreatedAt,
        DateTimeOffset? ClosedAt,
        bool IsErased,
        IReadOnlyList<Block>? Blocks = null,
        string? ContentType = null,
        IReadOnlyList<Producer>? Producers = null,
        IReadOnlyList<SavedOrder>? Orders = null,
        Producer? ClosedBy = null,
        IReadOnlyList<DayCount>? Days = null);

    private sealed record SavedWindow(string AgentId, RateWindow Window);

    private sealed record SavedOrder(string AgentId, string Order);
}

/// <summary>Generated writers of what every message writes; the options are those of <see cref="StoredJson"/>, and a test holds that so are the bytes.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, IgnoreReadOnlyProperties = true, GenerationMode = JsonSourceGenerationMode.Serialization)]
[JsonSerializable(typeof(ConversationEvent.Said))]
[JsonSerializable(typeof(ConversationEvent.Acknowledged))]
internal sealed partial class ConversationJson : JsonSerializerContext;
