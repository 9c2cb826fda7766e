using System.Buffers;
using System.Diagnostics;
using System.Text.Json;
using Agora.Models.Json;

namespace Agora.Models.Dialects;

/// <summary>
/// chat.completion.chunk: each is `data: …` and an empty line. All but the delta is the same in every chunk of a stream, so it is made once and copied, and what is between is written by one writer.
/// </summary>
internal sealed class ChatReplyStream : IReplyStream
{
    private readonly ReplyHead _head;
    private readonly bool _includesUsage;
    private readonly byte[] _before;
    private readonly byte[] _after;
    private readonly Utf8JsonWriter _json;
    private readonly Dictionary<int, (int Number, Item.ToolCall Call)> _calls = [];
    private (int Index, int Part)? _summary;

    public ChatReplyStream(ModelRequest request, ReplyHead head)
    {
        _head = head;
        _includesUsage = request.IncludeUsage;
        var buffer = new ArrayBufferWriter<byte>(256);
        _json = new(buffer, ChatJson.Writing);
        WriteHead();
        _json.WriteStartArray("choices"u8);
        _json.WriteStartObject();
        _json.WriteNumber("index"u8, 0);
        _json.WritePropertyName("delta"u8);
        _json.Flush();
        _before = [.. "data: "u8, .. buffer.WrittenSpan];
        // With include_usage every chunk has the member, and null but in the last.
        _after = [.. ""","logprobs":null,"finish_reason":null}]"""u8, .. _includesUsage ? ""","usage":null"""u8 : [], .. "}\n\n"u8];
    }

    public void Begin(IBufferWriter<byte> into)
    {
        StartDelta(into);
        _json.WriteString("role"u8, "assistant"u8);
        _json.WriteString("content"u8, ""u8);
        _json.WriteNull("refusal"u8);
        EndDelta(into);
    }

    public void Write(ModelEvent said, IBufferWriter<byte> into)
    {
        switch (said)
        {
            case ModelEvent.TextAdded e:
                WriteText("content"u8, e.Text, into);
                break;
            case ModelEvent.RefusalAdded e:
                WriteText("refusal"u8, e.Text, into);
                break;
            case ModelEvent.ReasoningAdded e:
                WriteText("reasoning_content"u8, e.Text, into);
                break;
            case ModelEvent.SummaryAdded e:
                // Summaries are paragraphs, and a chunk does not say which one it goes on with.
                var isNext = _summary is { } last && last.Index == e.Index && last.Part != e.Part;
                _summary = (e.Index, e.Part);
                WriteText("reasoning_content"u8, isNext ? $"\n\n{e.Text}" : e.Text, into);
                break;
            case ModelEvent.Began { Item: Item.ToolCall call } e:
                _calls[e.Index] = (_calls.Count, call);
                BeginCall(_calls[e.Index].Number, call, into);
                break;
            case ModelEvent.ArgumentsAdded e:
                AddArguments(e, into);
                break;
            case ModelEvent.Started or ModelEvent.Began or ModelEvent.Sealed or ModelEvent.Completed or ModelEvent.Counted or ModelEvent.Tiered or ModelEvent.Ended or ModelEvent.Failed:
                break;
            default:
                throw new UnreachableException(said.GetType().Name);
        }
    }

    public void End(ModelReply reply, IBufferWriter<byte> into)
    {
        StartEvent(into);
        WriteHead();
        _json.WriteStartArray("choices"u8);
        _json.WriteStartObject();
        _json.WriteNumber("index"u8, 0);
        _json.WriteStartObject("delta"u8);
        _json.WriteEndObject();
        _json.WriteNull("logprobs"u8);
        _json.WriteString("finish_reason"u8, ChatWords.Of(reply.Finish));
        _json.WriteEndObject();
        _json.WriteEndArray();
        WriteTier(reply);
        if (_includesUsage)
        {
            _json.WriteNull("usage"u8);
        }

        _json.WriteEndObject();
        EndEvent(into);
        WriteUsage(reply, into);
        into.Write("data: [DONE]\n\n"u8);
    }

    /// <summary>Usage comes first: SDKs stop reading at the error.</summary>
    public void Fail(DialectFault fault, ModelReply soFar, IBufferWriter<byte> into)
    {
        WriteUsage(soFar, into);
        StartEvent(into);
        ChatErrorWriter.Write(fault, _json);
        EndEvent(into);
        into.Write("data: [DONE]\n\n"u8);
    }

    public void Ping(IBufferWriter<byte> into) => into.Write(": ping\n\n"u8);

    private void BeginCall(int number, Item.ToolCall call, IBufferWriter<byte> into)
    {
        StartDelta(into);
        StartCall(number);
        _json.WriteString("id"u8, call.CallId);
        ChatReplyWriter.WriteCall(call, call.Arguments, _json);
        ChatReplyWriter.WriteSeal(call.Seal, _json);
        EndCall();
        EndDelta(into);
    }

    private void AddArguments(ModelEvent.ArgumentsAdded said, IBufferWriter<byte> into)
    {
        if (said.Text.Length == 0) return;
        if (!_calls.TryGetValue(said.Index, out var known)) throw new InvalidDataException($"Item {said.Index} is no tool call that was begun.");

        StartDelta(into);
        StartCall(known.Number);
        _json.WriteStartObject(known.Call.IsCustom ? "custom"u8 : "function"u8);
        _json.WriteString(known.Call.IsCustom ? "input"u8 : "arguments"u8, said.Text);
        _json.WriteEndObject();
        EndCall();
        EndDelta(into);
    }

    private void StartCall(int number)
    {
        _json.WriteStartArray("tool_calls"u8);
        _json.WriteStartObject();
        _json.WriteNumber("index"u8, number);
    }

    private void EndCall()
    {
        _json.WriteEndObject();
        _json.WriteEndArray();
    }

    private void WriteText(ReadOnlySpan<byte> member, string text, IBufferWriter<byte> into)
    {
        if (text.Length == 0) return;

        StartDelta(into);
        _json.WriteString(member, text);
        EndDelta(into);
    }

    private void WriteUsage(ModelReply reply, IBufferWriter<byte> into)
    {
        if (!_includesUsage || reply.Usage is not { } usage) return;

        StartEvent(into);
        WriteHead();
        _json.WriteStartArray("choices"u8);
        _json.WriteEndArray();
        WriteTier(reply);
        _json.WritePropertyName("usage"u8);
        ChatWords.WriteUsage(usage, _json);
        _json.WriteEndObject();
        EndEvent(into);
    }

    private void WriteHead()
    {
        _json.WriteStartObject();
        _json.WriteString("id"u8, $"chatcmpl-{_head.Id}");
        _json.WriteString("object"u8, "chat.completion.chunk"u8);
        _json.WriteNumber("created"u8, _head.CreatedAt.ToUnixTimeSeconds());
        _json.WriteString("model"u8, _head.Model);
    }

    private void WriteTier(ModelReply reply)
    {
        if (reply.ServiceTier is not { } tier) return;

        _json.WriteString("service_tier"u8, tier);
    }

    private void StartDelta(IBufferWriter<byte> into)
    {
        into.Write(_before);
        _json.Reset(into);
        _json.WriteStartObject();
    }

    private void EndDelta(IBufferWriter<byte> into)
    {
        _json.WriteEndObject();
        _json.Flush();
        into.Write(_after);
    }

    private void StartEvent(IBufferWriter<byte> into)
    {
        into.Write("data: "u8);
        _json.Reset(into);
    }

    private void EndEvent(IBufferWriter<byte> into)
    {
        _json.Flush();
        into.Write("\n\n"u8);
    }
}
