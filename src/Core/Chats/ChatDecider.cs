using System.Diagnostics;
using Agora.Core.Kernel;
using Decided = Agora.Core.Kernel.Decision<Agora.Core.Chats.ChatState, Agora.Core.Chats.ChatEvent>;

namespace Agora.Core.Chats;

/// <summary>
/// A chat.
/// <para>Rules. It is begun by the first that is said in it, and is that agent's and its user's from then on. A turn follows another of the same chat, or none: so whoever says something anew makes a branch, and nothing is overwritten.
/// The same id is one turn, however often it is asked for. What a turn says, and which run replies, is durable before its model is called: a reply that is paid always has its place.</para>
/// </summary>
public static class ChatDecider
{
    public static Decided Decide(ChatState state, ChatCommand command, Context context) => command switch
    {
        ChatCommand.Tick => Decided.Accept(Nothing.Value),
        ChatCommand.Ask c => Ask(state, c),
        ChatCommand.Import c => Import(state, c),
        ChatCommand.ReplyAnew c => InTurn(state, c.AgentId, c.Number, turn => turn.RunId == c.Reply.RunId ? null : new ChatEvent.RepliedAnew(c.Number, c.Reply)),
        ChatCommand.Summarize c => InTurn(state, c.AgentId, c.UpTo, _ => state.Summaries.Contains(c.UpTo) ? null : new ChatEvent.Summarized(c.UpTo, c.RunId, BytesOf(c.Text)) { Text = c.Text }),
        ChatCommand.Rate c => InTurn(state, c.AgentId, c.Number, _ => new ChatEvent.Rated(c.Number, c.Thumb, BytesOf(c.Content)) { Content = c.Content }),
        ChatCommand.Get c => IsThere(state, c.AgentId) ? Decided.Query(state.View) : Decided.Reject(ChatRejection.NotFound),
        ChatCommand.Delete c => IsThere(state, c.AgentId) ? Decided.Accept(Nothing.Value, new ChatEvent.Deleted()) : Decided.Reject(ChatRejection.NotFound),
        ChatCommand.OfPlay c => PlayDecider.Decide(state, c),
        _ => throw new UnreachableException(command.GetType().Name),
    };

    public static LateAnswer? Recall(ChatEvent happened, Guid commandId) => happened switch
    {
        ChatEvent.Asked e => new(commandId, Answer.Of(new ChatTurnKept(e.Number))),
        ChatEvent.Imported e => new(commandId, Answer.Of(new ChatTurnKept(e.Last))),
        ChatEvent.RepliedAnew e => new(commandId, Answer.Of(new ChatTurnKept(e.Number))),
        ChatEvent.Summarized e => new(commandId, Answer.Of(new ChatTurnKept(e.UpTo))),
        ChatEvent.Rated e => new(commandId, Answer.Of(new ChatTurnKept(e.Number))),
        ChatEvent.Deleted => new(commandId, Answer.Of(Nothing.Value)),
        ChatEvent.PlayBegun or ChatEvent.HintAsked or ChatEvent.HintGiven or ChatEvent.HintFailed or ChatEvent.PlayEnded or ChatEvent.JudgeAsked or ChatEvent.JudgeFailed or ChatEvent.Judged or ChatEvent.Scored => new(commandId, Answer.Of(Nothing.Value)),
        ChatEvent.Begun => null,
        _ => throw new UnreachableException(happened.GetType().Name),
    };

    internal static bool IsThere(ChatState state, string agentId) => state is { IsDeleted: false, AgentId: { } own } && own == agentId;

    private static Decided Ask(ChatState state, ChatCommand.Ask c)
    {
        if (state.AgentId is not null && !IsThere(state, c.AgentId)) return Decided.Reject(ChatRejection.NotFound);
        if (state.Turns.Find(turn => turn.Id == c.Id) is { } said) return Decided.Accept(new ChatTurnKept(said.Number));
        if (state.IsOver) return Decided.Reject(PlayRejection.Over);
        if (state.Play is not null && (c.Repeats is not null || c.After != state.Turns.Count)) return Decided.Reject(PlayRejection.OneBranch);
        if (state.Turns.Count >= ChatLimits.Turns) return Decided.Reject(ChatRejection.Full);

        var repeated = c.Repeats is { } number ? ChatTree.Turn(state.Turns, number) : null;
        if (c.Repeats is not null && repeated is null) return Decided.Reject(ChatRejection.NoTurn);

        var follows = repeated?.After ?? c.After;
        if (follows != 0 && ChatTree.Turn(state.Turns, follows) is null) return Decided.Reject(ChatRejection.NoTurn);

        var asked = new ChatEvent.Asked(state.Turns.Count + 1, c.Id, follows, c.SessionId, c.Model, c.Reply, BytesOf(c.Content), repeated?.Repeats ?? repeated?.Number, c.Asked, c.Ends && state.Play is not null) { Content = repeated is null ? c.Content : null };
        if (!Fits(state, asked.Bytes)) return Decided.Reject(ChatRejection.TooLong);

        var kept = new ChatTurnKept(asked.Number);
        return state.AgentId is null ? Decided.Accept(kept, new ChatEvent.Begun(c.AgentId), asked) : Decided.Accept(kept, asked);
    }

    private static Decided Import(ChatState state, ChatCommand.Import c)
    {
        if (state.AgentId is not null && !IsThere(state, c.AgentId)) return Decided.Reject(ChatRejection.NotFound);
        if (state.Turns.Count != c.Known) return Decided.Reject(ChatRejection.Moved);
        if (c.After != 0 && ChatTree.Turn(state.Turns, c.After) is null) return Decided.Reject(ChatRejection.NoTurn);
        if (state.Turns.Count + c.Turns.Count > ChatLimits.Turns) return Decided.Reject(ChatRejection.Full);

        var imported = new ChatEvent.Imported(c.Known + 1, c.After, null, c.Model, Math.Max(c.Content.Utf8.Length, ChatLimits.BytesLeast * c.Turns.Count), c.Turns) { Content = c.Content };
        if (!Fits(state, imported.Bytes)) return Decided.Reject(ChatRejection.TooLong);

        var kept = new ChatTurnKept(imported.Last);
        return state.AgentId is null ? Decided.Accept(kept, new ChatEvent.Begun(c.AgentId), imported) : Decided.Accept(kept, imported);
    }

    /// <param name="happens">Null: it is so already.</param>
    private static Decided InTurn(ChatState state, string agentId, int number, Func<ChatTurn, ChatEvent?> happens) =>
        !IsThere(state, agentId) ? Decided.Reject(ChatRejection.NotFound)
        : ChatTree.Turn(state.Turns, number) is not { } turn ? Decided.Reject(ChatRejection.NoTurn)
        : happens(turn) is { } happened ? Fits(state, happened) ? Decided.Accept(new ChatTurnKept(number), happened) : Decided.Reject(ChatRejection.TooLong)
        : Decided.Accept(new ChatTurnKept(number));

    private static bool Fits(ChatState state, ChatEvent happened) => Fits(state, ChatState.BytesOf(happened));

    internal static bool Fits(ChatState state, int bytes) => state.Bytes + (state.Play?.KeptForHints ?? 0) + bytes <= ChatLimits.Bytes;

    internal static int BytesOf(Personal? content) => Math.Max(content?.Utf8.Length ?? 0, ChatLimits.BytesLeast);
}
