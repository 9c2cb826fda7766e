using System.Diagnostics;
using Agora.Core.Kernel;
using Decided = Agora.Core.Kernel.Decision<Agora.Core.Chats.ChatState, Agora.Core.Chats.ChatEvent>;

namespace Agora.Core.Chats;

/// <summary>
/// A chat.
/// <para>Rules. It is begun by the first that is said in it, and is that agent's and its user's from then on. A turn follows another of the same chat, or none: so whoever says something anew makes a branch, and nothing is overwritten.
/// The same id is one turn, however often it is asked for. What a turn says, and which run replies, is durable before its model is called.</para>
/// </summary>
public static class ChatDecider
{
    public static Decided Decide(ChatState state, ChatCommand command, Context context) => command switch
    {
        ChatCommand.Tick => Decided.Accept(Nothing.Value),
        ChatCommand.Ask c => Ask(state, c, context),
        ChatCommand.Reply c => Reply(state, c, context),
        ChatCommand.Get c => IsThere(state, c.AgentId) ? Decided.Query(state.View) : Decided.Reject(ChatRejection.NotFound),
        ChatCommand.Delete c => IsThere(state, c.AgentId) ? Happened(state, context, new ChatEvent.Deleted()) : Decided.Reject(ChatRejection.NotFound),
        _ => throw new UnreachableException(command.GetType().Name),
    };

    public static LateAnswer? Recall(ChatEvent happened, Guid commandId) => null; // each is told by the state: what was done once changes nothing again

    private static bool IsThere(ChatState state, string agentId) => state is { IsDeleted: false, AgentId: { } own } && own == agentId;

    private static Decided Ask(ChatState state, ChatCommand.Ask c, Context context)
    {
        if (state.AgentId is not null && !IsThere(state, c.AgentId)) return Decided.Reject(ChatRejection.NotFound);
        if (state.Turns.Any(turn => turn.Id == c.Id)) return Decided.Accept(state.View);
        if (state.Turns.Count >= ChatLimits.Turns) return Decided.Reject(ChatRejection.Full);

        var repeated = c.Repeats is { } number ? Find(state, number) : null;
        var after = c.Repeats is null ? c.After ?? state.Turns.Count : repeated?.After;
        if (after is not { } follows || (follows != 0 && Find(state, follows) is null)) return Decided.Reject(ChatRejection.NoTurn);

        var asked = new ChatEvent.Asked(state.Turns.Count + 1, c.Id, follows, c.SessionId, c.Model, repeated?.Repeats ?? repeated?.Number) { Content = c.Content };
        return state.AgentId is null ? Happened(state, context, new ChatEvent.Begun(c.AgentId), asked) : Happened(state, context, asked);
    }

    private static Decided Reply(ChatState state, ChatCommand.Reply c, Context context) =>
        !IsThere(state, c.AgentId) ? Decided.Reject(ChatRejection.NotFound)
        : Find(state, c.Number) is not { } turn ? Decided.Reject(ChatRejection.NoTurn)
        : turn.RunId == c.RunId ? Decided.Accept(state.View)
        : Happened(state, context, new ChatEvent.Replying(c.Number, c.RunId));

    private static ChatTurn? Find(ChatState state, int number) => number >= 1 && number <= state.Turns.Count ? state.Turns[number - 1] : null;

    private static Decided Happened(ChatState state, Context context, params ReadOnlySpan<ChatEvent> events)
    {
        foreach (var happened in events)
        {
            state = state.Evolve(happened, context.Now);
        }

        return Decided.Accept(state.View, events);
    }
}
