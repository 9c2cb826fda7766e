using Agora.Contracts;
using Agora.Core.Kernel;
using Agora.Core.Upstreams;

namespace Agora.Grains.Upstreams;

/// <summary>Reads upstreams' lists for their entities: after the pause that was asked for, or as soon as the upstream says that its list changed.</summary>
public sealed class UpstreamLists(IEntities entities, IToolServers servers, TimeProvider time)
{
    public async Task<StepOutcome> List(UpstreamList call, OutsideContext context)
    {
        try
        {
            if (call.Pause > TimeSpan.Zero)
            {
                await Wait(call, context);
            }

            return !context.Ending.IsCancellationRequested && await Access(context) is { } access
                ? await servers.List(context.From, access, context.Ending)
                : new StepOutcome.Unreachable();
        }
        catch (OperationCanceledException) when (context.Ending.IsCancellationRequested)
        {
            return new StepOutcome.Unreachable();
        }
        catch (OperatingException)
        {
            return new StepOutcome.Unreachable();
        }
    }

    private async Task Wait(UpstreamList call, OutsideContext context)
    {
        await Task.Delay(call.AtLeast, time, context.Ending);
        if (call.Pause > call.AtLeast && await Access(context) is { } access)
        {
            await servers.Listen(context.From, access, call.Pause - call.AtLeast, context.Ending);
        }
    }

    private async Task<UpstreamAccess?> Access(OutsideContext context) =>
        (await entities.Of<UpstreamCommand>(context.From).Send(new UpstreamCommand.GetAccess(), new(Ids.Derive(time.GetUtcNow(), context.CommandId, Interlocked.Increment(ref _asked)), context.Trace, IsStep: true))).Reply as UpstreamAccess;

    private int _asked;
}
