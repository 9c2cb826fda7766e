using System.Buffers;
using System.Text;
using System.Text.Json;

namespace Agora.Models.Dialects;

/// <summary>One item of a stream's output: what came of it so far, and the events that say so. Parts are closed when the next begins, or the item is over.</summary>
internal sealed class ResponsesOpenItem(Item begun, int index, ResponsesBody body, ResponsesEvents events)
{
    private readonly string _id = body.IdOf(begun, index);
    private readonly OrderedDictionary<int, Piece> _parts = [];
    private readonly StringBuilder _text = new();
    private Piece? _open;
    private Seal? _seal;
    private string _status = "in_progress";

    public bool IsOver { get; private set; }

    public void Begin(IBufferWriter<byte> into)
    {
        WriteItem(into, "response.output_item.added");
        switch (begun)
        {
            case Item.ToolCall { Arguments.Length: > 0 } call:
                AddArguments(into, call.Arguments);
                break;
            case Item.Reasoning { Text.Length: > 0 } reasoning:
                AddReasoning(into, reasoning.Text);
                break;
        }
    }

    /// <summary>Of a message's text or refusal, or of a summary of reasoning.</summary>
    public void AddPart(IBufferWriter<byte> into, int number, string text, bool isRefusal)
    {
        Check(begun is Item.Message || (begun is Item.Reasoning && !isRefusal));
        if (!_parts.TryGetValue(number, out var part))
        {
            Close(into);
            var kind = begun is Item.Reasoning ? PieceKind.Summary : isRefusal ? PieceKind.Refusal : PieceKind.Text;
            part = new(kind, _parts.Count, new());
            _parts.Add(number, part);
            Open(into, part);
        }
        else if (part != _open)
        {
            throw new InvalidDataException($"Part {number} of item {index} goes on after the next one began.");
        }

        Add(into, part, text);
    }

    public void AddReasoning(IBufferWriter<byte> into, string text)
    {
        Check(begun is Item.Reasoning);
        if (_open?.Kind != PieceKind.Reasoning)
        {
            Check(_text.Length == 0);
            Close(into);
            Open(into, new(PieceKind.Reasoning, 0, _text));
        }

        Add(into, _open!, text);
    }

    public void AddArguments(IBufferWriter<byte> into, string text)
    {
        Check(begun is Item.ToolCall);
        _text.Append(text);
        if (text.Length == 0) return;
        var writer = Start(into, IsCustom ? "response.custom_tool_call_input.delta" : "response.function_call_arguments.delta");
        writer.WriteString("delta", text);
        events.End(into);
    }

    public void Seal(Seal seal)
    {
        Check(begun is Item.Reasoning or Item.ToolCall);
        _seal = seal;
    }

    public void End(IBufferWriter<byte> into, string status)
    {
        Check(true);
        Close(into);
        if (begun is Item.ToolCall call)
        {
            var writer = Start(into, IsCustom ? "response.custom_tool_call_input.done" : "response.function_call_arguments.done");
            if (!IsCustom)
            {
                writer.WriteString("name", body.NameOf(call));
            }

            writer.WriteString(IsCustom ? "input" : "arguments", _text.ToString());
            events.End(into);
        }

        IsOver = true;
        _status = status;
        WriteItem(into, "response.output_item.done");
    }

    /// <summary>As it is in the output of the response's last event; what is not over then was cut.</summary>
    public void WriteSoFar(Utf8JsonWriter writer) => body.WriteItem(writer, SoFar(), index, IsOver ? _status : "incomplete");

    private bool IsCustom => begun is Item.ToolCall { IsCustom: true };

    private Item SoFar() => begun switch
    {
        Item.Message m => m with { Parts = [.. _parts.Values.Select(part => part.Kind == PieceKind.Refusal ? (Part)new Part.Refusal(part.Text.ToString()) : new Part.Text(part.Text.ToString()))] },
        Item.ToolCall c => c with { Arguments = _text.ToString(), Seal = _seal ?? c.Seal },
        Item.Reasoning r => r with { Summary = [.. _parts.Values.Select(part => part.Text.ToString())], Text = _text.ToString(), Seal = _seal ?? r.Seal },
        _ => begun,
    };

