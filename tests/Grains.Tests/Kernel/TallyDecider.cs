using System.Collections.Immutable;
using Agora.Core.Kernel;
using TallyDecision = Agora.Core.Kernel.Decision<Agora.Grains.Tests.Kernel.Tally, Agora.Grains.Tests.Kernel.TallyEvent>;

namespace Agora.Grains.Tests.Kernel;

/// <summary>A sum, and what an EntityHost can be asked to do with one: the smallest entity that uses everything of the kernel.</summary>
public sealed record Tally(string Id, long Sum, ImmutableSortedSet<Guid> Open, DateTimeOffset? WakeAt, string? KeyId, bool Erased);

/// <summary>Closed union.</summary>
public abstract record TallyCommand
{
    /// <summary>Answered with the sum; refused above 1,000, which is an answer too.</summary>
    public sealed record Add(long Amount) : TallyCommand;

    public sealed record Get : TallyCommand;

    /// <summary>Adds in passing: the answer does not wait, or waits for the row that it rides with.</summary>
    public sealed record Pass(long Amount, Riding Riding) : TallyCommand;

    /// <summary>Asks another entity; answered when that is answered.</summary>
    public sealed record Ask(Phase Phase, bool CanBeLeft = false) : TallyCommand;

    /// <summary>Begins: asks another entity beside its own entry, which rides, and when that has answered it asks again; answered when that is answered.</summary>
    public sealed record AskTwice : TallyCommand;

    /// <summary>Asks another entity; refused when that is answered, whatever it says.</summary>
    public sealed record AskInVain : TallyCommand;

    /// <summary>Adds when a while is over. One waits at a time.</summary>
    public sealed record AddLater(long Amount) : TallyCommand;

    /// <summary>Decides a state that its invariant forbids.</summary>
    public sealed record Break : TallyCommand;

    /// <summary>Decides an event that cannot be written.</summary>
    public sealed record WriteBadly : TallyCommand;

    public sealed record Keep(Personal Secret) : TallyCommand;

    public sealed record Erase : TallyCommand;

    public sealed record WakeAt(DateTimeOffset? At) : TallyCommand;

    internal sealed record Told(Guid Asked, StepOutcome Outcome) : TallyCommand;

    internal sealed record ToldOnce(Guid Asked) : TallyCommand;

    internal sealed record ToldInVain(Guid Asked) : TallyCommand;

    public sealed record Tick : TallyCommand;
}

public abstract record TallyEvent
{
    public sealed record Added(long Amount, long Sum) : TallyEvent;

    public sealed record Asked(Guid Command) : TallyEvent;

    public sealed record Answered(Guid Command, bool Reached) : TallyEvent;

    public sealed record Kept(string KeyId) : TallyEvent
    {
        [System.Text.Json.Serialization.JsonIgnore]
        public Personal? Secret { get; init; }
    }

    public sealed record Erased : TallyEvent, IErasesPersonalKey;

    public sealed record WakingSet(DateTimeOffset? At) : TallyEvent;

    public sealed record Unwritable : TallyEvent;
}

public sealed record Summed(long Sum);

public static class TallyDecider
{
    public static Entity<Tally, TallyCommand, TallyEvent> Entity => new("wallet")
    {
        Events = Events,
        Commands = Commands,
        Snapshots = new(SnapshotVersion, Save, Restore),
        Initial = Initial,
        Decide = Decide,
        Evolve = Evolve,
        CheckInvariants = static (state, _) => Invariant.Check(state.Sum >= 0, "sum_not_negative"),
        Unfinished = static (state, _) => state.Open.Select(id => Asking(id, Phase.AfterCommit)),
        IsUnfinished = static state => !state.Open.IsEmpty,
        Due = static state => state.WakeAt,
        Recall = Recall,
        Rows = static (_, _, _) => [],
        PersonalKey = PersonalKey,
        Tick = new TallyCommand.Tick(),
    };

    public static readonly Rejection TooMuch = new(Codes.ValidationFailed, "The sum would be above 1,000.");

    public static int SnapshotVersion { get; set; } = 1;

    public static UnionCodec<TallyEvent> Events { get; } = new UnionCodec<TallyEvent>()
        .Case<TallyEvent.Added>("tally.added")
        .Case<TallyEvent.Asked>("tally.asked")
        .Case<TallyEvent.Answered>("tally.answered")
        .Case<TallyEvent.Kept>("tally.kept", 1, e => e.Secret, (e, secret) => e with { Secret = secret })
        .Case<TallyEvent.Erased>("tally.erased")
        .Case<TallyEvent.WakingSet>("tally.waking_set")
        .Case<TallyEvent.Unwritable>(null!);

    public static UnionCodec<TallyCommand> Commands { get; } = new();

    public static Tally Initial(StreamId stream) => new(stream.Id, 0, [], null, null, false);

