using System.Diagnostics;
using Agora.Application.Calls;
using Agora.Application.Catalogue;
using Agora.Application.Flow;
using Agora.Contracts;
using Agora.Core.Kernel;
using Agora.Core.Runs;
using Agora.Grains.Clocks;
using Agora.Grains.Kernel;
using Agora.Models;
using Agora.Models.Dialects;
using Agora.Providers;
using Microsoft.Extensions.Logging;

namespace Agora.Application.Models;

/// <summary>
/// A call of a model, from its hold to its bill. All limits above hold the most that it can cost before anything is sent; then the provider is called from here, and what it writes goes to the client as it comes; the session is
/// told what was spent, and the last of the reply leaves when that is durable.
/// <para>Whoever asked may go away: what was begun is read to its end all the same, for it costs what it costs, and that is posted.</para>
/// </summary>
internal sealed partial class ModelCalls(TenantTimes times, ModelCatalogue models, ModelRoutes routes, ModelModeration moderation, Guide guide, ModelRoom room, ModelCache cache, OpenCalls open, KeptReplies kept, ModelMetrics metrics, FirstTimes firsts, TimeProvider time, ILogger<ModelCalls> log)
{
    /// <summary>How often it is asked to be held: once as the client wants it, and again where others took what was free meanwhile.</summary>
    private const int Tries = 5;

    /// <summary>Where the user was asked, what is asked anew is another run: so far behind the numbers of other tries.</summary>
    private const int AskedAnew = 1_000;

    internal static readonly Rejection TooMany = Crowded.NoRoom("Too many calls of models are under way here.");
    private static readonly Rejection Done = new(Codes.IdempotencyConflict, "The call under this key was made and paid, and what the model wrote was not kept: another key makes another call.");

    /// <summary>No try of a client's mends it.</summary>
    internal static Rejection NoProvider(Tenant tenant, ServiceEntry model) => new(Codes.Unavailable, tenant.IsTest
        ? $"The provider of {model.ServiceId} is not called in test mode: AGORA_MODEL_PROVIDERS names no {model.Definition.ModelProvider} with serves_tests."
        : $"The provider of {model.ServiceId} is not set up: AGORA_MODEL_PROVIDERS names no {model.Definition.ModelProvider} at this process.");

    internal static readonly DialectFault NoPrevious = new(DialectErrorKind.InvalidRequest, "previous_response_not_found", "There is no such response to go on from: it was not kept, is not whole, or goes on from one that is not there.", "previous_response_id");

    private readonly CallPlaces _places = new();

    /// <summary>Of those, the ones that wait for their user: nothing is held for them, so they are few.</summary>
    private readonly CallPlaces _askers = new(Limits.RaiseWaiters, Limits.RaiseWaitersOfAll, Limits.RaiseWaiterBytesOfSession, Limits.RaiseWaiterBytesOfTenant, Limits.RaiseWaiterBytesOfAll);

    public async Task Answer(IModelClient client, ModelCaller call, ModelRequest request)
    {
        var (place, isKept) = (call.Take(_places, request.ReplyBytes), false);
        try
        {
            isKept = await Answer(client, call, request, place);
        }
        finally
        {
            // Of one in the background it ends with it; of one that failed here, now: a place that nobody gives back is refused to all others.
            if (!isKept)
            {
                place?.Dispose();
            }
        }
    }

