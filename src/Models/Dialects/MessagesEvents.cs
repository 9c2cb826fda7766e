using System.Buffers;
using System.Text.Json;

namespace Agora.Models.Dialects;

/// <summary>The events of a stream, each with its name and its data, and the blocks that are numbered in it.</summary>
internal sealed class MessagesEvents
{
    private readonly Utf8JsonWriter _json = new(new ArrayBufferWriter<byte>(), MessagesReplyWriter.Options);
    private IBufferWriter<byte> _into = null!;
    private int _blocks;

    public bool IsBlockOpen { get; private set; }

    /// <summary>Where all goes from here on.</summary>
    public void Into(IBufferWriter<byte> into) => _into = into;

    public void Write(ReadOnlySpan<byte> type, Action<Utf8JsonWriter>? members = null)
    {
        Open(type);
        members?.Invoke(_json);
        Close();
    }

    public void OpenBlock(Action<Utf8JsonWriter> block)
    {
        Open("content_block_start"u8);
        _json.WriteNumber("index"u8, _blocks);
        _json.WritePropertyName("content_block"u8);
        block(_json);
        Close();
        IsBlockOpen = true;
    }

    public void Delta(ReadOnlySpan<byte> type, ReadOnlySpan<byte> member, string text)
    {
        Open("content_block_delta"u8);
        _json.WriteNumber("index"u8, _blocks);
        _json.WriteStartObject("delta"u8);
        _json.WriteString("type"u8, type);
        _json.WriteString(member, text);
        _json.WriteEndObject();
        Close();
    }

    public void CloseBlock()
    {
        Open("content_block_stop"u8);
        _json.WriteNumber("index"u8, _blocks++);
        Close();
        IsBlockOpen = false;
    }

    /// <summary>The SDK goes by the event's name here, and takes the data for an error's body.</summary>
    public void WriteError(DialectFault fault)
    {
        _into.Write("event: error\ndata: "u8);
        _json.Reset(_into);
        MessagesErrors.Write(_json, fault);
        _json.Flush();
        _into.Write("\n\n"u8);
    }

    private void Open(ReadOnlySpan<byte> type)
    {
        _into.Write("event: "u8);
        _into.Write(type);
        _into.Write("\ndata: "u8);
        _json.Reset(_into);
        _json.WriteStartObject();
        _json.WriteString("type"u8, type);
    }

    private void Close()
    {
        _json.WriteEndObject();
        _json.Flush();
        _into.Write("\n\n"u8);
    }
}
