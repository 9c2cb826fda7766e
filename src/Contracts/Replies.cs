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

/// <summary>The answer as a task.</summary>
public class TaskReply(Envelope request, TaskCreationOptions options = TaskCreationOptions.None) : TaskCompletionSource<Envelope>(options), IReply
{
    public void Answered(object body)
    {
        Ended();
        TrySetResult(request.Answered(body));
    }

    public void Failed(Exception failure)
    {
        Ended();
        TrySetException(failure);
    }

    /// <summary>Called before the answer reaches the task.</summary>
    protected virtual void Ended()
    {
    }
}
