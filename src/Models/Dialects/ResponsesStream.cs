using System.Buffers;
using System.Diagnostics;

namespace Agora.Models.Dialects;

/// <summary>
/// The events of one response. Nothing but what is written to it goes into them, so the same events make the same bytes, and a client can read a stream again from any sequence number. Items are numbered in
/// the order in which they begin, without gaps, whatever numbers the provider gives them.
/// </summary>
internal sealed class ResponsesStream : IReplyStream
{
    private readonly ResponsesBody _body;
    private readonly SortedDictionary<int, ResponsesOpenItem> _items = [];
    private readonly List<ResponsesOpenItem> _inOrder = [];
    private readonly ResponsesEvents _events = new();

    public ResponsesStream(ModelRequest request, ReplyHead head) => _body = new(request, head);

    public void Begin(IBufferWriter<byte> into)
    {
        WriteResponse(into, "response.created", "in_progress");
        WriteResponse(into, "response.in_progress", "in_progress");
    }

    public void Write(ModelEvent said, IBufferWriter<byte> into)
    {
        switch (said)
        {
            case ModelEvent.Began e:
                var item = new ResponsesOpenItem(e.Item, _inOrder.Count, _body, _events);
                if (!_items.TryAdd(e.Index, item)) throw new InvalidDataException($"Item {e.Index} is begun twice.");
                _inOrder.Add(item);
                item.Begin(into);
                break;
            case ModelEvent.TextAdded e:
                Of(e.Index).AddPart(into, e.Part, e.Text, isRefusal: false);
                break;
            case ModelEvent.RefusalAdded e:
                Of(e.Index).AddPart(into, e.Part, e.Text, isRefusal: true);
                break;
            case ModelEvent.SummaryAdded e:
                Of(e.Index).AddPart(into, e.Part, e.Text, isRefusal: false);
                break;
            case ModelEvent.ArgumentsAdded e:
                Of(e.Index).AddArguments(into, e.Text);
                break;
            case ModelEvent.ReasoningAdded e:
                Of(e.Index).AddReasoning(into, e.Text);
                break;
            case ModelEvent.Sealed e:
                Of(e.Index).Seal(e.Seal);
                break;
            case ModelEvent.Completed e:
                Of(e.Index).End(into, "completed");
                break;
            case ModelEvent.Started or ModelEvent.Counted or ModelEvent.Tiered or ModelEvent.Ended or ModelEvent.Failed:
                break;
            default:
                throw new UnreachableException(said.GetType().Name);
        }
    }

    public void End(ModelReply reply, IBufferWriter<byte> into)
    {
        var (status, reason) = ResponsesBody.StatusOf(reply);
        if (status == "failed")
        {
            Fail(ResponsesErrors.Of(reply)!, reply, into);
            return;
        }

        // What is still open was cut by the end, if the end came before its time.
        foreach (var item in _inOrder)
        {
            if (!item.IsOver)
            {
                item.End(into, status == "cancelled" ? "incomplete" : status);
            }
        }

        // Clients know three events as the last, and none of them is of one that was cancelled.
        WriteResponse(into, status == "cancelled" ? "response.incomplete" : "response." + status, status, reason, reply: reply);
    }

    public void Fail(DialectFault fault, ModelReply soFar, IBufferWriter<byte> into) => WriteResponse(into, "response.failed", "failed", fault: fault, reply: soFar);

    public void Ping(IBufferWriter<byte> into) => into.Write(": ping\n\n"u8);

    private void WriteResponse(IBufferWriter<byte> into, string type, string status, string? reason = null, DialectFault? fault = null, ModelReply? reply = null)
    {
        var writer = _events.Begin(into, type);
        writer.WritePropertyName("response");
        _body.Write(writer, status, reason, fault, reply, output => _inOrder.ForEach(item => item.WriteSoFar(output)));
        _events.End(into);
    }

    private ResponsesOpenItem Of(int index) => _items.GetValueOrDefault(index) ?? throw new InvalidDataException($"Item {index} was not begun.");
}
