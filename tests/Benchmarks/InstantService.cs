using Agora.Outbound;

namespace Agora.Benchmarks;

/// <summary>A service without a network, at <see cref="Host"/>: what is measured is the product, not a second HTTP server on the same two cores. Other endpoints are called as always.</summary>
internal sealed class InstantService(IOutbound others) : IOutbound
{
    public const string Host = "text.example";

    private static readonly ReadOnlyMemory<byte> Said = """{"summary":"Short."}"""u8.ToArray();

    private long _calls;

    public long Calls => Interlocked.Read(ref _calls);

    public Task<OutboundResult> Call(OutboundCall call, CancellationToken cancellation)
    {
        if (call.Endpoint.Host != Host) return others.Call(call, cancellation);

        Interlocked.Increment(ref _calls);
        return Task.FromResult<OutboundResult>(call.OnceForBytes is null ? new OutboundResult.Succeeded(200, Said, 1) : new OutboundResult.Answered(200, Said));
    }
}