    public static TallyDecision Decide(Tally state, TallyCommand command, Context context) => command switch
    {
        TallyCommand.Add c => state.Sum + c.Amount > 1_000 ? TallyDecision.Reject(TooMuch) : Added(state, c.Amount),
        TallyCommand.Get => TallyDecision.Query(new Summed(state.Sum)),
        TallyCommand.Pass c => Added(state, c.Amount).Ride(c.Riding),
        TallyCommand.Ask c => state.Open.Contains(context.CommandId)
            ? TallyDecision.Later()
            : TallyDecision.Later(new TallyEvent.Asked(context.CommandId)).Then(Asking(context.CommandId, c.Phase) with { CanBeLeft = c.CanBeLeft }),
        TallyCommand.AskTwice => TallyDecision.Later(new TallyEvent.Asked(context.CommandId)).Ride(Riding.Begun).Then(Asking(context.CommandId, Phase.AtOnce, _ => new TallyCommand.ToldOnce(context.CommandId))),
        TallyCommand.AddLater c => TallyDecision.Accept(new Summed(state.Sum)).Then(
            new Step(Phase.AfterCommit, new StepTarget.Later(Limits.PayoutEvery), _ => new TallyCommand.Add(c.Amount), Ids.FromKey("", "tally", state.Id)) { IsSole = true }),
        TallyCommand.AskInVain => TallyDecision.Later().Then(Asking(context.CommandId, Phase.AtOnce, _ => new TallyCommand.ToldInVain(context.CommandId))),
        TallyCommand.ToldInVain c => TallyDecision.NoChange.Answering(c.Asked, Answer.No(TooMuch)),
        TallyCommand.ToldOnce c => TallyDecision.NoChange.Then(Asking(c.Asked, Phase.AfterCommit)),
        TallyCommand.Told c => state.Open.Contains(c.Asked)
            ? TallyDecision.Did(new TallyEvent.Answered(c.Asked, c.Outcome is StepOutcome.Answered)).Answering(c.Asked, Answer.Of(new Summed(c.Outcome is StepOutcome.Answered ? 1 : 0)))
            : TallyDecision.NoChange,
        TallyCommand.Break => Added(state, -1 - state.Sum),
        TallyCommand.WriteBadly => TallyDecision.Accept(new Summed(state.Sum), new TallyEvent.Unwritable()),
        TallyCommand.Keep c => TallyDecision.Accept(new Summed(state.Sum), new TallyEvent.Kept($"user/{state.Id}") { Secret = c.Secret }),
        TallyCommand.Erase => TallyDecision.Accept(new Summed(state.Sum), new TallyEvent.Erased()),
        TallyCommand.WakeAt c => TallyDecision.Accept(new Summed(state.Sum), new TallyEvent.WakingSet(c.At)),
        TallyCommand.Tick => state.WakeAt <= context.Now ? TallyDecision.Did(new TallyEvent.WakingSet(null)) : TallyDecision.NoChange,
        _ => throw new System.Diagnostics.UnreachableException(),
    };

    public static Tally Evolve(Tally state, TallyEvent @event, DateTimeOffset at) => @event switch
    {
        TallyEvent.Added e => state with { Sum = state.Sum + e.Amount },
        TallyEvent.Asked e => state with { Open = state.Open.Add(e.Command) },
        TallyEvent.Answered e => state with { Open = state.Open.Remove(e.Command) },
        TallyEvent.Kept e => state with { KeyId = e.KeyId },
        TallyEvent.Erased => state with { Erased = true },
        TallyEvent.WakingSet e => state with { WakeAt = e.At },
        TallyEvent.Unwritable => state with { Sum = 999 },
        _ => throw new System.Diagnostics.UnreachableException(),
    };

    public static LateAnswer? Recall(TallyEvent @event, Guid commandId) => @event switch
    {
        TallyEvent.Added e => new(commandId, Answer.Of(new Summed(e.Sum))),
        TallyEvent.Answered e => new(e.Command, Answer.Of(new Summed(e.Reached ? 1 : 0))),
        _ => null,
    };

    // Known from the start, so that the first secret can be sealed.
    public static string? PersonalKey(Tally state) => state.Id.StartsWith("secret", StringComparison.Ordinal) ? $"user/{state.Id}" : null;

    public static byte[] Save(Tally state) => System.Text.Json.JsonSerializer.SerializeToUtf8Bytes(new Saved(state.Id, state.Sum, [.. state.Open], state.WakeAt, state.KeyId, state.Erased), StoredJson.Options);

    public static Tally Restore(ReadOnlyMemory<byte> saved)
    {
        var s = System.Text.Json.JsonSerializer.Deserialize<Saved>(saved.Span, StoredJson.Options)!;
        return new(s.Id, s.Sum, [.. s.Open], s.WakeAt, s.KeyId, s.Erased);
    }

    private static TallyDecision Added(Tally state, long amount) =>
        TallyDecision.Accept(new Summed(state.Sum + amount), new TallyEvent.Added(amount, state.Sum + amount));

    private static Step Asking(Guid id, Phase phase, Func<StepOutcome, TallyCommand>? then = null) => new(
        phase, new StepTarget.Entity(StreamId.Wallet("w1"), "a question"), then ?? (outcome => new TallyCommand.Told(id, outcome)), id);

    private sealed record Saved(string Id, long Sum, IReadOnlyList<Guid> Open, DateTimeOffset? WakeAt, string? KeyId, bool Erased);
}
