using Agora.Core.Kernel;
using Agora.Simulation.Checks;
using Agora.Simulation.Recordings;

namespace Agora.Simulation.Cluster;

/// <summary>
/// Any entity, watched: a checker may look at the state that a live activation decides on (the probe's command brings its bytes to light), and whatever the
/// functions are asked and say is recorded where somebody records.
/// </summary>
/// <param name="process">The process in which this activation lives.</param>
public sealed class Watching(Departures.Process process) : IEntityUse<Entity>
{
    private StreamId _stream;

    public static Entity Of(Entity entity, Departures.Process process) => entity.Use(new Watching(process));

    public Entity Of<TState, TCommand, TEvent>(Entity<TState, TCommand, TEvent> entity)
        where TState : class
        where TCommand : class
        where TEvent : class => entity with
        {
            Decide = (state, command, context) => Decide(entity, state, command, context),
            CheckInvariants = (state, thorough) => CheckInvariants(entity, state, thorough),
            Initial = stream => Begin(entity, stream),
            Evolve = (state, happened, at) => Recording.Current is { } recording
                ? recording.Evolved(Recording.Tag(entity), state, Recording.Coded(entity.Events.Encode(happened)), at, () => entity.Evolve(state, happened, at))
                : entity.Evolve(state, happened, at),
            Unfinished = (state, now) =>
                Recording.Current is { } recording ? recording.Unfinished(Recording.Tag(entity), state, now, entity.Unfinished(state, now)) : entity.Unfinished(state, now),
            Due = state => Due(entity, state),
            Recall = (happened, commandId) => Recall(entity, happened, commandId),
            Rows = (state, happened, at) => Rows(entity, state, happened, at),
            Snapshots = entity.Snapshots with
            {
                Save = state => Save(entity, state),
                Restore = saved => Came(entity, "restore", Convert.ToBase64String(saved.Span), entity.Snapshots.Restore(saved)),
            },
        };

    private TState Begin<TState, TCommand, TEvent>(Entity<TState, TCommand, TEvent> entity, StreamId stream)
        where TState : class
        where TCommand : class
        where TEvent : class
    {
        _stream = stream;
        process.Activated(stream);
        return Came(entity, "initial", stream.ToString(), entity.Initial(stream));
    }

    private Decision<TState, TEvent> Decide<TState, TCommand, TEvent>(Entity<TState, TCommand, TEvent> entity, TState state, TCommand command, Context context)
        where TState : class
        where TCommand : class
        where TEvent : class
    {
        if (context.CommandId == LiveStates.Probe)
        {
            LiveStates.Seen = LiveStates.Saved(entity, state);
        }

        var decision = Recording.Current is { } recording
            ? recording.Decided(Recording.Tag(entity), state, command, context, entity.Events, () => entity.Decide(state, command, context))
            : entity.Decide(state, command, context);
        if (!decision.Events.IsEmpty)
        {
            process.Decided(_stream, context.CommandId);
        }

        LiveStates.Look(command, decision.Answer);
        LiveStates.Ride(state, command);
        return decision;
    }

    /// <summary>What a checker must find in a planted bug is not to be stopped by what the product itself notices.</summary>
    private static void CheckInvariants<TState, TCommand, TEvent>(Entity<TState, TCommand, TEvent> entity, TState state, bool thorough)
        where TState : class
        where TCommand : class
        where TEvent : class
    {
        if (!LiveStates.Unchecked)
        {
            entity.CheckInvariants(state, thorough);
        }
    }

    private static DateTimeOffset? Due<TState, TCommand, TEvent>(Entity<TState, TCommand, TEvent> entity, TState state)
        where TState : class
        where TCommand : class
        where TEvent : class
    {
        var due = entity.Due(state);
        Recording.Current?.Due(Recording.Tag(entity), state, due, entity.IsUnfinished(state), entity.PersonalKey(state));
        return due;
    }

    private static LateAnswer? Recall<TState, TCommand, TEvent>(Entity<TState, TCommand, TEvent> entity, TEvent happened, Guid commandId)
        where TState : class
        where TCommand : class
        where TEvent : class
    {
        var recalled = entity.Recall(happened, commandId);
        Recording.Current?.Recalled(Recording.Tag(entity), Recording.Coded(entity.Events.Encode(happened)), commandId, recalled);
        return recalled;
    }

    private static IReadOnlyList<Row> Rows<TState, TCommand, TEvent>(Entity<TState, TCommand, TEvent> entity, TState state, TEvent happened, DateTimeOffset at)
        where TState : class
        where TCommand : class
        where TEvent : class
    {
        IReadOnlyList<Row> rows = [.. entity.Rows(state, happened, at)];
        Recording.Current?.Rows(Recording.Tag(entity), state, Recording.Coded(entity.Events.Encode(happened)), at, rows);
        return rows;
    }

    private static byte[] Save<TState, TCommand, TEvent>(Entity<TState, TCommand, TEvent> entity, TState state)
        where TState : class
        where TCommand : class
        where TEvent : class
    {
        var saved = entity.Snapshots.Save(state);
        Recording.Current?.Saved(Recording.Tag(entity), state, saved);
        return saved;
    }

    private static TState Came<TState, TCommand, TEvent>(Entity<TState, TCommand, TEvent> entity, string op, string from, TState state)
        where TState : class
        where TCommand : class
        where TEvent : class => Recording.Current?.Came(op, Recording.Tag(entity), from, state) ?? state;
}
