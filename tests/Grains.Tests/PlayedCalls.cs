using Agora.Contracts;
using Agora.Core.Kernel;
using Agora.Testing;

namespace Agora.Grains.Tests;

/// <summary>Entities that a test plays.</summary>
internal abstract class PlayedCalls(TimeProvider time) : IEntityCalls
{
    public abstract Task<Envelope> Send(StreamId stream, Envelope envelope);

    public async void Post(StreamId stream, Envelope envelope, TimeSpan? atMost, IReply reply) => await reply.Await(() => Send(stream, envelope), atMost, time);
}
