using System.Buffers;

namespace Agora.Outbound;

/// <summary>Reads server-sent events (https://html.spec.whatwg.org/multipage/server-sent-events.html) as they come: of each its data, and nothing else of it. What has come is bounded from the first byte on, however small the events.</summary>
internal static class EventStream
{
    public const string MediaType = "text/event-stream";

    private const int Chunk = 8 * 1024;

    private static ReadOnlySpan<byte> Data => "data"u8;

    private static ReadOnlySpan<byte> Mark => [0xEF, 0xBB, 0xBF];

    /// <returns>The event that was wanted, and true; false: it ended before. Null: too much came.</returns>
    public static async Task<(ReadOnlyMemory<byte> Event, bool IsWhole)?> Read(Stream stream, Func<ReadOnlyMemory<byte>, bool> onEvent, int maxBytes, CancellationToken cancellation)
    {
        var (buffer, parser, total) = (new byte[Chunk], new Parser(), 0);
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

    private sealed class Parser
    {
        private readonly ArrayBufferWriter<byte> _line = new();
        private ArrayBufferWriter<byte>? _data;
        private bool _afterReturn;
        private bool _isFirst = true;

        /// <summary>An event that ended with what was taken last.</summary>
        public ReadOnlyMemory<byte>? Completed { get; private set; }

        /// <summary>Takes up to the end of one line. Lines end with CR, LF or both.</summary>
        public int Take(ReadOnlySpan<byte> bytes)
        {
            Completed = null;
            if (_afterReturn)
            {
                _afterReturn = false;
                if (bytes[0] == '\n') return 1;
            }

            var end = bytes.IndexOfAny((byte)'\r', (byte)'\n');
            _line.Write(end < 0 ? bytes : bytes[..end]);
            if (end < 0) return bytes.Length;

            _afterReturn = bytes[end] == '\r';
            End(_line.WrittenSpan);
            _line.ResetWrittenCount();
            return end + 1;
        }

        private void End(ReadOnlySpan<byte> line)
        {
            if (_isFirst && line.StartsWith(Mark))
            {
                line = line[Mark.Length..];
            }

            _isFirst = false;
            if (line.IsEmpty)
            {
                (Completed, _data) = (_data?.WrittenMemory, null);
                return;
            }

            var colon = line.IndexOf((byte)':');
            if (!(colon < 0 ? line : line[..colon]).SequenceEqual(Data)) return;

            var value = colon < 0 ? default : line[(colon + 1)..];

            if (_data is null)
            {
                _data = new();
            }
            else
            {
                _data.Write("\n"u8);
            }

            _data.Write(value.StartsWith(" "u8) ? value[1..] : value);
        }
    }
}
