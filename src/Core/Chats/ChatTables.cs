using System.Globalization;
using Agora.Core.Kernel;
using Agora.Core.Users;

namespace Agora.Core.Chats;

/// <summary>Which chats there are, and whose. What was said stands in the journal alone.</summary>
public static class ChatTables
{
    public static readonly Table Chats = new("chats", 3, "tenant", "user_id", "chat_id", "agent_id", "turns", "state", "created_at", "updated_at");

    /// <summary>Which turns people have said something of. What they said stands in the journal alone.</summary>
    public static readonly Table Feedback = new("chat_feedback", 3, "tenant", "user_id", "feedback_id", "agent_id", "chat_id", "turn", "thumb", "rated_at");

    public static IEnumerable<Row> Rows(ChatState state, ChatEvent happened, DateTimeOffset at) => happened switch
    {
        ChatEvent.Rated e => [Row(state, e, at)],
        _ when state.Play is { } play => PlayTables.Rows(state, play, happened, at),
        ChatEvent.Asked or ChatEvent.Imported or ChatEvent.Deleted => [Row(state, at)],
        _ => [],
    };

    public static string ThumbOf(int sign) => sign > 0 ? "up" : sign < 0 ? "down" : "none";

    private static Row Row(ChatState state, ChatEvent.Rated rated, DateTimeOffset at)
    {
        var chatId = OwnedIds.OwnOf(state.Stream.Id);
        return Feedback.Row(
            state.Stream.Tenant, OwnedIds.UserOf(state.Stream.Id), string.Create(CultureInfo.InvariantCulture, $"{chatId}.{rated.Number}"), state.AgentId!, chatId, (long)rated.Number, ThumbOf(rated.Thumb), at.ToMicros());
    }

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
