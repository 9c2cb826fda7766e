namespace Agora.Outbound;

/// <summary>One call whose answer is read as it comes, and which is sent once: whoever calls decides whether there is another. A class, as <see cref="OutboundCall"/>.</summary>
public sealed class StreamedCall
{
    public required Uri Endpoint { get; init; }

    /// <summary>JSON, UTF-8, that is posted; null: a GET.</summary>
    public required ReadOnlyMemory<byte>? Body { get; init; }

    /// <summary>No record, so that a secret is not printed by accident.</summary>
    public IReadOnlyList<AuthHeader> Headers { get; init; } = [];

    public string? Traceparent { get; init; }

    public string Accept { get; init; } = "application/json";

    /// <summary>Until the answer's head is here: a model may think for minutes before its first word.</summary>
    public required TimeSpan HeadTimeout { get; init; }
}

/// <summary>What came of a call that was sent once.</summary>
public abstract record StreamedResult
{
    private StreamedResult()
    {
    }

    /// <summary>The other side answers; the answer is the caller's to dispose of.</summary>
    public sealed record Answered(StreamedAnswer Answer) : StreamedResult;

    /// <param name="IsSent">Some of the request was written to a connection, so the other side may have all of it. False: certainly nothing of it.</param>
    public sealed record Failed(OutboundFailure Kind, bool IsSent) : StreamedResult;
}

/// <summary>An answer that is read as it comes.</summary>
public sealed class StreamedAnswer(HttpResponseMessage response, Stream body) : IDisposable
{
    public int Status => (int)response.StatusCode;

    public string? MediaType => response.Content.Headers.ContentType?.MediaType;

    /// <summary>Whole seconds of Retry-After (RFC 9110 §10.2.3), at most an hour; null: it does not say.</summary>
    public int? RetryAfterSeconds => response.Headers.RetryAfter switch
    {
        { Delta: { } delta } => (int)Math.Clamp(Math.Ceiling(delta.TotalSeconds), 0, 3_600),
        _ => null,
    };

    public bool IsEvents => MediaType == EventStream.MediaType;

    /// <returns>All of it; null: there is more than <paramref name="most"/> bytes.</returns>
    /// <exception cref="IOException">It was cut off.</exception>
    public async Task<ReadOnlyMemory<byte>?> ReadWhole(int most, CancellationToken cancellation)
    {
        var whole = new System.Buffers.ArrayBufferWriter<byte>(4 * 1024);
        while (await Read(whole.GetMemory(1), cancellation) is var read and > 0)
        {
            whole.Advance(read);
            if (whole.WrittenCount > most) return null;
        }

        return whole.WrittenMemory;
    }

    /// <summary>Server-sent events, each its data.</summary>
    /// <param name="mostBytes">Of one event.</param>
    public EventReader Events(int mostBytes) => new(body, mostBytes);

    public void Dispose()
    {
        body.Dispose();
        response.Dispose();
    }

    /// <returns>How many bytes came; 0: that was all.</returns>
    /// <exception cref="IOException">It was cut off.</exception>
    public async ValueTask<int> Read(Memory<byte> into, CancellationToken cancellation)
    {
        try
        {
            return await body.ReadAsync(into, cancellation);
        }
        catch (HttpRequestException cut)
        {
            throw new IOException(cut.Message, cut);
        }
    }
}

/// <summary>Reads server-sent events as they come: each time what one read of the connection has completed. Not thread-safe.</summary>
public sealed class EventReader
{
    private const int Chunk = 16 * 1024;
    private readonly Stream _stream;
    private readonly byte[] _buffer = new byte[Chunk];
    private readonly EventParser _parser;

    /// <summary>Of all that came, comments and what is no event too.</summary>
    public long BytesRead { get; private set; }

    internal EventReader(Stream stream, int mostBytes) => (_stream, _parser) = (stream, new(mostBytes));

    /// <param name="into">Data of events that are whole now is added here.</param>
    /// <returns>False: the stream has ended.</returns>
    /// <exception cref="IOException">It was cut off.</exception>
    /// <exception cref="InvalidDataException">An event is larger than it may be.</exception>
    public async ValueTask<bool> Read(List<ReadOnlyMemory<byte>> into, CancellationToken cancellation)
    {
        int read;
        try
        {
            read = await _stream.ReadAsync(_buffer, cancellation);
        }
        catch (HttpRequestException cut)
        {
            throw new IOException(cut.Message, cut);
        }

        BytesRead += read;
        for (var at = 0; at < read;)
        {
            at += _parser.Take(_buffer.AsSpan(at, read - at));
            if (_parser.Completed is { } data)
            {
                into.Add(data);
            }
        }

        return read > 0;
    }
}