    private void Add(IBufferWriter<byte> into, Piece part, string text)
    {
        part.Text.Append(text);
        if (text.Length == 0) return;
        var writer = Start(into, DeltaOf(part.Kind), part);
        writer.WriteString("delta", text);
        if (part.Kind == PieceKind.Text)
        {
            WriteNoProbabilities(writer);
        }

        events.End(into);
    }

    private void Open(IBufferWriter<byte> into, Piece part)
    {
        _open = part;
        WritePart(into, part.Kind == PieceKind.Summary ? "response.reasoning_summary_part.added" : "response.content_part.added", part, "");
    }

    private void Close(IBufferWriter<byte> into)
    {
        if (_open is not { } part) return;
        _open = null;
        var text = part.Text.ToString();
        var writer = Start(into, DoneOf(part.Kind), part);
        writer.WriteString(part.Kind == PieceKind.Refusal ? "refusal" : "text", text);
        if (part.Kind == PieceKind.Text)
        {
            WriteNoProbabilities(writer);
        }

        events.End(into);
        WritePart(into, part.Kind == PieceKind.Summary ? "response.reasoning_summary_part.done" : "response.content_part.done", part, text);
    }

    private void WritePart(IBufferWriter<byte> into, string type, Piece part, string text)
    {
        var writer = Start(into, type, part);
        writer.WritePropertyName("part");
        switch (part.Kind)
        {
            case PieceKind.Text:
                ResponsesParts.WriteOutputText(writer, text);
                break;
            case PieceKind.Refusal:
                ResponsesParts.WriteText(writer, "refusal", "refusal", text);
                break;
            case PieceKind.Summary:
                ResponsesParts.WriteText(writer, "summary_text", "text", text);
                break;
            case PieceKind.Reasoning:
                ResponsesParts.WriteText(writer, "reasoning_text", "text", text);
                break;
        }

        events.End(into);
    }

    private void WriteItem(IBufferWriter<byte> into, string type)
    {
        var writer = events.Begin(into, type);
        writer.WriteNumber("output_index", index);
        writer.WritePropertyName("item");
        body.WriteItem(writer, SoFar(), index, _status);
        events.End(into);
    }

    private Utf8JsonWriter Start(IBufferWriter<byte> into, string type, Piece? part = null)
    {
        var writer = events.Begin(into, type);
        writer.WriteString("item_id", _id);
        writer.WriteNumber("output_index", index);
        if (part is not null)
        {
            writer.WriteNumber(part.Kind == PieceKind.Summary ? "summary_index" : "content_index", part.Index);
        }

        return writer;
    }

    private void Check(bool fits)
    {
        if (!fits || IsOver) throw new InvalidDataException($"Item {index} is over, or is not of the kind that this belongs to.");
    }

    private static void WriteNoProbabilities(Utf8JsonWriter writer)
    {
        writer.WriteStartArray("logprobs");
        writer.WriteEndArray();
    }

    private static string DeltaOf(PieceKind kind) => kind switch
    {
        PieceKind.Text => "response.output_text.delta",
        PieceKind.Refusal => "response.refusal.delta",
        PieceKind.Summary => "response.reasoning_summary_text.delta",
        _ => "response.reasoning_text.delta",
    };

    private static string DoneOf(PieceKind kind) => kind switch
    {
        PieceKind.Text => "response.output_text.done",
        PieceKind.Refusal => "response.refusal.done",
        PieceKind.Summary => "response.reasoning_summary_text.done",
        _ => "response.reasoning_text.done",
    };

    private enum PieceKind
    {
        Text = 1,
        Refusal = 2,
        Summary = 3,
        Reasoning = 4,
    }

    private sealed class Piece(PieceKind kind, int index, StringBuilder text)
    {
        public PieceKind Kind => kind;

        public int Index => index;

        public StringBuilder Text => text;
    }
}
