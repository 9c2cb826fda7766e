using Agora.Core.Kernel;
using Agora.Core.Runs;
using Agora.Models;
using Agora.Models.Dialects;
using Agora.Web;
using Microsoft.AspNetCore.Http;

namespace Agora.Api.Models;

/// <summary>
/// Answers that another call's reply is. Such a request is held as any other before anybody looks, so it is counted, bounded and refused as it would be without; then it costs what its model says of that, and calls nobody.
/// </summary>
internal sealed partial class ModelCalls
{
    /// <returns>As of <see cref="Make"/>.</returns>
    private async Task<bool> MakeOrTake(HttpContext http, AgentCall call, IDialect dialect, Calling caller, bool isLast)
    {
        var look = await cache.Look(call, caller.Hold.Request, caller.Hold.Service, caller.RunId);
        await using var claim = look as CacheClaim;
        (caller.Claim, caller.CachedAs) = (claim, look?.Id);
        switch (look)
        {
            case CacheLook.Hit hit:
                await Cached(http, call, dialect, caller, hit);
                return true;
            case CacheLook.Left:
                await End(caller, Unsent(Codes.Unavailable, "Whoever asked went away while an equal request was being answered, and the model was not called."));
                return true;
            default:
                return await Make(http, call, dialect, caller, isLast);
        }
    }

    private async Task Cached(HttpContext http, AgentCall call, IDialect dialect, Calling caller, CacheLook.Hit hit)
    {
        foreach (var (name, value) in CacheControl.Hit((long)hit.Age.TotalSeconds, hit.IsCollapsed))
        {
            http.Response.Headers[name] = value;
        }

        caller.FirstMs = Elapsed(caller);
        var cost = Math.Min(caller.Hold.Service.Definition.Model!.HitMicros(hit.From.CostMicros), caller.Hold.BoundMicros);
        SetCost(http, await End(caller, new(CallStanding.Known, cost, Usage: null, Tier: hit.Reply.ServiceTier, FirstMs: caller.FirstMs, TookMs: caller.FirstMs, CachedFrom: hit.From.RunId)));
        var reply = Timed(caller, hit.Reply);
        await (caller.Asked.Stream ? Stream(http, call, dialect, caller, reply) : Write(http, call, dialect, caller, reply));
    }

    private async Task Stream(HttpContext http, AgentCall call, IDialect dialect, Calling caller, ModelReply reply)
    {
        if (caller.Asked.Store)
        {
            await kept.Keep(call, caller.RunId, caller.At, caller.Asked, reply, caller.CachedAs);
        }

        var (writer, client) = (dialect.Stream(caller.Asked, Head(caller)), new StreamedReply(http));
        client.Begin();
        writer.Begin(client.Buffer);
        foreach (var said in ReplyEvents.Of(reply))
        {
            writer.Write(said, client.Buffer);
        }

        writer.End(reply, client.Buffer);
        await client.Flush();
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
