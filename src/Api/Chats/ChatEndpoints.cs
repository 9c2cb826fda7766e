using Agora.Application.Calls;
using Agora.Application.Models;
using Agora.Application.Operations;
using Agora.Application.Reading;
using Agora.Contracts;
using Agora.Core.Chats;
using Agora.Core.Kernel;
using Agora.Core.Runs;
using Agora.Core.Scenarios;
using Agora.Core.Sessions;
using Agora.Core.Users;
using Agora.Grains.Kernel;
using Agora.Models;
using Agora.Web;

namespace Agora.Api.Chats;

/// <summary>
/// Chats with models: a person says something, and a model replies, in as many branches as the person likes. What is said, and which run replies, is durable before the model is called; what is shown of a reply is durable before it is
/// shown. Leaving is not stopping: whoever comes back reads on where it was.
/// </summary>
internal sealed class ChatEndpoints(IEntities entities, ChatBooks books, ChatContexts contexts, ChatSentiments sentiments, ChatReplies replies, ModelCalls calls, ModelRoutes routes, KeptReplies kept, TableReader tables, TimeProvider time) : IFeature
{
    private const string Path = "/api/v2/chat";
    private const string TurnPath = $"{Path}/{{chat_id}}/turns/{{turn}}";

    private static readonly IReadOnlyList<string> Refusals =
    [
        Codes.NotFound, Codes.ScopeViolation, Codes.ValidationFailed, Codes.NotEligible, Codes.GrantExceeded, Codes.BudgetExceeded, Codes.PaymentRequired, Codes.RunCancelled, Codes.IdempotencyConflict, Codes.IdempotencyInFlight,
        Codes.ConversationClosed, Codes.PayloadTooLarge, Codes.UpstreamFailed, Codes.UpstreamTimeout,
    ];

    public static readonly Operation<ChatAsked> Say = new(Audience.Agents, "say_in_chat", $"POST {Path}", "Say something to a model, in a new chat or on a branch of one, and have its reply as it comes")
    {
        ListOnNotFound = static refusal => refusal.Message == RunRejection.IsNoModel.Message || refusal.Message == ModelRoutes.NoRoute.Message ? ChatModels.List.Name : List!.Name,
        Read = ChatAsked.Read,
        MostBytes = 512 * 1_024, // a text as long as one may be, in JSON that escapes each character
        HasEvents = true,
        Headers = [EventStream.LastEventIdParameter],
        Data = typeof(ChatTurnData),
        Codes = Refusals,
        BodyExample = """{"model":"router","text":"Plan a trip to Nara."}""",
        DataExample = ChatTurnData.Example,
    };

    public static readonly Operation<Page> List = new(Audience.Agents, "list_chats", $"GET {Path}", "Chats of the agent with its user, the one that was spoken in last first")
    {
        ListsIds = ["chat_id", "turn"],
        Read = static call => call.Query.Page(),
        Data = typeof(ChatsData),
        DataExample = ChatsData.Example,
    };

    public static readonly Operation<ChatLooked> Get = new(Audience.Agents, "get_chat", $"GET {Path}/{{chat_id}}", "What was said in a chat, turn by turn, in all branches or in one")
    {
        Read = ChatLooked.Read,
        Data = typeof(ChatData),
        Codes = [Codes.NotFound],
        DataExample = ChatData.Example,
    };

    public static readonly Operation<ChatFollowed> Follow = new(Audience.Agents, "follow_turn", $"GET {TurnPath}", "A turn with its reply as far as it is there, or the reply as it comes, from any place on")
    {
        Read = ChatFollowed.Read,
        HasEvents = true,
        Headers = [EventStream.LastEventIdParameter],
        Data = typeof(ChatTurnData),
        Codes = [Codes.NotFound, Codes.ValidationFailed],
        DataExample = ChatTurnData.Example,
    };

    public static readonly Operation<ChatTurnAsked> Stop = new(Audience.Agents, "stop_turn", $"POST {TurnPath}/stop", "Stop a reply, for all who read it: nothing more of it is shown, and its model is paid for what it wrote")
    {
        Read = ChatTurnAsked.Read,
        Data = typeof(ChatTurnData),
        Codes = [Codes.NotFound, Codes.Unavailable, Codes.IdempotencyConflict, Codes.IdempotencyInFlight],
        DataExample = ChatTurnData.Example,
    };

