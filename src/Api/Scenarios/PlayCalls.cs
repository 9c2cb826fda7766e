using System.Text.Json;
using Agora.Api.Chats;
using Agora.Api.Http;
using Agora.Api.Models;
using Agora.Contracts;
using Agora.Core.Chats;
using Agora.Core.Kernel;
using Agora.Core.Scenarios;
using Agora.Core.Sessions;
using Agora.Models;

namespace Agora.Api.Scenarios;

/// <summary>
/// What a coach and a judge are asked, and what comes of it. Each call is held, paid and refused as a call of the session's, under the request's key: a repeat pays nothing a second time. What was paid is named in the play, or in the refusal.
/// </summary>
internal sealed class PlayCalls(IEntities entities, ChatBooks books, KeptReplies kept, ModelReplies replies, ModelCalls calls)
{
    /// <summary>Behind all tries of a turn's own call and its summary.</summary>
    private const int HintNumber = 3_100;
    private const int ScoreNumber = 3_200;

    /// <summary>From one call of the judge to the next: models that may answer each are fewer.</summary>
    private const int Apart = 100;

    /// <summary>The judge is told once what was wrong with its answer.</summary>
    private const int Judgements = 2;

    private static readonly Rejection NoHint = new(Codes.UpstreamFailed, "The coach's answer is empty.");
    private static readonly Rejection NoScore = new(Codes.UpstreamFailed, "The judge's answer is not in the form of the rubric, not even when it was told what is wrong. The play can be scored again, with another key.");
    private static readonly Rejection TooOften = new Rejection(Codes.NotEligible, "The play was judged as often as one may be, and no answer was in the form of the rubric.").AtMost("judgements", ScenarioLimits.Judgements);
    private static readonly Rejection NotYet = new(Codes.Unavailable, "The partner still replies: the play is scored when that is over.", RetryAfterSeconds: 2, Retry: true);
    private static readonly Rejection NothingSaid = new(Codes.NotEligible, "Nothing was said in the play yet: there is nothing to score.");

    /// <returns>Why there is none; null: it stands in the play.</returns>
    public async Task<Rejection?> Hint(AgentCall call, SessionView session, ChatBook book, ScenarioDefinition played)
    {
        var (chat, id) = (entities.In(call.Tenant).Chat(book.Stream.Id), call.Context.CommandId);
        if ((await chat.Send(new ChatCommand.AskHint(book.AgentId, id), call.Fresh())).Rejection is { } none) return none;

        var items = PlayPrompts.Coach(played, await Turns(call, session, book));
        var asked = new ModelRequest(played.Models.Coach ?? played.Models.Partner, items) { MaxOutputTokens = ScenarioLimits.HintTokens, ContextBytes = PlayPrompts.BytesOf(items) };
        var answer = await calls.Ask(call, asked, HintNumber);
        if (TextOf(answer) is { Length: > 0 } text)
        {
            return (await chat.Send(new ChatCommand.GiveHint(book.AgentId, id, answer.RunId!.Value, Personal.Of(Cut(text))), call.Fresh())).Rejection;
        }

        // The same key at once, or once more after its process was gone: its hint is another's to give, or was paid.
        if (answer.Refused is not { Code: Codes.IdempotencyInFlight or Codes.IdempotencyConflict })
        {
            await chat.Send(new ChatCommand.FailHint(book.AgentId, id), call.Fresh());
        }

        return answer.Refused ?? Paid(NoHint, [answer.RunId!.Value]);
    }

    /// <returns>Why there is none; null: it stands in the play.</returns>
    public async Task<Rejection?> Score(AgentCall call, SessionView session, ChatBook book, ScenarioDefinition played)
    {
        var chat = entities.In(call.Tenant).Chat(book.Stream.Id);
        if (book.Turns.Count == 0) return NothingSaid;
        if (book.Play!.Judged.Count >= ScenarioLimits.Judgements) return TooOften;
        if (await IsReplying(call, session, book)) return NotYet;
        if ((await chat.Send(new ChatCommand.EndPlay(book.AgentId), call.Fresh())).Rejection is { } none) return none;

        // Something may have been said between the look and the end: what is judged is all there is.
        book = await books.Find(call, session, book.ChatId) ?? book;
        if (await IsReplying(call, session, book)) return NotYet;

        var (schema, runs) = (Rubrics.Wanted(played), new List<Guid>());
        var items = PlayPrompts.Judge(played, await Turns(call, session, book), schema);
        for (var n = 0; n < Judgements; n++)
        {
            var asked = new ModelRequest(played.Models.Judge ?? played.Models.Partner, items) { MaxOutputTokens = ScenarioLimits.ScoreTokens, ContextBytes = PlayPrompts.BytesOf(items), Format = new OutputFormat.ByJsonSchema("score", schema, Strict: true, Description: null) };
            var answer = await calls.Ask(call, asked, ScoreNumber + (n * Apart));
            if (answer.RunId is not { } run) return runs.Count == 0 ? answer.Refused : Paid(answer.Refused!, runs);

            runs.Add(run);
            await chat.Send(new ChatCommand.Judge(book.AgentId, run), call.Fresh());
            var text = TextOf(answer) ?? "";
            var (scores, reasons, wrong) = Rubrics.Read(played, book.Turns.Count, text);
            if (wrong.Count == 0)
            {
                return (await chat.Send(new ChatCommand.Score(book.AgentId, call.Context.CommandId, scores, Personal.Of(reasons)), call.Fresh())).Rejection;
            }

            items = PlayPrompts.Again(items, text, wrong);
        }

        return Paid(NoScore, runs);
    }

    /// <summary>Also of a process that is gone: its reply ends where somebody looks.</summary>
    private async Task<bool> IsReplying(AgentCall call, SessionView session, ChatBook book) => await replies.Settled(call, session, book.Turns[^1].Reply.RunId) is { Ended: null };

    private static string? TextOf(InnerAnswer answer) => answer.Reply is { Fault: null } reply ? ReplyTexts.Of(reply).Trim() : null;

    private static string Cut(string text) => text.Length <= ScenarioLimits.HintLength ? text : text[..(char.IsHighSurrogate(text[ScenarioLimits.HintLength - 1]) ? ScenarioLimits.HintLength - 1 : ScenarioLimits.HintLength)];

    private static Rejection Paid(Rejection why, IReadOnlyList<Guid> runs) => why.WithRaw("run_ids", JsonSerializer.Serialize(runs, StoredJson.Options));

    private async Task<IReadOnlyList<PlayedTurn>> Turns(AgentCall call, SessionView session, ChatBook book)
    {
        var turns = new List<PlayedTurn>();
        foreach (var turn in book.Turns)
        {
            turns.Add(new(turn.Number, turn.Words?.Text ?? "", await turn.ReplyText(kept, call, session) ?? ""));
        }

        return turns;
    }
}
