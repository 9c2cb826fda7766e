using System.IO.Compression;

namespace Agora.Outbound;

/// <summary>
/// The content codings of all answers (RFC 9110 section 8.4), in one place. Requests ask for uncompressed answers, which cannot grow when they are read. Some servers, and caches before them, compress anyway: gzip, br and deflate are
/// decoded. Readers count decoded bytes, so the bounds are those of an uncompressed answer. Only one coding is decoded: with two, the outer one could expand a thousandfold into bytes from which the inner one makes nothing, so no reader
/// would count them (97 KB took a second of a processor).
/// </summary>
internal static class ContentCoding
{
    public static void AskForNone(HttpRequestMessage request) => request.Headers.TryAddWithoutValidation("Accept-Encoding", "identity");

    /// <returns>The decoded body. An unknown coding fails only when the body is read, because the status is an answer without it.</returns>
    public static async Task<Stream> Open(HttpContent content, CancellationToken cancellation)
    {
        var body = await content.ReadAsStreamAsync(cancellation);
        string[] codings = [.. content.Headers.ContentEncoding.Where(static coding => !coding.Equals("identity", StringComparison.OrdinalIgnoreCase))];
        return codings.Length == 0 ? body : new Decoded(codings is [var only] ? Decoder(only, body) : null, body);
    }

    private static Stream? Decoder(string coding, Stream coded) => coding.ToLowerInvariant() switch
    {
        "gzip" or "x-gzip" => new GZipStream(coded, CompressionMode.Decompress),
        "br" => new BrotliStream(coded, CompressionMode.Decompress),
        "deflate" => new ZLibStream(coded, CompressionMode.Decompress),
        _ => null,
    };

    /// <param name="decoder">Null if the coding is unknown.</param>
    private sealed class Decoded(Stream? decoder, Stream body) : AnswerStream(body)
    {
        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            try
            {
                return await (decoder ?? throw new ContentCodingException("The answer has a content coding that is not known here.")).ReadAsync(buffer, cancellationToken);
            }
            catch (Exception wrong) when (wrong is InvalidDataException or InvalidOperationException)
            {
                throw new ContentCodingException("The answer is not compressed as it says.", wrong); // BrotliStream throws InvalidOperationException
            }
        }

        protected override void Dispose(bool disposing)
        {
            if (disposing)
            {
                decoder?.Dispose();
            }

            base.Dispose(disposing);
        }
    }
}

/// <summary>An answer has an unknown content coding, or is not compressed as its coding says.</summary>
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
