using System.Globalization;
using Agora.Core.Kernel;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Orleans;
using Orleans.Runtime;
using Orleans.Serialization.Invocation;

namespace Agora.Contracts;

/// <summary>
/// Puts the process's token on calls that have no envelope, which carries it by itself (<see cref="EnvelopeSerializer"/>): a grain's call goes out in its silo's name,
/// whatever call caused it.
/// </summary>
/// <param name="always">Whether envelopes need it beside them too, for members of a release that does not find it in them.</param>
internal sealed class CallerSigning(CallerSigner signer, Func<bool> always) : IOutgoingGrainCallFilter
{
    // Orleans calls this from an async method of the call's own, with which the change of the request context ends. A call that follows from
    // another one within the silo has the very token already; to set it again would cost a dictionary and an execution context.
    public Task Invoke(IOutgoingGrainCallContext context)
    {
        if (!context.TargetId.IsSystemTarget() && (context.Grain is not IEntityGrain || always()) && signer.Token is var token && !ReferenceEquals(RequestContext.Get(CallerSigner.Header), token))
        {
            RequestContext.Set(CallerSigner.Header, token);
        }

        return context.Invoke();
    }
}

/// <summary>
/// Lets a call into a grain only when a known caller sent it. Where a call says it comes from is not believed: a gateway passes on the
/// sender that a client wrote into its message. So calls between silos prove themselves like any other, and only the runtime's own
/// targets are left out, and the ticks of a grain's own timers.
/// <para>An entity answers a stranger with a rejection, <c>unauthorized</c>; other grains throw <see cref="UnauthorizedAccessException"/> at
/// clients, and are closed to callers that are limited to kinds of entity.</para>
/// <para>A silo or front end whose token has expired is no stranger: its clock, or this silo's, is wrong. It gets a failure to retry, never a rejection,
/// because it would take a rejection for the entity's decision: an agent would be told that its session is not valid, and a step would be given up.</para>
/// </summary>
internal sealed partial class CallerCheck(CallerVerifier verifier, ILogger<CallerCheck> log) : IIncomingGrainCallFilter
{
    public Task Invoke(IIncomingGrainCallContext context)
    {
        if (context.TargetId.IsSystemTarget()) return context.Invoke();

        if (context.Grain is IEntityGrain && context.Request is { } request && request.GetArgumentCount() > 0 && EnvelopeOf(request.GetArgument(0)) is { } envelope)
        {
            // One without a mark was sent in this very process: what is read from a connection has one.
            return envelope.Caller is { } token ? Entity(context, envelope, verifier.Find(token.Length > 0 ? token : Beside())) : context.Invoke();
        }

        return Other(context, verifier.Verify(Beside()));
    }

    private static Envelope? EnvelopeOf(object? argument) => argument as Envelope ?? (argument as ICommandEnvelope)?.Envelope;

    private static string? Beside() => RequestContext.Get(CallerSigner.Header) as string;

    private Task Entity(IIncomingGrainCallContext context, Envelope envelope, (Caller Caller, TimeSpan? Late)? found)
    {
        if (Refusal(context.TargetId, envelope, found) is not { } refused)
        {
            var passed = envelope with { Caller = null, Actor = envelope.Actor ?? found!.Value.Caller.ActsAs };
            context.Request.SetArgument(0, context.Request.GetArgument(0) is ICommandEnvelope typed ? typed.With(passed) : passed);
            RequestContext.Remove(CallerSigner.Header); // else each call that follows would copy it
            return context.Invoke();
        }

        Refused(log, found?.Caller.Name, context.TargetId, context.SourceId, refused.Why);
        var refusal = envelope.Answered(refused.Body);
        context.Result = context.Request.GetArgument(0) is Envelope ? refusal : Activator.CreateInstance(context.InterfaceMethod.ReturnType.GenericTypeArguments[0], refusal); // Answer<TReply>
        return Task.CompletedTask;
    }

    private static (string Why, object Body)? Refusal(GrainId target, Envelope envelope, (Caller Caller, TimeSpan? Late)? found) => found switch
    {
        null => Unauthorized("The caller has no identity that is known here."),
        ({ ActsAs: null }, { } late) => (Expired(late), new OperatingFailure(FailureKind.Unavailable, RetryAfterSeconds: 2)),
        (_, { } late) => Unauthorized(Expired(late)),
        ({ Kinds: { } kinds } caller, _) when !(StreamId.Find(target.Key.ToString()!) is { } stream && kinds.Contains(stream.Kind)) => Unauthorized($"The service '{caller.Name}' may not send commands to entities of this kind."),
        ({ ActsAs: { } own } caller, _) when envelope.Actor is { } actor && actor != own => Unauthorized($"The service '{caller.Name}' acts as '{own}' only."),
        ({ ActsAs: { } own } caller, _) when envelope.Key is { } key && key.Credential != own => Unauthorized($"The service '{caller.Name}' has idempotency keys of '{own}' only."),
        _ => null,
    };

    private static (string Why, object Body) Unauthorized(string why) => (why, new Answer(null, new Rejection(Codes.Unauthorized, why)));

    private static string Expired(TimeSpan late) => string.Create(CultureInfo.InvariantCulture, $"The caller's token expired {late.TotalSeconds:F0} s ago: compare the clock of its machine with the silo's.");

    private Task Other(IIncomingGrainCallContext context, Caller? caller)
    {
        if (caller is { Kinds: null } || IsTick(context.Request)) return context.Invoke();

        Refused(log, caller?.Name, context.TargetId, context.SourceId, "not an entity");
        throw new UnauthorizedAccessException($"{context.InterfaceName} is not open to this caller.");
    }

    // What came over a connection was read by a generated codec, and no codec can be generated for a type that is private to another one: so such a
    // request was made in this very silo, by a timer for its own grain.
    private static bool IsTick(IInvokable request) => request.GetType().IsNestedPrivate;

    [LoggerMessage(EventId = 1, Level = LogLevel.Warning, Message = "A call of {Caller} to {Grain}, sent by {Source}, was refused: {Why}")]
    private static partial void Refused(ILogger log, string? caller, GrainId grain, GrainId? source, string why);
}

public static class CallerRegistration
{
    /// <summary>Every call that this process sends to another one is signed in the caller's name.</summary>
    /// <param name="always">See <see cref="CallerSigning"/>; null: always.</param>
    public static IServiceCollection AddCallerSigning(this IServiceCollection services, Caller caller, Func<IServiceProvider, Func<bool>>? always = null) => services
        .AddSingleton(new CallerSigner(caller, TimeProvider.System))
        .AddSingleton<IOutgoingGrainCallFilter>(provider => new CallerSigning(provider.GetRequiredService<CallerSigner>(), always?.Invoke(provider) ?? (static () => true)));

    /// <summary>A silo that takes calls of these callers only.</summary>
    public static IServiceCollection AddCallerCheck(this IServiceCollection services, IEnumerable<Caller> callers) => services
        .AddSingleton(new CallerVerifier(callers, TimeProvider.System))
        .AddSingleton<IIncomingGrainCallFilter, CallerCheck>();
}
