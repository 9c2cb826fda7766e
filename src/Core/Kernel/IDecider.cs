namespace Agora.Core.Kernel;

/// <summary>
/// A feature's pure half. All members are static, synchronous and total: no IO, clock, randomness or Task (a banned-API
/// analyzer holds that). EntityHost is the only caller besides tests and simulation.
/// <para>Laws, held by Scenario in tests: Evolve of the same events gives the same state, live or replayed; a command decided
/// twice with the same id changes nothing the second time; a rejection may carry events (a refusal is audited).</para>
/// </summary>
public interface IDecider<TState, TCommand, TEvent>
    where TState : class
    where TCommand : class
    where TEvent : class
{
    static abstract TState Initial(StreamId stream);

    static abstract Decision<TState, TEvent> Decide(TState state, TCommand command, Context context);

    static abstract TState Evolve(TState state, TEvent @event, DateTimeOffset at);

    /// <summary>Throws <see cref="InvariantViolationException"/>. Called on each candidate state, so it is cheap; <paramref name="thorough"/> after a load.</summary>
    static abstract void CheckInvariants(TState state, bool thorough);

    /// <summary>Steps that are still to be done, for resuming after a crash. Every one is safe to repeat.</summary>
    static abstract IEnumerable<Step> Unfinished(TState state, DateTimeOffset now);

    /// <summary>Cheap: whether <see cref="Unfinished"/> yields anything.</summary>
    static abstract bool IsUnfinished(TState state);

    /// <summary>When the entity wants to be woken (<see cref="Tick"/>), or null.</summary>
    static abstract DateTimeOffset? Due(TState state);

    /// <summary>The command of the alarm: whatever time alone has made due.</summary>
    static abstract TCommand Tick { get; }

    /// <summary>The answer that an event gave to a command (null: its entry's own command; else the one it settles), so that repeats can be answered from the journal.</summary>
    static abstract Settlement? Recall(TEvent @event, Guid commandId);

    /// <summary>Rows of query tables that follow from an event; <paramref name="state"/> is the state after it.</summary>
    static abstract IEnumerable<Row> Rows(TState state, TEvent @event, DateTimeOffset at);

    static abstract UnionCodec<TEvent> Events { get; }

    static abstract UnionCodec<TCommand> Commands { get; }

    /// <summary>The personal key that seals this entity's personal parts, or null.</summary>
    static abstract string? PersonalKey(TState state);

    /// <summary>The part of a command that a decision rests on, without personal data, or null when its events hold all of it.</summary>
    static abstract bool KeepsCause(TCommand command);

    static abstract int SnapshotVersion { get; }

    /// <summary>The oldest version that <see cref="Restore"/> still reads; 0: only today's.</summary>
    static virtual int OldestSnapshotVersion => 0;

    static abstract byte[] Save(TState state);

    static abstract TState Restore(ReadOnlyMemory<byte> saved);
}

/// <summary>A query table. The first <paramref name="KeyColumns"/> columns are its primary key.</summary>
public sealed record Table(string Name, int KeyColumns, params IReadOnlyList<string> Columns)
{
    public Row Row(params IReadOnlyList<object?> values)
    {
        Invariant.Check(values.Count == Columns.Count, "row_matches_table");
        return new(this, values);
    }
}

/// <summary>A row, absolute; values are string, long or null, in the order of the table's columns.</summary>
public sealed record Row(Table Table, IReadOnlyList<object?> Values);
