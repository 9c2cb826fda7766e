using Agora.Application.Calls;
using Agora.Application.Models;
using Agora.Application.Reading;
using Agora.Core.Chats;
using Agora.Core.Kernel;
using Agora.Core.Responses;
using Agora.Core.Runs;
using Agora.Core.Sessions;
using Agora.Models;

namespace Agora.Application.Chats;

/// <summary>Replies of turns, as they stand and as they come. Whatever process makes one, it is followed from the journal.</summary>
internal sealed class ChatReplies(ChatBooks books, KeptReplies kept, ReplyProgress progress, IJournalReader journal, TimeProvider time)
{
    /// <summary>Of a turn whose reply was not begun yet.</summary>
    private static readonly TimeSpan LookAgain = TimeSpan.FromMilliseconds(50);

    /// <summary>As it stands.</summary>
    public async Task<ReplyNow> Of(ModelCaller call, SessionView session, ChatBook book, SaidTurn turn)
    {
        if (turn.Elsewhere is { } elsewhere) return ReplyNow.Imported(turn.Reply.Model, elsewhere.Reply);

        var reply = await progress.Settled(call, session, turn.Reply.RunId);
        var deleted = reply is null ? await kept.Deleted(call, session, turn.Reply.RunId) : null;
        return Of(turn.Reply, await Summary(call, book, turn.Reply), reply, deleted, reply is { Ended: null } ? null : await journal.Recorded(call.Tenant, turn.Reply.RunId, CancellationToken.None));
    }

    /// <summary>
    /// Somebody makes it: whoever goes on from it would have a model read the half of it as the whole. Of a process that is gone its reply ends where somebody looks; and a turn is there a moment before its reply is begun.
    /// </summary>
    public async Task<bool> IsUnderWay(ModelCaller call, SessionView session, SaidTurn turn) => turn.Elsewhere is null && (await progress.Settled(call, session, turn.Reply.RunId) is { } reply
        ? reply.Ended is null : call.Now < turn.At + Limits.ModelCallAtMost && (await journal.Recorded(call.Tenant, turn.Reply.RunId, CancellationToken.None))?.End is not RunEvent.Concluded);

    /// <summary>Of a chat that was deleted meanwhile as if it was stopped: nothing else is told of it.</summary>
    /// <param name="asked">The last that was to reply.</param>
    public async Task<ReplyNow> Ended(ModelCaller call, SessionView session, Guid chatId, int number, ChatReply asked) =>
        await books.Find(call, session, chatId) is { } book && book.Turn(number) is { } turn ? await Of(call, session, book, turn)
            : Of(asked, summary: null, kept: null, new ResponseEvent.Ended(Codes.RunCancelled), await journal.Recorded(call.Tenant, asked.RunId, CancellationToken.None));

    private async Task<ChatTold> Over(ModelCaller call, SessionView session, SaidTurn turn, ReplyNow ended) =>
        new ChatTold.Over(ended, IsShorter: ended.Text is null && await kept.Deleted(call, session, turn.Reply.RunId) is not null);

    /// <summary>What a reply's model read in place of earlier turns, and what that cost.</summary>
    private async Task<SummaryRead?> Summary(ModelCaller call, ChatBook book, ChatReply reply)
    {
        if (reply.Summary is not { } upTo || book.Summaries.GetValueOrDefault(upTo) is not { } summary) return null;

        var run = await journal.Recorded(call.Tenant, summary.RunId, CancellationToken.None);
        return new(upTo, summary.RunId, CostOf(run?.End as RunEvent.Concluded));
    }

    /// <summary>Of these runs, those that were paid, or may have been.</summary>
    public async Task<IReadOnlyList<Guid>> Paid(ModelCaller call, IReadOnlyList<Guid> runs)
    {
        var paid = new List<Guid>();
        foreach (var run in runs)
        {
            if (await journal.Recorded(call.Tenant, run, CancellationToken.None) is { End: not RunEvent.Concluded { Posted: false } })
            {
                paid.Add(run);
            }
        }

        return paid;
    }

    /// <returns>Micros. Null if the run is not over.</returns>
    public static long? CostOf(RunEvent.Concluded? ended) => ended is null ? null : ended.Posted ? ended.AmountMicros : 0;

