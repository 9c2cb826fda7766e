using Agora.Contracts;
using Agora.Core.Kernel;

namespace Agora.Api.Tests.Support;

/// <summary>The edge's way to the entities, on which a command waits before it is sent.</summary>
internal sealed class HeldEntities(IEntities inner) : IEntities
{
    /// <summary>What a command waits for; null: nothing.</summary>
    public Func<object, Task?> Until { get; set; } = static _ => null;

    public EntityRef<TCommand> Of<TCommand>(StreamId stream)
        where TCommand : class => new(stream, Send<TCommand>);

    private async Task<Envelope> Send<TCommand>(StreamId stream, Envelope envelope, CancellationToken cancel)
        where TCommand : class
    {
        if (Until(envelope.Body) is { } until)
        {
            await until;
        }

        return await inner.Pass<TCommand>(stream, envelope, cancel);
    }
}
