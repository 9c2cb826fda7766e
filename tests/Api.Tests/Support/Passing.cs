using Agora.Contracts;
using Agora.Core.Kernel;

namespace Agora.Api.Tests.Support;

/// <summary>What stands between the edge and the entities, and lets a message pass as it came.</summary>
internal static class Passing
{
    public static async Task<Envelope> Pass<TCommand>(this IEntities inner, StreamId stream, Envelope envelope, CancellationToken cancel)
        where TCommand : class =>
        envelope.Answered(await inner.Of<TCommand>(stream).Send((TCommand)envelope.Body, new(envelope.CommandId, envelope.Trace, envelope.Key, envelope.IsStep, envelope.Actor), cancel));
}
