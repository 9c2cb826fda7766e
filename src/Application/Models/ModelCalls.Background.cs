using Agora.Application.Calls;
using Agora.Contracts;
using Agora.Core.Kernel;
using Agora.Models;
using Agora.Models.Dialects;
using Agora.Providers;
using Microsoft.Extensions.Logging;

namespace Agora.Application.Models;

/// <summary>Replies that nobody waits for: they are kept, and read when they are there.</summary>
internal sealed partial class ModelCalls
{
    private async Task InBackground(IModelClient client, ModelCaller call, Calling caller, IDisposable place)
    {
        KeepingReply keeping;
        try
        {
            keeping = await kept.Begin(call, caller.RunId, caller.At, caller.Asked.Model, call.Sent);
        }
        catch (OperatingException)
        {
            await End(caller, Unsent(Codes.Unavailable, "The reply could not be kept, and the model was not called."));
            throw;
        }

        _ = Made(caller, async () =>
        {
            using (place) await Kept(caller, keeping);
            return true;
        }).ContinueWith(
            ended => BackgroundFailed(log, caller.RunId, ended.Exception!), CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted | TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        await client.UnderWay(caller.Asked, Head(caller));
    }

    private async Task Kept(Calling caller, KeepingReply keeping)
    {
        ProviderAnswer answer;
        try
        {
            answer = await ProviderAsked(caller);
        }
        catch (DialectException cannot)
        {
            await keeping.Failed(new(FaultKind.InvalidRequest, cannot.Message, Param: cannot.Fault.Param));
            return;
        }

        // What is paid is there to be read: so it is kept before.
        var isKept = answer is not ProviderAnswer.Whole { Reply: { Fault: null } reply } || await IsSaid(keeping, Timed(caller, reply));
        if (await Settled(caller, answer) is { } fault)
        {
            await keeping.Failed(fault);
        }
        else
        {
            await keeping.End(isKept ? null : Codes.UpstreamFailed);
        }
    }

    /// <returns>False: the store is away, and what the model wrote is lost; the call is paid all the same.</returns>
    private static async Task<bool> IsSaid(KeepingReply keeping, ModelReply reply)
    {
        try
        {
            await keeping.Say(ReplyEvents.Of(reply));
            return true;
        }
        catch (OperatingException)
        {
            return false;
        }
    }

    [LoggerMessage(EventId = 4, Level = LogLevel.Error, Message = "Run {RunId}: a reply in the background could not be kept")]
    private static partial void BackgroundFailed(ILogger log, Guid runId, Exception e);
}
