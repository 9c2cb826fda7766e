namespace Agora.Application.Calls;

/// <summary>A place in a row of requests that came in order and are under way together: what one of them sends leaves after what the one before it sent.</summary>
/// <param name="come">When the one before has sent, or will not.</param>
internal sealed class InOrder(Task come)
{
    private readonly TaskCompletionSource _sent = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task Sent => _sent.Task;

    public async Task<T> Send<T>(Func<Task<T>> send)
    {
        await come;
        var sending = send();
        End();
        return await sending;
    }

    /// <summary>It sends nothing any more. The one behind still waits for those before.</summary>
    public void End()
    {
        if (come.IsCompleted)
        {
            _sent.TrySetResult();
        }
        else
        {
            _ = come.ContinueWith(static (_, sent) => ((TaskCompletionSource)sent!).TrySetResult(), _sent, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        }
    }
}
