using System.Diagnostics;
using System.Text.Json;
using Agora.Core.Kernel;
using Decided = Agora.Core.Kernel.Decision<Agora.Core.Services.ServiceState, Agora.Core.Services.ServiceEvent>;

namespace Agora.Core.Services;

/// <summary>
/// A service in the catalogue.
/// <para>Rules. A definition is absolute: the same one again changes nothing, unless the service was disabled; putting it
/// enables it again. A secret is write-only: a put without one keeps the one that is there as long as a header is to carry it to the
/// same address. A disabled service is enabled again by its alarm, on trial for <see cref="Limits.ServiceTrial"/>; disabled within that time, it pauses for twice as long
/// as the last time, at most <see cref="Limits.ServicePauseLongest"/>. That it overcharged is a mark for operators and stays.</para>
/// </summary>
public static class ServiceDecider
{
    public static Decided Decide(ServiceState state, ServiceCommand command, Context context) => command switch
    {
        ServiceCommand.PutService c => PutService(state, c, context),
        ServiceCommand.PutTool c => PutTool(state, c, context),
        ServiceCommand.Disable c => Disable(state, c, context),
        ServiceCommand.ReportOvercharge c => ReportOvercharge(state, c, context),
        ServiceCommand.Get => state.View is { } view ? Decided.Query(view) : Decided.Reject(ServiceRejection.NotFound),
        ServiceCommand.GetSecret => GetSecret(state),
        ServiceCommand.Try c => Try(state, c, context),
        ServiceCommand.TryDone c => Decided.Did().Answering(c.CommandId, Answer.Of(c.Came)),
        ServiceCommand.PutAnswers c => PutAnswers(state, c),
        ServiceCommand.GetAnswers => state.View is null ? Decided.Reject(ServiceRejection.NotFound) : Decided.Query(new TestAnswers(state.Stream.Id, state.Answers ?? [])),
        ServiceCommand.Tick => Retry(state, context),
        _ => throw new UnreachableException(),
    };

    private static Decided PutService(ServiceState state, ServiceCommand.PutService c, Context context)
    {
        var secret = c.Secret ?? (c.Definition.AuthHeader is null ? null : state.Secret);
        if (c.Replacing?.If?.Refusal(state.View?.Etag) is { } failed) return Decided.Reject(failed);
        if (state.View?.Definition.Tool is not null || c.Definition.Tool is not null) return Decided.Reject(ServiceRejection.ToolOfAnUpstream);
        if (ModelOffer.Refusal(state.View?.Definition.Model, c.Definition, context.Now) is { } model) return Decided.Reject(model);
        if (c.Definition.Routes is { } rules && RouteRule.Refusal(state.Stream.Id, rules) is { } route) return Decided.Reject(route);
        if (!Money.InRange(c.Definition.PriceMicros)) return Decided.Reject(ServiceRejection.PriceOutOfRange);
        if (c.Definition.TimeoutMs is < 1 or > Limits.ServiceTimeoutMs) return Decided.Reject(ServiceRejection.TimeoutOutOfRange);
        if (!c.Definition.MayBeCached && (c.Definition.CacheSeconds, c.Definition.CacheHitBasisPoints) != (0, 0))
        {
            return Decided.Reject(ServiceRejection.NotCacheable);
        }

        if (c.Definition is not { CacheSeconds: >= 0 and <= Limits.CacheSeconds, CacheHitBasisPoints: >= 0 and <= RouteRule.Whole })
        {
            return Decided.Reject(ServiceRejection.CacheSecondsOutOfRange);
        }

        if (secret is not null && c.Definition.AuthHeader is null) return Decided.Reject(ServiceRejection.SecretWithoutHeader);
        if (secret is null && c.Definition.AuthHeader is not null) return Decided.Reject(ServiceRejection.HeaderWithoutSecret);
        if (c.Secret is null && secret is not null && state.View?.Definition.Endpoint != c.Definition.Endpoint)
        {
            return Decided.Reject(ServiceRejection.SecretOfAnotherAddress);
        }

        if (state.View is { Disabled: false } same && Same(same.Definition, c.Definition) && Same(state.Secret, secret)) return Decided.Accept(same);

        var view = new ServiceView(state.Stream.Id, c.Definition, Disabled: false, context.Now, state.View?.Overcharges ?? 0, state.View?.LastOvercharge ?? default)
        {
            Secrets = (state.View?.Secrets ?? 0) + (Same(state.Secret, secret) ? 0 : 1),
            Dropped = c.Replacing?.Dropped(state.View?.Definition.Given(), c.Definition.Given()),
        };
        return Decided.Accept(view, new ServiceEvent.DefinitionPut(view) { Secret = secret });
    }

    // Absolute, and in order: one that was overtaken on its way changes nothing. It enables a service that was disabled, as any put does.
    private static Decided PutTool(ServiceState state, ServiceCommand.PutTool c, Context context)
    {
        if (c.Definition.Tool is not { } tool) return Decided.Reject(ServiceRejection.NotFound);
        if (state.View is { } known && known.Definition.Tool?.UpstreamId != tool.UpstreamId) return Decided.Reject(ServiceRejection.NoTool);
        if (state.View is { } newer && newer.Definition.Tool!.Revision >= tool.Revision) return Decided.Accept(newer);

        var view = new ServiceView(state.Stream.Id, c.Definition, Disabled: false, context.Now, state.View?.Overcharges ?? 0, state.View?.LastOvercharge ?? default);
        return Decided.Accept(view, new ServiceEvent.DefinitionPut(view));
    }

