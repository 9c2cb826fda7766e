using System.Buffers;

namespace Agora.Outbound;

/// <summary>Parts a stream of bytes into server-sent events (https://html.spec.whatwg.org/multipage/server-sent-events.html): of each its data, and nothing else of it.</summary>
/// <param name="mostBytes">Of one event, and of one line.</param>
internal sealed class EventParser(int mostBytes)
{
    private static ReadOnlySpan<byte> Data => "data"u8;

    private static ReadOnlySpan<byte> Mark => [0xEF, 0xBB, 0xBF];

    private readonly ArrayBufferWriter<byte> _line = new();
    private ArrayBufferWriter<byte>? _data;
    private bool _afterReturn;
    private bool _isFirst = true;

    /// <summary>An event that ended with what was taken last.</summary>
    public ReadOnlyMemory<byte>? Completed { get; private set; }

    /// <summary>Takes up to the end of one line. Lines end with CR, LF or both.</summary>
    /// <exception cref="InvalidDataException">It is larger than it may be.</exception>
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
        if (_line.WrittenCount + (_data?.WrittenCount ?? 0) > mostBytes) throw new InvalidDataException($"An event has more than {mostBytes} bytes.");
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
