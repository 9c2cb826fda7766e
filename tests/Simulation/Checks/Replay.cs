using Agora.Core;
using Agora.Core.Kernel;
using Agora.Simulation.Cluster;

namespace Agora.Simulation.Checks;

/// <summary>A stream decoded and evolved from its first row on, with the product's own codecs and Evolve: nothing of a live activation is in it.</summary>
public abstract class Replay
{
    /// <summary>What is still to be done elsewhere, for a sentence; null: nothing.</summary>
    public abstract string? Unfinished { get; }

    /// <summary>When it will look after something by itself, such as a hold of which nothing was heard.</summary>
    public abstract DateTimeOffset? Due { get; }

    public abstract object Tick { get; }

    public abstract int SnapshotVersion { get; }

    public static Replay Of(StreamId stream) => Manifest.Of(stream).Use(new Creation(stream));

    private sealed class Creation(StreamId stream) : IEntityUse<Replay>
    {
        public Replay Of<TState, TCommand, TEvent>(Entity<TState, TCommand, TEvent> entity)
            where TState : class
            where TCommand : class
            where TEvent : class => new Replay<TState, TCommand, TEvent>(entity, stream);
    }

    public abstract object Decode(string name, int version, ReadOnlyMemory<byte> payload, Personal? personal);

    public abstract void Evolve(object @event, DateTimeOffset at);

    public abstract byte[] Save();
}

public sealed class Replay<TState, TCommand, TEvent>(Entity<TState, TCommand, TEvent> entity, StreamId stream) : Replay
    where TState : class
    where TCommand : class
    where TEvent : class
{
    private TState _state = entity.Initial(stream);
    private DateTimeOffset _at;

    public override string? Unfinished =>
        entity.IsUnfinished(_state) ? string.Join("; ", entity.Unfinished(_state, _at).Select(s => s.Target is StepTarget.Entity e ? $"{e.Stream}: {e.Command}" : s.Target.ToString())) : null;

    public override DateTimeOffset? Due => entity.Due(_state);

    public override object Tick => entity.Tick;

    public override int SnapshotVersion => entity.Snapshots.Version;

    public override object Decode(string name, int version, ReadOnlyMemory<byte> payload, Personal? personal) => entity.Events.Decode(name, version, payload, personal);

    public override void Evolve(object @event, DateTimeOffset at) => (_state, _at) = (entity.Evolve(_state, (TEvent)@event, at), at);

    public override byte[] Save()
    {
        entity.CheckInvariants(_state, thorough: true);
        return LiveStates.Saved(entity, _state);
    }
}
