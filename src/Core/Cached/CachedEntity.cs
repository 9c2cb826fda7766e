using Agora.Core.Kernel;

namespace Agora.Core.Cached;

/// <summary>A model's reply, or a service's output, to one request of one agent of one user, for requests that are equal: whoever asks first calls, and the others have what came of it.</summary>
public static class CachedEntity
{
    public const string Kind = Kinds.Cached;

    public static Entity<CachedState, CachedCommand, CachedEvent> Entity { get; } = new(Kind)
    {
        Events = CachedCodec.Events,
        Commands = CachedCodec.Commands,
        Answers = new UnionCodec<object>().Case<CachedView>("answer.cached"),
        Snapshots = new(1, CachedCodec.Save, CachedCodec.Restore),
        Initial = static stream => new CachedState(stream, null),
        Decide = CachedDecider.Decide,
        Evolve = static (state, happened, at) => state.Evolve(happened, at),
        CheckInvariants = static (state, _) => Invariant.Check(state.View is not { Reply: not null, FilledAt: null }, "what_is_cached_is_filled"),
        Rows = static (_, _, _) => [],
        Recall = static (_, _) => null, // each is told by the state: what was done once changes nothing again
        PersonalKey = static state => state.PersonalKey,
        Tick = new CachedCommand.Tick(),
    };
}
