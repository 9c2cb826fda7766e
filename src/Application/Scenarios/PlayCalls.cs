using System.Text;
using Agora.Application.Calls;
using Agora.Application.Chats;
using Agora.Application.Models;
using Agora.Application.Reading;
using Agora.Contracts;
using Agora.Core.Chats;
using Agora.Core.Kernel;
using Agora.Core.Runs;
using Agora.Core.Scenarios;
using Agora.Core.Sessions;
using Agora.Models;

namespace Agora.Application.Scenarios;

/// <summary>
/// What a coach and a judge are asked, and what comes of it. Each call is held, paid and refused as a call of the session's, under the request's key: a repeat pays nothing a second time. What was paid is named in the play, or in the refusal.
/// </summary>
internal sealed class PlayCalls(IEntities entities, ChatBooks books, KeptReplies kept, ReplyProgress progress, ChatReplies said, ModelCalls calls, IJournalReader journal)
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
    private static readonly Rejection UsedElsewhere = new(Codes.IdempotencyConflict, "This key was used for another play: another key is wanted for this one.");
    private static readonly Rejection NotYet = new(Codes.Unavailable, "The partner still replies: the play is scored when that is over.", RetryAfterSeconds: 2, Retry: true);
    private static readonly Rejection NothingSaid = new(Codes.NotEligible, "Nothing was said in the play yet: there is nothing to score.");

    /// <returns>Why there is none; null: it stands in the play.</returns>
    public async Task<Rejection?> Hint(ModelCaller call, SessionView session, ChatBook book, ScenarioDefinition played)
    {
        var (chat, id) = (entities.In(call.Tenant).Chat(book.Stream.Id), call.Context.CommandId);
        if (await IsElsewheres(call, HintNumber, async () => (await books.Find(call, session, book.ChatId))?.Play?.Asked.Contains(id) != false))
        {
            return UsedElsewhere;
        }

        using var place = calls.Place(call);
        if (place is null) return ModelCalls.TooMany;
        if ((await chat.Send(new ChatCommand.AskHint(book.AgentId, id), call.Fresh())).Rejection is { } none) return none;

        var items = PlayPrompts.Coach(played, await Turns(call, session, book, place, ScenarioLimits.WindowLength));
        var asked = new ModelRequest(played.Models.Coach ?? played.Models.Partner, items) { MaxOutputTokens = ScenarioLimits.HintTokens, ContextBytes = Counted(place, items) };
        var answer = await calls.Ask(call, place, asked, HintNumber);
        if (TextOf(answer) is { Length: > 0 } text)
        {
            return (await chat.Send(new ChatCommand.GiveHint(book.AgentId, id, answer.RunId!.Value, Personal.Of(Excerpt.Of(text, ScenarioLimits.HintLength))), call.Fresh())).Rejection is { } why ? PaidRuns.Named(why, [answer.RunId.Value]) : null;
        }

        // The same key at once, or once more after its process was gone: its hint is another's to give, or was paid. Where it came to nothing before, asking again counts no more than that did.
        if (answer.Refused is not { Code: Codes.IdempotencyInFlight or Codes.IdempotencyConflict } || (answer.MadeBefore is not null && book.Play!.Hints.All(hint => hint.Id != id)))
        {
            await chat.Send(new ChatCommand.FailHint(book.AgentId, id), call.Fresh());
        }

        if (answer.MadeBefore is not { } made) return PaidRuns.Named(answer.Refused ?? NoHint, answer.RunId is { } run ? [run] : []);
        if ((await books.Find(call, session, book.ChatId))?.Play?.Hints.Any(hint => hint.Id == id && hint.RunId is not null) == true) return null;
        if (await progress.IsBeingKept(call, made)) return SessionRejection.CallInFlight;

        // Whoever was to keep it is gone: it came to nothing, and does not count.
        await chat.Send(new ChatCommand.FailHint(book.AgentId, id), call.Fresh());
        return PaidRuns.Named(answer.Refused!, [made]);
    }

    /// <returns>Why there is none; null: it stands in the play.</returns>
    public async Task<Rejection?> Score(ModelCaller call, SessionView session, ChatBook book, ScenarioDefinition played)
    {
        var chat = entities.In(call.Tenant).Chat(book.Stream.Id);
        if (book.Turns.Count == 0) return NothingSaid;
        if (await said.IsUnderWay(call, session, book.Turns[^1])) return NotYet;
        if (!book.IsOver && await IsElsewheres(call, ScoreNumber, async () => (await books.Find(call, session, book.ChatId))?.IsOver != false))
        {
            return UsedElsewhere;
        }

        using var place = calls.Place(call);
        if (place is null) return ModelCalls.TooMany;

        book = await Settle(call, chat, book) ? await books.Find(call, session, book.ChatId) ?? book : book;
        if ((await chat.Send(new ChatCommand.EndPlay(book.AgentId), call.Fresh())).Rejection is { } none)
        {
            return PaidRuns.Named(none, none.Code == PlayRejection.TooOften.Code ? book.Play!.Judged : []);
        }

        // Something may have been said between the look and the end: what is judged is all there is.
        book = await books.Find(call, session, book.ChatId) ?? book;
        if (await said.IsUnderWay(call, session, book.Turns[^1])) return NotYet;

        var (schema, runs) = (Rubrics.Wanted(played), new List<Guid>());
        var items = PlayPrompts.Judge(played, await Turns(call, session, book, place, ScenarioLimits.Turns * 2 * ScenarioLimits.SaidLength), schema);
        for (var n = 0; n < Judgements; n++)
        {
            var asked = new List<Guid>();
            var request = new ModelRequest(played.Models.Judge ?? played.Models.Partner, items) { MaxOutputTokens = ScenarioLimits.ScoreTokens, ContextBytes = Counted(place, items), Format = new OutputFormat.ByJsonSchema("score", schema, Strict: true, Description: null) };
            var answer = await calls.Ask(call, place, request, ScoreNumber + (n * Apart), judging => Noted(judging, asked));
            if (answer.MadeBefore is { } made) return await JudgedBefore(call, session, book, made, answer.Refused!);
            if (answer.RunId is { } run)
            {
                runs.Add(run);
                await chat.Send(new ChatCommand.Judge(book.AgentId, run), call.Fresh());
            }

            // Of models that did nothing another has answered, or none.
            foreach (var nothing in asked.Except(runs)) await chat.Send(new ChatCommand.FailJudge(book.AgentId, nothing), call.Fresh());

            // What was paid under this key is not asked for under it again.
            if (answer.Refused is { } refused)
            {
                return PaidRuns.Named(runs.Count == 0 || !refused.Retry ? refused : refused with { RetryWith = RetryWith.NewKey }, runs);
            }

            var text = TextOf(answer) ?? "";
            var (scores, reasons, wrong) = Rubrics.Read(played, book.Turns.Count, text);
            if (wrong.Count == 0)
            {
                return (await chat.Send(new ChatCommand.Score(book.AgentId, call.Context.CommandId, scores, Personal.Of(reasons)), call.Fresh())).Rejection is { } why ? PaidRuns.Named(why, runs) : null;
            }

            items = PlayPrompts.Again(items, text, wrong);
        }

        return PaidRuns.Named(NoScore, runs);

        async Task<Rejection?> Noted(Guid run, List<Guid> asked)
        {
            asked.Add(run);
            return (await chat.Send(new ChatCommand.AskJudge(book.AgentId, run), call.Fresh())).Rejection;
        }
    }

    /// <summary>A call of the judge whose process was gone before it could say what came of it counts no more where nothing was paid, and as paid where something was.</summary>
    /// <returns>Something is as it was not before.</returns>
    private async Task<bool> Settle(ModelCaller call, EntityRef<ChatCommand> chat, ChatBook book)
    {
        var isSettled = false;
        foreach (var run in book.Play!.Asking)
        {
            if ((await journal.Recorded(call.Tenant, run, CancellationToken.None))?.End is not RunEvent.Concluded { Posted: var isPaid }) continue;

            await chat.Send(isPaid ? new ChatCommand.Judge(book.AgentId, run) : new ChatCommand.FailJudge(book.AgentId, run), call.Fresh());
            isSettled = true;
        }

        return isSettled;
    }

    /// <summary>Another was let ask the judge under this key: its score is there, or it is at it, or it has found that there is none.</summary>
    private async Task<Rejection?> JudgedBefore(ModelCaller call, SessionView session, ChatBook book, Guid made, Rejection refused)
    {
        if ((await books.Find(call, session, book.ChatId))?.Play is not { Score: null } play) return null;

        var isAtIt = await progress.IsBeingKept(call, made);
        foreach (var last in Enumerable.Range(ScoreNumber + ((Judgements - 1) * Apart), ModelCalls.PlacesLookedFor).Select(n => call.ContextOf(n).CommandId))
        {
            if (play.Judged.Contains(last)) return PaidRuns.Named(refused, [made, last]);

            isAtIt |= await OpenCalls.IsUnderWay(entities, call, call.SessionId, last) || await progress.IsBeingKept(call, last);
        }

        return isAtIt ? SessionRejection.CallInFlight : PaidRuns.Named(refused, [made]);
    }

    private static string? TextOf(InnerAnswer answer) => answer.Reply is { Fault: null } reply ? ReplyTexts.Of(reply).Trim() : null;

    /// <summary>The key's call was asked for, and not by this play, which writes that it asks before it does: so nothing is done here, and nothing is used up.</summary>
    private async Task<bool> IsElsewheres(ModelCaller call, int number, Func<Task<bool>> isOwn) => await journal.Recorded(call.Tenant, call.ContextOf(number).CommandId, CancellationToken.None) is not null && !await isOwn();

    /// <summary>The newest, as many as fit, in order; of each reply its beginning, so that a partner who talks on and on makes no play that nobody can read.</summary>
    /// <param name="place">It grows by what is read.</param>
    /// <param name="most">Characters.</param>
    private async Task<IReadOnlyList<PlayedTurn>> Turns(ModelCaller call, SessionView session, ChatBook book, CallPlaces.Place place, int most)
    {
        var (turns, length) = (new List<PlayedTurn>(), 0);
        foreach (var turn in book.Turns.Reverse())
        {
            var (person, partner) = (turn.Words?.Text ?? "", Excerpt.Marked(await turn.ReplyText(kept, call, session) ?? "", ScenarioLimits.SaidLength));
            length += person.Length + partner.Length;
            var bytes = Encoding.UTF8.GetByteCount(person) + Encoding.UTF8.GetByteCount(partner);
            if (length > most || !place.Grow(bytes)) break;

            turns.Add(new(turn.Number, person, partner));
        }

        turns.Reverse();
        return turns;
    }

    /// <summary>What a model is told, of the memory: nobody sent it with the request.</summary>
    private static long Counted(CallPlaces.Place place, IReadOnlyList<Item> items)
    {
        var bytes = PlayPrompts.BytesOf(items);
        place.Grow(bytes);
        return bytes;
    }
}