    /// <summary>Everything that is told of a turn, from its beginning on; it ends with its reply, or with whoever follows it.</summary>
    public async IAsyncEnumerable<ChatTold> Follow(ModelCaller call, SessionView session, Guid chatId, SaidTurn asked)
    {
        var (number, told, followed, last) = (asked.Number, 0, (Guid?)null, asked.Reply);
        yield return new ChatTold.Began(chatId, number, asked.Words?.Sentiment?.Label);
        while (!call.Cancel.IsCancellationRequested && (await books.Find(call, session, chatId))?.Turn(number) is { } turn)
        {
            if (turn.Elsewhere is { } elsewhere)
            {
                yield return new ChatTold.Said([new ModelEvent.TextAdded(0, elsewhere.Reply ?? "")]);
                yield return new ChatTold.Over(ReplyNow.Imported(turn.Reply.Model, elsewhere.Reply));
                yield break;
            }

            last = turn.Reply;
            for (; told < turn.Replies.Count; told++)
            {
                yield return new ChatTold.Replying(turn.Replies[told]);
            }

            // One that another has followed said nothing.
            if (followed == turn.Reply.RunId)
            {
                yield return await Over(call, session, turn, await Ended(call, session, chatId, number, last));
                yield break;
            }

            if (await kept.Find(call, session, turn.Reply.RunId) is not { } reply)
            {
                if (await Ended(call, session, chatId, number, last) is { State: not ReplyState.UnderWay } over)
                {
                    yield return await Over(call, session, turn, over);
                    yield break;
                }

                yield return new ChatTold.Said([]);
                await Task.Delay(LookAgain, time);
                continue;
            }

            followed = turn.Reply.RunId;
            await foreach (var said in kept.Follow(call, reply, () => progress.Of(call, reply)))
            {
                yield return new ChatTold.Said(said);
            }
        }

        if (!call.Cancel.IsCancellationRequested)
        {
            yield return new ChatTold.Over(await Ended(call, session, chatId, number, last), IsShorter: true);
        }
    }

    /// <param name="deleted">How it ended of which nothing is kept any more.</param>
    /// <param name="run">Null: it goes on, or is not asked for.</param>
    private static ReplyNow Of(ChatReply asked, SummaryRead? summary, KeptReply? kept, ResponseEvent.Ended? deleted, RecordedRun? run)
    {
        var (reply, ended, end) = (kept?.Reply(), run?.End as RunEvent.Concluded, kept is null ? deleted : kept.Ended);
        var state = kept is null && deleted is null ? ended is null ? ReplyState.UnderWay : ReplyState.Failed // its process was gone before the reply was begun
            : end is null ? ReplyState.UnderWay
            : end.FailureCode == Codes.RunCancelled ? ReplyState.Stopped
            : end.FailureCode is null && reply?.Fault is null ? ReplyState.Whole : ReplyState.Failed;
        var fault = state == ReplyState.Failed ? DialectFaults.Of(reply?.Fault ?? KeptReply.Cut) : null;
        return new(asked.Model, state)
        {
            RunId = asked.RunId,
            Route = asked.Route,
            Text = reply is null ? null : ReplyTexts.Of(reply),
            Reasoning = reply is not null && ReplyTexts.ReasoningOf(reply) is { Length: > 0 } thought ? thought : null,
            Finish = reply?.Finish,
            Failure = fault is null ? null : new(fault.Code, fault.Message),
            CostMicros = CostOf(ended),
            IsEstimate = ended?.Model?.IsEstimate == true,
            InputTokens = ended?.Model?.Usage?.AllInput,
            OutputTokens = ended?.Model?.Usage?.AllOutput,
            From = asked.From,
            Summary = summary,
            Memories = asked.Memories ?? [],
            Preferences = asked.Preferences,
        };
    }
}

/// <summary>Closed: what is told of a turn while its reply comes.</summary>
internal abstract record ChatTold
{
    private ChatTold()
    {
    }

    /// <param name="Sentiment">How what was said sounds; null: it was not judged.</param>
    public sealed record Began(Guid ChatId, int Turn, string? Sentiment) : ChatTold;

    /// <summary>A model is called.</summary>
    public sealed record Replying(ChatReply Reply) : ChatTold;

    /// <summary>What is durable at once; nothing: it goes on, and there is nothing new.</summary>
    public sealed record Said(IReadOnlyList<ModelEvent> Events) : ChatTold;

    /// <param name="IsShorter">What was said of it is deleted, so that it stands where that stood: it is told to whoever heard more, too.</param>
    public sealed record Over(ReplyNow Reply, bool IsShorter = false) : ChatTold;
}
