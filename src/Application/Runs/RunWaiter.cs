using System.Runtime.CompilerServices;
using Agora.Application.Calls;
using Agora.Core.Kernel;
using Agora.Core.Runs;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.ObjectPool;

namespace Agora.Application.Runs;

/// <summary>
/// How long a request waits for its run. A run goes on whether or not anyone waits: neither the end of the wait nor the client's
/// disconnect cancels it. 202 is said only when the session itself shows the run as under way, so that what was acknowledged is durable.
/// </summary>
internal sealed partial class RunWaiter(SessionCalls sessions, TimeProvider time, ILogger<RunWaiter> log)
{
    private const int AlarmsKept = 1_024;
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan LongestPause = TimeSpan.FromMilliseconds(320);

    /// <summary>A timer for each request would be made and thrown away: nearly all are answered long before it rings.</summary>
    private readonly ObjectPool<CancellationTokenSource> _alarms = new DefaultObjectPool<CancellationTokenSource>(new Alarms(time), AlarmsKept);

    /// <summary>Sends the command that begins a run, and waits for the outcome for as long as the caller has patience.</summary>
    /// <exception cref="OtherCommandException">The key is that of another service's run, or of a transfer, which has no service: after an erasure only the outcome tells.</exception>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<RunOutcome> Wait(AgentCaller caller, RunCommand command)
    {
        var outcome = sessions.Send(caller, command);
        if (!outcome.IsCompleted)
        {
            await Wait(outcome, caller.Patience);
        }

        // The question may overtake the request, so it is asked again until one of the two has an answer.
        for (var pause = FirstPause; !outcome.IsCompleted; pause = pause < LongestPause ? pause * 2 : pause)
        {
            if (await UnderWay(caller, caller.Context.CommandId) is not null)
            {
                Observe(outcome);
                return new(null, outcome);
            }

            await Wait(outcome, pause);
        }

        var answer = await outcome;
        var isOther = answer is { Replayed: true, Reply: RunView run } && run.ServiceId != ((command as RunCommand.RunService)?.ServiceId ?? "");
        return isOther ? throw new OtherCommandException() : new(answer, null);
    }

    /// <summary>Waits until the run has ended, for as long as the caller has patience. The run does not depend on the wait.</summary>
    /// <returns>The state that the run is still in. Null if it has ended.</returns>
    public async Task<RunState?> Wait(AgentCaller caller, Guid runId, CancellationToken cancel)
    {
        var started = time.GetTimestamp();
        for (var pause = FirstPause; ; pause = pause < LongestPause ? pause * 2 : pause)
        {
            var state = await UnderWay(caller, runId);
            var left = caller.Patience - time.GetElapsedTime(started);
            if (state is null || left <= TimeSpan.Zero) return state;

            await Task.Delay(pause < left ? pause : left, time, cancel);
        }
    }

    private async ValueTask Wait(Task<Answer> outcome, TimeSpan patience)
    {
        if (patience > TimeSpan.Zero)
        {
            var alarm = _alarms.Get();
            alarm.CancelAfter(patience);
            await ((Task)outcome).WaitAsync(alarm.Token).ConfigureAwait(ConfigureAwaitOptions.ContinueOnCapturedContext | ConfigureAwaitOptions.SuppressThrowing);
            _alarms.Return(alarm);
        }
    }

    private async Task<RunState?> UnderWay(AgentCaller caller, Guid runId) =>
        await sessions.Peek(caller, runId) is { } session
        && session.Runs.FirstOrDefault(run => run.RunId == runId) is { State: RunState.Pending or RunState.AwaitingApproval } run ? run.State : null;

    /// <summary>Nobody waits for it any more; what goes wrong is still said.</summary>
    private void Observe(Task<Answer> outcome) => outcome.ContinueWith(
        late => NotKnown(log, late.Exception!),
        CancellationToken.None,
        TaskContinuationOptions.OnlyOnFaulted | TaskContinuationOptions.ExecuteSynchronously,
        TaskScheduler.Default);

    /// <summary>One that has rung, or is about to, is not used again.</summary>
    private sealed class Alarms(TimeProvider time) : IPooledObjectPolicy<CancellationTokenSource>
    {
        public CancellationTokenSource Create() => new(Timeout.InfiniteTimeSpan, time);

        public bool Return(CancellationTokenSource obj) => obj.TryReset();
    }

    [LoggerMessage(EventId = 1, Level = LogLevel.Warning, Message = "What came of a run that was answered with 202 is not known here; its session decides it")]
    private static partial void NotKnown(ILogger log, Exception e);
}

/// <summary>What a command that begins a run came to, as far as it was waited for.</summary>
/// <param name="Answer">Null if the run is under way. Its id is that of the command.</param>
/// <param name="UnderWay">Ends with the run. Null if the run has an answer.</param>
internal readonly record struct RunOutcome(Answer? Answer, Task? UnderWay);
