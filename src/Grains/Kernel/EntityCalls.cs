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

    public async Task<StepOutcome> Ask(StepTarget.Entity target, Guid commandId, string? trace)
    {
        var deadline = target.Deadline ?? Limits.GrainCallTimeout;
        var started = time.GetTimestamp();
        var envelope = new Envelope(commandId, trace, Manifest.Heard(target.Stream, target.Command), IsStep: true);
        for (var pause = TimeSpan.Zero; ; pause = pause == TimeSpan.Zero ? FirstPause : pause * 2 < LongestPause ? pause * 2 : LongestPause)
        {
            var left = deadline - time.GetElapsedTime(started);
            if (left <= pause) return new StepOutcome.Unreachable();

            if (pause > TimeSpan.Zero)
            {
                await Task.Delay(pause, time);
            }

            object body;
            try
            {
                // Without a deadline of its own a step has the engine's, which ends every call: a second timer a step would only cost.
                var call = entities.Call(target.Stream, envelope);
                body = (await (target.Deadline is null || call.IsCompleted ? call : call.WaitAsync(left - pause, time))).Body;
            }
            catch (Exception e) when (Entities.FailureOf(e) is { } failure)
            {
                body = failure;
            }

            switch (body)
            {
                case Answer answer:
                    return new StepOutcome.Answered(answer);
                case OperatingFailure { Kind: FailureKind.Timeout or FailureKind.Defect }:
                    return new StepOutcome.Unreachable();
            }
        }
    }
}
