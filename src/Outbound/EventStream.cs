namespace Agora.Outbound;

/// <summary>Reads server-sent events (https://html.spec.whatwg.org/multipage/server-sent-events.html) as they come: of each its data, and nothing else of it. What has come is bounded from the first byte on, however small the events.</summary>
internal static class EventStream
{
    public const string MediaType = "text/event-stream";

    private const int Chunk = 8 * 1024;

    /// <returns>The event that was wanted, and true; false: it ended before. Null: too much came.</returns>
    public static async Task<(ReadOnlyMemory<byte> Event, bool IsWhole)?> Read(Stream stream, Func<ReadOnlyMemory<byte>, bool> onEvent, int maxBytes, CancellationToken cancellation)
    {
        var (buffer, parser, total) = (new byte[Chunk], new EventParser(maxBytes), 0);
        while (await stream.ReadAsync(buffer, cancellation) is var read and > 0)
        {
            total += read;
            if (total > maxBytes) return null;

            for (var at = 0; at < read;)
            {
                at += parser.Take(buffer.AsSpan(at, read - at));
                if (parser.Completed is { } data && onEvent(data)) return (data, true);
            }
        }

        return (default, false);
    }
}
