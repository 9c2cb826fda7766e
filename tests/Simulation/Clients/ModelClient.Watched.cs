using Agora.Contracts;
using Agora.Core.Kernel;
using Agora.Core.Runs;
using Agora.Core.Watches;
using Agora.Simulation.Cluster;

namespace Agora.Simulation.Clients;

/// <summary>It drives dialogues, as another process does at the same time: it claims turns, calls for them by their runs, says that it is there, and looks what became of the call when others are gone. It dies, and begins anew as another.</summary>
public sealed partial class ModelClient
{
    /// <summary>Of each tenant.</summary>
    public const int Drivers = 2;

    /// <summary>A run that its session does not know by then, or has refused, never begins: the command would be too old. Until then one that is late on its way may still be let in.</summary>
    private static readonly TimeSpan NeverBeginsAfter = Limits.OutcomeKept + TimeSpan.FromSeconds(60);

    private readonly List<Task> _turns = [];
    private Guid _driver;

    public async Task Drive()
    {
        _driver = Cluster.NewId();
        while (await GoesOn(Cluster.Options.Think))
        {
            if (Random.Next(30) == 0)
            {
                _driver = Cluster.NewId(); // it dies; what was under way is left as it is
            }

            _turns.RemoveAll(static turn => turn.IsCompletedSuccessfully);
            Cluster.History.CatchUp();
            if (_turns.Count < MostCalls && Tenant.Watches.Open is { Count: > 0 } open)
            {
                _turns.Add(Turn(Entities.Watch(Any(open)), _driver));
            }
        }

        await Task.WhenAll(_turns);
    }

    private async Task Turn(EntityRef<WatchCommand> watch, Guid me)
    {
        if (await Told(watch, new WatchCommand.Get()) is not { } view) return;

        var known = view.Under;
        if (known is null)
        {
            if (view.Seats[view.Seat] is not { Model: { } name } seat) return;

            var price = ModelOf(name).Terms.PriceMicros;
            var most = price == 0 ? 0 : Random.NextInt64(1, (Random.Next(4) == 0 ? price : Math.Clamp(seat.LeftMicros, 1, price)) + 1);
            view = await Told(watch, new WatchCommand.BeginTurn(me, view.Turn, view.Attempts + 1, most));
        }
        else if (known.Driver != me)
        {
            view = await Told(watch, new WatchCommand.HoldTurn(me, known.Number, known.Attempt));
        }

        // Another task of this process, or a message that came late, may have begun it, too: it calls, or nobody does until it is known that it failed.
        if (view?.Under is not { } under || under.Driver != me) return;
        var never = known is null && under.Caller == me ? await Call(view, under) : null;
        await Follow(watch, view, under, me, never);
    }

    /// <returns>Null: the session knows of the run, or may.</returns>
    private async Task<Rejection?> Call(WatchView view, TurnUnderWay under)
    {
        if (Random.Next(20) == 0) return null; // it dies before it has asked

        var (caller, answer) = await Permit(view, under);
        if (answer is null)
        {
            await End(under.SessionId, under.RunId, caller, Unsent);
        }
        else if (IsPermitted(answer, caller))
        {
            Permitted(under.SessionId, under.RunId, caller);
            await Call(new Under(under.SessionId, under.RunId, caller, under.MostMicros));
        }

        return answer?.Rejection is { Code: Codes.SessionExpired or Codes.SessionRevoked or Codes.Unauthorized } never ? never : null;
    }

    /// <summary>Whoever finds a run that its session does not know asks for it in the place of whoever is gone: the session permits one of them, and this one says that nothing is sent.</summary>
    private async Task Unbegin(WatchView view, TurnUnderWay under)
    {
        var (caller, answer) = await Permit(view, under);
        if (answer is null || IsPermitted(answer, caller))
        {
            await End(under.SessionId, under.RunId, caller, Unsent);
        }
    }

