using Agora.Core.Kernel;
using Agora.Core.Users;

namespace Agora.Core.Chats;

/// <summary>Which chats there are, and whose. What was said stands in the journal alone.</summary>
public static class ChatTables
{
    public static readonly Table Chats = new("chats", 3, "tenant", "user_id", "chat_id", "agent_id", "turns", "state", "created_at", "updated_at");

    public static IEnumerable<Row> Rows(ChatState state, ChatEvent happened, DateTimeOffset at) => happened is ChatEvent.Asked or ChatEvent.Deleted ? [Row(state, at)] : [];

    private static Row Row(ChatState state, DateTimeOffset at) => Chats.Row(
        state.Stream.Tenant,
        OwnedIds.UserOf(state.Stream.Id),
        OwnedIds.OwnOf(state.Stream.Id),
        state.AgentId!,
        (long)state.Turns.Count,
        state.IsDeleted ? "deleted" : "open",
        state.CreatedAt.ToMicros(),
        at.ToMicros());
}
