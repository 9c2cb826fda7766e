using System.Net;
using System.Net.Http.Headers;

namespace Agora.Outbound;

/// <summary>
/// A request's body that knows whether it was written to a connection. What happens before that (look-up, guard, connect, TLS) sends
/// nothing that could be acted upon; from the first byte of the body on, the other side may have the whole request.
/// </summary>
internal sealed class SentBody : HttpContent
{
    private readonly ReadOnlyMemory<byte> _body;
    private int _sent;

    public SentBody(ReadOnlyMemory<byte> body, string type)
    {
        _body = body;
        Headers.ContentType = new MediaTypeHeaderValue(type);
    }

    /// <summary>How often writing it has begun.</summary>
    public int Sent => Volatile.Read(ref _sent);

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _sent);
        return stream.WriteAsync(_body, cancellationToken).AsTask();
    }

    protected override bool TryComputeLength(out long length)
    {
        length = _body.Length;
        return true;
    }
}