    public static readonly Operation<ChatRated> Rate = new(Audience.Agents, "rate_turn", $"POST {TurnPath}/feedback", "Say what the person thinks of a reply: what was said before is replaced")
    {
        Read = ChatRated.Read,
        Data = typeof(ChatTurnData),
        Codes = [Codes.NotFound, Codes.ValidationFailed, Codes.IdempotencyConflict, Codes.IdempotencyInFlight],
        BodyExample = """{"thumb":"down","text":"Too short.","correction":"Begin at Kasuga Taisha at nine."}""",
        DataExample = ChatTurnData.Example,
    };

    public static readonly Operation<Guid?> Delete = new(Audience.Agents, "delete_chat", $"DELETE {Path}/{{chat_id}}", "Delete a chat: it is shown to nobody any more, and what was said goes with the user's data")
    {
        Read = ChatTurnAsked.IdOf,
        Data = typeof(ChatDeletedData),
        Codes = [Codes.NotFound, Codes.IdempotencyConflict, Codes.IdempotencyInFlight],
        DataExample = """{"chat_id":"0198c0de-0000-7000-8000-000000000001"}""",
    };

    /// <summary>Members that are not for who plays to say.</summary>
    private static readonly string[] OfScenario = ["model", "instructions", "attachments", "after", "edits", "repeats", "window", "summary_model", "memories", "preferences", "sentiment"];

    private static readonly Rejection NoModel = Findings.Invalid("/model", "required", "A new chat says which model replies.");
    private static readonly Rejection NoWords = Findings.Invalid("/text", "required", "text is what is said; with repeats it is absent, for the words of that turn are said again.");
    private static readonly Rejection NoPlace = Findings.Invalid("after", "pattern", "It is the id of no event of this turn: an event stream goes on behind an event of its own.");
    private static readonly Rejection NothingSaid = new(Codes.NotFound, "What was said in this turn was erased: it is not said again.");
    private static readonly Rejection NotAdmitted = new(Codes.RateLimited, "The session has as many requests in this minute as it may.", RetryAfterSeconds: 1, Retry: true);
    private static readonly Rejection StillReplying = new(Codes.Unavailable, "The turn that this follows is still replied to: wait for its end, or stop it.", RetryAfterSeconds: 2, Retry: true);
    private static readonly Rejection NotBegun = new(Codes.Unavailable, "The reply is just being begun.", RetryAfterSeconds: 1, Retry: true);

    private readonly FairPlaces _followers = new(ChatLimits.FollowersOfAll, ofSession: ChatLimits.Followers);

    public void Map(Routes routes) => routes.Map(Say, SayInChat).Map(List, ListChats).Map(Get, GetChat).Map(Follow, FollowTurn).Map(Stop, StopTurn).Map(Rate, RateTurn).Map(Delete, DeleteChat);

    private async Task<Reply> SayInChat(AgentCall call, ChatAsked asked)
    {
        if (call.Findings.Refusal is { } wrong) return Reply.Refused(await call.Refusal(wrong));

        // Whoever the session refuses anyway has nothing read, and pays for no memory and no summary.
        if ((await call.Peek()).Reply is not SessionView session || session.Refusal(call.Now) is not null || session.Rate.Used >= call.Info.Policy.RateLimitPerMinute)
        {
            return Reply.Refused(await call.Refusal(NotAdmitted));
        }

        var (place, made) = (calls.Place(call.ForModels), (Task?)null);
        try
        {
            var (saying, context, answered) = await Prepared(call, session, place, asked);
            if (context is null) return answered!;

            var request = new ModelRequest(saying!.Model, context.Items) { Stream = true, MaxOutputTokens = asked.MaxOutputTokens, ContextBytes = context.Bytes, Sentiment = saying.Words.Sentiment?.Label };
            var turn = new ChatTurnUnderWay(entities.In(call.Tenant).Chat(OwnedIds.Of(saying.ChatId, session.UserId)), call, session, saying, context);
            (made, var why) = await calls.Begin(call.ForModels, place!, request, KeptReply.AskedFor(saying.Model, saying.Words.Text, ("chat_id", saying.ChatId.ToString("D"))), turn.Held, turn.Hear);
            if (made is null) return Reply.Refused(PaidRuns.Named(why!, await replies.Paid(call, context.Paid)));

            var over = turn.Over(made, kept);
            return call.WantsEvents ? Reply.Streamed(EventStream.Type, Events(call, session, turn, over)) : await Whole(call, session, turn, over);
        }
        finally
        {
            if (made is null)
            {
                place?.Dispose();
            }
        }
    }

