using System.Collections.Immutable;
using Agora.Core.Payments;

namespace Agora.Core.Kernel;

/// <summary>What a decision may know besides state and command.</summary>
/// <param name="Now">The stream's time: never before the last entry's.</param>
/// <param name="Attempt">
/// The seed of every id that the decision mints: another one each time a command is decided. The stream's time may stand still, and two processes may decide in
/// the same instant; with the command's id as the seed, what is still under way for a refused attempt would end the holds of the next.
/// Default: the command's id.
/// </param>
public readonly record struct Context(DateTimeOffset Now, Guid CommandId, Guid Attempt = default)
{
    public Guid NewId(int n) => Ids.Derive(Now, Attempt == default ? CommandId : Attempt, n);
}

/// <summary>
/// What follows from a command. It is built from left to right: what happened, what is answered, what is to be done.
/// </summary>
public sealed record Decision<TState, TEvent>
    where TState : class
    where TEvent : class
{
    /// <summary>In order; each is evolved before the next.</summary>
    public ImmutableArray<TEvent> Events { get; private init; } = [];

    /// <summary>What the caller gets when everything decided so far is durable; null only with <see cref="IsLater"/>.</summary>
    public Answer? Answer { get; private init; }

    /// <summary>The caller's answer comes with a later decision, which <see cref="Settled"/> names.</summary>
    public bool IsLater { get; private init; }

    /// <summary>Answers of earlier commands, by their command ids, that this decision gives.</summary>
    public ImmutableArray<Settlement> Settled { get; private init; } = [];

    /// <summary>What is to be done elsewhere, now that this was decided.</summary>
    public ImmutableArray<Step> Steps { get; private init; } = [];

    /// <summary>The events only close or record something: they go with the stream's next append, at the latest after <see cref="Limits.RideAtMost"/> or with its alarm.</summary>
    public Riding Riding { get; private init; }

    /// <summary>The answer is a query's: what it rests on is durable, but it may be stale by a second.</summary>
    public bool IsQuery { get; private init; }

    /// <summary>
    /// Somebody will rely on how late it is by the answer: the stream's time is written with it, in an entry without events if there are
    /// none. So no activation, however slow its clock, decides at an earlier time what was told to be too late.
    /// </summary>
    public bool FixesTime { get; private init; }

    /// <summary>Neither an answer to anyone nor a step: nobody outside can tell that it was decided.</summary>
    public bool ShowsNothing => Steps.IsEmpty && Settled.IsEmpty;

    /// <summary>
    /// The state with other soft fields (a rate bucket, a counter): never journaled, saved in snapshots at most, and never
    /// decisive for money. Applied before the events.
    /// </summary>
    public TState? Soft { get; private init; }

    public static Decision<TState, TEvent> Accept(object reply, params ReadOnlySpan<TEvent> events) => new() { Answer = Answer.Of(reply), Events = [.. events] };

    public static Decision<TState, TEvent> Reject(Rejection rejection, params ReadOnlySpan<TEvent> events) => new() { Answer = Answer.No(rejection), Events = [.. events] };

    /// <summary>The answer comes later; the events open what it waits for.</summary>
    public static Decision<TState, TEvent> Later(params ReadOnlySpan<TEvent> events) => new() { IsLater = true, Events = [.. events] };

    public static Decision<TState, TEvent> Query(object reply) => new() { Answer = Answer.Of(reply), IsQuery = true };

    /// <summary>For an own command: something happened, and nobody waits to be told.</summary>
    public static Decision<TState, TEvent> Did(params ReadOnlySpan<TEvent> events) => new() { Answer = Answer.Of(Nothing.Value), Events = [.. events] };

    /// <summary>For an own command: nothing happened here.</summary>
    public static Decision<TState, TEvent> NoChange { get; } = new() { Answer = Answer.Of(Nothing.Value), IsQuery = true };

    public Decision<TState, TEvent> AsQuery() => this with { IsQuery = true };

    public Decision<TState, TEvent> Then(params ReadOnlySpan<Step> steps) => this with { Steps = [.. Steps, .. steps] };

    public Decision<TState, TEvent> Settling(Guid commandId, Answer answer) => this with { Settled = Settled.Add(new(commandId, answer)) };

    public Decision<TState, TEvent> Ride(Riding riding) => this with { Riding = riding };

    public Decision<TState, TEvent> FixingTime() => this with { FixesTime = true };

    public Decision<TState, TEvent> WithSoft(TState state) => this with { Soft = state };

    public Decision<TState, TEvent> And(TEvent @event) => this with { Events = Events.Add(@event), IsQuery = false };

    public Decision<TState, TEvent> AlsoFirst(params ReadOnlySpan<TEvent> events) => this with { Events = [.. events, .. Events] };
}

public enum Riding
{
    /// <summary>Appended at once.</summary>
    No,

