using Agora.Core;
using Agora.Core.Kernel;

namespace Agora.Contracts;

/// <summary>The way to all entities of a database.</summary>
/// <param name="ask">How one message is sent and its answer awaited; it may send it again, for it is the same command. Null: once.</param>
public sealed class Entities(IEntityCalls calls, Func<Func<Task<Envelope>>, Task<Envelope>>? ask = null) : IEntities
{
    private Func<StreamId, Envelope, CancellationToken, Task<Envelope>>? _send;

    public EntityRef<TCommand> Of<TCommand>(StreamId stream)
        where TCommand : class => new(stream, _send ??= Send);

    /// <summary>Wakes an entity for what its alarm is about. One that is out of reach now keeps its alarm, and is woken again.</summary>
    public Task Wake(StreamId stream, Guid commandId) => Send(stream, new(commandId, null, Manifest.Of(stream).Alarm, IsStep: true), CancellationToken.None);

    /// <summary>One message, one answer; a call that was lost, or came too late, is answered as a <see cref="FailureKind.Timeout"/>, and a command that is too large to be sent is rejected with <c>payload_too_large</c>.</summary>
    public async Task<Envelope> Send(StreamId stream, Envelope envelope, CancellationToken cancel)
    {
        try
        {
            return await (ask is null ? Call(stream, envelope) : Asked(stream, envelope)).WaitAsync(cancel);
        }
        catch (Exception e) when (FailureOf(e) is { } failure)
        {
            return envelope.Answered(failure);
        }
        catch (CommandTooLargeException e)
        {
            return envelope.Answered(new Answer(null, new(Codes.PayloadTooLarge, e.Message)));
        }
    }

    private Task<Envelope> Asked(StreamId stream, Envelope envelope) => ask!(() => Call(stream, envelope));

    /// <summary>The same as the engine gives it: what it throws, <see cref="FailureOf"/> explains.</summary>
    public Task<Envelope> Call(StreamId stream, Envelope envelope) => calls.Send(stream, envelope);

    /// <inheritdoc cref="IEntityCalls.Post"/>
    public void Post(StreamId stream, Envelope envelope, TimeSpan? atMost, IReply reply) => calls.Post(stream, envelope, atMost, reply);

    /// <summary>What an exception of the engine means for a call, or null: it is none of the engine's.</summary>
    public static OperatingFailure? FailureOf(Exception e) => e switch
    {
        TimeoutException => new(FailureKind.Timeout),
        Orleans.Runtime.OrleansException => new(FailureKind.Unavailable),
        _ => null,
    };
}
