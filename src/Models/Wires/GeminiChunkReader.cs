using System.Text.Json;

namespace Agora.Models.Wires;

/// <summary>
/// A stream's chunks, each in the shape of a whole reply with what is new in it; usage is that of all so far. There is no last event: a finish reason says that it was all, and where its chunk has no usage a chunk behind it brings it.
/// </summary>
internal sealed class GeminiChunkReader : IWireStream
{
    private const int MadeIdLength = 64;

    private int _items;
    private int _calls;
    private string? _responseId;
    private bool _isStarted;
    private bool _hasFailed;
    private bool _isCounted;
    private string? _tier;

    /// <summary>What is being written; null: nothing that could go on.</summary>
    private Item? _open;

    public bool IsOver { get; private set; }

    public bool AwaitsUsage => IsOver && !_hasFailed && !_isCounted;

    /// <summary>It had candidates, said why there are none, or failed.</summary>
    public bool HasSaid { get; private set; }

    public void Read(ReadOnlyMemory<byte> data, List<ModelEvent> into) => MessagesWireJson.Read(data, chunk =>
    {
        Read(chunk, into);
        return true;
    });

    public void Count(ReadOnlyMemory<byte> data, List<ModelEvent> into) => UsageOnly.Read(data, chunk =>
    {
        if (MessagesWireJson.Has(chunk, "candidates"u8, out var candidates) && candidates.ValueKind == JsonValueKind.Array
            && candidates.EnumerateArray().Any(static candidate => candidate.ValueKind == JsonValueKind.Object && MessagesWireJson.Has(candidate, "finishReason"u8, out _)))
        {
            IsOver = true;
            into.Add(new ModelEvent.Ended(Finish.Stop));
        }

        Count(chunk, into);
    });

    private void Read(JsonElement chunk, List<ModelEvent> into)
    {
        if (!IsOver && MessagesWireJson.Object(chunk, "error"u8) is { } error)
        {
            Fail(GeminiFaults.Of(error), into);
            return;
        }

        Start(chunk, into);
        if (MessagesWireJson.Array(chunk, "candidates"u8) is { } candidates && candidates.GetArrayLength() > 0)
        {
            HasSaid = true;
            ReadCandidate(candidates[0], into);
        }

        if (MessagesWireJson.Object(chunk, "promptFeedback"u8) is { } feedback && MessagesWireJson.Text(feedback, "blockReason"u8) is { Length: > 0 } && !IsOver)
        {
            HasSaid = true;
            End(Finish.ContentFilter, into);
        }

        Count(chunk, into);
    }

    private void Count(JsonElement chunk, List<ModelEvent> into)
    {
        if (MessagesWireJson.Object(chunk, "usageMetadata"u8) is not { } usage) return;

        into.Add(new ModelEvent.Counted(GeminiUsage.Read(usage)));
        _isCounted = IsOver;
        if (MessagesWireJson.Text(usage, "serviceTier"u8) is { Length: > 0 } tier && tier != _tier)
        {
            _tier = tier;
            into.Add(new ModelEvent.Tiered(tier));
        }
    }

    private void Start(JsonElement chunk, List<ModelEvent> into)
    {
        _responseId ??= MessagesWireJson.Text(chunk, "responseId"u8);
        if (_isStarted) return;

        _isStarted = true;
        into.Add(new ModelEvent.Started(_responseId, MessagesWireJson.Text(chunk, "modelVersion"u8)));
    }

