using System.Globalization;
using Agora.Api.Catalogue;
using Agora.Api.Http;
using Agora.Core.Runs;
using Agora.Models;
using Agora.Models.Dialects;
using Microsoft.AspNetCore.Http;

namespace Agora.Api.Models;

/// <summary>Answers that another call's reply is: a run as any other, which costs what its model says of that, and calls nobody.</summary>
internal sealed partial class ModelCalls
{
    private async Task Cached(HttpContext http, AgentCall call, IDialect dialect, ModelRequest request, (ServiceEntry Model, string? Why) place, CacheLook.Hit hit)
    {
        var (priced, unpriced) = ModelHold.OfHit(place.Model, request, hit.From, call.Now);
        var (hold, run, refused) = unpriced is null ? await Hold(call, priced!, place, call.ContextOf(0)) : (null, null, await call.Visit(unpriced));
        if (refused is not null)
        {
            await ModelDoor.Refuse(http, call, dialect, refused.Rejection!);
            return;
        }

        var caller = NewCalling(call, request, hold!, run!, claim: null);
        SetHeaders(http, hold!, run!);
        http.Response.Headers["Cache-Status"] = hit.IsCollapsed ? $"{ModelCache.Name}; fwd=miss; collapsed" : $"{ModelCache.Name}; hit";
        http.Response.Headers.Age = ((long)hit.Age.TotalSeconds).ToString(CultureInfo.InvariantCulture);
        await Made(caller, async () =>
        {
            caller.FirstMs = Elapsed(caller);
            var posted = await End(caller, new(CallStanding.Known, hold!.BoundMicros, Usage: null, Tier: hit.Reply.ServiceTier, FirstMs: caller.FirstMs, TookMs: caller.FirstMs));
            SetCost(http, posted);
            await (request.Stream ? Stream(http, call, dialect, caller, hit.Reply) : Write(http, call, dialect, caller, hit.Reply));
            return true;
        });
    }

    private async Task Stream(HttpContext http, AgentCall call, IDialect dialect, Calling caller, ModelReply reply)
    {
        if (caller.Asked.Store)
        {
            await kept.Keep(call, caller.RunId, caller.At, caller.Asked, reply);
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
