using Agora.Contracts;
using Agora.Core.Kernel;
using Agora.Core.Runs;

namespace Agora.Api.Tests.Support;

/// <summary>The edge's way to the entities, on which the answers to runs get lost for a while, or runs themselves.</summary>
internal sealed class FailingEntities(IEntities inner) : IEntities
{
    public bool Fails { get; set; }

    public bool Out { get; set; }

    public EntityRef<TCommand> Of<TCommand>(StreamId stream)
        where TCommand : class => new(stream, Send<TCommand>);

    private async Task<Envelope> Send<TCommand>(StreamId stream, Envelope envelope, CancellationToken cancel)
        where TCommand : class
    {
        if (Out && envelope.Body is RunCommand.RunService) throw new OperatingException(new(FailureKind.Unavailable, RetryAfterSeconds: 2));

        var answer = await inner.Pass<TCommand>(stream, envelope, cancel);
        return Fails && envelope.Body is RunCommand.RunService ? throw new InvalidOperationException("The answer was lost.") : answer;
    }
}
