using Agora.Application.Calls;
using Agora.Application.Catalogue;
using Agora.Contracts;
using Agora.Core.Access;
using Agora.Core.Kernel;
using Agora.Core.Runs;
using Agora.Models;
using Agora.Models.Dialects;
using Agora.Providers;
using Microsoft.Extensions.Logging;

namespace Agora.Application.Models;

/// <summary>
/// Calls that are made a second time, of another model, when they have been answered: nobody sees what that one says, and what becomes of it changes nothing for whoever asked. Each is a run of its own under the same session and limits.
/// One that is refused, or has no place, is dropped: it does not wait, is not cut to what is free, is tried once, and stands in no other's place.
/// </summary>
internal sealed partial class ModelCalls
{
    /// <summary>The place of its id among those of the request, behind all that stand in for the first.</summary>
    private const int ShadowAttempt = Limits.ModelFallbacks + 1;

    private readonly CallPlaces _shadows = new(Limits.ModelShadowsOpen, Limits.ModelShadowsOpenOfAll, Limits.ModelShadowBytesOfSession, Limits.ModelShadowBytesOfTenant, Limits.ModelShadowBytesOfAll);

    /// <param name="places">To which the request might go: what is moderated there was looked at.</param>
    private void Shadow(ModelCaller call, ModelRequest request, IReadOnlyList<(ServiceEntry Model, string? Why)> places, ServiceEntry model, Calling answered)
    {
        if (answered.Came is not { FailureCode: null, CachedFrom: null, Standing: not CallStanding.Unsent } || answered.Hold.Service.ServiceId == model.ServiceId)
        {
            return;
        }

        if (_shadows.Begin(call.Owner, call.SentBytes + request.ContextBytes + request.ReplyBytes) is not { } place)
        {
            Dropped(answered.RunId, model, "there is no place for it");
            return;
        }

        // All that the request itself says is read here: it is over when the rest runs.
        var info = call.Info with { Summary = $"shadow of {answered.RunId:D}", IsOurs = true };
        var wanted = new Wanted(call, info, call.ContextOf(ShadowAttempt), request, model, places.Any(static looked => looked.Model.Definition.Model!.Moderated), answered.RunId);
        _ = Shadowed(wanted, place).ContinueWith(
            ended => ShadowFailed(log, wanted.Of, ended.Exception!), CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted | TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
    }

    private async Task Shadowed(Wanted wanted, IDisposable place)
    {
        using (place)
        {
            await Task.Yield(); // the answer ends first
            var (caller, why) = await Held(wanted);
            if (caller is null)
            {
                Dropped(wanted.Of, wanted.Model, why!);
                return;
            }

            metrics.Shadowed(wanted.Model.ServiceId, wanted.Model.Definition.ModelProvider!, isCalled: true);
            await Made(caller, () => Unseen(caller));
        }
    }

    /// <returns>Or why it is dropped. What a session's scopes do not allow is not asked of it, for that would count against its agent.</returns>
    private async Task<(Calling? Caller, string? Why)> Held(Wanted wanted)
    {
        var (call, model) = (wanted.Call, wanted.Model);
        if (await call.Peek() is not { } session || session.Refusal(call.Now) is not null) return (null, "its session is over");
        if (!session.Scopes.AdmitsCategory(model.Definition.Category) || !await new RetentionConsent(models, call).Admits(model))
        {
            return (null, "the session's scopes do not allow it");
        }

        if (!wanted.IsModerated && await moderation.Refusal(call, wanted.Request, [(model, null)]) is not null)
        {
            return (null, "moderation refused it");
        }

        if (models.Provider(wanted.Call.Tenant, model.Definition) is not { } provider) return (null, "its provider is not set up");
        if (ModelHold.Of(model, wanted.Request, provider.CachesUnasked, call.Now) is not { Hold: { } hold })
        {
            return (null, "it is not for what is asked");
        }

        var me = Guid.NewGuid();
        var answer = await Asked(call, me, Command(wanted.Info, model, hold, me, $"shadow of {wanted.Of:D}", [], tentative: true), wanted.Context);
        return answer.Reply is RunView { State: RunState.Pending, Caller: { } caller } run && caller == me
            ? (new(call.Session, run, me, hold, wanted.Request, wanted.Context.Key is not null, call.Now, time.GetTimestamp()) { IsShadow = true }, null)
            : (null, answer.Rejection?.Code ?? "it was asked for before");
    }

    private async Task<bool> Unseen(Calling caller)
    {
        try
        {
            var answer = await ProviderAsked(caller);
            if (answer is not ProviderAnswer.Streamed { Stream: var stream })
            {
                await Settled(caller, answer);
                return true;
            }

            using (stream)
            {
                var cut = await Read(caller, stream, shown: null);
                await End(caller, Ended(caller, stream.Reply.Reply(), stream.IsCounted, cut));
            }
        }
        catch (DialectException)
        {
            // The session has been told: this provider cannot do what the other one did.
        }

        return true;
    }

    private void Dropped(Guid of, ServiceEntry model, string why)
    {
        metrics.Shadowed(model.ServiceId, model.Definition.ModelProvider!, isCalled: false);
        ShadowDropped(log, model.ServiceId, of, why);
    }

    /// <param name="IsModerated">What it says was looked at.</param>
    /// <param name="Of">The run that was answered.</param>
    private sealed record Wanted(ModelCaller Call, RequestInfo Info, CommandContext Context, ModelRequest Request, ServiceEntry Model, bool IsModerated, Guid Of);

    [LoggerMessage(EventId = 5, Level = LogLevel.Information, Message = "Model {Model} is not called as the shadow of run {RunId}: {Why}")]
    private static partial void ShadowDropped(ILogger log, string model, Guid runId, string why);

    [LoggerMessage(EventId = 6, Level = LogLevel.Warning, Message = "The shadow of run {RunId} failed on our side")]
    private static partial void ShadowFailed(ILogger log, Guid runId, Exception e);
}