    /// <returns>The call goes on in the background, and keeps its place.</returns>
    private async Task<bool> Answer(IModelClient client, ModelCaller call, ModelRequest request, CallPlaces.Place? place)
    {
        var (whole, crowded) = await WithContext(call, request, place);
        if (whole is null)
        {
            await client.Fail(NoPrevious);
            return false;
        }

        var (places, unwanted, shadow) = crowded is not null ? ([], crowded, null) : await routes.Of(call, whole);
        if ((unwanted ?? await moderation.Refusal(call, whole, places)) is { } why)
        {
            // The session counts the request, and refuses first what it refuses.
            await client.Refuse(await call.Refusal(why));
            return false;
        }

        for (var n = 0; n < places.Count; n++)
        {
            var isLast = n == places.Count - 1;
            if (!isLast && models.Provider(call.Tenant, places[n].Model.Definition) is null) continue; // its provider is not set up here

            var (hold, run, refused) = await Hold(call, whole, places[n], n);
            if (refused is { Replayed: true, Rejection.Code: Codes.Unavailable or Codes.UpstreamFailed } && !isLast) continue; // a repeat, whose first try came to nothing

            if (refused is not null)
            {
                await client.Refuse(refused.Rejection!);
                return false;
            }

            var caller = new Calling(call.Session, run!, run!.Caller!.Value, hold!, request, call.IsKeyed, call.Now, time.GetTimestamp()) { Place = place };
            client.Held(hold!, run);
            if (request is { Background: true, Stream: false })
            {
                await InBackground(client, call, caller, place!);
                return true;
            }

            Func<Task<bool>> make = n == 0 ? () => MakeOrTake(client, call, caller, isLast) : () => Make(client, call, caller, isLast);
            if (!await Made(caller, make)) continue;

            if (shadow is not null)
            {
                Shadow(call, whole, places, shadow, caller);
            }

            break;
        }

        return false;
    }

    /// <summary>Whatever happens, the session is told how it ended.</summary>
    private async Task<T> Made<T>(Calling caller, Func<Task<T>> make)
    {
        using (open.Begin(caller.RunId, caller.Session.Stream))
        {
            try
            {
                return await make();
            }
            finally
            {
                // A defect of ours: it may have been sent.
                if (!caller.IsTold)
                {
                    await End(caller, caller.Came ?? new(caller.SentAt is not null ? CallStanding.Unknown : CallStanding.Unsent, 0, null, FailureCode: Codes.Internal, FailureMessage: "The call failed on our side."));
                }
            }
        }
    }

    /// <summary>With all that it goes on from before what is asked now.</summary>
    /// <returns>Null: that is not there. Crowded: there is no place for it, or none for that.</returns>
    internal async Task<(ModelRequest? Whole, Rejection? Crowded)> WithContext(ModelCaller call, ModelRequest request, CallPlaces.Place? place)
    {
        // What is kept is gone on from later: what only the provider can read of its reasoning is then wanted back.
        var wanted = request is { Store: true, Reasoning: { } reasoning } ? request with { Reasoning = reasoning with { WantsSeal = true } } : request;
        if (place is null) return (wanted, TooMany);
        if (request.PreviousResponseId is not { } previous) return (wanted, null);

        var before = await kept.Before(call, previous, place);
        if (before == KeptReplies.Context.NoRoom) return (wanted, TooMany);
        if (before is null || before.Items.Count + request.Items.Count > ModelLimits.Items) return (null, null);

        var own = KeptReply.OwnInputOf(request).ToList();
        return (wanted with { Items = [.. request.Items.Take(request.Items.Count - own.Count), .. before.Items, .. own], ContextBytes = before.Bytes }, null);
    }

    /// <returns>False: the provider certainly did nothing, and another place is to be tried.</returns>
    private async Task<bool> Make(IModelClient client, ModelCaller call, Calling caller, bool isLast)
    {
        ProviderAnswer answer;
        try
        {
            answer = await ProviderAsked(caller);
        }
        catch (DialectException cannot)
        {
            if (!isLast && caller.IsVoid) return false;

            await client.Fail(cannot.Fault);
            return true;
        }

        switch (answer)
        {
            case ProviderAnswer.Unsent { Fault: var fault }:
                return await Failed(client, caller, CallStanding.Unsent, fault, isLast);
            case ProviderAnswer.Refused { Fault: var fault }:
                return await Failed(client, caller, CallStanding.Unsent, fault, isLast || DialectFaults.IsOfRequest(fault));
            case ProviderAnswer.Unknown { Fault: var fault }:
                await Failed(client, caller, CallStanding.Unknown, fault, isLast: true);
                break;
            case ProviderAnswer.Whole { Reply: var reply }:
                await Whole(client, call, caller, Timed(caller, reply));
                break;
            case ProviderAnswer.Streamed { Stream: var stream }:
                using (stream) await Streamed(client, call, caller, stream);
                break;
            case ProviderAnswer.Sounding { Sound: var sound }:
                using (sound) await Spoken(client, caller, sound);
                break;
        }

        return true;
    }