    /// <summary>What is read of the chat is let go here, before its model is waited for.</summary>
    /// <returns>Or what is answered at once.</returns>
    private async Task<(SayingNow? Saying, ChatContext? Context, Reply? Answered)> Prepared(AgentCall call, SessionView session, CallPlaces.Place? place, ChatAsked asked)
    {
        var turnId = call.Context.CommandId;
        var book = await books.Find(call, session, asked.ChatId ?? turnId);
        if (book is null && asked.ChatId is not null) return (null, null, Reply.Refused(await call.Refusal(ChatRejection.NotFound)));
        if (book?.Turns.FirstOrDefault(turn => turn.Id == turnId) is { } said) return (null, null, await Repeated(call, session, book, said));

        var (saying, refused) = book?.Play is { } play ? SayingInPlay(call, asked, book, play) : Saying(call, asked, book);
        if (saying is null) return (null, null, Reply.Refused(await call.Refusal(refused!)));

        if (book?.Turn(saying.After) is { } before && await replies.IsUnderWay(call, session, before))
        {
            return (null, null, Reply.Refused(await call.Refusal(StillReplying)));
        }

        var unasked = await NotThere(call, asked) ?? TooMuchOutput(call, saying.Model, asked.MaxOutputTokens);
        if (unasked is not null) return (null, null, Reply.Refused(await call.Refusal(unasked)));
        if (place is null) return (null, null, Reply.Refused(await call.Refusal(ModelCalls.TooMany)));

        var (context, unread) = await contexts.Of(call, session, place, book, saying, saying.Play is null ? asked : asked with { Window = new(ScenarioLimits.Turns, ScenarioLimits.WindowLength) });
        if (context is null) return (null, null, Reply.Refused(await call.Refusal(unread!)));

        (saying, var unsaid) = await sentiments.Judged(call, session, saying);
        return unsaid is not null ? (null, null, Reply.Refused(PaidRuns.Named(await call.Refusal(unsaid), await replies.Paid(call, context.Paid))))
            : (saying, saying is { Repeats: null, Words.Sentiment.RunId: { } judged } ? context with { Paid = [.. context.Paid, judged] } : context, null);
    }

    /// <summary>A model beside the one that replies, which nobody could call: that is said before anything is paid, and not left out in silence.</summary>
    private async Task<Rejection?> NotThere(AgentCall call, ChatAsked asked) =>
        await routes.Unknown(call.ForModels, [asked.SummaryModel]) is { } summary ? Findings.Invalid("/summary_model", "not", summary.Message)
        : asked.Memories?.Model is { } model && await routes.Unknown(call.ForModels, new EmbeddingRequest(model, [new EmbeddingInput.Text("")])) is { } memories ? Findings.Invalid("/memories/model", "not", memories.Message)
        : null;

    /// <summary>The model would refuse it: that is said before anything is paid.</summary>
    private Rejection? TooMuchOutput(AgentCall call, string model, int? wanted) =>
        routes.MostOutput(call.Tenant, model) is { } most && wanted > most ? Findings.Invalid("/max_output_tokens", "maximum", Wanted.AtMost(most, "tokens", wanted.Value)) : null;

    /// <summary>The same key again: nothing is said or called a second time.</summary>
    private async Task<Reply> Repeated(AgentCall call, SessionView session, ChatBook book, SaidTurn turn)
    {
        if (turn.Asked is { } hash && hash != SayingNow.HashOf(call)) return Reply.Refused(await call.Refusal(KeyRejection.Conflict));
        if ((await call.Visit()).Rejection is { } refused) return Reply.Refused(refused);

        return await Followed(call, session, book, turn, call.Header(EventStream.LastEventId) is [{ } last] ? last : null) with { Replayed = true };
    }

    private static (SayingNow? Saying, Rejection? Refused) Saying(AgentCall call, ChatAsked asked, ChatBook? book)
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

    /// <summary>The scenario says which model plays what: so the person says its words, and nothing else.</summary>
    private static (SayingNow? Saying, Rejection? Refused) SayingInPlay(AgentCall call, ChatAsked asked, ChatBook book, SaidPlay play)
    {
        if (OfScenario.FirstOrDefault(call.Body.IsPresent) is { } named) return (null, NotForThePerson(named));
        if (asked.Text is not { } text) return (null, NoWords);
        if (text.Length > ScenarioLimits.SaidLength) return (null, TooMuch(text.Length));
        if (play.Definition is not { } played) return (null, ChatRejection.NotFound);
        if (book.IsOver) return (null, PlayRejection.Over);

        return (new(book.ChatId, call.Context.CommandId, book.Turns.Count, Repeats: null, played.Models.Partner, new ChatWords(text), SayingNow.HashOf(call), play), null);
    }

