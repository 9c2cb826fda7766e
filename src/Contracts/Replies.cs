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

public static class RepliesOfTasks
{
    /// <summary>Gives a reply what a message is answered that is sent as a task.</summary>
    /// <param name="atMost">After this long it has failed with TimeoutException; null: as long as it takes.</param>
    public static async Task Await(this IReply reply, Func<Task<Envelope>> send, TimeSpan? atMost, TimeProvider time)
    {
        Envelope answer;
        try
        {
            var call = send();
            answer = await (atMost is { } wait && !call.IsCompleted ? call.WaitAsync(wait, time) : call);
        }
        catch (Exception failed)
        {
            reply.Failed(failed);
            return;
        }

        reply.Answered(answer.Body);
    }
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
