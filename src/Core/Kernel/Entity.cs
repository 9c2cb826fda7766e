namespace Agora.Core.Kernel;

/// <summary>
/// What an entity is, as one value: its kind, its pure functions, its codecs and its query tables. Each feature has one, in its …Entity.cs, and
/// <see cref="Manifest"/> lists them; hosts, engines, codecs, rebuild, replay and simulation derive from that list.
/// </summary>
/// <param name="Kind">Stored in the name of each of its streams: for ever.</param>
public abstract record Entity(string Kind)
{
    /// <summary>Query tables whose rows follow from its events; two entities may share one.</summary>
    public IReadOnlyList<Table> Tables { get; init; } = [];

    /// <summary>What its commands are answered with and no other entity's are, under names that are for ever.</summary>
    public UnionCodec<object> Answers { get; init; } = new();

    /// <summary>The commands that others may send it.</summary>
    public abstract IUnionCodec CommandNames { get; }

    /// <summary>The command of its alarm.</summary>
    public abstract object Alarm { get; }

    /// <summary>What others ask it in words that several entities share, as a command of its own.</summary>
    public abstract object Heard(object asked);

    /// <summary>Does something that needs the entity's types.</summary>
    public abstract TResult Use<TResult>(IEntityUse<TResult> use);
}

/// <summary>
/// An entity with its types. All functions are pure, synchronous and total: no IO, clock, randomness or Task (a banned-API
/// analyzer holds that). EntityHost is the only caller besides tests and simulation.
/// <para>Laws, held by Scenario in tests: Evolve of the same events gives the same state, live or replayed; a command decided
/// twice with the same id changes nothing the second time; a rejection may carry events (a refusal is audited).</para>
/// </summary>
public sealed record Entity<TState, TCommand, TEvent>(string Kind) : Entity(Kind)
    where TState : class
    where TCommand : class
    where TEvent : class
{
    public required UnionCodec<TEvent> Events { get; init; }

    public required UnionCodec<TCommand> Commands { get; init; }

    /// <summary>The command of the alarm: whatever time alone has made due.</summary>
    public required TCommand Tick { get; init; }

    public required Func<StreamId, TState> Initial { get; init; }

    public required Func<TState, TCommand, Context, Decision<TState, TEvent>> Decide { get; init; }

    public required Func<TState, TEvent, DateTimeOffset, TState> Evolve { get; init; }

    public required InvariantCheck<TState> CheckInvariants { get; init; }

    /// <summary>Steps that are still to be done, for resuming after a crash. Every one is safe to repeat.</summary>
    public Func<TState, DateTimeOffset, IEnumerable<Step>> Unfinished { get; init; } = static (_, _) => [];

    /// <summary>Cheap: whether <see cref="Unfinished"/> yields anything.</summary>
    public Func<TState, bool> IsUnfinished { get; init; } = static _ => false;

    /// <summary>Steps that follow one another as long as the entity is there: each activation takes them up. No alarm stands for them; whoever starts processes wakes the entity.</summary>
    public Func<TState, DateTimeOffset, IEnumerable<Step>> Ongoing { get; init; } = static (_, _) => [];

    /// <summary>When the entity wants to be woken (<see cref="Tick"/>), or null.</summary>
    public Func<TState, DateTimeOffset?> Due { get; init; } = static _ => null;

    /// <summary>The answer that an event gave to a command (null: its entry's own command; else the earlier one that waited for it), so that repeats can be answered from the journal.</summary>
    public required Func<TEvent, Guid, LateAnswer?> Recall { get; init; }

    /// <summary>Rows of query tables that follow from an event, with the state after it.</summary>
    public required Func<TState, TEvent, DateTimeOffset, IEnumerable<Row>> Rows { get; init; }

    /// <summary>The id of what an event made that its command could not name: an operator's act is about it (ADR 0047).</summary>
    public Func<TEvent, string?> Made { get; init; } = static _ => null;

    /// <summary>The personal key that seals this entity's personal parts, or null.</summary>
    public Func<TState, string?> PersonalKey { get; init; } = static _ => null;

    /// <summary>Whether a decision rests on more of the command than its events hold, so that the command, without personal data, is kept beside them.</summary>
    public Func<TCommand, bool> KeepsCause { get; init; } = static _ => false;

    public required Snapshots<TState> Snapshots { get; init; }

    /// <summary>The command that carries what this entity is asked in words that it shares with others; null: it is a command already.</summary>
    public Func<object, TCommand?> Hear { get; init; } = static _ => null;

    public override IUnionCodec CommandNames => Commands;

    public override object Alarm => Tick;

    public override object Heard(object asked) => Hear(asked) ?? asked;

    public override TResult Use<TResult>(IEntityUse<TResult> use) => use.Of(this);
}

/// <summary>Throws <see cref="InvariantViolationException"/>. Called on each candidate state, so it is cheap; <paramref name="thorough"/> after a load.</summary>
public delegate void InvariantCheck<in TState>(TState state, bool thorough);

/// <summary>What somebody does with any entity.</summary>
public interface IEntityUse<out TResult>
{
    TResult Of<TState, TCommand, TEvent>(Entity<TState, TCommand, TEvent> entity)
        where TState : class
        where TCommand : class
        where TEvent : class;
}

/// <summary>How states are saved and read again.</summary>
/// <param name="Version">Raised when <paramref name="Restore"/> could misread what was saved before.</param>
public sealed record Snapshots<TState>(int Version, Func<TState, byte[]> Save, Func<ReadOnlyMemory<byte>, TState> Restore)
{
    /// <summary>The oldest version that <see cref="Restore"/> still reads.</summary>
    public int Oldest { get; init; } = Version;

    public bool Reads(int version) => version >= Oldest && version <= Version;
}

/// <summary>A query table. The first <paramref name="KeyColumns"/> columns are its primary key.</summary>
public sealed record Table(string Name, int KeyColumns, params IReadOnlyList<string> Columns)
{
    /// <summary>Columns that follow from another one, in most rows.</summary>
    public IReadOnlyList<Derived> Derived { get; init; } = [];

    /// <summary>No row is written twice but by a rebuild, so a store may insert it without looking for it first.</summary>
    public bool IsWrittenOnce { get; init; }

    public Row Row(params IReadOnlyList<object?> values)
    {
        Invariant.Check(values.Count == Columns.Count, "row_matches_table");
        return new(this, values);
    }
}

/// <summary>
/// A column that mostly says what follows from another one. A store need not keep it where it does, and reads it as if it had been kept, so what
/// <paramref name="Of"/> gives stays the same for ever.
/// </summary>
/// <param name="Of">From a value that is not null; of null follows null.</param>
public sealed record Derived(string Column, string From, Func<string, string> Of);

/// <summary>A row, absolute; values are string, long or null, in the order of the table's columns.</summary>
public sealed record Row(Table Table, IReadOnlyList<object?> Values);