    private static Rejection NotForThePerson(string member) => Findings.Invalid($"/{member}", "not", "In a play the scenario says this: text is all that is said.");

    private static Rejection TooMuch(int length) => Findings.Invalid("/text", "maxLength", Wanted.AtMost(ScenarioLimits.SaidLength, "characters", length));

    /// <summary>Whoever asked is shown what comes as it becomes durable; the call goes on to its end, whether or not anybody listens.</summary>
    private async IAsyncEnumerable<string> Events(AgentCall call, SessionView session, ChatTurnUnderWay turn, Task made)
    {
        try
        {
            await foreach (var frame in Frames(call, turn.Saying.TurnId, turn.All(made, last => replies.Ended(call, session, turn.Saying.ChatId, turn.Number, last), time), -1)) yield return frame;
        }
        finally
        {
            await made;
        }
    }

    private async Task<Reply> Whole(AgentCall call, SessionView session, ChatTurnUnderWay turn, Task made)
    {
        await made;
        var book = await books.Find(call, session, turn.Saying.ChatId);
        return book is null ? Reply.Refused(ChatRejection.NotFound) : await Shown(call, session, book, book.Turn(turn.Number)!);
    }

    private async Task<Reply> FollowTurn(AgentCall call, ChatFollowed asked) =>
        await InTurn(call, asked.Turn, (session, book, turn) => Followed(call, session, book, turn, call.Header(EventStream.LastEventId) is [{ } last] ? last : asked.After));

    private async Task<Reply> Followed(AgentCall call, SessionView session, ChatBook book, SaidTurn turn, string? after)
    {
        if (!ChatFrames.TryRead(turn.Id, after, out var number)) return Reply.Refused(NoPlace);
        if (!call.WantsEvents) return await Shown(call, session, book, turn);

        return call.Take(_followers, call.Owner, Codes.RateLimited) is { } crowded ? Reply.Refused(crowded) : Reply.Streamed(EventStream.Type, Frames(call, turn.Id, replies.Follow(call, session, book.ChatId, turn), number));
    }

    private async IAsyncEnumerable<string> Frames(AgentCall call, Guid turnId, IAsyncEnumerable<ChatTold> told, int after)
    {
        var (frames, spoke) = (new ChatFrames(turnId, after), time.GetTimestamp());
        yield return EventStream.Heartbeat; // the reply begins
        await foreach (var one in told)
        {
            if (!await call.Stands()) yield break; // whoever comes again is told why

            var text = frames.Of(one);
            if (text.Length == 0 && time.GetElapsedTime(spoke) < ChatLimits.HeartbeatEvery) continue;

            spoke = time.GetTimestamp();
            yield return text.Length > 0 ? text : EventStream.Heartbeat;
        }
    }

    private Task<Reply> StopTurn(AgentCall call, ChatTurnAsked asked) => InTurn(call, asked, async (session, book, turn) =>
    {
        if (turn.Elsewhere is null && await kept.Find(call.ForModels, session, turn.Reply.RunId) is { } reply)
        {
            await kept.Cancel(call.ForModels, reply);
        }
        else if (await replies.Of(call, session, book, turn) is { State: ChatReplyData.UnderWay })
        {
            return Reply.Refused(NotBegun);
        }

        return await Shown(call, session, book, turn);
    });

    private Task<Reply> RateTurn(AgentCall call, ChatRated asked) => InTurn(call, asked.Turn, async (session, book, turn) =>
    {
        var words = asked.Text is null && asked.Correction is null ? null : Personal.Of(new ChatFeedback(asked.Text, asked.Correction));
        var answer = await entities.In(call.Tenant).Chat(book.Stream.Id).Send(new ChatCommand.Rate(book.AgentId, turn.Number, asked.Sign, words), call.Context);
        if (answer.Rejection is { } refused) return Reply.Refused(refused);

        return await books.Find(call, session, book.ChatId) is { } now ? await Shown(call, session, now, now.Turn(turn.Number)!) : Reply.Refused(ChatRejection.NotFound);
    });

