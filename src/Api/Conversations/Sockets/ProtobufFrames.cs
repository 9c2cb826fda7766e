using System.Buffers;
using System.Diagnostics;
using System.Net.WebSockets;
using System.Text.Json;
using Agora.Application.Operations;
using Agora.Application.Values;
using Agora.Core.Conversations;
using Agora.Core.Kernel;
using Agora.Web;
using Google.Protobuf;
using Wire = Agora.V2;

namespace Agora.Api.Conversations.Sockets;

/// <summary>Frames by the schema <c>proto/mcp_v2.proto</c>, in binary messages. Types of the wire are generated from it by the build.</summary>
internal sealed class ProtobufFrames : IFrames
{
    // A field that is not known would be an object of its own, fifty times as large as its bytes.
    private static readonly MessageParser<Wire.ClientFrame> Parser = Wire.ClientFrame.Parser.WithDiscardUnknownFields(true);

    public string Protocol => InboxProtocols.Protobuf;

    public WebSocketMessageType Type => WebSocketMessageType.Binary;

    public ClientFrame? Read(ReadOnlyMemory<byte> message, Findings findings)
    {
        try
        {
            if (StrictWire.Fault(message, Wire.ClientFrame.Descriptor) is { } fault)
            {
                findings.Malform(fault);
                return null;
            }

            var wire = Parser.ParseFrom(message.Span);
            ClientFrame? frame = wire.FrameCase switch
            {
                Wire.ClientFrame.FrameOneofCase.Listen => Listen(wire.Listen, findings),
                Wire.ClientFrame.FrameOneofCase.Credit => new ClientFrame.Credit(Bounded((int)wire.Credit.Credits, findings)),
                Wire.ClientFrame.FrameOneofCase.Say => Say(wire.Say, findings),
                Wire.ClientFrame.FrameOneofCase.Acknowledge => Acknowledge(wire.Acknowledge, findings),
                _ => null,
            };
            if (frame is null)
            {
                findings.Malform("It is no frame that there is.");
            }

            return findings.Refusal is null ? frame : null;
        }
        catch (InvalidProtocolBufferException)
        {
            findings.Malform("The message is cut off, is no message of Protocol Buffers, or has a string that is not valid UTF-8.");
            return null;
        }
    }

    public void Write(IBufferWriter<byte> to, ServerFrame frame) => (frame switch
    {
        ServerFrame.Listening f => new Wire.ServerFrame { Listening = new() { NextCursor = f.NextCursor } },
        ServerFrame.Told f => new() { Entries = Entries(f) },
        ServerFrame.Said f => new()
        {
            Said = new() { Id = (uint)f.Id, ConversationId = f.Data.ConversationId, Number = (ulong)f.Data.Number, MessageId = f.Data.MessageId, Replayed = f.Replayed },
        },
        ServerFrame.Acknowledged f => new() { Acknowledged = new() { Id = (uint)f.Id, ConversationId = f.Data.ConversationId, Acknowledged_ = (ulong)f.Data.Acknowledged } },
        ServerFrame.Refused f => new() { Refused = Refused(f) },
        _ => throw new UnreachableException(),
    }).WriteTo(to);

    private static ClientFrame.Listen Listen(Wire.Listen listen, Findings findings)
    {
        var after = listen.HasAfter ? listen.After : null;
        if (after?.Length > Limits.CursorLength)
        {
            findings.Violate("/after", "maxLength", Wanted.AtMost(Limits.CursorLength, "characters", after.Length));
        }

        return new(after, Bounded((int)listen.Credits, findings));
    }

    private static int Bounded(int credits, Findings findings)
    {
        if (credits is < 1 or > TalkLimits.Credits)
        {
            findings.Violate("/credits", "range", Wanted.From(1, TalkLimits.Credits, credits.ToString(System.Globalization.CultureInfo.InvariantCulture)));
        }

        return credits;
    }