    private async Task<(Guid Caller, Answer? Answer)> Permit(WatchView view, TurnUnderWay under)
    {
        var (caller, model) = (Cluster.NewId(), ModelOf(view.Seats[under.Seat].Model!));
        var command = new RunCommand.RunService(
            Info, model.Terms.ServiceId, model.Terms, new("null"u8.ToArray()), InputHash: "", NamedCampaignId: null, NamedFound: false, model.Charges ? under.MostMicros : null, Tenant.Catalogue.CandidatesFor(model.Terms.ServiceId), Keyed: true,
            Model: new(caller, under.MostMicros, 1, 30, 10, model.Charges));
        return (caller, await Ask(Entities.Session(under.SessionId), command, new(under.RunId, null), $"A call for turn {under.Number}", static _ => null));
    }

    private static bool IsPermitted(Answer answer, Guid caller) => answer.Reply is RunView { State: RunState.Pending, Caller: { } permitted } && permitted == caller;

    /// <summary>Until it is known what became of the call, and the dialogue knows it.</summary>
    /// <param name="never">Why the session will not have the run, however often it is asked; null: it may.</param>
    private async Task Follow(EntityRef<WatchCommand> watch, WatchView view, TurnUnderWay under, Guid me, Rejection? never)
    {
        for (var looks = 0; !Cluster.Closing && me == _driver; looks++)
        {
            var came = Came(under, me) ?? (never is null ? null : new WatchCommand.FailTurn(me, under.Number, under.Attempt, never.Code, 0, IsFinal: true));
            if (came is not null)
            {
                if (await Told(watch, came) is not null) return;
            }
            else if (looks % 4 == 0 && await Told(watch, new WatchCommand.HoldTurn(me, under.Number, under.Attempt)) is null)
            {
                return; // it is another's, or nobody knows: whoever looks next finds it
            }
            else if (looks % 4 == 1 && !Tenant.Watches.IsCalled(under.RunId))
            {
                await Unbegin(view, under);
            }

            await Pause(2 * Soon);
        }
    }

    /// <summary>As the session's journal has it. Null: it is under way, or may begin yet.</summary>
    private WatchCommand? Came(TurnUnderWay under, Guid me)
    {
        Cluster.History.CatchUp();
        return Tenant.Watches.EndOf(under.RunId) switch
        {
            RunEvent.Concluded { Posted: true, Model.IsEstimate: false } e => new WatchCommand.EndTurn(me, under.Number, under.Attempt, Random.Next(12) switch { 0 => TurnFinish.StopWord, < 4 => TurnFinish.Silent, _ => TurnFinish.Said }, e.AmountMicros),
            RunEvent.Concluded e => new WatchCommand.FailTurn(me, under.Number, under.Attempt, e.FailureCode ?? Codes.UpstreamFailed, e.Posted ? e.AmountMicros : 0),
            RunEvent.Refused e when IsTooOld(under) => new WatchCommand.FailTurn(me, under.Number, under.Attempt, e.Reason.Code, 0, Codes.RetryOf(e.Reason.Code) == RetryWith.Never),
            null when !Tenant.Watches.IsCalled(under.RunId) && IsTooOld(under) => new WatchCommand.FailTurn(me, under.Number, under.Attempt, Codes.Unavailable, 0),
            _ => null,
        };
    }

    private bool IsTooOld(TurnUnderWay under) => Tenant.Now - Ids.TimeOf(under.RunId) > NeverBeginsAfter;

    /// <returns>Null: it is refused, or nobody knows.</returns>
    private async Task<WatchView?> Told(EntityRef<WatchCommand> watch, WatchCommand command) =>
        (await Ask(watch, command, NewSending(), $"{command.GetType().Name} of {watch.Stream.Id}", static _ => null))?.Reply as WatchView;

    private static FakeModels.Model ModelOf(string name) => FakeModels.All.Single(model => model.Terms.ServiceId == name);
}
