using Agora.Application.Calls;
using Agora.Application.Models;
using Agora.Application.Operations;
using Agora.Application.Reading;
using Agora.Contracts;
using Agora.Core.Chats;
using Agora.Core.Kernel;
using Agora.Core.Scenarios;
using Agora.Core.Sessions;
using Agora.Core.Users;
using Agora.Grains.Kernel;
using Agora.Models;

namespace Agora.Application.Chats;

/// <summary>
/// Chats with models, as an agent has them with its user: a person says something, and a model replies, in as many branches as the person likes. What is said, and which run replies, is durable before the model is called. What is shown
/// of a reply is durable before it is shown. Leaving is not stopping: a caller that comes back reads on where it was.
/// </summary>
internal sealed class AgentChats(
    IEntities entities, ChatBooks books, ChatContexts contexts, ChatSentiments sentiments, ChatReplies replies, ModelCalls calls, ModelRoutes routes, KeptReplies kept, TableReader tables, TimeProvider time)
{
    private static readonly Rejection NoModel = Findings.Invalid("/model", "required", "A new chat says which model replies.");
    private static readonly Rejection NoWords = Findings.Invalid("/text", "required", "text is what is said; with repeats it is absent, for the words of that turn are said again.");
    private static readonly Rejection NoPlace = Findings.Invalid("after", "pattern", "It is the id of no event of this turn: an event stream goes on behind an event of its own.");
    private static readonly Rejection NothingSaid = new(Codes.NotFound, "What was said in this turn was erased: it is not said again.");
    private static readonly Rejection NotAdmitted = new(Codes.RateLimited, "The session has as many requests in this minute as it may.", RetryAfterSeconds: 1, Retry: true);
    private static readonly Rejection StillReplying = new(Codes.Unavailable, "The turn that this follows is still replied to: wait for its end, or stop it.", RetryAfterSeconds: 2, Retry: true);
    private static readonly Rejection NotBegun = new(Codes.Unavailable, "The reply is just being begun.", RetryAfterSeconds: 1, Retry: true);

    /// <summary>Says something to a model. The turn is the call's one durable change beside the runs that it pays for.</summary>
    /// <param name="listens">The caller is shown the reply as it comes. If it does not listen, the result is there when the reply is.</param>
    /// <param name="after">If the call is a repeat: the id of the last event that the caller received.</param>
    public async Task<Result<TurnShown>> Say(ModelCaller call, ChatAsked asked, bool listens, string? after)
    {
        if (call.Caller.Wrong is { } wrong) return await Counted<TurnShown>(call, wrong);

        // If the session refuses the call anyway, nothing is read, and no memory and no summary is paid.
        if (await call.Peek() is not { } session || session.Refusal(call.Now) is not null || session.Rate.Used >= call.Info.Policy.RateLimitPerMinute)
        {
            return await Counted<TurnShown>(call, NotAdmitted);
        }

        var (place, made) = (calls.Place(call), (Task?)null);
        try
        {
            var (saying, context, answered) = await Prepared(call, session, place, asked, listens, after);
            if (context is null) return answered!;

            var request = new ModelRequest(saying!.Model, context.Items) { Stream = true, MaxOutputTokens = asked.MaxOutputTokens, ContextBytes = context.Bytes, Sentiment = saying.Words.Sentiment?.Label };
            var turn = new ChatTurnUnderWay(entities.In(call.Tenant).Chat(OwnedIds.Of(saying.ChatId, session.UserId)), call, session, saying, context);
            (made, var why) = await calls.Begin(call, place!, request, KeptReply.AskedFor(saying.Model, saying.Words.Text, ("chat_id", saying.ChatId.ToString("D"))), turn.Held, turn.Hear);
            if (made is null) return Result.Refused<TurnShown>(PaidRuns.Named(why!, await replies.Paid(call, context.Paid)));

            var over = turn.Over(made, kept);
            return listens ? Result.Of<TurnShown>(new TurnShown.Begun(saying.TurnId, Events(call, session, turn, over))) : await Whole(call, session, turn, over);
        }
        finally
        {
            if (made is null)
            {
                place?.Dispose();
            }
        }
    }

    /// <summary>What is read of the chat is released here, before its model is waited for.</summary>
    /// <returns>Or what is answered at once.</returns>
    private async Task<(SayingNow? Saying, ChatContext? Context, Result<TurnShown>? Answered)> Prepared(ModelCaller call, SessionView session, CallPlaces.Place? place, ChatAsked asked, bool listens, string? after)
    {
        var turnId = call.Context.CommandId;
        var book = await books.Find(call, session, asked.ChatId ?? turnId);
        if (book is null && asked.ChatId is not null) return (null, null, await Counted<TurnShown>(call, ChatRejection.NotFound));
        if (book?.Turns.FirstOrDefault(turn => turn.Id == turnId) is { } said)
        {
            return (null, null, await Repeated(call, session, book, said, listens, after));
        }

        var (saying, refused) = book?.Play is { } play ? SayingInPlay(call, asked, book, play) : Saying(call, asked, book);
        if (saying is null) return (null, null, await Counted<TurnShown>(call, refused!));

        if (book?.Turn(saying.After) is { } before && await replies.IsUnderWay(call, session, before))
        {
            return (null, null, await Counted<TurnShown>(call, StillReplying));
        }

        var unasked = await NotThere(call, asked) ?? TooMuchOutput(call, saying.Model, asked.MaxOutputTokens);
        if (unasked is not null) return (null, null, await Counted<TurnShown>(call, unasked));
        if (place is null) return (null, null, await Counted<TurnShown>(call, ModelCalls.TooMany));

        var (context, unread) = await contexts.Of(call, session, place, book, saying, saying.Play is null ? asked : asked with { Window = new(ScenarioLimits.Turns, ScenarioLimits.WindowLength) });
        if (context is null) return (null, null, await Counted<TurnShown>(call, unread!));

        (saying, var unsaid) = await sentiments.Judged(call, session, saying);
        return unsaid is not null ? (null, null, Result.Refused<TurnShown>(PaidRuns.Named(await call.Refusal(unsaid), await replies.Paid(call, context.Paid))))
            : (saying, saying is { Repeats: null, Words.Sentiment.RunId: { } judged } ? context with { Paid = [.. context.Paid, judged] } : context, null);
    }

    /// <summary>A model beside the one that replies that cannot be called is refused before anything is paid, and not left out in silence.</summary>
    private async Task<Rejection?> NotThere(ModelCaller call, ChatAsked asked) =>
        await routes.Unknown(call, [asked.SummaryModel]) is { } summary ? Findings.Invalid("/summary_model", "not", summary.Message)
        : asked.Memories?.Model is { } model && await routes.Unknown(call, new EmbeddingRequest(model, [new EmbeddingInput.Text("")])) is { } memories ? Findings.Invalid("/memories/model", "not", memories.Message)
        : null;

    /// <summary>What the model would refuse is refused before anything is paid.</summary>
    private Rejection? TooMuchOutput(ModelCaller call, string model, int? wanted) =>
        routes.MostOutput(call.Tenant, model) is { } most && wanted > most ? Findings.Invalid("/max_output_tokens", "maximum", Wanted.AtMost(most, "tokens", wanted.Value)) : null;

    /// <summary>The same key again: nothing is said or called a second time.</summary>
    private async Task<Result<TurnShown>> Repeated(ModelCaller call, SessionView session, ChatBook book, SaidTurn turn, bool listens, string? after)
    {
        if (turn.Asked is { } hash && hash != SayingNow.HashOf(call)) return await Counted<TurnShown>(call, KeyRejection.Conflict);
        if ((await call.Visit()).Rejection is { } refused) return Result.Refused<TurnShown>(refused);

        return await Followed(call, session, book, turn, listens, after) with { Replayed = true };
    }

    private static (SayingNow? Saying, Rejection? Refused) Saying(ModelCaller call, ChatAsked asked, ChatBook? book)
    {
        var (chatId, place) = (asked.ChatId ?? call.Context.CommandId, asked.Place);
        if (place.Repeats is null == asked.Text is null) return (null, NoWords);

        var named = place.Edits ?? place.Repeats;
        var other = book?.Turn(named);
        if (named is not null && other is null) return (null, ChatRejection.NoTurn);

        var after = other?.After ?? place.After ?? book?.Turns.Count ?? 0;
        var before = book?.Turn(after);
        if (after != 0 && before is null) return (null, ChatRejection.NoTurn);
        if (book?.Turns.Count >= ChatLimits.Turns) return (null, ChatRejection.Full);
        if ((asked.Model ?? other?.Model ?? before?.Model ?? book?.Turns[^1].Model) is not { } model) return (null, NoModel);
        if (place.Repeats is not null && other!.Words is not { Text.Length: > 0 }) return (null, NothingSaid);

        var earlier = (other ?? before)?.Words;
        var words = place.Repeats is not null ? other!.Words! : new ChatWords(
            asked.Text!, asked.Instructions ?? earlier?.Instructions, asked.Attachments.Count == 0 ? null : asked.Attachments, asked.Sentiment is { } judging ? judging.Wanted : earlier?.Sentiment?.AsWished());
        return (new(chatId, call.Context.CommandId, after, place.Repeats, model, words, SayingNow.HashOf(call)), null);
    }

    /// <summary>The scenario says which model plays what, so the person says its words, and nothing else.</summary>
    private static (SayingNow? Saying, Rejection? Refused) SayingInPlay(ModelCaller call, ChatAsked asked, ChatBook book, SaidPlay play)
    {
        if (asked.OfScenario is { } named) return (null, NotForThePerson(named));
        if (asked.Text is not { } text) return (null, NoWords);
        if (text.Length > ScenarioLimits.SaidLength) return (null, TooMuch(text.Length));
        if (play.Definition is not { } played) return (null, ChatRejection.NotFound);
        if (book.IsOver) return (null, PlayRejection.Over);

        return (new(book.ChatId, call.Context.CommandId, book.Turns.Count, Repeats: null, played.Models.Partner, new ChatWords(text), SayingNow.HashOf(call), play), null);
    }

    private static Rejection NotForThePerson(string member) => Findings.Invalid($"/{member}", "not", "In a play the scenario says this: text is all that is said.");

    private static Rejection TooMuch(int length) => Findings.Invalid("/text", "maxLength", Wanted.AtMost(ScenarioLimits.SaidLength, "characters", length));

    /// <summary>The caller is shown what comes as it becomes durable. The call runs to its end, whether or not anyone listens.</summary>
    private async IAsyncEnumerable<ChatTold> Events(ModelCaller call, SessionView session, ChatTurnUnderWay turn, Task made)
    {
        try
        {
            await foreach (var told in turn.All(made, last => replies.Ended(call, session, turn.Saying.ChatId, turn.Number, last), time)) yield return told;
        }
        finally
        {
            await made;
        }
    }

    private async Task<Result<TurnShown>> Whole(ModelCaller call, SessionView session, ChatTurnUnderWay turn, Task made)
    {
        await made;
        var book = await books.Find(call, session, turn.Saying.ChatId);
        return book is null ? Result.Refused<TurnShown>(ChatRejection.NotFound) : Result.Of<TurnShown>(new TurnShown.AsItIs(await Shown(call, session, book, book.Turn(turn.Number)!)));
    }

    /// <summary>A turn with its reply as far as it is there, or as it comes.</summary>
    /// <param name="listens">The caller is shown the reply as it comes.</param>
    /// <param name="after">The id of the last event that the caller received. Null for all events.</param>
    public Task<Result<TurnShown>> Follow(ModelCaller call, ChatTurnAsked asked, bool listens, string? after) => InTurn(call, asked, (session, book, turn) => Followed(call, session, book, turn, listens, after));

    private async Task<Result<TurnShown>> Followed(ModelCaller call, SessionView session, ChatBook book, SaidTurn turn, bool listens, string? after)
    {
        if (!TurnEvents.TryRead(turn.Id, after, out var number)) return Result.Refused<TurnShown>(NoPlace);

        return Result.Of<TurnShown>(listens ? new TurnShown.Followed(turn.Id, replies.Follow(call, session, book.ChatId, turn), number) : new TurnShown.AsItIs(await Shown(call, session, book, turn)));
    }

    /// <summary>Stops a reply for all who read it. Its model is paid for what it wrote.</summary>
    public Task<Result<TurnNow>> Stop(ModelCaller call, ChatTurnAsked asked) => InTurn(call, asked, async (session, book, turn) =>
    {
        if (turn.Elsewhere is null && await kept.Find(call, session, turn.Reply.RunId) is { } reply)
        {
            await kept.Cancel(call, reply);
        }
        else if (await replies.Of(call, session, book, turn) is { State: ReplyState.UnderWay })
        {
            return Result.Refused<TurnNow>(NotBegun);
        }

        return Result.Of(await Shown(call, session, book, turn));
    });

    /// <summary>Writes down what the person thinks of a reply, in place of what it thought before.</summary>
    public Task<Result<TurnNow>> Rate(ModelCaller call, ChatRated asked) => InTurn(call, asked.Turn, async (session, book, turn) =>
    {
        var words = asked.Text is null && asked.Correction is null ? null : Personal.Of(new ChatFeedback(asked.Text, asked.Correction));
        var answer = await entities.In(call.Tenant).Chat(book.Stream.Id).Send(new ChatCommand.Rate(book.AgentId, turn.Number, asked.Sign, words), call.Context);
        if (answer.Rejection is { } refused) return Result.Refused<TurnNow>(refused);

        return await books.Find(call, session, book.ChatId) is { } now ? Result.Of(await Shown(call, session, now, now.Turn(turn.Number)!)) : Result.Refused<TurnNow>(ChatRejection.NotFound);
    });

    /// <summary>Deletes a chat with its replies. It can be called again after it was cut off at any place.</summary>
    /// <param name="chatId">Null if no chat has such an id.</param>
    public Task<Result<ChatBook>> Delete(ModelCaller call, Guid? chatId) => In(call, chatId, async (session, book) =>
    {
        // The replies first: if the process dies between the two, the chat is there to be deleted again.
        await kept.Delete(call, session, book.Replies);
        var answer = await entities.In(call.Tenant).Chat(book.Stream.Id).Send(new ChatCommand.Delete(book.AgentId), call.Context);
        if (answer.Rejection is { } no) return Result.Refused<ChatBook>(no);

        // Then those of what was said since the chat was read. From here on nothing more is said.
        await kept.Delete(call, session, (await books.RepliesOfDeleted(book)).Except(book.Replies));
        return Result.Of(book);
    });

    /// <summary>Turns of a chat, in the order in which they were said.</summary>
    public Task<Result<TurnPage>> Get(ModelCaller call, ChatLooked asked) => In(call, asked.ChatId, async (session, book) =>
    {
        if (asked.Branch is { } leaf && book.Turn(leaf) is null) return Result.Refused<TurnPage>(ChatRejection.NoTurn);

        var all = asked.Branch is { } end ? book.Branch(end) : book.Turns;
        var (turns, length) = (new List<TurnNow>(), 0L);
        foreach (var turn in all.Skip(asked.Page.Offset).Take(asked.Page.Limit))
        {
            if (length > ChatLimits.PageLength) break; // the rest is on the next page

            turns.Add(await Shown(call, session, book, turn));
            length += (turn.Words?.Text.Length ?? 0) + (turns[^1].Reply.Text?.Length ?? 0) + (turns[^1].Reply.Reasoning?.Length ?? 0);
        }

        return Result.Of(new TurnPage(book, turns, all.Count));
    });

    /// <summary>Chats of the agent with its user, the one that was spoken in last first.</summary>
    public async Task<Result<ChatPage>> List(ModelCaller call, Page page)
    {
        var (session, refused) = await call.Enter();
        if (session is null) return Result.Refused<ChatPage>(refused!);

        var (rows, total) = await tables.In(call.Tenant).Page(
            ChatTables.Chats, page, [new("updated_at", Descending: true), new("chat_id", Descending: true)], call.Cancel,
            TableReader.Is("user_id", session.UserId), TableReader.Is("agent_id", SessionPaths.Agents(session)), TableReader.Is("state", "open"));
        var chats = new List<ChatLine>();
        foreach (var row in rows)
        {
            var id = Guid.ParseExact(row.Text("chat_id"), "N");
            chats.Add(new(id, await Title(call, session, id), (int)row.Number("turns"), row.Time("created_at"), row.Time("updated_at")));
        }

        return Result.Of(new ChatPage(chats, total));
    }

    private async Task<string?> Title(ModelCaller call, SessionView session, Guid chatId) =>
        (await books.Beginning(call, session, chatId))?.Turns is [{ Words.Text: var text }, ..] ? Excerpt.Of(text, ChatLimits.TitleLength) : null;

    private Task<Result<T>> InTurn<T>(ModelCaller call, ChatTurnAsked asked, Func<SessionView, ChatBook, SaidTurn, Task<Result<T>>> answer)
        where T : class => In(call, asked.ChatId, async (session, book) => book.Turn(asked.Number) is { } turn ? await answer(session, book, turn) : Result.Refused<T>(ChatRejection.NoTurn));

    private async Task<Result<T>> In<T>(ModelCaller call, Guid? chatId, Func<SessionView, ChatBook, Task<Result<T>>> answer)
        where T : class
    {
        var (session, refused) = await call.Enter();
        if (session is null) return Result.Refused<T>(refused!);

        return chatId is { } id && await books.Find(call, session, id) is { } book ? await answer(session, book) : Result.Refused<T>(ChatRejection.NotFound);
    }

    private async Task<TurnNow> Shown(ModelCaller call, SessionView session, ChatBook book, SaidTurn turn) => new(book, turn, await replies.Of(call, session, book, turn), await sentiments.Shown(call, turn));

    /// <summary>Refused after its session has counted it.</summary>
    private static async Task<Result<T>> Counted<T>(ModelCaller call, Rejection why)
        where T : class => Result.Refused<T>(await call.Refusal(why));
}

