using System.Collections.Concurrent;
using System.Collections.Frozen;
using Agora.Core.Kernel;
using Orleans;
using Orleans.Runtime;

namespace Agora.Contracts;

/// <summary>Messages to entities by Orleans: each entity is the grain of its kind whose key is the stream's whole name.</summary>
/// <param name="has">Whether every silo has this method of a type of grain. Null: none is called, as from a client, which learns later than silos do that a silo of an older release is there.</param>
/// <param name="marker">The marker interface of a kind; null: as <see cref="Markers"/> says.</param>
public sealed class GrainCalls(IGrainFactory grains, TimeProvider time, Func<GrainType, string, bool>? has = null, Func<string, Type>? marker = null) : IEntityCalls
{
    private readonly Func<string, Type> _marker = marker ?? Markers.Of;
    private readonly ConcurrentDictionary<string, Kind> _kinds = new(StringComparer.Ordinal);

    public Task<Envelope> Send(StreamId stream, Envelope envelope)
    {
        if (!_kinds.TryGetValue(stream.Kind, out var kind))
        {
            kind = First(stream);
        }

        var grain = (IEntityGrain)grains.GetGrain(GrainId.Create(kind.Grain, stream.ToString()), kind.Marker);
        return kind.Methods.TryGetValue(envelope.Body.GetType(), out var method) && has?.Invoke(kind.Grain, method.Name) == true ? method.Call(grain, envelope) : grain.Send(envelope);
    }

    public void Post(StreamId stream, Envelope envelope, TimeSpan? atMost, IReply reply) => _ = reply.Await(() => Send(stream, envelope), atMost, time);

    // What Orleans makes of a marker is the same for all of a kind: kept, so that only the first of a kind is looked up by reflection.
    // Before a client has the cluster's manifest no type of grain is known: then this throws, and nothing is kept.
    private Kind First(StreamId stream)
    {
        var marker = _marker(stream.Kind);
        var first = (GrainReference)grains.GetGrain(marker, stream.ToString());
        return _kinds.GetOrAdd(stream.Kind, new Kind(first.GrainId.Type, first.InterfaceType, GrainMethods.Of(marker)));
    }

    private sealed record Kind(GrainType Grain, GrainInterfaceType Marker, FrozenDictionary<Type, GrainMethod> Methods);
}
