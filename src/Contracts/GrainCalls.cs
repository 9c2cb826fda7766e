using Agora.Core.Kernel;
using Orleans;
using Orleans.Runtime;

namespace Agora.Contracts;

/// <summary>Messages to entities by Orleans: each entity is the grain of its kind whose key is the stream's whole name.</summary>
/// <param name="has">Whether every silo has this method of a type of grain. Null: none is called, as from a client, which learns later than silos do that a silo of an older release is there.</param>
/// <param name="marker">The marker interface of a kind; null: as <see cref="Markers"/> says.</param>
public sealed class GrainCalls(IGrainFactory grains, TimeProvider time, Func<GrainType, string, bool>? has = null, Func<string, Type>? marker = null) : IEntityCalls
{
    private const int ReferencesKept = 50_000; // 15 MB

    private readonly Deadlines _deadlines = new(time);
    private readonly GrainReferences _references = new(grains, marker ?? Markers.Of, ReferencesKept);

    public Task<Envelope> Send(StreamId stream, Envelope envelope)
    {
        var reference = _references.Of(stream);
        return reference.Methods.TryGetValue(envelope.Body.GetType(), out var method) && has?.Invoke(reference.Type, method.Name) == true
            ? method.Call(reference.Grain, envelope)
            : reference.Grain.Send(envelope);
    }

    public void Post(StreamId stream, Envelope envelope, TimeSpan? atMost, IReply reply) => _ = Ask(stream, envelope, atMost is { } wait ? _deadlines.After(wait) : default, reply);

    private async Task Ask(StreamId stream, Envelope envelope, CancellationToken late, IReply reply)
    {
        Envelope answer;
        try
        {
            answer = await Send(stream, envelope).WaitAsync(late);
        }
        catch (Exception failed)
        {
            reply.Failed(failed is OperationCanceledException && late.IsCancellationRequested ? new TimeoutException("No answer came in time.", failed) : failed);
            return;
        }

        reply.Answered(answer.Body);
    }
}