    /// <summary>With the next append, at the latest after <see cref="Limits.RideAtMost"/>; the answer does not wait. For what only records an answer (an audited read).</summary>
    Soon,

    /// <summary>As Soon, but the answer waits for it: another stream forgets what this one was told only when it is durable here.</summary>
    Awaited,

    /// <summary>As Awaited, at the latest after <see cref="Limits.FollowAtMost"/>: where the next append is likely to come by then.</summary>
    AwaitedLonger,

    /// <summary>With the next append, at the latest with the stream's alarm; the answer does not wait. For what is found again by other means when it is lost.</summary>
    UntilAlarm,
}

public sealed record Settlement(Guid CommandId, Answer Answer);

/// <summary>When a step may start.</summary>
public enum Phase
{
    /// <summary>Beside its own append: only for commands whose answer to an inquiry is safe if the append fails (a Reserve).</summary>
    AtOnce,

    /// <summary>After the decision's events are durable.</summary>
    AfterCommit,
}

/// <summary>
/// What an entity has to have done elsewhere. The outcome becomes a command of its own, or, when <see cref="Then"/> gives null,
/// the step stays unfinished and the stream's alarm tries it again.
/// </summary>
/// <param name="Key">What the step works on (a run, say). While a step with this key is under way here, an alarm does not resume another; empty: repeating it is cheap.</param>
public sealed record Step(Phase Phase, StepTarget Target, Func<StepOutcome, object?> Then, Guid Key = default);

/// <summary>Closed: a command to another stream, or a call to a service or to the facilitator.</summary>
public abstract record StepTarget
{
    private StepTarget()
    {
    }

    /// <param name="Deadline">Tries end after this long; null: the grain call timeout, once.</param>
    public sealed record Entity(StreamId Stream, object Command, TimeSpan? Deadline = null) : StepTarget;

    /// <summary>The same command to every user at whom this agent has live sessions, as the table of sessions has them when it is done. Answered: by each of them.</summary>
    public sealed record EachUser(string AgentId, object Command) : StepTarget;

    public sealed record Call(ServiceCall Request) : StepTarget;

    /// <summary>The facilitator's word on a payment; it moves nothing.</summary>
    public sealed record Verify(PresentedPayment Payment) : StepTarget;

    /// <summary>The facilitator is to move the money. Only after the intent is durable.</summary>
    /// <param name="AttemptedBefore">An earlier call for it may have moved it.</param>
    public sealed record Settle(PresentedPayment Payment, bool AttemptedBefore) : StepTarget;

    /// <summary>Nothing elsewhere: the outcome is <see cref="StepOutcome.Unreachable"/> at once. For what a restart left behind.</summary>
    public sealed record Self : StepTarget;
}

/// <summary>
/// One run's call to its service, all attempts together bounded by <see cref="Limits.RunDeadline"/>. The service's endpoint,
/// credential and output schema are looked up where the call is made: a secret never travels through a decision.
/// </summary>
/// <param name="UserId">For whom: what fails for one user only is no proof against a service.</param>
/// <param name="AgentId">Who opened the root of the session's tree with a key, whatever a delegated session calls itself: what fails for one agent only is no proof either.</param>
/// <param name="HeldMicros">Of a metered service: the most that the run may cost, which is held. Null: its price is fixed.</param>
public sealed record ServiceCall(string ServiceId, string UserId, string AgentId, ReadOnlyMemory<byte> Body, Guid RunId, TimeSpan Deadline, long? HeldMicros = null);

/// <summary>Closed: what came of a step.</summary>
public abstract record StepOutcome
{
    private StepOutcome()
    {
    }

    /// <summary>The target has answered, and its answer is durable there.</summary>
    public sealed record Answered(Answer Answer) : StepOutcome;

    /// <summary>It is not known whether the target has decided: the call was lost, or timed out.</summary>
    public sealed record Unreachable : StepOutcome;

    /// <summary>The service gave its output.</summary>
    /// <param name="CostMicros">Of a metered service: what the run cost, at most what was held.</param>
    public sealed record Output(ReadOnlyMemory<byte> Body, int Attempts, long? CostMicros = null) : StepOutcome;

    /// <summary>The service failed; <paramref name="Code"/> is one of our codes, never the service's words.</summary>
    public sealed record CallFailed(string Code, string Reason, int Attempts) : StepOutcome;

    /// <summary>Nothing was sent to the service: where it is could not be learned in time, which says nothing of it.</summary>
    public sealed record NotCalled : StepOutcome;

    /// <summary>What the facilitator says of a payment.</summary>
    public sealed record Verified(VerifyOutcome Outcome) : StepOutcome;

    /// <summary>What the facilitator says that became of a settlement.</summary>
    public sealed record Settled(SettleOutcome Outcome) : StepOutcome;
}