    /// <exception cref="DialectException">The provider cannot do what is asked; the session has been told that nothing was sent.</exception>
    private async Task<ProviderAnswer> ProviderAsked(Calling caller)
    {
        var (service, request) = (caller.Hold.Service.Definition, caller.Hold.Request);
        caller.SentAt = time.GetTimestamp();
        try
        {
            var (provider, left, trace) = (models.Provider(Tenant.Of(caller.Session.Stream), service)!, Limits.ModelCallAtMost - time.GetElapsedTime(caller.Started), Activity.Current?.Id);
            return await (caller.IsShadow
                ? provider.CallAside(request, service.Model!.Name, caller.Hold.OutputTokens, left, trace, CancellationToken.None)
                : provider.Call(request, service.Model!.Name, caller.Hold.OutputTokens, caller.For, left, trace, CancellationToken.None));
        }
        catch (DialectException cannot)
        {
            await End(caller, Unsent(Codes.ValidationFailed, cannot.Message));
            throw;
        }
    }

    /// <summary>Where the session has posted it, for it had given us up, nobody else is called: a request has one bill.</summary>
    /// <returns>As of <see cref="Make"/>.</returns>
    private async Task<bool> Failed(IModelClient client, Calling caller, CallStanding standing, ProviderFault fault, bool isLast)
    {
        var posted = await Failed(caller, standing, fault);
        if (!isLast && caller.IsVoid) return false;

        client.Cost(posted);
        await client.Fail(DialectFaults.Of(fault), new(Codes.Unavailable, "", RetryAfterSeconds: fault.RetryAfterSeconds, Retry: true, RetryWith: caller.IsKeyed ? RetryWith.NewKey : null));
        return true;
    }

    /// <returns>As of <see cref="End(Calling, ModelCallEnd)"/>.</returns>
    private async Task<long?> Failed(Calling caller, CallStanding standing, ProviderFault fault)
    {
        ProviderFailed(log, caller.Hold.Service.ServiceId, caller.RunId, fault.Kind, standing);
        return await End(caller, new(standing, 0, null, FailureCode: fault.Kind == FaultKind.Failed ? Codes.UpstreamFailed : Codes.Unavailable, FailureMessage: "The model gave no answer.", TookMs: Elapsed(caller)));
    }

    /// <summary>Sets the time at which the reply was complete. It is stored with the reply, so a later read gives the same time.</summary>
    private ModelReply Timed(Calling caller, ModelReply reply) => reply with { CompletedAt = NowOf(caller) };

    private DateTimeOffset NowOf(Calling caller) => times.Now(Tenant.Of(caller.Session.Stream));

    private async Task Whole(IModelClient client, ModelCaller call, Calling caller, ModelReply reply)
    {
        Heard(caller, isMeasured: reply is EmbeddingReply);
        if (reply.Fault is { } fault)
        {
            ProviderFailed(log, caller.Hold.Service.ServiceId, caller.RunId, fault.Kind, reply.Usage is null ? CallStanding.Unknown : CallStanding.Known);
            client.Cost(await End(caller, Ended(caller, reply, isCounted: reply.Usage is not null, fault)));
            await client.Fail(DialectFaults.Of(fault));
            return;
        }

        var end = Ended(caller, reply, isCounted: reply.Usage is not null);
        client.Cost(await End(caller, end));
        await Fill(caller, reply, end);
        await Write(client, call, caller, reply);
    }

    private async Task Write(IModelClient client, ModelCaller call, Calling caller, ModelReply reply)
    {
        if (caller.Asked.Store)
        {
            await kept.Keep(call, caller.RunId, caller.At, caller.Asked, reply, caller.CachedAs);
        }

        await client.Whole(caller.Asked, Head(caller), reply);
    }

