namespace Agora.Core.Kernel;

/// <summary>
/// Something that a step has done outside the streams: a service is called, a facilitator asked. Each feature has calls and outcomes of its own
/// (an outcome is a <see cref="StepOutcome"/>), and whoever hosts entities has a handler for each kind.
/// </summary>
public abstract record OutsideCall
{
    public abstract OutsideKind Kind { get; }
}

/// <summary>What all calls of one kind have in common; its handler is registered by the name.</summary>
/// <param name="AtMost">How long a call may last: a service's seconds, a model's minutes, a job's hours. Whoever waits is then told <see cref="IfUnknown"/>.</param>
public sealed record OutsideKind(string Name, TimeSpan AtMost)
{
    /// <summary>The handler may say that it is still at work: <see cref="AtMost"/> then counts from there.</summary>
    public bool Renews { get; init; }

    /// <summary>What it means that the handler broke, or did not end in time. Not that nothing happened: only an outcome of the feature's own can say so.</summary>
    public StepOutcome IfUnknown { get; init; } = new StepOutcome.Unreachable();
}

/// <summary>What a handler knows of the step that it works for.</summary>
/// <param name="From">The stream whose step it is.</param>
/// <param name="CommandId">Of what comes of it: the same for whoever is told more than once.</param>
/// <param name="Trace">W3C traceparent, or null.</param>
/// <param name="Report">Tells the stream how far it is, as <see cref="Step.Progress"/> understands it; nobody waits for what is reported.</param>
/// <param name="Renew">It is still at work; only for kinds that renew.</param>
/// <param name="Ending">The activation ends: nothing is begun any more, and what has been done is told soon.</param>
public sealed record OutsideContext(StreamId From, Guid CommandId, string? Trace, Action<object> Report, Action Renew, CancellationToken Ending = default);
