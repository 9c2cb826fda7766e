using System.Collections.Concurrent;
using Agora.Core.Kernel;
using Orleans;
using Orleans.Runtime;

namespace Agora.Contracts;

/// <summary>Messages to entities by Orleans: each entity is the grain of its kind whose key is the stream's whole name.</summary>
/// <param name="marker">The marker interface of a kind; null: as <see cref="Markers"/> says.</param>
public sealed class GrainCalls(IGrainFactory grains, TimeProvider time, Func<string, Type>? marker = null) : IEntityCalls
{
    private readonly Func<string, Type> _marker = marker ?? Markers.Of;
    private readonly ConcurrentDictionary<string, Kind> _kinds = new(StringComparer.Ordinal);

    public Task<Envelope> Send(StreamId stream, Envelope envelope) => Of(stream).Send(envelope);

    public void Post(StreamId stream, Envelope envelope, TimeSpan? atMost, IReply reply) => _ = reply.Await(() => Send(stream, envelope), atMost, time);

    // What Orleans makes of a marker is the same for all of a kind: kept, so that only the first of a kind is looked up by reflection.
    private IEntityGrain Of(StreamId stream) => _kinds.TryGetValue(stream.Kind, out var kind)
        ? (IEntityGrain)grains.GetGrain(GrainId.Create(kind.Grain, stream.ToString()), kind.Marker)
        : First(stream);

    // Before a client has the cluster's manifest no type of grain is known: then this throws, and nothing is kept.
    private IEntityGrain First(StreamId stream)
    {
        var first = grains.GetGrain(_marker(stream.Kind), stream.ToString());
        if (first is GrainReference reference)
        {
            _kinds.TryAdd(stream.Kind, new(reference.GrainId.Type, reference.InterfaceType));
        }

        return (IEntityGrain)first;
    }

    private sealed record Kind(GrainType Grain, GrainInterfaceType Marker);
}
