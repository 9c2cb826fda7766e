using Agora.Api.Chats;
using Agora.Application.Calls;
using Agora.Application.Models;
using Agora.Application.Operations;
using Agora.Application.Reading;
using Agora.Contracts;
using Agora.Core.Chats;
using Agora.Core.Kernel;
using Agora.Core.Sessions;
using Agora.Core.Users;
using Agora.Core.Watches;
using Agora.Grains.Kernel;
using Agora.Web;

namespace Agora.Api.Watches;

/// <summary>Dialogues of models that people watch: they pause them, step in, take a seat and go on, each intervention exactly once.</summary>
internal sealed class WatchEndpoints(IEntities entities, WatchBooks books, WatchContexts contexts, WatchEvents events, WatchDriver driver, ModelRoutes routes, TableReader tables) : IFeature
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

    private static readonly Rejection NoPlace = Findings.Invalid("after", "pattern", "It is the id of no event of this dialogue: an event stream goes on behind an event of its own.");

    private readonly FairPlaces _followers = new(ChatLimits.FollowersOfAll, ofSession: ChatLimits.Followers);

    public void Map(Routes routes) => routes.Map(Begin, BeginWatch).Map(List, ListWatches).Map(Get, GetWatch).Map(Follow, FollowWatch).Map(Intervene, InterveneInWatch);

    private async Task<Reply> BeginWatch(AgentCall call, WatchAsked asked)
    {
        var (session, refused) = await call.Enter(call.Findings.Refusal is null ? await routes.Unknown(call.ForModels, asked.Plan.Seats.Select(static seat => seat.Model)) : null);
        if (session is null) return refused!;

        var id = call.Context.CommandId;
        var watch = entities.In(call.Tenant).Watch(OwnedIds.Of(id, session.UserId));
        var answer = await watch.Send(new WatchCommand.Begin(SessionPaths.Agents(session), session.SessionId, asked.Plan, Personal.Of(asked.Brief)), call.Context);
        if (answer.Rejection is { } why) return Reply.Refused(why);

        driver.Wake(watch.Stream);
        return await books.Find(call, session, id) is { } book ? Reply.Created(await Shown(call, session, id, book, new(0, Limits.PageDefault))) with { UntrustedFields = WatchData.Untrusted, Replayed = answer.Replayed } : Reply.Refused(WatchRejection.NotFound);
    }

    private async Task<Reply> ListWatches(AgentCall call, Page page)
    {
        var (session, refused) = await call.Enter();
        if (session is null) return refused!;

        var (rows, total) = await tables.In(call.Tenant).Page(
            WatchTables.Watches, page, [new("updated_at", Descending: true), new("watch_id", Descending: true)], call.Cancel,
            TableReader.Is("user_id", session.UserId), TableReader.Is("agent", SessionPaths.Agents(session)));
        var watches = new List<WatchListedData>();
        foreach (var row in rows)
        {
            var id = Guid.ParseExact(row.Text("watch_id"), "N");
            watches.Add(new(id.ToString("D"), (await books.Beginning(call, session, id))?.Brief?.Topic, row.Text("state"), (int)row.Number("turn"), row.Time("updated_at")));
        }

        return Reply.Ok(new WatchesData(watches, total.Number, total.Unknown(call.Words), page.Offset, page.Limit)) with { UntrustedFields = ["data.watches[].topic"] };
    }

    private Task<Reply> GetWatch(AgentCall call, WatchLooked asked) => In(call, asked.WatchId, async (session, id, book) => Told(await Shown(call, session, id, book, asked.Page)));

    private Task<Reply> FollowWatch(AgentCall call, WatchFollowed asked) => In(call, asked.WatchId, async (session, id, book) =>
    {
        var last = call.Header(EventStream.LastEventId) is [{ } said] ? said : asked.After;
        var most = book.Events.Count + (book.State.Standing == WatchStandings.Ended ? 1 : 0); // that it is over may be told behind them
        if (WatchPlace.Read(id, last) is not { } place || place.Events > most) return Reply.Refused(NoPlace);
        if (!call.WantsEvents) return Told(await Shown(call, session, id, book, new(0, Limits.PageDefault)));

        return call.Take(_followers, call.Owner, Codes.RateLimited) is { } crowded ? Reply.Refused(crowded) : Reply.Streamed(EventStream.Type, events.Follow(call, book.State.Stream, id, place));
    });

    private async Task<Reply> InterveneInWatch(AgentCall call, WatchIntervention asked) => await In(call, asked.WatchId, async (session, id, book) =>
    {
        // Of the dialogue, not of a session: the same key from another session of the same person is the same intervention.
        var (watch, intervention) = (entities.In(call.Tenant).Watch(book.State.Stream.Id), Ids.FromKey(call.Tenant.Name, $"watch {book.State.Stream.Id}", call.Key!));
        var answer = await watch.Send(asked.Command(intervention, session.SessionId), call.Fresh());
        if (answer.Rejection is { } refused) return Reply.Refused(refused);

        var isOld = book.State.Interventions.ContainsKey(intervention);
        if (isOld && book.Events.Select(static e => e.Happened).OfType<WatchEvent.Intervention>().Any(done => done.Did.Id == intervention && !asked.IsOf(done)))
        {
            return Reply.Refused(WatchRejection.Other);
        }

        driver.Wake(watch.Stream);
        return Reply.Ok(InterventionData.Of(id, answer.As<Intervened>())) with { Replayed = isOld };
    });

    private async Task<Reply> In(AgentCall call, Guid? watchId, Func<SessionView, Guid, WatchBook, Task<Reply>> answer)
    {
        var (session, refused) = await call.Enter();
        if (session is null) return refused!;

        return watchId is { } id && await books.Find(call, session, id) is { } book ? await answer(session, id, book) : Reply.Refused(WatchRejection.NotFound);
    }

    private async Task<WatchData> Shown(AgentCall call, SessionView session, Guid id, WatchBook book, Page page)
    {
        var turns = new List<WatchTurnData>();
        foreach (var turn in book.Turns.Skip(page.Offset).Take(page.Limit))
        {
            turns.Add(WatchTurnData.Of(turn, await contexts.TextOf(call, session, turn)));
        }

        return WatchData.Of(id, book, turns, page);
    }

    private static Reply Told(WatchData data) => Reply.Ok(data) with { UntrustedFields = WatchData.Untrusted };
}
