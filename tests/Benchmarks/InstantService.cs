using Agora.Outbound;

namespace Agora.Benchmarks;

/// <summary>A service without a network, at <see cref="Host"/>: what is measured is the product, not a second HTTP server on the same two cores. Other endpoints are called as always.</summary>
internal sealed class InstantService(IOutbound others) : IOutbound
{
    public const string Host = "text.example";

    private static readonly ReadOnlyMemory<byte> Said = """{"summary":"Short."}"""u8.ToArray();

    public Task<OutboundResult> Call(OutboundCall call, CancellationToken cancellation) =>
        call.Endpoint.Host == Host ? Task.FromResult<OutboundResult>(new OutboundResult.Succeeded(200, Said, 1)) : others.Call(call, cancellation);
}
