using System.Text.Json;

namespace Agora.Models.Wires;

/// <summary>Reads OpenAI's events. What came in pieces is not said again when it comes whole; what came only whole is said then.</summary>
internal sealed class ResponsesWireStream : IWireStream
{
    private readonly Dictionary<int, Open> _items = [];
    private int _count;
    private bool _hasStarted;
    private bool _hasCalls;

    public bool IsOver { get; private set; }

    public void Read(ReadOnlyMemory<byte> data, List<ModelEvent> into)
    {
        // The first end counts. [DONE] is none: where a gateway adds it, the response has ended itself.
        if (IsOver || data.Span.SequenceEqual("[DONE]"u8)) return;
        using var document = ResponsesWireJson.Parse(data);
        var said = document.RootElement;
        var type = ResponsesWireJson.Text(said, "type");
        switch (type)
        {
            case "response.created" or "response.in_progress" or "response.queued":
                Start(ResponsesWireJson.Object(said, "response"), into);
                break;
            case "response.output_item.added":
                Begin(ResponsesWireJson.Index(said, "output_index"), ResponsesWireJson.Object(said, "item"), into);
                break;
            case "response.output_item.done":
                Complete(ResponsesWireJson.Index(said, "output_index"), ResponsesWireJson.Object(said, "item"), into);
                break;
            case "response.completed" or "response.incomplete" or "response.failed" or "response.cancelled":
                End(type, ResponsesWireJson.Object(said, "response"), into);
                break;
            case "error":
                IsOver = true;
                into.Add(new ModelEvent.Failed(ResponsesWireErrors.Event(ResponsesWireJson.ObjectOrNull(said, "error") ?? said)));
                break;
            default:
                ReadDelta(type, said, into);
                break;
        }
    }

    public void Count(ReadOnlyMemory<byte> data, List<ModelEvent> into) => UsageOnly.Read(data, said =>
    {
        var response = ResponsesWireJson.ObjectOrNull(said, "response") ?? said; // a whole reply is the response itself
        if (ResponsesWireOutput.UsageOf(response) is { } usage)
        {
            into.Add(new ModelEvent.Counted(usage));
        }

        var isEnd = ResponsesWireJson.TextOrNull(said, "type", isStrict: false) is "response.completed" or "response.incomplete" or "response.failed" or "response.cancelled" or "error";
        IsOver |= isEnd;
        if (isEnd)
        {
            into.Add(new ModelEvent.Ended(Finish.Stop));
        }

        if (ResponsesWireJson.TextOrNull(response, "service_tier", isStrict: false) is { } tier)
        {
            into.Add(new ModelEvent.Tiered(tier));
        }
    });

    private void ReadDelta(string type, JsonElement said, List<ModelEvent> into)
    {
        switch (type)
        {
            case "response.output_text.delta" when Piece<Item.Message>(said, "text", "content_index") is var (index, part):
                into.Add(new ModelEvent.TextAdded(index, ResponsesWireJson.Piece(said, "delta"), part));
                break;
            case "response.refusal.delta" when Piece<Item.Message>(said, "text", "content_index") is var (index, part):
                into.Add(new ModelEvent.RefusalAdded(index, ResponsesWireJson.Piece(said, "delta"), part));
                break;
            case "response.function_call_arguments.delta" or "response.custom_tool_call_input.delta" when Piece<Item.ToolCall>(said, "arguments", null) is var (index, _):
                into.Add(new ModelEvent.ArgumentsAdded(index, ResponsesWireJson.Piece(said, "delta")));
                break;
            case "response.reasoning_summary_text.delta" when Piece<Item.Reasoning>(said, "summary", "summary_index") is var (index, part):
                into.Add(new ModelEvent.SummaryAdded(index, ResponsesWireJson.Piece(said, "delta"), part));
                break;
            case "response.reasoning_text.delta" when Piece<Item.Reasoning>(said, "reasoning", null) is var (index, _):
                into.Add(new ModelEvent.ReasoningAdded(index, ResponsesWireJson.Piece(said, "delta")));
                break;
        }
    }