/// <summary>A turn with its reply.</summary>
/// <param name="Sentiment">How what was said sounds. Null if no service was asked.</param>
internal sealed record TurnNow(ChatBook Book, SaidTurn Turn, ReplyNow Reply, SentimentNow? Sentiment);

/// <summary>Closed: how a caller is shown a turn.</summary>
internal abstract record TurnShown
{
    private TurnShown()
    {
    }

    /// <summary>Once.</summary>
    public sealed record AsItIs(TurnNow Turn) : TurnShown;

    /// <summary>This call said it, and its reply is shown as it comes.</summary>
    public sealed record Begun(Guid TurnId, IAsyncEnumerable<ChatTold> Events) : TurnShown;

    /// <summary>It was said before, and its reply is read from the journal.</summary>
    /// <param name="After">The number of the last event that the caller received. -1 if none.</param>
    public sealed record Followed(Guid TurnId, IAsyncEnumerable<ChatTold> Events, int After) : TurnShown;
}

/// <param name="Count">Turns of the chat, or of the branch.</param>
internal sealed record TurnPage(ChatBook Book, IReadOnlyList<TurnNow> Turns, int Count);

/// <param name="Title">The beginning of what was said first. Null if the user's data were erased.</param>
internal sealed record ChatLine(Guid ChatId, string? Title, int Turns, DateTimeOffset CreatedAt, DateTimeOffset UpdatedAt);

internal sealed record ChatPage(IReadOnlyList<ChatLine> Chats, Total Total);
