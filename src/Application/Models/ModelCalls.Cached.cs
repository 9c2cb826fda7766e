using Agora.Application.Calls;
using Agora.Core.Kernel;
using Agora.Core.Runs;
using Agora.Models;

namespace Agora.Application.Models;

/// <summary>
/// Answers that another call's reply is. Such a request is held as any other before anybody looks, so it is counted, bounded and refused as it would be without; then it costs what its model says of that, and calls nobody.
/// </summary>
internal sealed partial class ModelCalls
{
    /// <returns>As of <see cref="Make"/>.</returns>
    private async Task<bool> MakeOrTake(IModelClient client, ModelCaller call, Calling caller, bool isLast)
    {
        var look = await cache.Look(call, caller.Hold.Request, caller.Hold.Service, caller.RunId);
        await using var claim = look as CacheClaim;
        (caller.Claim, caller.CachedAs) = (claim, look?.Id);
        switch (look)
        {
            case CacheLook.Hit hit:
                await Cached(client, call, caller, hit);
                return true;
            case CacheLook.Left:
                await End(caller, Unsent(Codes.Unavailable, "Whoever asked went away while an equal request was being answered, and the model was not called."));
                return true;
            default:
                return await Make(client, call, caller, isLast);
        }
    }

    private async Task Cached(IModelClient client, ModelCaller call, Calling caller, CacheLook.Hit hit)
    {
        client.FromCache(hit);

        caller.FirstMs = Elapsed(caller);
        var cost = Math.Min(caller.Hold.Service.Definition.Model!.HitMicros(hit.From.CostMicros), caller.Hold.BoundMicros);
        client.Cost(await End(caller, new(CallStanding.Known, cost, Usage: null, Tier: hit.Reply.ServiceTier, FirstMs: caller.FirstMs, TookMs: caller.FirstMs, CachedFrom: hit.From.RunId)));
        var reply = Timed(caller, hit.Reply);
        await (caller.Asked.Stream ? Stream(client, call, caller, reply) : Write(client, call, caller, reply));
    }

    private async Task Stream(IModelClient client, ModelCaller call, Calling caller, ModelReply reply)
    {
        if (caller.Asked.Store)
        {
            await kept.Keep(call, caller.RunId, caller.At, caller.Asked, reply, caller.CachedAs);
        }

        var pieces = client.Begin(caller.Asked, Head(caller));
        foreach (var said in ReplyEvents.Of(reply)) pieces.Write(said);
        pieces.End(reply);
        await pieces.Flush();
    }

    /// <summary>Equal requests have it from now on: a whole answer, whose cost is known, and that was not cut short for want of money.</summary>
    private static async Task Fill(Calling caller, ModelReply reply, ModelCallEnd end)
    {
        var isClamped = caller.Hold.OutputTokens < (caller.Asked.MaxOutputTokens ?? caller.Hold.Service.Definition.Model!.DefaultOutputTokens);
        if (caller.Claim is { } claim && end is { Standing: CallStanding.Known, FailureCode: null } && (reply.Finish is Finish.Stop or Finish.ToolCalls || (reply.Finish == Finish.Length && !isClamped)))
        {
            await claim.Fill(reply, Math.Min(end.CostMicros, caller.Hold.BoundMicros));
        }
    }
}
