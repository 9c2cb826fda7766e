using Agora.Application.Calls;
using Agora.Core.Kernel;
using Agora.Core.Runs;
using Agora.Models;

namespace Agora.Application.Models;

/// <summary>
/// Calls that something else of ours has planned, such as a dialogue: what one can cost is known before, its run's id was minted there, and the session is asked for it once. So whoever plans knows what became of it whatever is lost between.
/// </summary>
internal sealed partial class ModelCalls
{
    /// <summary>What the call holds: as much output as fits into what is left; where no answer does, all of it, which is more than that.</summary>
    public async Task<(ModelHold? Hold, Rejection? Refused)> Plan(ModelCaller call, ModelRequest request, long leftMicros)
    {
        var (places, unwanted, _) = await routes.Of(call, request);
        if ((unwanted ?? await moderation.Refusal(call, request, places)) is { } why) return (null, why);

        var (service, _) = places[0];
        if (models.Provider(call.Tenant, service.Definition) is not { } provider) return (null, NoProvider(call.Tenant, service));

        var (hold, unbounded) = ModelHold.Of(service, request, provider.CachesUnasked, call.Now);
        return hold is null ? (null, unbounded) : (hold.BoundMicros > leftMicros ? hold.Within(leftMicros) ?? hold : hold, null);
    }

    /// <summary>Calls, where the session permits it to this one, and completes when the call is paid and the end of its reply is kept.</summary>
    /// <param name="call">Its command is the run.</param>
    /// <param name="asked">What is kept as the request, in the form of OpenAI's Responses.</param>
    /// <returns>Why no model is called; null: one was, or it is not known: the session is to be asked.</returns>
    public async Task<Rejection?> Call(ModelCaller call, ModelHold hold, ReadOnlyMemory<byte> asked)
    {
        using var place = _places.Begin(call.Owner, hold.Request.ContextBytes);
        if (place is null) return TooMany;

        var (me, service) = (Guid.NewGuid(), hold.Service);
        var answer = await Permitted(call, hold, me);
        if (answer.Rejection is { } refused) return refused;
        if (answer.Reply is not RunView { State: RunState.Pending, Caller: { } permitted } run || permitted != me) return null;

        var of = new Followed(call, place, hold.Request, asked, static _ => Task.FromResult<Rejection?>(null), [(service, null)], new(static _ => ValueTask.CompletedTask));
        var (attempt, _) = await Placed(of, new(call.Session, run, me, hold, hold.Request, false, call.Now, time.GetTimestamp()) { Place = place }, null, 0);
        if (await Made(attempt!.Caller, () => Fault(of, attempt)) is { } fault)
        {
            await attempt.Keeping.Failed(fault);
        }

        return null;
    }

    /// <summary>A run that its session does not know is asked for in the place of whoever was to call it and is gone: the session permits one of the two, and this one says that nothing is sent.</summary>
    public async Task Unbegin(ModelCaller call, ModelHold hold)
    {
        var me = Guid.NewGuid();
        if ((await Permitted(call, hold, me)).Reply is RunView { State: RunState.Pending, Caller: { } permitted } run && permitted == me)
        {
            await End(call.Session, run.RunId, me, Unsent(Codes.Unavailable, "Whoever was to call the model was gone, and it was not called."));
        }
    }

    private async Task<Answer> Permitted(ModelCaller call, ModelHold hold, Guid me)
    {
        var candidates = hold.Service.Definition.Model!.Charges ? await Candidates(call, hold.Service) : [];
        return await Asked(call, me, Command(call.Info with { IsOurs = true }, hold.Service, hold, me, route: null, candidates, tentative: false), call.Context);
    }
}
