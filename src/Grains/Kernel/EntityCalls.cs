using Agora.Contracts;
using Agora.Core;
using Agora.Core.Kernel;

namespace Agora.Grains.Kernel;

/// <summary>
/// Commands of steps on their way to other entities. A target that lost its place, or is short of room, is asked again at once and then with growing
/// pauses, always under the same command id, until the step's deadline; what has no answer by then is unreachable.
/// </summary>
public sealed class EntityCalls(Entities entities, TimeProvider time)
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(2);
    private readonly Entities _entities = entities;
    private readonly TimeProvider _time = time;

    /// <param name="heard">Told the outcome in the turn that this is called in, or in a later one of the same grain.</param>
    public void Ask(StepTarget.Entity target, Guid commandId, string? trace, IStepEvents heard) =>
        new Asking(this, target, new(commandId, trace, Manifest.Heard(target.Stream, target.Command), IsStep: true), heard).Begin();

    public Task<StepOutcome> Ask(StepTarget.Entity target, Guid commandId, string? trace)
    {
        var heard = new OutcomeTask();
        Ask(target, commandId, trace, heard);
        return heard.Task;
    }

    private async Task<StepOutcome> TryOn(StepTarget.Entity target, Envelope envelope, long started)
    {
        var deadline = target.Deadline ?? Limits.GrainCallTimeout;
        for (var pause = FirstPause; ; pause = pause * 2 < LongestPause ? pause * 2 : LongestPause)
        {
            if (deadline - _time.GetElapsedTime(started) <= pause) return new StepOutcome.Unreachable();

            await Task.Delay(pause, _time);
            var left = deadline - _time.GetElapsedTime(started);
            if (left <= TimeSpan.Zero) return new StepOutcome.Unreachable();

            object body;
            try
            {
                var call = _entities.Call(target.Stream, envelope);
                body = (await (call.IsCompleted ? call : call.WaitAsync(left, _time))).Body;
            }
            catch (Exception e) when (Entities.FailureOf(e) is { } failure)
            {
                body = failure;
            }

            if (OutcomeOf(body) is { } outcome) return outcome;
        }
    }

    /// <summary>Null: to be tried again.</summary>
    private static StepOutcome? OutcomeOf(object body) => body switch
    {
        Answer answer => new StepOutcome.Answered(answer),
        OperatingFailure { Kind: FailureKind.Timeout or FailureKind.Defect } => new StepOutcome.Unreachable(),
        _ => null,
    };

    // What is usual is answered at the first try, which needs no task and no timer of its own.
    private sealed class Asking(EntityCalls calls, StepTarget.Entity target, Envelope envelope, IStepEvents heard) : IReply
    {
        private readonly long _started = calls._time.GetTimestamp();

        public void Begin() => calls._entities.Post(target.Stream, envelope, target.Deadline, this);

        public void Answered(object body)
        {
            if (OutcomeOf(body) is { } outcome)
            {
                heard.Came(outcome);
            }
            else
            {
                _ = TryOn();
            }
        }

        public void Failed(Exception failure)
        {
            if (Entities.FailureOf(failure) is { } known)
            {
                Answered(known);
            }
            else
            {
                heard.Broke(failure);
            }
        }

        private async Task TryOn()
        {
            StepOutcome outcome;
            try
            {
                outcome = await calls.TryOn(target, envelope, _started);
            }
            catch (Exception broken)
            {
                heard.Broke(broken);
                return;
            }

            heard.Came(outcome);
        }
    }

    private sealed class OutcomeTask : TaskCompletionSource<StepOutcome>, IStepEvents
    {
        public void Came(StepOutcome outcome) => SetResult(outcome);

        public void Broke(Exception broken) => SetException(broken);

        public void Reported(object progress)
        {
        }
    }
}
