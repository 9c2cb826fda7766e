using System.IO.Compression;

namespace Agora.Outbound;

/// <summary>
/// Content codings of all answers (RFC 9110 §8.4), in this one place. We ask for none, since what is not compressed cannot grow; some servers, and caches before them, compress all the same: gzip, br and deflate are read. Whoever
/// reads counts the bytes that come out, so the bounds are those of any other answer.
/// </summary>
internal static class ContentCoding
{
    private const int MostCodings = 2;

    public static void AskForNone(HttpRequestMessage request) => request.Headers.TryAddWithoutValidation("Accept-Encoding", "identity");

    /// <returns>The body without its codings. One that is not known is found when the body is read, for the status is an answer without it.</returns>
    public static async Task<Stream> Open(HttpContent content, CancellationToken cancellation)
    {
        var body = await content.ReadAsStreamAsync(cancellation);
        string[] codings = [.. content.Headers.ContentEncoding.Where(static coding => !coding.Equals("identity", StringComparison.OrdinalIgnoreCase))];
        if (codings.Length == 0) return body;
        if (codings.Length > MostCodings) return new Decoded(null, body);

        var decoder = codings.Reverse().Aggregate((Stream?)body, static (coded, coding) => coded is null ? null : Decoder(coding, coded));
        return new Decoded(decoder, body);
    }

    private static Stream? Decoder(string coding, Stream coded) => coding.ToLowerInvariant() switch
    {
        "gzip" or "x-gzip" => new GZipStream(coded, CompressionMode.Decompress),
        "br" => new BrotliStream(coded, CompressionMode.Decompress),
        "deflate" => new ZLibStream(coded, CompressionMode.Decompress),
        _ => null,
    };

    /// <param name="decoder">Null: the coding is not known.</param>
    private sealed class Decoded(Stream? decoder, Stream body) : Stream
    {
        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            try
            {
                return await (decoder ?? throw new ContentCodingException("The answer has a content coding that is not known here.")).ReadAsync(buffer, cancellationToken);
            }
            catch (Exception wrong) when (wrong is InvalidDataException or InvalidOperationException)
            {
                throw new ContentCodingException("The answer is not compressed as it says.", wrong); // InvalidOperationException: brotli's
            }
        }

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override void Flush()
        {
        }

        protected override void Dispose(bool disposing)
        {
            if (disposing)
            {
                decoder?.Dispose();
                body.Dispose();
            }

            base.Dispose(disposing);
        }
    }
}

/// <summary>An answer came whole, in a content coding that is not known, or not as its coding says.</summary>
public sealed class ContentCodingException : IOException
{
    public ContentCodingException()
    {
    }

    public ContentCodingException(string message)
        : base(message)
    {
    }

    public ContentCodingException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
