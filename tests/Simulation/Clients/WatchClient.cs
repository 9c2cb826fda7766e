using Agora.Contracts;
using Agora.Core.Kernel;
using Agora.Core.Users;
using Agora.Core.Watches;
using Agora.Simulation.Cluster;

namespace Agora.Simulation.Clients;

/// <summary>A person who begins dialogues and steps into those of all: each intervention comes three times, under commands of their own, and now and then another at once.</summary>
public sealed class WatchClient(Tenant tenant, int number) : Caller(tenant, new Random(unchecked((tenant.Cluster.Options.Seed * 191) + 149 + (1_000_003 * tenant.Number) + (7_919 * number))))
{
    /// <summary>Of each tenant.</summary>
    public const int People = 2;

    /// <summary>Of a tenant, that are not over.</summary>
    private const int MostOpen = 3;

    private const string Credential = "watcher";

    public async Task Live()
    {
        while (await GoesOn(3 * Cluster.Options.Think))
        {
            Cluster.History.CatchUp();
            var open = Tenant.Watches.Open;
            await (open.Count == 0 || (open.Count < MostOpen && Random.Next(4) == 0) ? Begin() : Intervene(Entities.Watch(Any(open))));
        }
    }

    private async Task Begin()
    {
        if (await Opened(Any(Tenant.Catalogue.Users), Any(Tenant.Catalogue.Agents)) is not { } session) return;

        var (sending, brief) = (NewKeyed(Credential), new WatchBrief("Rates", [], Random.Next(2) == 0 ? "over" : null));
        var seats = Enumerable.Range(0, Random.Next(2, 5)).Select(seat => seat > 0 && Random.Next(6) == 0 ? new Seat(null, 0) : new Seat(Any(FakeModels.All).Terms.ServiceId, Random.Next(4) == 0 ? Random.Next(40_000) : Random.Next(100_000, 600_000)));
        var begin = new WatchCommand.Begin(session.AgentId, session.SessionId, new([.. seats], Random.Next(3, 40), Random.Next(3), Random.Next(4)), Personal.Of(brief));
        var entity = Entities.Watch(OwnedIds.Of(sending.CommandId, session.UserId));
        await Ask(entity, begin, sending, $"The beginning of dialogue {entity.Stream.Id}", static _ => null);
    }

    private async Task<SessionOpened?> Opened(string user, string agent)
    {
        var command = new UserCommand.OpenSession(agent, new(null, null, null, null), null, Random.Next(60, 900), Vouched: false, null, null, EndOldest: true);
        return (await Ask(Entities.User(user), command, NewSending(), "Opening a session for a dialogue", static _ => null))?.Reply as SessionOpened;
    }

    private async Task Intervene(EntityRef<WatchCommand> entity)
    {
        var looked = await Ask(entity, new WatchCommand.Get(), NewSending(), "A look at a dialogue", static _ => null);
        if (looked?.Reply is not WatchView view) return;

        // Mostly with a session of its own: the former one may be over.
        var (several, session) = (Random.Next(3) == 0 ? 2 : 1, view.Pause is not null && Random.Next(4) > 0 ? await Opened(view.UserId, view.AgentId) : null);
        await Task.WhenAll(Enumerable.Range(0, several).Select(_ => Thrice(entity, Drawn(view, new(view.Turn, view.Interventions), session?.SessionId))).ToList());
    }

    private async Task Thrice(EntityRef<WatchCommand> entity, WatchCommand.Intervention what)
    {
        var answers = await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => Once(entity, what)).ToList());
        var done = answers.Where(answer => answer?.Reply is Intervened).Select(answer => Text(answer!)).Distinct().ToList();
        Cluster.Findings.Expect(done.Count <= 1, $"Intervention {what.Id} was answered {string.Join(" and ", done)}.");

        // It may have been done though nobody heard of it.
        Cluster.History.CatchUp();
        if (!Tenant.Watches.IsDone(what.Id)) return;

        var again = await Once(entity, what);
        Cluster.Findings.Expect(again is null or { Reply: Intervened } or { Rejection.Code: Codes.Unavailable }, $"Intervention {what.Id} was done, and is answered {(again is null ? null : Text(again))} when it comes again.");
        Cluster.Findings.Expect(again?.Reply is null || done.Count == 0 || Text(again) == done[0], $"Intervention {what.Id} was answered {done.FirstOrDefault()} and, sent again, {(again is null ? null : Text(again))}.");
    }

    private async Task<Answer?> Once(EntityRef<WatchCommand> entity, WatchCommand.Intervention what)
    {
        await Pause(TimeSpan.FromSeconds(Random.Next(4) == 0 ? 20 : 1));
        return await Ask(entity, what, Random.Next(2) == 0 ? NewSending() : NewKeyed(Credential), $"Intervention {what.Id} in {entity.Stream.Id}", given => given.Reply is Intervened did
            ? history => history.Count<WatchEvent.Intervention>(entity.Stream, (e, _) => e.Did == did)
            : null);
    }

    private WatchCommand.Intervention Drawn(WatchView view, Seen seen, string? session)
    {
        var (id, seat) = (Cluster.NewId(), Random.Next(view.Seats.Count));
        return Random.Next(view.Pause is null ? 14 : 30) switch
        {
            < 2 => new WatchCommand.Pause(id, Random.Next(3) == 0 ? null : seen),
            < 7 => new WatchCommand.Say(id, seen, Personal.Of("Let us see."), Random.Next(3) == 0 ? null : view.Seats[view.Seat].IsPersons ? view.Seat : seat),
            < 9 => new WatchCommand.TakeSeat(id, seen, seat),
            < 11 => new WatchCommand.LeaveSeat(id, seen, seat),
            < 13 => new WatchCommand.RaiseBudget(id, seen, seat, Random.Next(1, 100_000)),
            13 when Random.Next(4) == 0 => new WatchCommand.Stop(id, Random.Next(2) == 0 ? null : seen),
            _ => new WatchCommand.Resume(id, seen, session),
        };
    }
}