    /// <summary>Known where the provider counted it all. A count that no price fits, or that is no count, is none.</summary>
    private ModelCallEnd Ended(Calling caller, ModelReply reply, bool isCounted, ProviderFault? cut = null)
    {
        caller.Reply = reply;

        // A provider that counts nothing of what it wrote has not counted.
        var isWhole = isCounted && !(reply.Usage is { AllOutput: 0 } && reply.Output.Count > 0 && reply.Fault is null);
        var cost = isWhole && reply.Usage is { InRange: true } usage ? caller.Hold.Prices.Cost(usage, reply.ServiceTier ?? caller.Hold.Request.ServiceTier) : null;
        if (cost > caller.Hold.BoundMicros)
        {
            Overran(log, caller.Hold.Service.ServiceId, caller.RunId, Money.FormatCents(cost.Value), Money.FormatCents(caller.Hold.BoundMicros));
        }

        return new(
            cost is null ? CallStanding.Unknown : CallStanding.Known, cost ?? 0, reply.Usage, Short(reply.ProviderId), Short(reply.ServiceTier), cut is null ? null : Codes.UpstreamFailed, cut is null ? null : "The model's answer was cut off.",
            caller.FirstMs, Elapsed(caller));
    }

    /// <summary>Of one that nobody hears as it comes: the session is told how it ended.</summary>
    /// <returns>Why there is no reply; null: there is.</returns>
    private async Task<ProviderFault?> Settled(Calling caller, ProviderAnswer answer)
    {
        switch (answer)
        {
            case ProviderAnswer.Whole { Reply: var reply }:
                Heard(caller, isMeasured: reply is EmbeddingReply);
                await End(caller, Ended(caller, reply, isCounted: reply.Usage is not null, reply.Fault));
                return reply.Fault;
            case ProviderAnswer.Unsent { Fault: var fault }:
                await Failed(caller, CallStanding.Unsent, fault);
                return fault;
            case ProviderAnswer.Refused { Fault: var fault }:
                await Failed(caller, CallStanding.Unsent, fault);
                return fault;
            case ProviderAnswer.Unknown { Fault: var fault }:
                await Failed(caller, CallStanding.Unknown, fault);
                return fault;
            default:
                throw new UnreachableException(answer.GetType().Name);
        }
    }

    /// <summary>Ids with their tenant: users and agents of two tenants can have the same ids, and providers serve all tenants.</summary>
    internal static ProviderCaller CallerOf(Tenant tenant, RunParty party) => new($"{tenant.Name}/{party.UserId}", $"{tenant.Name}/{party.AgentId}");

    private static string? Short(string? text) => text is null ? null : Excerpt.Of(text, Limits.NameLength);

    private static ModelCallEnd Unsent(string code, string message) => new(CallStanding.Unsent, 0, null, FailureCode: code, FailureMessage: message);

    /// <summary>The session is told until it has it. Where it cannot be reached for as long as it waits for us, it posts what was held, by itself.</summary>
    /// <returns>What was posted; null: nothing was, or it is not known here.</returns>
    private async Task<long?> End(Calling caller, ModelCallEnd end)
    {
        caller.Came = end;
        metrics.Ended(caller.Hold.Service.ServiceId, caller.Hold.Service.Definition.ModelProvider!, caller.Hold.BoundMicros, end, caller.Reply, caller.IsFirstMeasured);
        var answer = await End(caller.Session, caller.RunId, caller.Me, end);
        (caller.IsTold, caller.IsVoid, caller.PostedMicros) = (true, answer.Rejection?.FactOf("run_id") is not null, (answer.Reply as RunView)?.Payment?.AmountMicros);
        return caller.PostedMicros;
    }

    private async Task<Answer> End(EntityRef<LeafCommand> session, Guid runId, Guid me, ModelCallEnd end)
    {
        var context = Commands.Fresh(times.Of(Tenant.Of(session.Stream)));
        for (var started = time.GetTimestamp(); ;)
        {
            try
            {
                var answer = await session.Send(new RunCommand.EndCall(runId, me, end), context);
                if (answer.Rejection != KeyRejection.Stale || time.GetElapsedTime(started) >= Limits.ModelLostAfter) return answer;

                context = Commands.Fresh(times.Of(Tenant.Of(session.Stream))); // its tenant's clock was advanced meanwhile
            }
            catch (OperatingException) when (time.GetElapsedTime(started) < Limits.ModelLostAfter)
            {
                // It is told again.
            }

            await Task.Delay(TimeSpan.FromMilliseconds(500), time);
        }
    }

