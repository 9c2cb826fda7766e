using Agora.Core.Kernel;

namespace Agora.Core.Conversations;

/// <summary>Which conversations there are, and who is in which. A message writes no row here, since it is in the journal: messages are counted by the day.</summary>
public static class ConversationTables
{
    public static readonly Table Conversations = new("conversations", 2, "tenant", "conversation_id", "owner", "open", "members", "state", "created_at", "updated_at");

    /// <summary>By agent: its row says which entries it is told (<see cref="Member.Hears(long)"/>).</summary>
    public static readonly Table Members = new("conversation_members", 3, "tenant", "agent_id", "conversation_id", "standing", "invited", "from_number", "until_number", "updated_at");

    /// <summary>One row per conversation and UTC day on which something was counted, written when the day is over.</summary>
    public static readonly Table Days = new("conversation_days", 3, "tenant", "day", "conversation_id", "messages", "delivered", "dead") { IsWrittenOnce = true };

    public static IEnumerable<Row> Rows(ConversationState state, ConversationEvent happened, DateTimeOffset at) => happened switch
    {
        ConversationEvent.Opened => [Row(state, at), .. state.Members.Values.Select(member => Row(state, member, at))],
        ConversationEvent.Closed or ConversationEvent.Erased => [Row(state, at)],
        ConversationEvent.Invited e => [Row(state, at), Row(state, state.Members[e.AgentId], at)],
        ConversationEvent.Joined e => [Row(state, state.Members[e.AgentId], at)],
        ConversationEvent.Left e => [Row(state, state.Members[e.AgentId], at)],
        ConversationEvent.Subscribed e => [Row(state, state.Subscribers[e.AgentId], at)],
        ConversationEvent.Unsubscribed e => [Row(state, new Member(e.AgentId, Standings.Left, From: state.Last, Until: state.Last), at)],
        ConversationEvent.DayCounted { Count: var count } => [Days.Row(state.Stream.Tenant, count.Day, state.Stream.Id, count.Messages, count.Delivered, count.Dead)],
        _ => [],
    };

    private static Row Row(ConversationState state, DateTimeOffset at) => Conversations.Row(
        state.Stream.Tenant,
        state.Stream.Id,
        state.Owner,
        state.IsOpen ? 1L : 0L,
        (long)state.Members.Count,
        state.IsErased ? "erased" : state.ClosedAt is null ? "open" : "closed",
        state.CreatedAt.ToMicros(),
        at.ToMicros());

    private static Row Row(ConversationState state, Member member, DateTimeOffset at) =>
        Members.Row(state.Stream.Tenant, member.AgentId, state.Stream.Id, member.Standing, member.Invited, member.From, member.Until, at.ToMicros());
}