    /// <summary>As the body of the route, which then reads it as strictly.</summary>
    private static ClientFrame.Say Say(Wire.Say say, Findings findings)
    {
        var body = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(body, ApiJson.WriterOptions))
        {
            writer.WriteStartObject();
            WriteContent(writer, say.Content.Span, findings);
            WriteText(writer, "message_id", say.HasMessageId ? say.MessageId : null);
            WriteText(writer, "content_type", say.HasContentType ? say.ContentType : null);
            WriteText(writer, "reply_to", say.HasReplyTo ? say.ReplyTo : null);
            WriteNumber(writer, "reply_within_seconds", say.HasReplyWithinSeconds ? say.ReplyWithinSeconds : null);
            WriteNumber(writer, "ttl_seconds", say.HasTtlSeconds ? say.TtlSeconds : null);
            if (say.More)
            {
                writer.WriteBoolean("more", true);
            }

            if (say.OnBehalfOf is { } behalf)
            {
                writer.WriteStartObject("on_behalf_of");
                writer.WriteString("conversation_id", behalf.ConversationId);
                writer.WriteString("message_id", behalf.MessageId);
                writer.WriteEndObject();
            }

            writer.WriteEndObject();
        }

        return new((int)say.Id, ConversationOf(say.ConversationId, findings), body.WrittenMemory);
    }

    private static void WriteText(Utf8JsonWriter writer, string name, string? text)
    {
        if (text is not null)
        {
            writer.WriteString(name, text);
        }
    }

    private static void WriteNumber(Utf8JsonWriter writer, string name, uint? number)
    {
        if (number is { } value)
        {
            writer.WriteNumber(name, value);
        }
    }

    private static void WriteContent(Utf8JsonWriter writer, ReadOnlySpan<byte> content, Findings findings)
    {
        writer.WritePropertyName("content");
        try
        {
            writer.WriteRawValue(content, skipInputValidation: false);
        }
        catch (Exception e) when (e is JsonException or ArgumentException)
        {
            writer.WriteNullValue();
            findings.Malform("content is one JSON value in UTF-8.");
        }
    }

    private static ClientFrame.Acknowledge Acknowledge(Wire.Acknowledge frame, Findings findings) => new((int)frame.Id, ConversationOf(frame.ConversationId, findings), (int)frame.Number);

    private static string ConversationOf(string id, Findings findings)
    {
        if (!DisplayText.IsId(id))
        {
            findings.Malform($"conversation_id does not match {DisplayText.IdPattern}");
        }

        return id;
    }

    private static Wire.Entries Entries(ServerFrame.Told frame)
    {
        var entries = new Wire.Entries { NextCursor = frame.NextCursor };
        foreach (var told in frame.Entries) entries.Entries_.Add(Of(told));
        return entries;
    }

    private static Wire.Entry Of(InboxEntryData told)
    {
        var entry = new Wire.Entry
        {
            ConversationId = told.ConversationId, Number = (ulong)told.Number, Kind = told.Kind, AtMicros = Timestamps.ToMicros(told.At), More = told.More is true,
        };
        Set(told.AgentId, value => entry.AgentId = value);
        Set(told.MessageId, value => entry.MessageId = value);
        Set(told.ContentType, value => entry.ContentType = value);
        Set(told.ReplyTo, value => entry.ReplyTo = value);
        Set(told.RunId, value => entry.RunId = value);
        if (told.Content is { } content)
        {
            entry.Content = UnsafeByteOperations.UnsafeWrap(content.Utf8);
        }

        if (told.ReplyBy is { } by)
        {
            entry.ReplyByMicros = Timestamps.ToMicros(by);
        }

        if (told.Letter is { } letter)
        {
            entry.Letter = (ulong)letter;
        }

        entry.Path.AddRange(told.Path ?? []);
        return entry;
    }

    private static Wire.Refused Refused(ServerFrame.Refused frame)
    {
        var refusal = frame.Rejection;
        var wire = new Wire.Refused
        {
            Id = (uint)frame.Id, Code = refusal.Code, Message = refusal.Message, Retry = Refusals.RetryOf(refusal).Name(), Details = ByteString.CopyFrom(ReplyJson.DetailsOf(refusal)),
        };
        if (refusal.RetryAfterSeconds is { } seconds)
        {
            wire.RetryAfterSeconds = (uint)seconds;
        }

        return wire;
    }

    /// <summary>The generated setters refuse null, which stands for an absent field here.</summary>
    private static void Set(string? text, Action<string> set)
    {
        if (text is not null)
        {
            set(text);
        }
    }
}