    private int Elapsed(Calling caller) => (int)time.GetElapsedTime(caller.SentAt ?? caller.Started).TotalMilliseconds;

    /// <summary>The first of the answer is here.</summary>
    /// <param name="isMeasured">Routes go by it. Where a text comes whole its first word is its last, which says nothing of how soon the model begins.</param>
    private void Heard(Calling caller, bool isMeasured)
    {
        if (caller.FirstMs is not null) return;

        var first = Elapsed(caller);
        (caller.FirstMs, caller.IsFirstMeasured) = (first, isMeasured);
        if (isMeasured)
        {
            firsts.Add(Tenant.Of(caller.Session.Stream).Name, caller.Hold.Service.ServiceId, first);
        }
    }

    private static ReplyHead Head(Calling caller) => new(caller.RunId.ToString("N"), caller.Hold.Request.Model, caller.At); // a keyed run has no time in its id

    private sealed class Calling(EntityRef<LeafCommand> session, RunView run, Guid me, ModelHold hold, ModelRequest asked, bool isKeyed, DateTimeOffset at, long started)
    {
        /// <summary>The place that grows as the reply comes. Null if the bytes of the reply are not counted.</summary>
        public CallPlaces.Place? Place { get; init; }

        /// <summary>Equal requests wait for its reply; null: none does.</summary>
        public CacheClaim? Claim { get; set; }

        /// <summary>The caller as the provider's circuit breaker tells callers apart.</summary>
        public ProviderCaller For { get; } = run.For is { } party ? CallerOf(Tenant.Of(session.Stream), party) : new($"{session.Stream}", $"{session.Stream}");

        /// <summary>The id of the cache entry that has the reply or will have it. Null if there is none.</summary>
        public string? CachedAs { get; set; }

        /// <summary>Nobody sees what comes of it.</summary>
        public bool IsShadow { get; init; }

        /// <summary>From here on it may be at the provider; null: it is not.</summary>
        public long? SentAt { get; set; }

        /// <summary>As the client asked; the hold has what the provider is asked.</summary>
        public ModelRequest Asked { get; } = asked;

        public EntityRef<LeafCommand> Session { get; } = session;

        public Guid RunId { get; } = run.RunId;

        public Guid Me { get; } = me;

        public ModelHold Hold { get; } = hold;

        /// <summary>Its outcome stands under the client's key.</summary>
        public bool IsKeyed { get; } = isKeyed;

        public DateTimeOffset At { get; } = at;

        /// <summary>The same, as time passes.</summary>
        public long Started { get; } = started;

        public int? FirstMs { get; set; }

        /// <summary>It came before the last of the answer.</summary>
        public bool IsFirstMeasured { get; set; }

        /// <summary>When a streamed reply was complete. Null if it is not complete yet.</summary>
        public DateTimeOffset? CompletedAt { get; set; }

        /// <summary>What came of it, for what is measured; null: nothing.</summary>
        public ModelReply? Reply { get; set; }

        /// <summary>How it ended; null: it goes on.</summary>
        public ModelCallEnd? Came { get; set; }

        /// <summary>The session has it.</summary>
        public bool IsTold { get; set; }

        /// <summary>The session has it, and posted nothing.</summary>
        public bool IsVoid { get; set; }

        /// <summary>What was posted; null: nothing was, or it is not known here.</summary>
        public long? PostedMicros { get; set; }
    }

    [LoggerMessage(EventId = 1, Level = LogLevel.Warning, Message = "Model {Model}, run {RunId}: the provider gave no whole answer ({Kind}), and what it cost is {Standing}")]
    private static partial void ProviderFailed(ILogger log, string model, Guid runId, FaultKind kind, CallStanding standing);

    [LoggerMessage(EventId = 3, Level = LogLevel.Warning, Message = "Run {RunId}: its session could not be told that no model is called; it finds out by itself")]
    private static partial void NotGivenUp(ILogger log, Guid runId, Exception e);

    [LoggerMessage(EventId = 2, Level = LogLevel.Error, Message = "Model {Model}, run {RunId}: the provider counted {Cost} cents, more than the {Held} that were held: its tokens, images or prices are not bounded as they should be")]
    private static partial void Overran(ILogger log, string model, Guid runId, string cost, string held);
}
