using System.Diagnostics;
using Agora.Core.Kernel;
using Agora.Core.Scenarios;
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
            ChatCommand.GiveHint c => GiveHint(state, play, c),
            ChatCommand.FailHint c => play.Hints.Contains(c.Id) && !play.IsGiven(c.Id) ? Happened(new ChatEvent.HintFailed(c.Id)) : Happened(),
            ChatCommand.EndPlay => play is { Score: null, IsJudgedOut: true } ? Decided.Reject(NoJudge(play)) : state.IsOver ? Happened() : Happened(new ChatEvent.PlayEnded()),
            ChatCommand.AskJudge c => play.Asking?.Contains(c.RunId) == true ? Happened() : play.IsJudgedOut ? Decided.Reject(NoJudge(play)) : Happened(new ChatEvent.JudgeAsked(c.RunId)),
            ChatCommand.FailJudge c => play.Asking?.Contains(c.RunId) == true ? Happened(new ChatEvent.JudgeFailed(c.RunId)) : Happened(),
            ChatCommand.Judge c => play.Asking?.Contains(c.RunId) == true ? Happened(new ChatEvent.Judged(c.RunId)) : Happened(),
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
        if (play.Hints.Count >= play.Terms.Hints) return Decided.Reject(PlayRejection.NoHints);

        // What is asked for is paid: it has to have its place when it comes.
        return ChatDecider.Fits(state, ChatLimits.BytesLeast + ScenarioLimits.HintBytes) ? Happened(new ChatEvent.HintAsked(c.Id, state.Turns.Count)) : Decided.Reject(ChatRejection.TooLong);
    }

    /// <summary>Two may ask under one key: what one of them took back, for its call was refused, the other was let call for. It is paid, and counts again where there is room.</summary>
    private static Decided GiveHint(ChatState state, PlayState play, ChatCommand.GiveHint c)
    {
        if (play.IsGiven(c.Id)) return Happened();

        var given = new ChatEvent.HintGiven(c.Id, c.RunId, ChatDecider.BytesOf(c.Text)) { Text = c.Text };
        var isAsked = play.Hints.Contains(c.Id);
        var kept = isAsked ? -ScenarioLimits.HintBytes : ChatLimits.BytesLeast;
        if (!ChatDecider.Fits(state, given.Bytes + kept)) return Decided.Reject(ChatRejection.TooLong);
        if (isAsked) return Happened(given);

        return play.Hints.Count < play.Terms.Hints ? Happened(new ChatEvent.HintAsked(c.Id, state.Turns.Count), given) : Decided.Reject(PlayRejection.NoHints);
    }

    private static Rejection NoJudge(PlayState play) => play.Judged >= ScenarioLimits.Judgements ? PlayRejection.TooOften : PlayRejection.StillJudged;

    private static Decided Score(ChatState state, PlayState play, ChatCommand.Score c)
    {
        if (play.Score is not null) return Happened();
        if (c.Criteria.Count == 0 || !c.Criteria.All(static criterion => criterion.IsWithin)) return Decided.Reject(PlayRejection.NotInScale);

        var bytes = ChatDecider.BytesOf(c.Reasons);
        return ChatDecider.Fits(state, bytes) ? Happened(new ChatEvent.Scored(c.Id, c.Criteria, CriterionScore.PercentOf(c.Criteria), bytes) { Reasons = c.Reasons }) : Decided.Reject(ChatRejection.TooLong);
    }

    private static Decided Happened(params ChatEvent[] events) => Decided.Accept(Nothing.Value, events);
}
