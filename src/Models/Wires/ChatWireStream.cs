using System.Text.Json;

namespace Agora.Models.Wires;

/// <summary>
/// chat.completion.chunk. Deltas do not say where an item begins or ends: text and reasoning end where another kind begins, tool calls, which may come in turns, where all ends.
/// </summary>
internal sealed class ChatWireStream : IWireStream
{
    private readonly List<Call> _calls = [];
    private int _items;
    private string? _providerId;
    private string? _tier;
    private bool _isStarted;
    private bool _hasEnded;
    private bool _hasFailed;
    private int? _reasoning;
    private int? _message;
    private int _textPart = -1;
    private int _refusalPart = -1;

    public bool IsOver { get; private set; }

    public void Read(ReadOnlyMemory<byte> data, List<ModelEvent> into)
    {
        if (IsOver) return;
        if (IsDone(data))
        {
            Close(into);
            IsOver = true;
            return;
        }

        using var document = ChatReading.Parse(data);
        var chunk = document.RootElement;
        if (ChatErrors.IsError(chunk))
        {
            Fail(ChatErrors.Read(null, chunk, null), into);
        }
        else if (!_hasFailed)
        {
            ReadChunk(chunk, into);
        }

        // Whatever else it says: tokens that were spent are counted.
        if (ChatUsage.Read(chunk) is { } usage)
        {
            into.Add(new ModelEvent.Counted(usage));
        }
    }

    public void Count(ReadOnlyMemory<byte> data, List<ModelEvent> into)
    {
        IsOver |= IsDone(data);
        UsageOnly.Read(data, chunk =>
        {
            if (ChatUsage.Read(chunk) is { } usage)
            {
                into.Add(new ModelEvent.Counted(usage));
            }

            if (ChatReading.Member(chunk, "choices"u8) is { ValueKind: JsonValueKind.Array } choices && choices.EnumerateArray().Any(static choice => ChatReading.Member(choice, "finish_reason"u8).ValueKind == JsonValueKind.String))
            {
                into.Add(new ModelEvent.Ended(Finish.Stop));
            }

            if (ChatReading.Name(chunk, "service_tier"u8) is { } tier)
            {
                into.Add(new ModelEvent.Tiered(tier));
            }
        });
    }

    private static bool IsDone(ReadOnlyMemory<byte> data) => data.Span.Trim(" \r\n"u8).SequenceEqual("[DONE]"u8);

    private void ReadChunk(JsonElement chunk, List<ModelEvent> into)
    {
        var choices = ChatReading.List(chunk, "choices"u8);
        var count = choices.ValueKind == JsonValueKind.Undefined ? 0 : choices.GetArrayLength();
        if (count > 1) throw new InvalidDataException("The provider's chunk has more than one choice.");

        Start(chunk, count > 0, into);
        if (ChatReading.Name(chunk, "service_tier"u8) is { } tier && tier != _tier)
        {
            _tier = tier;
            into.Add(new ModelEvent.Tiered(tier));
        }

        if (count == 0) return;

        var choice = choices[0];
        ChatReading.CheckFirst(choice);
        ReadDelta(ChatReading.Object(choice, "delta"u8), into);
        var (finish, fault) = ChatFinish.Read(ChatReading.Text(choice, "finish_reason"u8), _calls.Count > 0);
        if (fault is not null)
        {
            Fail(fault, into);
        }
        else if (finish is { } why && !_hasEnded)
        {
            Close(into);
            into.Add(new ModelEvent.Ended(why, ChatReplyReader.StopOf(choice)));
            _hasEnded = true;
        }
    }

    /// <summary>Azure's first chunk is about the prompt, and has neither an id nor a choice: it starts nothing yet.</summary>
    private void Start(JsonElement chunk, bool hasChoice, List<ModelEvent> into)
    {
        if (_isStarted) return;

        _providerId = ChatReading.Name(chunk, "id"u8);
        if (_providerId is null && !hasChoice) return;

        into.Add(new ModelEvent.Started(_providerId, ChatReading.Name(chunk, "model"u8)));
        _isStarted = true;
    }

