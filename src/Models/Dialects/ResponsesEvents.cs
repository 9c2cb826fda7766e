using System.Buffers;
using System.Text;
using System.Text.Json;

namespace Agora.Models.Dialects;

/// <summary>Server-sent events with sequence numbers from 0 on, without gaps.</summary>
internal sealed class ResponsesEvents
{
    private Utf8JsonWriter? _writer;
    private int _sequence;

    /// <summary>What is written until <see cref="End"/> are members of the event.</summary>
    public Utf8JsonWriter Begin(IBufferWriter<byte> into, string type)
    {
        into.Write("event: "u8);
        Encoding.UTF8.GetBytes(type, into);
        into.Write("\ndata: "u8);
        if (_writer is null)
        {
            _writer = new(into, ResponsesJson.Writing);
        }
        else
        {
            _writer.Reset(into);
        }

        _writer.WriteStartObject();
        _writer.WriteString("type", type);
        _writer.WriteNumber("sequence_number", _sequence++);
        return _writer;
    }

    public void End(IBufferWriter<byte> into)
    {
        _writer!.WriteEndObject();
        _writer.Flush();
        into.Write("\n\n"u8);
    }
}
