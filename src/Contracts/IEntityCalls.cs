using Agora.Core.Kernel;

namespace Agora.Contracts;

/// <summary>
/// How messages reach entities: what an engine gives. A call may fail with TimeoutException (it may still have been executed, or be executed later) or
/// OrleansException (it was not delivered): send the same envelope again, never a new command id.
/// Messages that bring an entity to life may reach it in another order than they were sent in.
/// </summary>
public interface IEntityCalls
{
    Task<Envelope> Send(StreamId stream, Envelope envelope);

    /// <summary>One message, whose answer comes to <paramref name="reply"/> in a turn of the entity that sends it.</summary>
    /// <param name="atMost">After this long the message has failed with TimeoutException; null, or more than the engine's own bound: after that.</param>
    void Post(StreamId stream, Envelope envelope, TimeSpan? atMost, IReply reply);
}
