using System.Collections.Immutable;
using System.Text.Json.Serialization;

namespace Agora.Core.Kernel;

/// <summary>What a decision may know besides state and command.</summary>
/// <param name="Now">The stream's time: never before the last entry's.</param>
/// <param name="Attempt">
/// The seed of every id that the decision mints: another one each time a command is decided. The stream's time may stand still, and two processes may decide in
/// the same instant; with the command's id as the seed, what is still under way for a refused attempt would end the holds of the next.
/// Default: the command's id.
/// </param>
/// <param name="Zones">Null: whoever decides knows no zone but UTC.</param>
public readonly record struct Context(DateTimeOffset Now, Guid CommandId, Guid Attempt = default, ITimeZones? Zones = null)
{
    /// <param name="zone">Null: UTC.</param>
    /// <returns>Null: the zone is not known.</returns>
    public LocalDay? DayIn(string? zone) => zone is null ? LocalDay.Utc(Now) : Zones?.At(zone, Now);

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

    /// <summary>The caller's answer comes with a later decision, which <see cref="LateAnswers"/> names.</summary>
    public bool IsLater { get; private init; }

    /// <summary>The caller is answered, and what it asked for is not decided yet: its client's key is taken, so that a repeat finds it, and another request under the key is refused.</summary>
    public bool TakesKey { get; private init; }

    /// <summary>Answers of earlier commands, by their command ids, that this decision gives.</summary>
    public ImmutableArray<LateAnswer> LateAnswers { get; private init; } = [];

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
    public bool ShowsNothing => Steps.IsEmpty && LateAnswers.IsEmpty;

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

    public Decision<TState, TEvent> Answering(Guid commandId, Answer answer) => this with { LateAnswers = LateAnswers.Add(new(commandId, answer)) };

    public Decision<TState, TEvent> Ride(Riding riding) => this with { Riding = riding };

    public Decision<TState, TEvent> TakingKey() => this with { TakesKey = true };

    public Decision<TState, TEvent> FixingTime() => this with { FixesTime = true };

    public Decision<TState, TEvent> WithSoft(TState state) => this with { Soft = state };

    public Decision<TState, TEvent> And(TEvent @event) => this with { Events = Events.Add(@event), IsQuery = false };

    /// <summary>The same, of the state that this one is a part of: whoever decided knew only <typeparamref name="TState"/>.</summary>
    public Decision<TWhole, TEvent> Of<TWhole>()
        where TWhole : class, TState => new()
        {
            Events = Events,
            Answer = Answer,
            IsLater = IsLater,
            TakesKey = TakesKey,
            LateAnswers = LateAnswers,
            Steps = Steps,
            Riding = Riding,
            IsQuery = IsQuery,
            FixesTime = FixesTime,
            Soft = (TWhole?)Soft,
        };

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

    /// <summary>
    /// As Awaited, of what begins here and is decided as soon as others have answered: the steps of its own go on meanwhile, and whoever asks from outside waits for it. For what is as if it
    /// had never been asked for when it is lost: nobody was told, and whoever holds something for it inquires. It has no step that waits for it.
    /// </summary>
    Begun,

    /// <summary>With the next append, at the latest with the stream's alarm; the answer does not wait. For what is found again by other means when it is lost.</summary>
    UntilAlarm,
}

public sealed record LateAnswer(Guid CommandId, Answer Answer)
{
    /// <summary>Another command that has the same answer; null: none has.</summary>
    public Guid? Also { get; init; }

    public bool IsOf(Guid commandId) => CommandId == commandId || Also == commandId;
}

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
public sealed record Step(Phase Phase, StepTarget Target, Func<StepOutcome, object?> Then, Guid Key = default)
{
    /// <summary>What a handler reports while it works becomes a command of the entity's own; null: it is dropped.</summary>
    public Func<object, object?>? Progress { get; init; }

    /// <summary>There is one of its key at a time: it is not begun where another is under way, nor by an activation that ends.</summary>
    public bool IsSole { get; init; }

    /// <summary>It follows from what is durable here, and repeating it changes nothing elsewhere: an activation that ends does not wait for its answer, and the next one takes it up.</summary>
    public bool CanBeLeft { get; init; }
}

/// <summary>Closed: a command to another stream, something outside, or nothing elsewhere: at once, or after a while.</summary>
public abstract record StepTarget
{
    private StepTarget()
    {
    }

    /// <param name="Deadline">Tries end after this long; null: the grain call timeout, once.</param>
    public sealed record Entity(StreamId Stream, object Command, TimeSpan? Deadline = null) : StepTarget;

    public sealed record Outside(OutsideCall Call) : StepTarget;

    /// <summary>Nothing elsewhere: the outcome is <see cref="StepOutcome.Unreachable"/> at once. For what a restart left behind.</summary>
    public sealed record Self : StepTarget;

    /// <summary>Nothing elsewhere: the outcome is <see cref="StepOutcome.Unreachable"/> after this time, or as soon as the activation ends. Such a step is sole.</summary>
    public sealed record Later(TimeSpan Delay) : StepTarget;
}

/// <summary>What came of a step: one of these or, of what was done outside, an outcome of that feature's own.</summary>
public abstract record StepOutcome
{
    /// <summary>Room in memory for the bytes of this outcome. It is given back when the command that the outcome becomes is finished. Null if the outcome is small.</summary>
    [JsonIgnore]
    public IDisposable? Room { get; init; }

    /// <summary>The target has answered, and its answer is durable there.</summary>
    public sealed record Answered(Answer Answer) : StepOutcome;

    /// <summary>It is not known whether the target has decided: the call was lost, or timed out.</summary>
    public sealed record Unreachable : StepOutcome;
}
