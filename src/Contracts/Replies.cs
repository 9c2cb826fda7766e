using Agora.Core.Kernel;

namespace Agora.Contracts;

/// <summary>Where the answer to a message goes. One of the two is called, once, in the turn of whoever sent the message.</summary>
public interface IReply
{
    /// <param name="body">An <see cref="Answer"/> or an <see cref="OperatingFailure"/>.</param>
    void Answered(object body);

    /// <param name="failure">The engine's: <see cref="Entities.FailureOf"/> explains it.</param>
    void Failed(Exception failure);
}

/// <summary>A grain that is handed where its answer goes, and gives it in a turn of its own: its engine needs no task a message.</summary>
public interface IReceiver
{
    void Receive(Envelope envelope, IReply reply);
}

/// <summary>References to grains in this very process: what carries a message there and its answer back needs no task, and no timer, of its own.</summary>
public interface IPosts
{
    /// <param name="atMost">After this long the message has failed with TimeoutException; null, or more than the engine's own bound: after that.</param>
    void Post(Type grain, string key, Envelope envelope, TimeSpan? atMost, IReply reply);
}

/// <summary>Something that is done in a turn.</summary>
public interface ITurn
{
    void Turn();
}

/// <summary>A grain's scheduler that takes turns as they are, without a task each.</summary>
public interface ITurns
{
    void Post(ITurn turn);
}

/// <summary>The answer as a task.</summary>
public sealed class TaskReply(Envelope request, TaskCreationOptions options = TaskCreationOptions.None) : TaskCompletionSource<Envelope>(options), IReply
{
    public void Answered(object body) => TrySetResult(request.Answered(body));

    public void Failed(Exception failure) => TrySetException(failure);
}
