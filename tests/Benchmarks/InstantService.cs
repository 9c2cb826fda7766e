using Agora.Outbound;

namespace Agora.Benchmarks;

/// <summary>A service without a network: what is measured is the product, not a second HTTP server on the same two cores.</summary>
internal sealed class InstantService : IOutbound
{
    private static readonly ReadOnlyMemory<byte> Said = """{"summary":"Short."}"""u8.ToArray();

    public Task<OutboundResult> Call(OutboundCall call, CancellationToken cancellation) => Task.FromResult<OutboundResult>(new OutboundResult.Succeeded(200, Said, 1));
}