    /// <summary>Which item goes on, and which part of it; null: one that is passed over.</summary>
    private (int Index, int Part)? Piece<T>(JsonElement said, string kind, string? partName)
        where T : Item
    {
        var place = ResponsesWireJson.Index(said, "output_index");
        var part = partName is null ? 0 : ResponsesWireJson.Index(said, partName);
        if (!_items.TryGetValue(place, out var item)) throw new InvalidDataException($"Item {place} was not begun.");
        if (item.Begun is null) return null;
        if (item.Begun is not T || item.IsOver) throw new InvalidDataException($"Item {place} is over, or of another kind.");
        item.Came.Add((kind, part));
        return (item.Index, part);
    }

    private void Start(JsonElement? response, List<ModelEvent> into)
    {
        if (_hasStarted) return;
        _hasStarted = true;
        into.Add(response is { } r ? new ModelEvent.Started(ResponsesWireJson.TextOrNull(r, "id"), ResponsesWireJson.TextOrNull(r, "model")) : new ModelEvent.Started(null, null));
    }

    private Open Begin(int place, JsonElement item, List<ModelEvent> into)
    {
        Start(null, into);
        var begun = ResponsesWireOutput.Begin(item);
        var open = new Open(begun, begun is null ? -1 : _count++);
        if (!_items.TryAdd(place, open)) throw new InvalidDataException($"Item {place} is begun twice.");
        if (begun is null) return open;
        _hasCalls |= begun is Item.ToolCall;
        into.Add(new ModelEvent.Began(open.Index, begun));
        return open;
    }

    private void Complete(int place, JsonElement item, List<ModelEvent> into)
    {
        var open = _items.GetValueOrDefault(place) ?? Begin(place, item, into);
        if (open.Begun is null) return;
        if (open.IsOver || ResponsesWireOutput.Begin(item)?.GetType() != open.Begun.GetType())
        {
            throw new InvalidDataException($"Item {place} is over, or of another kind.");
        }

        open.IsOver = true;
        ResponsesWireOutput.Say(item, open.Index, (kind, part) => open.Came.Contains((kind, part)), into);
        into.Add(new ModelEvent.Completed(open.Index));
    }

    private void End(string type, JsonElement response, List<ModelEvent> into)
    {
        Start(response, into);
        IsOver = true;
        if (type is "response.completed" or "response.incomplete")
        {
            CompleteUnsaid(response, into);
        }

        if (ResponsesWireOutput.UsageOf(response) is { } usage)
        {
            into.Add(new ModelEvent.Counted(usage));
        }

        if (ResponsesWireJson.TextOrNull(response, "service_tier") is { } tier)
        {
            into.Add(new ModelEvent.Tiered(tier));
        }

        into.Add(type is "response.failed" or "response.cancelled"
            ? new ModelEvent.Failed(ResponsesWireErrors.Within(response))
            : new ModelEvent.Ended(type == "response.completed" ? _hasCalls ? Finish.ToolCalls : Finish.Stop : ResponsesWireOutput.CutOf(response)));
    }

    /// <summary>Items of which no event came but this last one.</summary>
    private void CompleteUnsaid(JsonElement response, List<ModelEvent> into)
    {
        var place = 0;
        foreach (var item in ResponsesWireJson.Objects(response, "output"))
        {
            if (!_items.ContainsKey(place))
            {
                Complete(place, item, into);
            }

            place++;
        }
    }

    /// <param name="begun">Null: it is passed over.</param>
    private sealed class Open(Item? begun, int index)
    {
        public Item? Begun => begun;

        public int Index => index;

        public bool IsOver { get; set; }

        /// <summary>Pieces of which something came.</summary>
        public HashSet<(string Kind, int Part)> Came { get; } = [];
    }
}
