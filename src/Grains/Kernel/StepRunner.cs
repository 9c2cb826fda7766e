using System.Collections.Frozen;
using Agora.Core.Kernel;

namespace Agora.Grains.Kernel;

/// <summary>Carries steps out: commands go to other entities, and what is done outside has its handler.</summary>
public sealed class StepRunner(EntityCalls calls, IEnumerable<OutsideHandler> handlers, TimeProvider time) : IStepRunner
{
    private readonly FrozenDictionary<string, OutsideHandler> _handlers = handlers.ToFrozenDictionary(handler => handler.Kind.Name, StringComparer.Ordinal);

    public void Run(StreamId from, StepTarget target, Guid commandId, string? trace, IStepEvents heard, CancellationToken ending)
    {
        switch (target)
        {
            case StepTarget.Entity entity:
                calls.Ask(entity, commandId, trace, heard);
                break;
            case StepTarget.Outside { Call: var call }:
                _ = Do(call, new(from, commandId, trace, heard.Reported, static () => { }, ending), heard);
                break;
            case StepTarget.Self:
                heard.Came(new StepOutcome.Unreachable());
                break;
            case StepTarget.Later later:
                _ = Wait(later.Delay, heard, ending);
                break;
            default:
                throw new System.Diagnostics.UnreachableException(target.GetType().Name);
        }
    }

    private async Task Wait(TimeSpan delay, IStepEvents heard, CancellationToken ending)
    {
        await Task.Delay(delay, time, ending).ConfigureAwait(ConfigureAwaitOptions.ContinueOnCapturedContext | ConfigureAwaitOptions.SuppressThrowing);
        heard.Came(new StepOutcome.Unreachable());
    }

    private async Task Do(OutsideCall call, OutsideContext context, IStepEvents heard)
    {
        StepOutcome outcome;
        try
        {
            outcome = _handlers.TryGetValue(call.Kind.Name, out var handler)
                ? await Do(handler, call, context)
                : throw new NotSupportedException($"Nobody here handles calls of the kind {call.Kind.Name}.");
        }
        catch (Exception broken)
        {
            heard.Broke(broken);
            return;
        }

        heard.Came(outcome);
    }

    private Task<StepOutcome> Do(OutsideHandler handler, OutsideCall call, OutsideContext context) =>
        handler.Kind.Renews ? Renewed(handler, call, context) : InTime(handler, handler.Do(call, context));

    private async Task<StepOutcome> InTime(OutsideHandler handler, Task<StepOutcome> done)
    {
        try
        {
            return await (done.IsCompleted ? done : done.WaitAsync(handler.Kind.AtMost, time));
        }
        catch (TimeoutException) when (!done.IsCompleted)
        {
            _ = GiveBack(done);
            return handler.Kind.IfUnknown;
        }
    }

    private async Task<StepOutcome> Renewed(OutsideHandler handler, OutsideCall call, OutsideContext context)
    {
        var since = time.GetTimestamp();
        var done = handler.Do(call, context with { Renew = () => since = time.GetTimestamp() });
        while (!done.IsCompleted && handler.Kind.AtMost - time.GetElapsedTime(since) is var left && left > TimeSpan.Zero)
        {
            using var over = new CancellationTokenSource();
            await Task.WhenAny(done, Task.Delay(left, time, over.Token));
            await over.CancelAsync();
        }

        if (done.IsCompleted) return await done;

        _ = GiveBack(done);
        return handler.Kind.IfUnknown;
    }

    /// <summary>Nothing takes an outcome that comes too late, so its room is given back here.</summary>
    private static async Task GiveBack(Task<StepOutcome> late)
    {
        await ((Task)late).ConfigureAwait(ConfigureAwaitOptions.ContinueOnCapturedContext | ConfigureAwaitOptions.SuppressThrowing);
        if (late.IsCompletedSuccessfully)
        {
            (await late).Room?.Dispose();
        }
    }
}
