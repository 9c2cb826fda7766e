using Agora.Api.Chats;
using Agora.Application.Operations;
using Agora.Application.Watches;
using Agora.Core.Chats;
using Agora.Core.Kernel;
using Agora.Grains.Kernel;
using Agora.Web;
using Microsoft.AspNetCore.Http;

namespace Agora.Api.Watches;

/// <summary>Dialogues of models that people watch: they pause them, step in, take a seat and go on, each intervention exactly once.</summary>
internal sealed class WatchEndpoints(AgentWatches watches, WatchEvents events) : IFeature
{
    private const string Path = "/api/v2/watch";

    private static readonly IReadOnlyList<string> Refusals = [Codes.NotFound, Codes.ValidationFailed, Codes.PayloadTooLarge, Codes.IdempotencyConflict, Codes.IdempotencyInFlight];

    public static readonly Operation<WatchAsked> Begin = new(Audience.Agents, "begin_watch", $"POST {Path}", "Have models talk with each other under a plan, each within a budget, while people watch and step in")
    {
        ListOnNotFound = static _ => ChatModels.List.Name,
        Read = WatchAsked.Read,
        Status = 201,
        Data = typeof(WatchData),
        Codes = [.. Refusals, Codes.NotEligible, Codes.GrantExceeded],
        BodyExample = """{"topic":"Is tea better than coffee?","seats":[{"name":"Ann","model":"fast","role":"You love tea.","budget_cents":10},{"name":"Bob","model":"strong","role":"You love coffee.","budget_cents":50}],"turns":10}""",
        DataExample = WatchData.Example,
    };

    public static readonly Operation<Page> List = new(Audience.Agents, "list_watches", $"GET {Path}", "Dialogues of the agent with its user, the one that moved last first")
    {
        ListsIds = ["watch_id"],
        Read = static call => call.Query.Page(),
        Data = typeof(WatchesData),
        DataExample = WatchesData.Example,
    };

    public static readonly Operation<WatchLooked> Get = new(Audience.Agents, "get_watch", $"GET {Path}/{{watch_id}}", "How a dialogue stands, and what was said in it, turn by turn")
    {
        Read = WatchLooked.Read,
        Data = typeof(WatchData),
        Codes = [Codes.NotFound],
        DataExample = WatchData.Example,
    };

    public static readonly Operation<WatchFollowed> Follow = new(Audience.Agents, "follow_watch", $"GET {Path}/{{watch_id}}/events", "What happens in a dialogue as it happens, from any place on; or how it stands")
    {
        Read = WatchFollowed.Read,
        HasEvents = true,
        Headers = [EventStream.LastEventIdParameter],
        Data = typeof(WatchData),
        Codes = [Codes.NotFound, Codes.ValidationFailed],
        DataExample = WatchData.Example,
    };

    public static readonly Operation<WatchIntervention> Intervene = new(Audience.Agents, "intervene_in_watch", $"POST {Path}/{{watch_id}}/interventions", "Pause a dialogue, say something in it, take a seat, raise a budget, go on or stop: once, in the dialogue that was seen")
    {
        Read = WatchIntervention.Read,
        RequiresKey = true,
        Data = typeof(InterventionData),
        Codes = [.. Refusals, Codes.PreconditionFailed, Codes.ConversationClosed],
        BodyExample = """{"kind":"say","text":"What of the price?","seen":{"turn":2,"interventions":0}}""",
        DataExample = InterventionData.Example,
    };

    private readonly FairPlaces _followers = new(ChatLimits.FollowersOfAll, ofSession: ChatLimits.Followers);

    public void Map(Routes routes) => routes.Map(Begin, BeginWatch).Map(List, ListWatches).Map(Get, GetWatch).Map(Follow, FollowWatch).Map(Intervene, InterveneInWatch);

    private async Task<Reply> BeginWatch(AgentCall call, WatchAsked asked) => (await watches.Begin(call.ForModels, asked)).Reply(static watch => Shown(watch) with { Status = StatusCodes.Status201Created });

    private async Task<Reply> ListWatches(AgentCall call, Page page) => (await watches.List(call.ForModels, page)).Reply(listed => Reply.Ok(new WatchesData(
        [.. listed.Watches.Select(static one => new WatchListedData(one.WatchId.ToString("D"), one.Topic, one.State, one.Turn, one.UpdatedAt))], listed.Total.Number, listed.Total.Unknown(call.Words), page.Offset, page.Limit)) with { UntrustedFields = ["data.watches[].topic"] });

    private async Task<Reply> GetWatch(AgentCall call, WatchLooked asked) => (await watches.Get(call.ForModels, asked)).Reply(Shown);

    private async Task<Reply> FollowWatch(AgentCall call, WatchFollowed asked)
    {
        var last = call.Header(EventStream.LastEventId) is [{ } said] ? said : asked.After;
        return (await watches.Follow(call.ForModels, asked.WatchId, call.WantsEvents, last)).Reply(follow => follow.Now is { } now ? Shown(now)
            : call.Take(_followers, call.Owner, Codes.RateLimited) is { } crowded ? Reply.Refused(crowded) : Reply.Streamed(EventStream.Type, events.Follow(call, follow.Stream, follow.WatchId, follow.After)));
    }

    private async Task<Reply> InterveneInWatch(AgentCall call, WatchIntervention asked) => (await watches.Intervene(call.ForModels, asked, call.Key!)).Reply(static done => Reply.Ok(InterventionData.Of(done.WatchId, done.Did)));

    private static Reply Shown(WatchShown watch) => Reply.Ok(WatchData.Of(watch)) with { UntrustedFields = WatchData.Untrusted };
}