    private void ReadCandidate(JsonElement candidate, List<ModelEvent> into)
    {
        if (candidate.ValueKind != JsonValueKind.Object) throw MessagesWireJson.Wrong("candidates"u8, "no object");
        if (IsOver) return;

        if (MessagesWireJson.Object(candidate, "content"u8) is { } content && MessagesWireJson.Array(content, "parts"u8) is { } parts)
        {
            foreach (var part in parts.EnumerateArray())
            {
                if (part.ValueKind != JsonValueKind.Object) throw MessagesWireJson.Wrong("parts"u8, "no object");

                ReadPart(part, into);
            }
        }

        switch (MessagesWireJson.Text(candidate, "finishReason"u8))
        {
            case null or "" or "FINISH_REASON_UNSPECIFIED":
                break;
            case "STOP":
                End(_calls > 0 ? Finish.ToolCalls : Finish.Stop, into);
                break;
            case "MAX_TOKENS" or "CONTINUATION":
                End(Finish.Length, into);
                break;
            case ("MALFORMED_FUNCTION_CALL" or "UNEXPECTED_TOOL_CALL" or "TOO_MANY_TOOL_CALLS" or "MISSING_THOUGHT_SIGNATURE" or "MALFORMED_RESPONSE") and var reason:
                var words = MessagesWireJson.Words(MessagesWireJson.Text(candidate, "finishMessage"u8), $"The model's answer came to nothing: {reason}.");
                Fail(new(FaultKind.Failed, words, reason), into);
                break;
            default:
                // Safety, recitation, lists of words, and whatever else the provider may cut an answer for.
                End(Finish.ContentFilter, into);
                break;
        }
    }

    private void ReadPart(JsonElement part, List<ModelEvent> into)
    {
        if (MessagesWireJson.Object(part, "functionCall"u8) is { } call)
        {
            AddCall(call, MessagesWireJson.Text(part, "thoughtSignature"u8), into);
        }
        else if (MessagesWireJson.Piece(part, "text"u8) is { Length: > 0 } text)
        {
            var isThought = part.TryGetProperty("thought"u8, out var thought) && thought.ValueKind == JsonValueKind.True;
            AddText(text, isThought, into);
        }
    }

    private void AddText(string text, bool isThought, List<ModelEvent> into)
    {
        if (isThought != _open is Item.Reasoning || _open is null)
        {
            Complete(into);
            _open = isThought ? new Item.Reasoning([], "", null) : new Item.Message(Role.Assistant, []);
            Begin(_open, into);
        }

        into.Add(isThought ? new ModelEvent.ReasoningAdded(_items, text) : new ModelEvent.TextAdded(_items, text));
    }

    /// <summary>Calls come whole. The seal stands in the beginning, so that a dialect which has to write it before the call can.</summary>
    private void AddCall(JsonElement call, string? signature, List<ModelEvent> into)
    {
        Complete(into);
        var name = MessagesWireJson.NameText(call, "name"u8);
        var id = MessagesWireJson.Text(call, "id"u8) is { Length: > 0 } ? MessagesWireJson.NameText(call, "id"u8) : MakeId();
        var arguments = MessagesWireJson.Object(call, "args"u8) is { } args ? MessagesWireJson.Compact(args) : "{}";
        var seal = string.IsNullOrEmpty(signature) ? null : new Seal(GeminiContentWriter.Maker, signature);
        _open = new Item.ToolCall(id, name, "", Seal: seal);
        _calls++;
        Begin(_open, into);
        into.Add(new ModelEvent.ArgumentsAdded(_items, arguments));
        if (seal is not null)
        {
            into.Add(new ModelEvent.Sealed(_items, seal));
        }

        Complete(into);
    }

    /// <summary>Older models name no calls. The response's id keeps those of one turn apart from those of the next, and all providers take these characters.</summary>
    private string MakeId()
    {
        var response = string.Concat((_responseId ?? "").Where(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-').Take(MadeIdLength));
        return response.Length > 0 ? $"call_{response}_{_calls}" : $"call_{_calls}";
    }

    private void Begin(Item item, List<ModelEvent> into)
    {
        if (_items >= ModelLimits.Items) throw new InvalidDataException("The provider sent too many parts.");

        into.Add(new ModelEvent.Began(_items, item));
    }

    private void Complete(List<ModelEvent> into)
    {
        if (_open is null) return;

        into.Add(new ModelEvent.Completed(_items));
        _open = null;
        _items++;
    }

    private void End(Finish finish, List<ModelEvent> into)
    {
        Complete(into);
        into.Add(new ModelEvent.Ended(finish));
        IsOver = true;
    }

    private void Fail(ProviderFault fault, List<ModelEvent> into)
    {
        Complete(into);
        into.Add(new ModelEvent.Failed(fault));
        (IsOver, HasSaid, _hasFailed) = (true, true, true);
    }
}
