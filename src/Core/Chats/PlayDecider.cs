using System.Diagnostics;
using Agora.Core.Kernel;
using Decided = Agora.Core.Kernel.Decision<Agora.Core.Chats.ChatState, Agora.Core.Chats.ChatEvent>;

namespace Agora.Core.Chats;

/// <summary>
/// A chat that is a play.
/// <para>Rules. What is played is fixed when it begins. Its turns are one branch, and end behind so many, behind the words that end it, or where it is scored. A hint counts from the moment at which it is about to be paid, so there are never more
/// than there may be; one that came to nothing does not count. It has one score, the first; each call of the judge that was paid is named, whatever its answer was worth.</para>
/// </summary>
internal static class PlayDecider
{
    public static Decided Decide(ChatState state, ChatCommand.OfPlay command)
    {
        if (command is ChatCommand.BeginPlay begin) return Begin(state, begin);
        if (state.Play is not { } play || !ChatDecider.IsThere(state, command.AgentId)) return Decided.Reject(PlayRejection.NotFound);

        return command switch
        {
            ChatCommand.AskHint c => AskHint(state, play, c),
            ChatCommand.GiveHint c => play.Hints.Contains(c.Id) ? Kept(state, new ChatEvent.HintGiven(c.Id, c.RunId, ChatDecider.BytesOf(c.Text)) { Text = c.Text }) : Decided.Reject(PlayRejection.NoHints),
            ChatCommand.FailHint c => play.Hints.Contains(c.Id) ? Happened(new ChatEvent.HintFailed(c.Id)) : Happened(),
            ChatCommand.EndPlay => state.IsOver ? Happened() : Happened(new ChatEvent.PlayEnded()),
            ChatCommand.Judge c => Happened(new ChatEvent.Judged(c.RunId)),
            ChatCommand.Score c => Score(state, play, c),
            _ => throw new UnreachableException(command.GetType().Name),
        };
    }

    private static Decided Begin(ChatState state, ChatCommand.BeginPlay c)
    {
        if (state.AgentId is not null) return Decided.Reject(PlayRejection.NotFound);

        var bytes = ChatDecider.BytesOf(c.Definition);
        return ChatDecider.Fits(state, bytes) ? Happened(new ChatEvent.Begun(c.AgentId), new ChatEvent.PlayBegun(c.Terms, bytes) { Definition = c.Definition }) : Decided.Reject(ChatRejection.TooLong);
    }

    private static Decided AskHint(ChatState state, PlayState play, ChatCommand.AskHint c)
    {
        if (play.Hints.Contains(c.Id)) return Happened();
        if (state.IsOver) return Decided.Reject(PlayRejection.Over);

        return play.Hints.Count < play.Terms.Hints ? Happened(new ChatEvent.HintAsked(c.Id, state.Turns.Count)) : Decided.Reject(PlayRejection.NoHints);
    }

    private static Decided Score(ChatState state, PlayState play, ChatCommand.Score c)
    {
        if (play.Score is not null) return Happened();
        if (c.Criteria.Count == 0 || !c.Criteria.All(static criterion => criterion.IsWithin)) return Decided.Reject(PlayRejection.NotInScale);

        return Kept(state, new ChatEvent.Scored(c.Id, c.Criteria, CriterionScore.PercentOf(c.Criteria), ChatDecider.BytesOf(c.Reasons)) { Reasons = c.Reasons });
    }

    private static Decided Kept(ChatState state, ChatEvent happened)
    {
        var bytes = happened switch { ChatEvent.HintGiven e => e.Bytes, ChatEvent.Scored e => e.Bytes, _ => 0 };
        return ChatDecider.Fits(state, bytes) ? Happened(happened) : Decided.Reject(ChatRejection.TooLong);
    }

    private static Decided Happened(params ChatEvent[] events) => Decided.Accept(Nothing.Value, events);
}
