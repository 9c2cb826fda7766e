using System.Collections.Concurrent;
using System.Collections.Frozen;
using Agora.Core.Kernel;
using Orleans;
using Orleans.Runtime;

namespace Agora.Contracts;

/// <summary>
/// References to entities' grains. Each is kept, because to make one costs a part of a call: the name as bytes, its hash, and a look-up of its type.
/// </summary>
/// <param name="marker">The marker interface of a kind.</param>
/// <param name="atMost">References, some 300 bytes each. One more, and all are made again.</param>
internal sealed class GrainReferences(IGrainFactory grains, Func<string, Type> marker, int atMost)
{
    private readonly ConcurrentDictionary<string, KnownKind> _kinds = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<StreamId, EntityReference> _references = [];
    private int _kept;

    public int Count => _references.Count;

    public EntityReference Of(StreamId stream) => _references.TryGetValue(stream, out var known) ? known : Keep(stream);

    private EntityReference Keep(StreamId stream)
    {
        var kind = _kinds.TryGetValue(stream.Kind, out var known) ? known : First(stream);
        if (Interlocked.Increment(ref _kept) > atMost)
        {
            Volatile.Write(ref _kept, 1);
            _references.Clear();
        }

        return _references.GetOrAdd(stream, new EntityReference((IEntityGrain)grains.GetGrain(GrainId.Create(kind.Grain, stream.ToString()), kind.Marker), kind.Grain, kind.Methods));
    }

    // What Orleans makes of a marker is the same for all of a kind, so only the first of a kind is looked up by reflection.
    // Before a client has the cluster's manifest no type of grain is known: then this throws, and nothing is kept.
    private KnownKind First(StreamId stream)
    {
        var of = marker(stream.Kind);
        var first = (GrainReference)grains.GetGrain(of, stream.ToString());
        return _kinds.GetOrAdd(stream.Kind, new KnownKind(first.GrainId.Type, first.InterfaceType, GrainMethods.Of(of)));
    }

    private sealed record KnownKind(GrainType Grain, GrainInterfaceType Marker, FrozenDictionary<Type, GrainMethod> Methods);
}

/// <param name="Methods">Those of its type, by the command that each takes.</param>
internal sealed record EntityReference(IEntityGrain Grain, GrainType Type, FrozenDictionary<Type, GrainMethod> Methods);
