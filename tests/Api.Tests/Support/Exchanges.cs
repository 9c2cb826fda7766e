using System.Text;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace Agora.Api.Tests.Support;

/// <summary>
/// Where the variable <c>AGORA_EXCHANGES</c> names a file, each request that a test makes of the API, and its answer, as a line of it: ids, times, tokens, keys and ports as words in their
/// place. Two such files say whether a change of the code changed what it answers: <c>tests/exchanges.sh</c>.
/// </summary>
internal static partial class Exchanges
{
    private const string Variable = "AGORA_EXCHANGES";

    /// <summary>Longer answers are lists and documents, which have tests of their own.</summary>
    private const int MostBytes = 16_384;

    private static readonly string? File = Environment.GetEnvironmentVariable(Variable);
    private static readonly Lock Writing = new();
    private static readonly string[] Uninteresting = ["Date", "Server", "Content-Length", "Transfer-Encoding", "Agora-Request-Id", "X-Request-Id", "Age", "Retry-After", "RateLimit-Remaining", "RateLimit-Reset"];

    /// <summary>Outermost: what the caller sends and gets.</summary>
    public static void RecordExchanges(this IApplicationBuilder app)
    {
        if (File is null) return;

        app.Use(static async (http, next) =>
        {
            var (asked, answered) = (new Copied(http.Request.Body, MostBytes), new Copied(http.Response.Body, MostBytes));
            (http.Request.Body, http.Response.Body) = (asked, answered);
            try
            {
                await next();
            }
            finally
            {
                Write(Line(http, asked.Text, answered.Text));
            }
        });
    }

    /// <summary>At once: the process may be killed when its tests are over.</summary>
    private static void Write(string line)
    {
        lock (Writing)
        {
            System.IO.File.AppendAllText(File!, line + "\n");
        }
    }

    private static string Line(HttpContext http, string asked, string answered)
    {
        var headers = http.Response.Headers.Where(header => !Uninteresting.Contains(header.Key, StringComparer.OrdinalIgnoreCase)).OrderBy(header => header.Key, StringComparer.Ordinal).Select(header => $"{header.Key}: {header.Value}");
        var credential = http.Request.Headers.Authorization.ToString() is { Length: > 11 } bearer ? bearer[..11] : "";
        var line = $"{http.Request.Method} {http.Request.Path}{http.Request.QueryString} [{credential}] {asked} => {http.Response.StatusCode} {string.Join("; ", headers)} {answered}";
        return Number().Replace(Same(line), "<n>").ReplaceLineEndings("\\n");
    }

    private static string Same(string line) => Port().Replace(Token().Replace(Time().Replace(Id().Replace(line, "<id>"), "<time>"), "<token>"), "<port>");

    [GeneratedRegex("[0-9a-fA-F]{8}-?[0-9a-fA-F]{4}-?[0-9a-fA-F]{4}-?[0-9a-fA-F]{4}-?[0-9a-fA-F]{12}")]
    private static partial Regex Id();

    [GeneratedRegex(@"\d{4}-\d\d-\d\dT[\d:.]+(Z|[+-]\d\d:\d\d)?")]
    private static partial Regex Time();

    [GeneratedRegex(@"[A-Za-z0-9_+/=-]{24,}(\.[A-Za-z0-9_-]{8,})*")]
    private static partial Regex Token();

    [GeneratedRegex(@"127\.0\.0\.1:\d+|localhost:\d+")]
    private static partial Regex Port();

    /// <summary>Milliseconds and seconds since 1970.</summary>
    [GeneratedRegex(@"\b1[789]\d{8}(\d{3})?(\d{3})?\b")]
    private static partial Regex Number();

    /// <summary>A stream, and the first of the bytes that pass.</summary>
    private sealed class Copied(Stream inner, int most) : Stream
    {
        private readonly MemoryStream _first = new();

        public string Text
        {
            get
            {
                lock (_first)
                {
                    return Encoding.UTF8.GetString(_first.GetBuffer(), 0, (int)_first.Length);
                }
            }
        }

        public override bool CanRead => inner.CanRead;

        public override bool CanSeek => false;

        public override bool CanWrite => inner.CanWrite;

        public override long Length => inner.Length;

        public override long Position { get => inner.Position; set => inner.Position = value; }

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            var read = await inner.ReadAsync(buffer, cancellationToken);
            Keep(buffer.Span[..read]);
            return read;
        }

        public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) => ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException("Bodies are read without blocking.");

        public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            Keep(buffer.Span);
            await inner.WriteAsync(buffer, cancellationToken);
        }

        public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) => WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

        public override void Write(byte[] buffer, int offset, int count)
        {
            Keep(buffer.AsSpan(offset, count));
            inner.Write(buffer, offset, count);
        }

        public override Task FlushAsync(CancellationToken cancellationToken) => inner.FlushAsync(cancellationToken);

        public override void Flush() => inner.Flush();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        private void Keep(ReadOnlySpan<byte> bytes)
        {
            lock (_first)
            {
                _first.Write(bytes[..Math.Min(bytes.Length, most - (int)_first.Length)]);
            }
        }
    }
}
