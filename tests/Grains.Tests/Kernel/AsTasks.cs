using Agora.Contracts;
using Agora.Core.Kernel;
using Agora.Grains.Kernel;

namespace Agora.Grains.Tests.Kernel;

/// <summary>What the product is told as it comes, awaited.</summary>
internal static class AsTasks
{
    public static Task<Envelope> Send<TState, TCommand, TEvent>(this EntityHost<TState, TCommand, TEvent> host, Envelope envelope)
        where TState : class
        where TCommand : class
        where TEvent : class
    {
        var reply = new TaskReply(envelope);
        host.Receive(envelope, reply);
        return reply.Task;
    }

    public static Task<StepOutcome> Run(this StepRunner runner, StreamId from, StepTarget target, Guid commandId, string? trace, Action<object> report, CancellationToken ending)
    {
        var heard = new Heard(report);
        runner.Run(from, target, commandId, trace, heard, ending);
        return heard.Task;
    }

    private sealed class Heard(Action<object> report) : TaskCompletionSource<StepOutcome>, IStepEvents
    {
        public void Came(StepOutcome outcome) => SetResult(outcome);

        public void Broke(Exception broken) => SetException(broken);

        public void Reported(object progress) => report(progress);
    }
}
