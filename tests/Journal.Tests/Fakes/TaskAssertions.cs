namespace Agora.Journal.Tests.Fakes;

public static class TaskAssertions
{
    /// <summary>The result of what must have completed by now: nothing blocks, so a test cannot hang.</summary>
    public static T Now<T>(this Task<T> task)
    {
        Assert.True(task.IsCompleted, "not completed yet");
        return task.GetAwaiter().GetResult();
    }

    public static AppendResult Now(this Appending appending)
    {
        Assert.True(appending.IsCompleted, "not completed yet");
        return appending.Result;
    }

    public static Task<AppendResult> Soon(this Appending appending) => appending.Task.Soon();

    /// <summary>The result of what somebody else completes: a test that would hang fails instead.</summary>
    public static Task<T> Soon<T>(this Task<T> task) => task.WaitAsync(Hang.Timeout);
}
