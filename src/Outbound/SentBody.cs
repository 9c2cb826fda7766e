using System.Net;
using System.Net.Http.Headers;

namespace Agora.Outbound;

/// <summary>
/// A request's body that knows whether it was written to a connection. What happens before that (look-up, guard, connect, TLS) sends
/// nothing that could be acted upon; from the first byte of the body on, the other side may have the whole request.
/// </summary>
internal sealed class SentBody : HttpContent
{
    private static readonly MediaTypeHeaderValue Json = new("application/json");

    private readonly ReadOnlyMemory<byte> body;
    private int sent;

    public SentBody(ReadOnlyMemory<byte> body)
    {
        this.body = body;
        Headers.ContentType = Json;
    }

    /// <summary>How often writing it has begun.</summary>
    public int Sent => Volatile.Read(ref sent);

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref sent);
        return stream.WriteAsync(body, cancellationToken).AsTask();
    }

    protected override bool TryComputeLength(out long length)
    {
        length = body.Length;
        return true;
    }
}
