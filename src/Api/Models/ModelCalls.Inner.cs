using Agora.Api.Http;
using Agora.Core.Kernel;
using Agora.Core.Runs;
using Agora.Models;
using Agora.Models.Dialects;
using Agora.Providers;

namespace Agora.Api.Models;

/// <summary>What something of ours asks a model for, whole, beside what its agent asks for: a run of its own, with its own bill.</summary>
internal sealed partial class ModelCalls
{
    /// <param name="number">Of what is asked within one request, above all tries of the request itself: a repeat of the request asks for the same run.</param>
    /// <returns>The reply, or why there is none; the run, where one was begun.</returns>
    public async Task<InnerAnswer> Ask(AgentCall call, ModelRequest request, int number)
    {
        using var place = _places.Begin(call.Tenant.Name, call.SessionId, request.ContextBytes + request.ReplyBytes);
        if (place is null) return new(TooMany);

        var (places, unwanted, _) = await routes.Of(call, request);
        if ((unwanted ?? await moderation.Refusal(call, request, places)) is { } why) return new(why);

        var answer = new InnerAnswer(RunRejection.IsNoModel);
        for (var n = 0; n < places.Count && answer.Reply is null; n++)
        {
            if (models.Provider(call.Tenant, places[n].Model.Definition) is null) continue; // its provider is not set up here

            var (hold, run, refused) = await Hold(call, request, places[n], number + n);
            if (refused is not null) return new(refused.Rejection!);

            answer = await Asked(new Calling(call.Session, run!.RunId, run.Caller!.Value, hold!, request, call.IsKeyed, call.Now, time.GetTimestamp()));
            if (answer.MayHaveCost) break;
        }

        return answer;
    }

    private Task<InnerAnswer> Asked(Calling caller) => Made(caller, async () =>
    {
        try
        {
            var answer = await ProviderAsked(caller);
            return await Settled(caller, answer) is { } fault ? new InnerAnswer(Why(fault), caller.RunId, MayHaveCost: answer is not (ProviderAnswer.Unsent or ProviderAnswer.Refused))
                : new InnerAnswer(null, caller.RunId, ((ProviderAnswer.Whole)answer).Reply);
        }
        catch (DialectException cannot)
        {
            return new InnerAnswer(new(Codes.ValidationFailed, cannot.Message), caller.RunId);
        }
    });

    private static Rejection Why(ProviderFault fault) => new(fault.Kind == FaultKind.Failed ? Codes.UpstreamFailed : Codes.Unavailable, DialectFaults.Of(fault).Message);
}

/// <param name="Refused">Why there is no reply; null: there is.</param>
/// <param name="MayHaveCost">The provider may have done something, so nobody else is asked.</param>
internal sealed record InnerAnswer(Rejection? Refused, Guid? RunId = null, ModelReply? Reply = null, bool MayHaveCost = false);
