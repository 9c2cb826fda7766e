using System.Buffers;
using System.Text;

namespace Agora.Models.Dialects;

/// <summary>
/// A reply as server-sent events. The SDK takes each block that begins for the last one, so one is open at a time: what comes of another item meanwhile waits until the open one is completed. A block begins with its first content, so that
/// none is empty, for an empty text block would be refused when it comes back. Usage is 0 in message_start; the SDK puts message_delta's in its place.
/// </summary>
internal sealed class MessagesStream(ReplyHead head) : IReplyStream
{
    private readonly SortedDictionary<int, Waiting> _items = [];
    private readonly MessagesEvents _events = new();
    private int? _current;
    private int _part;

    public void Begin(IBufferWriter<byte> into)
    {
        _events.Into(into);
        _events.Write("message_start"u8, json =>
        {
            json.WriteStartObject("message"u8);
            MessagesReplyWriter.WriteHead(json, head);
            json.WriteStartArray("content"u8);
            json.WriteEndArray();
            MessagesReplyWriter.WriteEnd(json, null);
            MessagesReplyWriter.WriteUsage(json, null, null);
            json.WriteEndObject();
        });
    }

    public void Write(ModelEvent said, IBufferWriter<byte> into)
    {
        _events.Into(into);
        switch (said)
        {
            case ModelEvent.Began e:
                _items[e.Index] = new(e.Item);
                break;
            case ModelEvent.TextAdded { Index: var index }:
                Say(index, said);
                break;
            case ModelEvent.RefusalAdded { Index: var index }:
                Say(index, said);
                break;
            case ModelEvent.ArgumentsAdded { Index: var index }:
                Say(index, said);
                break;
            case ModelEvent.ReasoningAdded { Index: var index }:
                Say(index, said);
                break;
            case ModelEvent.SummaryAdded { Index: var index }:
                Say(index, said);
                break;
            case ModelEvent.Sealed { Index: var index }:
                Say(index, said);
                break;
            case ModelEvent.Completed { Index: var index }:
                Say(index, said);
                break;
            default:
                break;
        }

        Advance();
    }

    public void End(ModelReply reply, IBufferWriter<byte> into)
    {
        _events.Into(into);
        while (_current is { } index)
        {
            Complete(index, _items[index]);
            Advance();
        }

        _events.Write("message_delta"u8, json =>
        {
            json.WriteStartObject("delta"u8);
            MessagesReplyWriter.WriteEnd(json, reply);
            json.WriteEndObject();
            json.WriteStartObject("usage"u8);
            MessagesReplyWriter.WriteCounts(json, reply.Usage ?? Usage.None);
            json.WriteEndObject();
        });
        _events.Write("message_stop"u8);
    }

    public void Fail(DialectFault fault, ModelReply soFar, IBufferWriter<byte> into)
    {
        _events.Into(into);
        _events.WriteError(fault);
    }

    public void Ping(IBufferWriter<byte> into)
    {
        _events.Into(into);
        _events.Write("ping"u8);
    }

    private void Say(int index, ModelEvent said)
    {
        if (!_items.TryGetValue(index, out var item)) return;

        if (index == _current)
        {
            Emit(index, item, said);
            return;
        }

        item.Said.Enqueue(said);
    }

    /// <summary>While none is written, the first that waits becomes it, and says what it has kept back.</summary>
    private void Advance()
    {
        while (_current is null && _items.Count > 0)
        {
            var (index, item) = _items.First();
            Take(index, item);
        }
    }

    private void Take(int index, Waiting item)
    {
        _current = index;
        if (item.Item is Item.ToolCall call)
        {
            if (call.Seal is not null)
            {
                _events.OpenBlock(json => MessagesBlocks.WriteRedacted(json, MessagesSeals.Write(call.Seal, null)));
                _events.CloseBlock();
            }

            _events.OpenBlock(json => MessagesBlocks.WriteToolUse(json, call, isOpen: true));
        }

        while (_current == index && item.Said.TryDequeue(out var said))
        {
            Emit(index, item, said);
        }
    }

    private void Emit(int index, Waiting item, ModelEvent said)
    {
        switch (said)
        {
            case ModelEvent.TextAdded e:
                AddText(e.Text, e.Part);
                break;
            case ModelEvent.RefusalAdded e:
                AddText(e.Text, e.Part);
                break;
            case ModelEvent.ArgumentsAdded e when e.Text.Length > 0:
                AddArguments(item, e.Text);
                break;
            case ModelEvent.ReasoningAdded e:
                AddThinking(e.Text, 0);
                break;
            case ModelEvent.SummaryAdded e:
                AddThinking(e.Text, e.Part);
                break;
            case ModelEvent.Sealed e:
                item.Seal = e.Seal;
                break;
            case ModelEvent.Completed:
                Complete(index, item);
                break;
            default:
                break;
        }
    }

    private void AddText(string text, int part)
    {
        if (text.Length == 0) return;

        if (_events.IsBlockOpen && part != _part)
        {
            _events.CloseBlock();
        }

        if (!_events.IsBlockOpen)
        {
            _events.OpenBlock(json => MessagesBlocks.WriteText(json, ""));
        }

        _part = part;
        _events.Delta("text_delta"u8, "text"u8, text);
    }

    /// <summary>A custom tool's input is text, and its end is not known: it is written when it is complete.</summary>
    private void AddArguments(Waiting item, string text)
    {
        if (item.Item is Item.ToolCall { IsCustom: true })
        {
            item.Custom.Append(text);
            return;
        }

        _events.Delta("input_json_delta"u8, "partial_json"u8, text);
    }

    private void AddThinking(string text, int part)
    {
        if (text.Length == 0) return;

        if (!_events.IsBlockOpen)
        {
            _events.OpenBlock(json => MessagesBlocks.WriteThinking(json, "", ""));
        }
        else if (part != _part)
        {
            text = "\n\n" + text;
        }

        _part = part;
        _events.Delta("thinking_delta"u8, "thinking"u8, text);
    }

    private void Complete(int index, Waiting item)
    {
        if (item.Item is Item.Reasoning reasoning)
        {
            CompleteReasoning(reasoning, item.Seal ?? reasoning.Seal);
        }
        else if (item is { Item: Item.ToolCall, Custom.Length: > 0 })
        {
            _events.Delta("input_json_delta"u8, "partial_json"u8, $"{{\"input\":\"{MessagesReplyWriter.Options.Encoder!.Encode(item.Custom.ToString())}\"}}");
        }

        if (_events.IsBlockOpen)
        {
            _events.CloseBlock();
        }

        _items.Remove(index);
        _current = null;
    }

    private void CompleteReasoning(Item.Reasoning reasoning, Seal? seal)
    {
        if (seal is null) return;

        var text = MessagesSeals.Write(seal, reasoning.Id);
        if (reasoning.IsRedacted)
        {
            _events.OpenBlock(json => MessagesBlocks.WriteRedacted(json, text));
            return;
        }

        if (!_events.IsBlockOpen)
        {
            _events.OpenBlock(json => MessagesBlocks.WriteThinking(json, "", ""));
        }

        _events.Delta("signature_delta"u8, "signature"u8, text);
    }

    private sealed class Waiting(Item item)
    {
        public Item Item { get; } = item;

        public Queue<ModelEvent> Said { get; } = [];

        public Seal? Seal { get; set; }

        /// <summary>Of a custom tool's input, what came so far.</summary>
        public StringBuilder Custom { get; } = new();
    }
}