    private void ReadDelta(JsonElement delta, List<ModelEvent> into)
    {
        if (ChatReading.Reasoning(delta, isPiece: true) is { Length: > 0 } reasoning)
        {
            EndMessage(into);
            _reasoning ??= Begin(new Item.Reasoning([], "", null), into);
            into.Add(new ModelEvent.ReasoningAdded(_reasoning.Value, reasoning));
        }

        if (ChatReading.Said(delta, "content"u8, isPiece: true) is { Length: > 0 } text)
        {
            var index = Message(into);
            _textPart = _textPart >= 0 ? _textPart : _refusalPart + 1;
            into.Add(new ModelEvent.TextAdded(index, text, _textPart));
        }

        if (ChatReading.Said(delta, "refusal"u8, isPiece: true) is { Length: > 0 } refusal)
        {
            var index = Message(into);
            _refusalPart = _refusalPart >= 0 ? _refusalPart : _textPart + 1;
            into.Add(new ModelEvent.RefusalAdded(index, refusal, _refusalPart));
        }

        var calls = ChatReading.List(delta, "tool_calls"u8);
        if (calls.ValueKind == JsonValueKind.Undefined) return;

        foreach (var piece in calls.EnumerateArray())
        {
            AddCall(ChatCallPiece.Read(piece, isPiece: true), into);
        }
    }

    private void AddCall(ChatCallPiece piece, List<ModelEvent> into)
    {
        var known = KnownCall(piece);
        if (known is null)
        {
            EndReasoning(into);
            EndMessage(into);
            var call = piece.Begin(_providerId, _calls.Count);
            known = new(piece.Index, call.CallId, Begin(call, into));
            _calls.Add(known);
        }

        if (piece.Arguments.Length == 0) return;
        if (known.IsClosed) throw new InvalidDataException("The provider goes on with a tool call after the end.");

        into.Add(new ModelEvent.ArgumentsAdded(known.Item, piece.Arguments));
    }

    /// <summary>
    /// By index, else by id, else it is the last. Google gives several whole calls one index, so a name with an id of its own begins another; vLLM once gave each piece a new id, so an id alone does not.
    /// </summary>
    private Call? KnownCall(ChatCallPiece piece)
    {
        var known = piece.Index is { } index ? _calls.FindLast(call => call.Index == index)
            : piece.Id is { } id && piece.Name is not null ? _calls.FindLast(call => call.Id == id)
            : piece.Name is not null ? null
            : _calls.Count > 0 ? _calls[^1] : null;
        return known is not null && piece.Name is not null && piece.Id is { } another && another != known.Id ? null : known;
    }

    private int Message(List<ModelEvent> into)
    {
        EndReasoning(into);
        return _message ??= Begin(new Item.Message(Role.Assistant, []), into);
    }

    private int Begin(Item item, List<ModelEvent> into)
    {
        if (_items == ModelLimits.Items) throw new InvalidDataException($"The provider's stream has more than {ModelLimits.Items} items.");

        into.Add(new ModelEvent.Began(_items, item));
        return _items++;
    }

    private void EndReasoning(List<ModelEvent> into)
    {
        if (_reasoning is not { } index) return;

        into.Add(new ModelEvent.Completed(index));
        _reasoning = null;
    }

    private void EndMessage(List<ModelEvent> into)
    {
        if (_message is not { } index) return;

        into.Add(new ModelEvent.Completed(index));
        (_message, _textPart, _refusalPart) = (null, -1, -1);
    }

    private void Close(List<ModelEvent> into)
    {
        EndReasoning(into);
        EndMessage(into);
        foreach (var call in _calls.Where(call => !call.IsClosed))
        {
            into.Add(new ModelEvent.Completed(call.Item));
            call.IsClosed = true;
        }
    }

    private void Fail(ProviderFault fault, List<ModelEvent> into)
    {
        if (_hasFailed) return;

        into.Add(new ModelEvent.Failed(fault));
        _hasFailed = true;
    }

    private sealed class Call(int? index, string id, int item)
    {
        public int? Index => index;

        public string Id => id;

        public int Item => item;

        public bool IsClosed { get; set; }
    }
}
