using Agora.Application.Calls;
using Agora.Application.Models;
using Agora.Application.Sessions;
using Agora.Contracts;
using Agora.Core.Kernel;
using Agora.Core.Sessions;
using Agora.Core.Watches;
using Agora.Grains.Clocks;
using Agora.Models;

namespace Agora.Application.Watches;

/// <summary>
/// A turn of a model, from its beginning to its bill. It is begun, durably, before its model is called, and called by whoever began it alone; whoever takes it over looks what became of the call, and never makes it.
/// </summary>
internal sealed class WatchTurns(IEntities entities, WatchBooks books, WatchContexts contexts, WatchOutcomes outcomes, ModelCalls calls, SessionCalls sessions, SessionOwners owners, WatchSettings settings, TenantTimes times, TimeProvider time)
{
    private static readonly TimeSpan LookAgain = TimeSpan.FromMilliseconds(500);

    /// <summary>How often the session of a call that another made is asked whether its caller is gone. By itself it looks when its alarm rings, which is within half a minute.</summary>
    private static readonly TimeSpan AskEvery = TimeSpan.FromSeconds(2);

    private static readonly Rejection Erased = new(Codes.NotFound, "What the dialogue is about was erased.");

    /// <summary>The next turn, as it stands in the view.</summary>
    /// <param name="me">Who asks for no other turn meanwhile.</param>
    /// <returns>False: it was not begun, or is another's.</returns>
    public async Task<bool> Take(StreamId watch, WatchView view, Guid me, CancellationToken stopping)
    {
        var (request, hold, refused) = await Planned(watch, view);
        var (begun, _) = await Told(watch, new WatchCommand.BeginTurn(me, view.Turn, view.Attempts + 1, hold?.BoundMicros ?? 0));
        if (begun?.Under is not { } under || under.Caller != me || under.Driver != me) return false;

        if (refused is null)
        {
            var made = calls.Call(await Within(watch, under.SessionId, under.RunId), hold!, WatchContexts.Kept(view, request!));
            await Held(watch, under, me, made);
            refused = await made;
        }

        // Heard by the one who asked, and asked once: nothing of it is on its way any more.
        if (refused is not null)
        {
            await Told(watch, new WatchCommand.FailTurn(me, under.Number, under.Attempt, refused.Code, 0, WatchOutcomes.IsFinal(refused.Code)));
            return true;
        }

        return await Follow(watch, view, under, me, stopping);
    }

    /// <summary>Whoever drove the turn is gone.</summary>
    /// <returns>False: it is another's.</returns>
    public async Task<bool> TakeOver(StreamId watch, WatchView view, TurnUnderWay under, Guid me, CancellationToken stopping) =>
        (await Told(watch, new WatchCommand.HoldTurn(me, under.Number, under.Attempt))).View is not null && await Follow(watch, view, under, me, stopping);

    public async Task<WatchView?> Look(StreamId watch) => (await Told(watch, new WatchCommand.Get())).View;

    private async Task<(ModelRequest? Request, ModelHold? Hold, Rejection? Refused)> Planned(StreamId watch, WatchView view)
    {
        var call = await Within(watch, view.SessionId);
        if (await call.Peek() is not { } session) return (null, null, SessionRejection.Unknown);
        if (session.Refusal(call.Now) is { } over) return (null, null, over);
        if (await books.Find(watch, CancellationToken.None) is not { } book || await contexts.Of(call, session, book) is not { } request)
        {
            return (null, null, Erased);
        }

        var (hold, refused) = await calls.Plan(call, request, Math.Min(view.Seats[view.Seat].LeftMicros, session.Budget.RemainingMicros));
        return (request, hold, refused);
    }

    /// <summary>Until it is known what became of the call, and the dialogue knows it.</summary>
    private async Task<bool> Follow(StreamId watch, WatchView view, TurnUnderWay under, Guid me, CancellationToken stopping)
    {
        var (call, held, sought, isAsked) = (await Within(watch, under.SessionId, under.RunId), time.GetTimestamp(), time.GetTimestamp(), false);
        while (!stopping.IsCancellationRequested)
        {
            try
            {
                var outcome = await outcomes.Of(call, under, view.Brief?.Read<WatchBrief>()?.StopWord);
                if (outcome.IsOver) return (await Told(watch, outcome.Told(me, under))).View is not null;
                if (!outcome.IsKnown && !isAsked)
                {
                    isAsked = true;
                    await Unbegin(call, view, under);
                    continue;
                }

                if (under.Caller != me && time.GetElapsedTime(sought) >= AskEvery)
                {
                    sought = time.GetTimestamp();
                    await entities.In(call.Tenant).Session(under.SessionId).Send(new SessionCommand.Tick(), call.Fresh(), CancellationToken.None); // that the process stops ends the loop
                }

                if (time.GetElapsedTime(held) >= WatchLimits.HeldEvery)
                {
                    held = time.GetTimestamp();
                    if ((await Told(watch, new WatchCommand.HoldTurn(me, under.Number, under.Attempt))).View is null) return false;
                }
            }
            catch (OperatingException)
            {
                // The store is away: it is looked at again.
            }

            await Task.Delay(LookAgain, time, stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
        }

        return false;
    }

    private async Task Unbegin(ModelCaller call, WatchView view, TurnUnderWay under)
    {
        var request = new ModelRequest(view.Seats[under.Seat].Model!, [ReplyTexts.Item(Role.User, "")]) { MaxOutputTokens = ModelHold.LeastOutputTokens };
        if ((await calls.Plan(await Within(call.Session.Stream, under.SessionId), request, under.MostMicros)).Hold is { } hold)
        {
            await calls.Unbegin(call, hold);
        }
    }

    /// <summary>While the model is called the dialogue is told that somebody is there. Where it cannot be told, or believes the driver gone, the call goes on: it is paid, and whoever has the turn finds that.</summary>
    private async Task Held(StreamId watch, TurnUnderWay under, Guid me, Task made)
    {
        while (await Task.WhenAny(made, Task.Delay(WatchLimits.HeldEvery, time)) != made)
        {
            try
            {
                await Told(watch, new WatchCommand.HoldTurn(me, under.Number, under.Attempt));
            }
            catch (OperatingException)
            {
                // It is told again.
            }
        }
    }

    private async Task<(WatchView? View, Rejection? Refused)> Told(StreamId watch, WatchCommand command)
    {
        var tenant = Tenant.Of(watch);
        var answer = await entities.In(tenant).Watch(watch.Id).Send(command, Commands.Fresh(times.Of(tenant)));
        return (answer.Reply as WatchView, answer.Rejection);
    }

    /// <summary>A call of the dialogue's session that no caller sent.</summary>
    /// <param name="commandId">The id of its command. Null for a fresh one.</param>
    private async ValueTask<ModelCaller> Within(StreamId stream, string sessionId, Guid? commandId = null)
    {
        var tenant = Tenant.Of(stream);
        var caller = new AgentCaller(tenant, sessionId, commandId is { } id ? new CommandContext(id, null) : sessions.Fresh(tenant), settings.Request);
        return new(caller, sessions) { Owner = await owners.Of(new(tenant, sessionId)), MaxAge = static _ => null };
    }
}
