using Agora.Application.Calls;
using Agora.Application.Models;
using Agora.Application.Operations;
using Agora.Application.Reading;
using Agora.Contracts;
using Agora.Core.Kernel;
using Agora.Core.Sessions;
using Agora.Core.Users;
using Agora.Core.Watches;

namespace Agora.Application.Watches;

/// <summary>Dialogues of models that an agent's user watches: people pause them, step in, take a seat and continue, each intervention exactly once.</summary>
internal sealed class AgentWatches(IEntities entities, WatchBooks books, WatchContexts contexts, WatchDriver driver, ModelRoutes routes, TableReader tables)
{
    private static readonly Rejection NoPlace = Findings.Invalid("after", "pattern", "It is the id of no event of this dialogue: an event stream goes on behind an event of its own.");

    /// <summary>Begins a dialogue under an id that follows from the call. That is the call's one durable change.</summary>
    public async Task<Result<WatchShown>> Begin(ModelCaller call, WatchAsked asked)
    {
        var (session, refused) = await call.Enter(call.Caller.IsWrong ? null : await routes.Unknown(call, asked.Plan.Seats.Select(static seat => seat.Model)));
        if (session is null) return Result.Refused<WatchShown>(refused!);

        var id = call.Context.CommandId;
        var watch = entities.In(call.Tenant).Watch(OwnedIds.Of(id, session.UserId));
        var answer = await watch.Send(new WatchCommand.Begin(SessionPaths.Agents(session), session.SessionId, asked.Plan, Personal.Of(asked.Brief)), call.Context);
        if (answer.Rejection is { } why) return Result.Refused<WatchShown>(why);

        driver.Wake(watch.Stream);
        return await books.Find(call, session, id) is { } book ? Result.Of(await Shown(call, session, id, book, FirstPage)) with { Replayed = answer.Replayed } : Result.Refused<WatchShown>(WatchRejection.NotFound);
    }

    /// <summary>Dialogues of the agent with its user, the one that moved last first.</summary>
    public async Task<Result<WatchPage>> List(ModelCaller call, Page page)
    {
        var (session, refused) = await call.Enter();
        if (session is null) return Result.Refused<WatchPage>(refused!);

        var (rows, total) = await tables.In(call.Tenant).Page(
            WatchTables.Watches, page, [new("updated_at", Descending: true), new("watch_id", Descending: true)], call.Cancel,
            TableReader.Is("user_id", session.UserId), TableReader.Is("agent", SessionPaths.Agents(session)));
        var watches = new List<WatchLine>();
        foreach (var row in rows)
        {
            var id = Guid.ParseExact(row.Text("watch_id"), "N");
            watches.Add(new(id, (await books.Beginning(call, session, id))?.Brief?.Topic, row.Text("state"), (int)row.Number("turn"), row.Time("updated_at")));
        }

        return Result.Of(new WatchPage(watches, total));
    }

    /// <summary>A dialogue with a page of its turns.</summary>
    public Task<Result<WatchShown>> Get(ModelCaller call, WatchLooked asked) => In(call, asked.WatchId, async (session, id, book) => Result.Of(await Shown(call, session, id, book, asked.Page)));

    /// <summary>Finds the place in a dialogue from which it is followed.</summary>
    /// <param name="listens">The caller is sent events. If not, it is shown the dialogue as it is.</param>
    /// <param name="last">The id of the last event that the caller received. Null for all events.</param>
    public Task<Result<WatchFollow>> Follow(ModelCaller call, Guid? watchId, bool listens, string? last) => In(call, watchId, async (session, id, book) =>
    {
        var most = book.Events.Count + (book.State.Standing == WatchStandings.Ended ? 1 : 0); // the end may be told behind all events
        if (WatchPlace.Read(id, last) is not { } place || place.Events > most) return Result.Refused<WatchFollow>(NoPlace);

        return Result.Of(new WatchFollow(id, book.State.Stream, place, listens ? null : await Shown(call, session, id, book, FirstPage)));
    });

    /// <summary>Does what a person wants to do in a dialogue, once under its key.</summary>
    /// <param name="key">The caller's idempotency key.</param>
    public Task<Result<InterventionDone>> Intervene(ModelCaller call, WatchIntervention asked, string key) => In(call, asked.WatchId, async (session, id, book) =>
    {
        // It belongs to the dialogue and not to a session: the same key from another session of the same person is the same intervention.
        var (watch, intervention) = (entities.In(call.Tenant).Watch(book.State.Stream.Id), Ids.FromKey(call.Tenant.Name, $"watch {book.State.Stream.Id}", key));
        var answer = await watch.Send(asked.Command(intervention, session.SessionId), call.Fresh());
        if (answer.Rejection is { } refused) return Result.Refused<InterventionDone>(refused);

        var isOld = book.State.Interventions.ContainsKey(intervention);
        if (isOld && book.Events.Select(static e => e.Happened).OfType<WatchEvent.Intervention>().Any(done => done.Did.Id == intervention && !asked.IsOf(done)))
        {
            return Result.Refused<InterventionDone>(WatchRejection.Other);
        }

        driver.Wake(watch.Stream);
        return Result.Of(new InterventionDone(id, answer.As<Intervened>())) with { Replayed = isOld };
    });

    private static Page FirstPage => new(0, Limits.PageDefault);

    private async Task<Result<T>> In<T>(ModelCaller call, Guid? watchId, Func<SessionView, Guid, WatchBook, Task<Result<T>>> answer)
        where T : class
    {
        var (session, refused) = await call.Enter();
        if (session is null) return Result.Refused<T>(refused!);

        return watchId is { } id && await books.Find(call, session, id) is { } book ? await answer(session, id, book) : Result.Refused<T>(WatchRejection.NotFound);
    }

    private async Task<WatchShown> Shown(ModelCaller call, SessionView session, Guid id, WatchBook book, Page page)
    {
        var turns = new List<(WatchTurn, string?)>();
        foreach (var turn in book.Turns.Skip(page.Offset).Take(page.Limit))
        {
            turns.Add((turn, await contexts.TextOf(call, session, turn)));
        }

        return new(id, book, turns, page);
    }
}

/// <summary>A dialogue with a page of its turns.</summary>
/// <param name="Turns">Each with what was said in it, as far as that is kept.</param>
internal sealed record WatchShown(Guid WatchId, WatchBook Book, IReadOnlyList<(WatchTurn Turn, string? Text)> Turns, Page Page);

/// <param name="Topic">Null if the user's data were erased.</param>
/// <param name="Turn">The turn under way, or the next.</param>
internal sealed record WatchLine(Guid WatchId, string? Topic, string State, int Turn, DateTimeOffset UpdatedAt);

internal sealed record WatchPage(IReadOnlyList<WatchLine> Watches, Total Total);

/// <param name="Now">The dialogue as it is. Null if the caller is sent events.</param>
internal sealed record WatchFollow(Guid WatchId, StreamId Stream, WatchPlace After, WatchShown? Now);

/// <summary>What an intervention did.</summary>
internal sealed record InterventionDone(Guid WatchId, Intervened Did);