    private async Task<Reply> DeleteChat(AgentCall call, Guid? chatId)
    {
        var (session, refused) = await call.Enter();
        if (session is null) return refused!;
        if (chatId is not { } id || await books.Find(call, session, id) is not { } book) return Reply.Refused(ChatRejection.NotFound);

        // The replies before: whoever is killed between has a chat that can be deleted again.
        await kept.Delete(call.ForModels, session, book.Replies);
        var answer = await entities.In(call.Tenant).Chat(book.Stream.Id).Send(new ChatCommand.Delete(book.AgentId), call.Context);
        if (answer.Rejection is { } no) return Reply.Refused(no);

        // And of what was said since it was read; from here on nothing more is.
        await kept.Delete(call.ForModels, session, (await books.RepliesOfDeleted(book)).Except(book.Replies));
        return Reply.Ok(new ChatDeletedData(id.ToString("D")));
    }

    private async Task<Reply> GetChat(AgentCall call, ChatLooked asked)
    {
        var (session, refused) = await call.Enter();
        if (session is null) return refused!;
        if (asked.ChatId is not { } id || await books.Find(call, session, id) is not { } book) return Reply.Refused(ChatRejection.NotFound);
        if (asked.Branch is { } leaf && book.Turn(leaf) is null) return Reply.Refused(ChatRejection.NoTurn);

        var all = asked.Branch is { } end ? book.Branch(end) : book.Turns;
        var (turns, length) = (new List<ChatTurnData>(), 0L);
        foreach (var turn in all.Skip(asked.Page.Offset).Take(asked.Page.Limit))
        {
            if (length > ChatLimits.PageLength) break; // the rest is the next page's

            turns.Add(await DataOf(call, session, book, turn));
            length += (turns[^1].Text?.Length ?? 0) + (turns[^1].Reply.Text?.Length ?? 0) + (turns[^1].Reply.Reasoning?.Length ?? 0);
        }

        return Reply.Ok(new ChatData(id.ToString("D"), book.CreatedAt, turns, all.Count, asked.Page.Offset, asked.Page.Limit)) with { UntrustedFields = ChatData.Untrusted };
    }

    private async Task<Reply> ListChats(AgentCall call, Page page)
    {
        var (session, refused) = await call.Enter();
        if (session is null) return refused!;

        var (rows, total) = await tables.In(call.Tenant).Page(
            ChatTables.Chats, page, [new("updated_at", Descending: true), new("chat_id", Descending: true)], call.Cancel,
            TableReader.Is("user_id", session.UserId), TableReader.Is("agent_id", SessionPaths.Agents(session)), TableReader.Is("state", "open"));
        var chats = new List<ChatListedData>();
        foreach (var row in rows)
        {
            var id = Guid.ParseExact(row.Text("chat_id"), "N");
            chats.Add(new(
                id.ToString("D"), await Title(call, session, id), (int)row.Number("turns"), row.Time("created_at"), row.Time("updated_at")));
        }

        return Reply.Ok(new ChatsData(chats, total.Number, total.Unknown(call.Words), page.Offset, page.Limit)) with { UntrustedFields = ["data.chats[].title"] };
    }

    private async Task<string?> Title(AgentCall call, SessionView session, Guid chatId) =>
        (await books.Beginning(call, session, chatId))?.Turns is [{ Words.Text: var text }, ..] ? Excerpt.Of(text, ChatLimits.TitleLength) : null;

    private async Task<Reply> InTurn(AgentCall call, ChatTurnAsked asked, Func<SessionView, ChatBook, SaidTurn, Task<Reply>> answer)
    {
        var (session, refused) = await call.Enter();
        if (session is null) return refused!;
        if (asked.ChatId is not { } id || await books.Find(call, session, id) is not { } book) return Reply.Refused(ChatRejection.NotFound);

        return book.Turn(asked.Number) is { } turn ? await answer(session, book, turn) : Reply.Refused(ChatRejection.NoTurn);
    }

    private async Task<Reply> Shown(AgentCall call, SessionView session, ChatBook book, SaidTurn turn) =>
        Reply.Ok(await DataOf(call, session, book, turn)) with { UntrustedFields = ChatTurnData.Untrusted };

    private async Task<ChatTurnData> DataOf(AgentCall call, SessionView session, ChatBook book, SaidTurn turn) =>
        ChatTurnData.Of(book, turn, await replies.Of(call, session, book, turn), await sentiments.Shown(call, turn));
}
