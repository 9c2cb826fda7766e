using System.Diagnostics;
using Agora.Application.Calls;
using Agora.Application.Chats;
using Agora.Application.Models;
using Agora.Application.Operations;
using Agora.Core.Chats;
using Agora.Core.Kernel;
using Agora.Core.Runs;
using Agora.Grains.Kernel;
using Agora.Web;

namespace Agora.Api.Chats;

/// <summary>
/// Chats with models: a person says something, and a model replies, in as many branches as the person likes. What is said, and which run replies, is durable before the model is called; what is shown of a reply is durable before it is
/// shown. Leaving is not stopping: whoever comes back reads on where it was.
/// </summary>
internal sealed class ChatEndpoints(AgentChats chats, TimeProvider time) : IFeature
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

    private readonly FairPlaces _followers = new(ChatLimits.FollowersOfAll, ofSession: ChatLimits.Followers);

    public void Map(Routes routes) => routes.Map(Say, SayInChat).Map(List, ListChats).Map(Get, GetChat).Map(Follow, FollowTurn).Map(Stop, StopTurn).Map(Rate, RateTurn).Map(Delete, DeleteChat);

    private async Task<Reply> SayInChat(AgentCall call, ChatAsked asked) => Told(call, await chats.Say(call.ForModels, asked, call.WantsEvents, LastEvent(call)));

    private async Task<Reply> FollowTurn(AgentCall call, ChatFollowed asked) => Told(call, await chats.Follow(call.ForModels, asked.Turn, call.WantsEvents, LastEvent(call) ?? asked.After));

    private static string? LastEvent(AgentCall call) => call.Header(EventStream.LastEventId) is [{ } last] ? last : null;

    private Reply Told(AgentCall call, Result<TurnShown> result) => result.Reply(turn => turn switch
    {
        TurnShown.AsItIs { Turn: var now } => Shown(now),
        TurnShown.Begun begun => Reply.Streamed(EventStream.Type, Frames(call, begun.TurnId, begun.Events, -1)),
        TurnShown.Followed followed => call.Take(_followers, call.Owner, Codes.RateLimited) is { } crowded ? Reply.Refused(crowded) : Reply.Streamed(EventStream.Type, Frames(call, followed.TurnId, followed.Events, followed.After)),
        _ => throw new UnreachableException(turn.GetType().Name),
    });

    private async IAsyncEnumerable<string> Frames(AgentCall call, Guid turnId, IAsyncEnumerable<ChatTold> told, int after)
    {
        var (frames, spoke) = (new ChatFrames(turnId, after), time.GetTimestamp());
        yield return EventStream.Heartbeat; // the reply begins
        await foreach (var one in told)
        {
            if (!await call.Stands()) yield break; // the next request is refused with the reason

            var text = frames.Of(one);
            if (text.Length == 0 && time.GetElapsedTime(spoke) < ChatLimits.HeartbeatEvery) continue;

            spoke = time.GetTimestamp();
            yield return text.Length > 0 ? text : EventStream.Heartbeat;
        }
    }

    private async Task<Reply> StopTurn(AgentCall call, ChatTurnAsked asked) => (await chats.Stop(call.ForModels, asked)).Reply(Shown);

    private async Task<Reply> RateTurn(AgentCall call, ChatRated asked) => (await chats.Rate(call.ForModels, asked)).Reply(Shown);

    private async Task<Reply> DeleteChat(AgentCall call, Guid? chatId) => (await chats.Delete(call.ForModels, chatId)).Reply(static deleted => Reply.Ok(new ChatDeletedData(deleted.ChatId.ToString("D"))));

    private async Task<Reply> GetChat(AgentCall call, ChatLooked asked) => (await chats.Get(call.ForModels, asked)).Reply(page =>
        Reply.Ok(new ChatData(page.Book.ChatId.ToString("D"), page.Book.CreatedAt, [.. page.Turns.Select(ChatTurnData.Of)], page.Count, asked.Page.Offset, asked.Page.Limit)) with { UntrustedFields = ChatData.Untrusted });

    private async Task<Reply> ListChats(AgentCall call, Page page) => (await chats.List(call.ForModels, page)).Reply(listed =>
        Reply.Ok(new ChatsData([.. listed.Chats.Select(ChatListedData.Of)], listed.Total.Number, listed.Total.Unknown(call.Words), page.Offset, page.Limit)) with { UntrustedFields = ["data.chats[].title"] });

    private static Reply Shown(TurnNow turn) => Reply.Ok(ChatTurnData.Of(turn)) with { UntrustedFields = ChatTurnData.Untrusted };
}
