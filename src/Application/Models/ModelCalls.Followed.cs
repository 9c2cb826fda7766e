using System.Diagnostics;
using Agora.Application.Calls;
using Agora.Application.Catalogue;
using Agora.Contracts;
using Agora.Core.Kernel;
using Agora.Core.Runs;
using Agora.Models;
using Agora.Models.Dialects;
using Agora.Providers;

namespace Agora.Application.Models;

/// <summary>Replies that belong to something else of ours, such as a turn of a chat: that names the run before the model is called, each part is durable before it is shown, and whoever was cut off follows it from the journal.</summary>
internal sealed partial class ModelCalls
{
    /// <param name="place">Which has grown by what is asked: it is given back when the call is over, and by whoever took it where none is made.</param>
    /// <param name="asked">What is kept as the request, in the form of OpenAI's Responses.</param>
    /// <param name="held">Where the run's place is made durable: also of each that follows because a provider did nothing. A refusal: the model is not called.</param>
    /// <param name="hear">Each part, when it is durable.</param>
    /// <returns>What is under way, and completes when it is paid and its end is kept; or why no model is called.</returns>
    public async Task<(Task? Made, Rejection? Refused)> Begin(
        ModelCaller call, CallPlaces.Place place, ModelRequest request, ReadOnlyMemory<byte> asked, Func<HeldCall, Task<Rejection?>> held, Func<IReadOnlyList<ModelEvent>, ValueTask> hear)
    {
        var (places, unwanted, _) = await routes.Of(call, request);
        if ((unwanted ?? await moderation.Refusal(call, request, places)) is { } why) return (null, await call.Refusal(why));

        var followed = new Followed(call, place, request, asked, held, places, new(hear));
        var (first, refused) = await Next(followed, 0);
        return first is null ? (null, refused) : (Made(followed, first, place), null);
    }

    /// <summary>The next model that has room, from one on.</summary>
    private async Task<(Attempt? Attempt, Rejection? Refused)> Next(Followed of, int from)
    {
        for (var n = from; n < of.Places.Count; n++)
        {
            var (chosen, isLast) = (of.Places[n], n == of.Places.Count - 1);
            if (!isLast && models.Provider(of.Call.Tenant, chosen.Model.Definition) is null) continue; // its provider is not set up here

            var (hold, run, refused) = await Hold(of.Call, of.Request, chosen, n);
            if (refused is { Replayed: true, Rejection.Code: Codes.Unavailable or Codes.UpstreamFailed } && !isLast) continue; // a repeat, whose first try came to nothing
            if (refused is not null) return (null, refused.Rejection);

            return await Placed(of, new(of.Call.Session, run!, run!.Caller!.Value, hold!, of.Request, of.Call.IsKeyed, of.Call.Now, time.GetTimestamp()) { Place = of.Place }, chosen.Why, n);
        }

        return (null, RunRejection.IsNoModel);
    }

    /// <summary>Where it belongs, and that it is begun, are durable at once.</summary>
    private async Task<(Attempt? Attempt, Rejection? Refused)> Placed(Followed of, Calling caller, string? why, int n)
    {
        try
        {
            var (keeping, place) = (kept.Begin(of.Call, caller.RunId, caller.At, of.Request.Model, of.Asked), of.Held(new(caller.RunId, caller.Hold.Service.ServiceId, why)));
            await Task.WhenAll(keeping, place);
            if (await place is not { } refused) return (new(caller, await keeping, n), null);

            await End(caller, Unsent(refused.Code, refused.Message));
            await (await keeping).Delete();
            return (null, refused);
        }
        catch (OperatingException)
        {
            await End(caller, Unsent(Codes.Unavailable, "The reply could not be kept, and the model was not called."));
            throw;
        }
    }

    private async Task Made(Followed of, Attempt attempt, IDisposable place)
    {
        using (place)
        {
            for (var at = attempt; await Made(at.Caller, () => Fault(of, at)) is { } fault;)
            {
                var (next, _) = await Next(of, at.Place + 1);
                await at.Keeping.Failed(fault);
                if (next is null) return;

                at = next;
            }
        }
    }

    /// <returns>Why another is to reply; null: this one did, or nobody does.</returns>
    private async Task<ProviderFault?> Fault(Followed of, Attempt at)
    {
        ProviderAnswer answer;
        try
        {
            answer = await ProviderAsked(at.Caller);
        }
        catch (DialectException cannot)
        {
            return await Other(at, new(FaultKind.InvalidRequest, cannot.Message, Param: cannot.Fault.Param));
        }

        switch (answer)
        {
            case ProviderAnswer.Unsent { Fault: var fault }:
                await Failed(at.Caller, CallStanding.Unsent, fault);
                return await Other(at, fault);
            case ProviderAnswer.Refused { Fault: var fault } when !DialectFaults.IsOfRequest(fault):
                await Failed(at.Caller, CallStanding.Unsent, fault);
                return await Other(at, fault);
            case ProviderAnswer.Streamed { Stream: var stream }:
                using (stream) await Heard(of, at, stream);
                return null;
            default:
                await (await Settled(at.Caller, answer) is { } lost ? at.Keeping.Failed(lost) : throw new UnreachableException(answer.GetType().Name)); // what is asked for as a stream is not whole
                return null;
        }
    }

    /// <summary>Where the session has posted it, for it had given us up, nobody else replies: a turn has one bill.</summary>
    private static async Task<ProviderFault?> Other(Attempt at, ProviderFault fault)
    {
        if (at.Caller.IsVoid) return fault;

        await at.Keeping.Failed(fault);
        return null;
    }

    private async Task Heard(Followed of, Attempt at, ProviderStream stream)
    {
        var shown = new Shown(of.Listener, at.Keeping, time);
        var cut = await Read(at.Caller, stream, shown);
        await End(at.Caller, Ended(at.Caller, stream.Reply.Reply(), stream.IsCounted, cut));
        if (cut is not null)
        {
            ProviderFailed(log, at.Caller.Hold.Service.ServiceId, at.Caller.RunId, cut.Kind, stream.IsCounted ? CallStanding.Known : CallStanding.Unknown);
        }

        if (shown is { IsLost: false, IsCancelled: false })
        {
            await at.Keeping.End(cut is null ? null : Codes.UpstreamFailed);
        }
    }

    private sealed record Followed(
        ModelCaller Call, CallPlaces.Place Place, ModelRequest Request, ReadOnlyMemory<byte> Asked, Func<HeldCall, Task<Rejection?>> Held, IReadOnlyList<(ServiceEntry Model, string? Why)> Places, Hearing Listener);

    /// <param name="Place">Of the models that may reply, the one that is called.</param>
    private sealed record Attempt(Calling Caller, KeepingReply Keeping, int Place);

    private sealed class Hearing(Func<IReadOnlyList<ModelEvent>, ValueTask> hear) : IListener
    {
        public ValueTask Hear(IReadOnlyList<ModelEvent> said) => hear(said);

        public ValueTask Cancelled() => ValueTask.CompletedTask;
    }
}

/// <summary>What is about to be called: all limits hold what it can cost.</summary>
/// <param name="Route">Why this model; null: it was asked for.</param>
internal sealed record HeldCall(Guid RunId, string Model, string? Route);