    private static Decided Disable(ServiceState state, ServiceCommand.Disable c, Context context)
    {
        if (state.View is not { } view) return Decided.Reject(ServiceRejection.NotFound);
        if (view.Disabled) return Decided.Accept(view);

        var retries = view.IsOnTrial(context.Now) ? view.Retries : 0;
        var disabled = view with { Disabled = true, RetryAt = context.Now + Pause(retries), Retries = retries + 1, UpdatedAt = context.Now };
        return Decided.Accept(disabled, new ServiceEvent.Disabled(disabled, c.Reason));
    }

    // A process that starts rings every alarm, due or not.
    private static Decided Retry(ServiceState state, Context context)
    {
        if (state.View is not { Disabled: true } view || context.Now < view.RetryAt) return Decided.Accept(Nothing.Value);

        var retried = view with { Disabled = false, RetryAt = context.Now, UpdatedAt = context.Now };
        return Decided.Accept(Nothing.Value, new ServiceEvent.Retried(retried));
    }

    private static TimeSpan Pause(int retries) =>
        retries < 16 && Limits.ServicePause * (1 << retries) is var pause && pause < Limits.ServicePauseLongest ? pause : Limits.ServicePauseLongest;

    private static Decided ReportOvercharge(ServiceState state, ServiceCommand.ReportOvercharge c, Context context)
    {
        if (state.View is not { } view) return Decided.Reject(ServiceRejection.NotFound);
        if (view.LastOvercharge == c.RunId) return Decided.Accept(view);

        var marked = view with { Overcharges = view.Overcharges + 1, LastOvercharge = c.RunId, UpdatedAt = context.Now };
        return Decided.Accept(marked, new ServiceEvent.Overcharged(marked, c.RunId, c.AskedMicros, c.HeldMicros)).Ride(Riding.Awaited);
    }

    private static Decided PutAnswers(ServiceState state, ServiceCommand.PutAnswers c)
    {
        if (state.View is null) return Decided.Reject(ServiceRejection.NotFound);

        var answer = new TestAnswers(state.Stream.Id, c.Answers);
        return state.Answers is { } same && same.SequenceEqual(c.Answers) ? Decided.Accept(answer) : Decided.Accept(answer, new ServiceEvent.AnswersPut(answer));
    }

    private static Decided GetSecret(ServiceState state) => state.View is { } view
        ? Decided.Query(new ServiceSecret(view.Definition.AuthHeader, state.Secret, view, state.Answers))
        : Decided.Reject(ServiceRejection.NotFound);

    // That it is tried is an act; what it answers is not kept. So whoever asks again has it called again, under the id that it knows.
    private static Decided Try(ServiceState state, ServiceCommand.Try c, Context context)
    {
        if (state.View is not { } view) return Decided.Reject(ServiceRejection.NotFound);
        if (view.Definition.Tool is not null) return Decided.Reject(ServiceRejection.ToolIsNotTried);
        if (view.Definition.IsAsked) return Decided.Reject(ServiceRejection.AgentIsNotTried);
        if (view.Definition.ModelProvider is not null) return Decided.Reject(ServiceRejection.ModelIsNotTried);

        var id = context.CommandId;
        var call = new ServiceCall(view.ServiceId, "", "", c.Input.Utf8, id, Limits.RunDeadline, view.Definition.Metered ? view.Definition.PriceMicros : null) { IsTry = true };
        return Decided.Later(new ServiceEvent.Tried(view.ServiceId, id)).Then(new Step(Phase.AfterCommit, new StepTarget.Outside(call), outcome => new ServiceCommand.TryDone(id, ServiceTrial.Of(view.ServiceId, id, outcome)), id));
    }

    private static bool Same(ServiceDefinition a, ServiceDefinition b) =>
        JsonSerializer.Serialize(a, StoredJson.Options) == JsonSerializer.Serialize(b, StoredJson.Options);

    private static bool Same(Personal? a, Personal? b) => (a, b) switch
    {
        (null, null) => true,
        ({ } x, { } y) => x.Utf8.Span.SequenceEqual(y.Utf8.Span),
        _ => false,
    };

    public static DateTimeOffset? Due(ServiceState state) => state.View is { Disabled: true } view ? view.RetryAt ?? view.UpdatedAt : null;

    public static LateAnswer? Recall(ServiceEvent @event, Guid commandId) => @event switch
    {
        ServiceEvent.DefinitionPut e => new(commandId, Answer.Of(e.View)),
        ServiceEvent.Disabled e => new(commandId, Answer.Of(e.View)),
        ServiceEvent.Retried => new(commandId, Answer.Of(Nothing.Value)),
        ServiceEvent.Overcharged e => new(commandId, Answer.Of(e.View)),
        ServiceEvent.Tried => null,
        ServiceEvent.AnswersPut e => new(commandId, Answer.Of(e.View)),
        _ => throw new UnreachableException(),
    };
}
