using System.Collections.Concurrent;
using Agora.Contracts;
using Agora.Core.Kernel;

namespace Agora.Api.Tests.Tenants;

/// <summary>Remembers whom the edge has asked.</summary>
internal sealed class SeenEntities(IEntities inner) : IEntities
{
    public ConcurrentQueue<StreamId> Asked { get; } = [];

    public EntityRef<TCommand> Of<TCommand>(StreamId stream)
        where TCommand : class
    {
        Asked.Enqueue(stream);
        return inner.Of<TCommand>(stream);
    }
}
