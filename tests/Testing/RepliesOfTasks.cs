using Agora.Contracts;

namespace Agora.Testing;

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
