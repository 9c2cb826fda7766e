using Agora.Application.Calls;
using Agora.Contracts;
using Agora.Core.Kernel;
using Agora.Models;
using Agora.Models.Dialects;
using Agora.Providers;

namespace Agora.Application.Models;

/// <summary>What something of ours asks a model for, whole, beside what its agent asks for: held, paid and refused as a call of the session's, with a bill of its own, and no request of its own.</summary>
internal sealed partial class ModelCalls
{
    /// <summary>Models of one call that another who asks under its key looks for: a router names no more that often.</summary>
    public const int PlacesLookedFor = 8;

    private static readonly Rejection NoAnswer = new(Codes.UpstreamFailed, "The model gave no answer.");
    private static readonly Rejection NotNow = new(Codes.Unavailable, "The model cannot be asked now.", RetryAfterSeconds: 5, Retry: true);

    /// <summary>To be taken before anything is read for a call, and to grow by what is read.</summary>
    /// <returns>To be disposed of; null: there is none.</returns>
    public CallPlaces.Place? Place(ModelCaller call) => call.Take(_places);

    /// <param name="place">Which has grown by what is asked; null, or full: nothing is asked.</param>
    /// <param name="attempt">The place of its run's id among those of the request, whose other commands have others: a repeat of the request asks for the same run.</param>
    /// <param name="held">Where the run is counted before its model is called; a refusal: it is not called. Null: nowhere.</param>
    public async Task<InnerAnswer> Ask(ModelCaller call, CallPlaces.Place? place, ModelRequest request, int attempt, Func<Guid, Task<Rejection?>>? held = null)
    {
        if (place is null or { IsFull: true }) return new(TooMany);

        var (places, unwanted, _) = await routes.Of(call, request);
        if ((unwanted ?? await moderation.Refusal(call, request, places)) is { } why) return new(why);

        for (var n = 0; n < places.Count; n++)
        {
            var isLast = n == places.Count - 1;
            if (!isLast && models.Provider(call.Tenant, places[n].Model.Definition) is null) continue; // its provider is not set up here

            // As much as is wanted, or as the model may write: whoever asked has named no number that it could put right.
            var within = request.MaxOutputTokens is { } wanted && places[n].Model.Definition.Model!.MaxOutputTokens is var most && wanted > most ? request with { MaxOutputTokens = most } : request;
            var (hold, run, refused) = await Hold(call, within, places[n], attempt + n, isOurs: true);
            if (refused is not null) return new(refused.Rejection!, MadeBefore: run?.RunId);

            var caller = new Calling(call.Session, run!, run!.Caller!.Value, hold!, within, call.IsKeyed, call.Now, time.GetTimestamp());
            if (held is not null && await Uncounted(caller, held) is { } no) return new(no);
            if (await Made(caller, () => Answered(caller, isLast)) is { } made) return made;
        }

        return new(NotNow);
    }

    /// <returns>Why it is not called; null: it is.</returns>
    private async Task<Rejection?> Uncounted(Calling caller, Func<Guid, Task<Rejection?>> held)
    {
        try
        {
            if (await held(caller.RunId) is not { } refused) return null;

            await End(caller, Unsent(refused.Code, refused.Message));
            return refused;
        }
        catch (OperatingException)
        {
            await End(caller, Unsent(Codes.Unavailable, "What the call is for could not be told of it, and the model was not called."));
            throw;
        }
    }

    /// <returns>Null: the provider certainly did nothing, and another place is to be tried.</returns>
    private async Task<InnerAnswer?> Answered(Calling caller, bool isLast)
    {
        ProviderAnswer answer;
        try
        {
            answer = await ProviderAsked(caller);
        }
        catch (DialectException cannot)
        {
            return isLast || !caller.IsVoid ? new(new Rejection(Codes.ValidationFailed, cannot.Message, [new("model", "not", cannot.Message)])) : null;
        }

        var isUndone = answer is ProviderAnswer.Unsent || (answer is ProviderAnswer.Refused { Fault: var refused } && !DialectFaults.IsOfRequest(refused));
        var fault = await Settled(caller, answer);
        if (fault is null && answer is ProviderAnswer.Whole { Reply: var reply })
        {
            return new(null, caller.Hold.Service.ServiceId, reply, caller.RunId, caller.PostedMicros);
        }

        if (isUndone && !isLast && caller.IsVoid) return null;

        var why = fault is null or { Kind: FaultKind.Failed } || DialectFaults.IsOfRequest(fault) ? NoAnswer : NotNow;
        return caller.IsVoid ? new(why) : new(why, caller.Hold.Service.ServiceId, null, caller.RunId, caller.PostedMicros); // also where its session had given us up, and posted what was held
    }

    /// <summary>Vectors of texts.</summary>
    public async Task<MadeVectors> Embed(ModelCaller call, string model, IReadOnlyList<string> texts, int attempt)
    {
        var request = new EmbeddingRequest(model, [.. texts.Select(static text => new EmbeddingInput.Text(text))]);
        using var place = Place(call);
        place?.Grow(request.ReplyBytes);
        var answer = await Ask(call, place, request, attempt);
        return answer.Reply is EmbeddingReply { Vectors: var vectors } && vectors.Count == texts.Count ? new(null, answer.Model, vectors, answer.RunId, answer.CostMicros) : new(PaidRuns.Named(answer.Refused ?? NoAnswer, (answer.RunId ?? answer.MadeBefore) is { } paid ? [paid] : []), RunId: answer.RunId ?? answer.MadeBefore);
    }
}

/// <param name="Refused">Why there is no reply; null: there is.</param>
/// <param name="Model">Which answered.</param>
/// <param name="RunId">What was paid, also where nothing came of it; null: nothing was.</param>
/// <param name="CostMicros">What was posted; null: it is not known here.</param>
/// <param name="MadeBefore">The run that was paid under this key, by another who asked; null: none was.</param>
internal sealed record InnerAnswer(Rejection? Refused, string? Model = null, ModelReply? Reply = null, Guid? RunId = null, long? CostMicros = null, Guid? MadeBefore = null);

/// <summary>What came of a call for vectors.</summary>
/// <param name="Refused">Null: they are there.</param>
/// <param name="Model">Which made them: vectors of two models are not to be compared.</param>
/// <param name="CostMicros">What was posted; null: it is not known here.</param>
internal sealed record MadeVectors(Rejection? Refused, string? Model = null, IReadOnlyList<float[]>? Vectors = null, Guid? RunId = null, long? CostMicros = null);
