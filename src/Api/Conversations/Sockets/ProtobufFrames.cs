using System.Buffers;
using System.Diagnostics;
using System.Net.WebSockets;
using System.Text.Json;
using Agora.Api.Http;
using Agora.Core.Conversations;
using Agora.Core.Kernel;

namespace Agora.Api.Conversations.Sockets;

/// <summary>Frames by the schema <c>proto/mcp_v2.proto</c>, in binary messages. Numbers of fields are the schema's; a test holds them to it by a reader of another maker.</summary>
internal sealed class ProtobufFrames : IFrames
{
    public string Protocol => "agora.v1.protobuf";

    public WebSocketMessageType Type => WebSocketMessageType.Binary;

    public ClientFrame? Read(ReadOnlyMemory<byte> message, Findings findings)
    {
        try
        {
            ClientFrame? frame = null;
            var reader = new ProtobufReader(message.Span);
            while (reader.Next())
            {
                switch (reader.Field)
                {
                    case 1: frame = Listen(reader.Bytes(), findings); break;
                    case 2: frame = new ClientFrame.Credit(Credits(reader.Bytes(), findings)); break;
                    case 3: frame = Say(reader.Bytes(), findings); break;
                    case 4: frame = Acknowledge(reader.Bytes(), findings); break;
                    default: reader.Skip(); break;
                }
            }

            if (frame is null)
            {
                findings.Malform("It is no frame that there is.");
            }

            return findings.Refusal is null ? frame : null;
        }
        catch (FormatException e)
        {
            findings.Malform(e.Message);
            return null;
        }
    }

    public void Write(IBufferWriter<byte> to, ServerFrame frame)
    {
        var inner = new ArrayBufferWriter<byte>();
        var field = frame switch
        {
            ServerFrame.Listening f => Write(1, inner, f),
            ServerFrame.Told f => Write(2, inner, f),
            ServerFrame.Said f => Write(3, inner, f),
            ServerFrame.Acknowledged f => Write(4, inner, f),
            ServerFrame.Refused f => Write(5, inner, f),
            _ => throw new UnreachableException(),
        };
        new ProtobufWriter(to).Bytes(field, inner.WrittenSpan);
    }

    private static ClientFrame.Listen Listen(ReadOnlySpan<byte> message, Findings findings)
    {
        var (after, credits) = ((string?)null, 0);
        var reader = new ProtobufReader(message);
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 1: after = reader.Text(); break;
                case 2: credits = reader.Number(); break;
                default: reader.Skip(); break;
            }
        }

        if (after?.Length > Limits.CursorLength)
        {
            findings.Violate("/after", "maxLength", Wanted.AtMost(Limits.CursorLength, "characters", after.Length));
        }

        return new(after, Bounded(credits, findings));
    }

    private static int Credits(ReadOnlySpan<byte> message, Findings findings)
    {
        var credits = 0;
        var reader = new ProtobufReader(message);
        while (reader.Next())
        {
            if (reader.Field == 1)
            {
                credits = reader.Number();
            }
            else
            {
                reader.Skip();
            }
        }

        return Bounded(credits, findings);
    }

    private static int Bounded(int credits, Findings findings)
    {
        if (credits is < 1 or > TalkLimits.Credits)
        {
            findings.Violate("/credits", "range", Wanted.From(1, TalkLimits.Credits, credits.ToString(System.Globalization.CultureInfo.InvariantCulture)));
        }

        return credits;
    }

    /// <summary>As the body of the route, which then reads it as strictly. Of a field that comes twice the last one counts.</summary>
    private static ClientFrame.Say Say(ReadOnlySpan<byte> message, Findings findings)
    {
        var (id, conversation) = (0, "");
        ReadOnlySpan<byte> content = [];
        var (messageId, contentType, replyTo) = ((string?)null, (string?)null, (string?)null);
        var (replyWithin, ttl, more) = ((int?)null, (int?)null, false);
        var (behalfTalk, behalfMessage) = ((string?)null, (string?)null);
        var reader = new ProtobufReader(message);
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 1: id = reader.Number(); break;
                case 2: conversation = reader.Text(); break;
                case 3: messageId = reader.Text(); break;
                case 4: content = reader.Bytes(); break;
                case 5: contentType = reader.Text(); break;
                case 6: replyTo = reader.Text(); break;
                case 7: replyWithin = reader.Number(); break;
                case 8: ttl = reader.Number(); break;
                case 9: more = reader.Number() != 0; break;
                case 10: (behalfTalk, behalfMessage) = OnBehalfOf(reader.Bytes()); break;
                default: reader.Skip(); break;
            }
        }

        var body = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(body, ApiJson.WriterOptions))
        {
            writer.WriteStartObject();
            WriteContent(writer, content, findings);
            WriteText(writer, "message_id", messageId);
            WriteText(writer, "content_type", contentType);
            WriteText(writer, "reply_to", replyTo);
            WriteNumber(writer, "reply_within_seconds", replyWithin);
            WriteNumber(writer, "ttl_seconds", ttl);
            if (more)
            {
                writer.WriteBoolean("more", true);
            }

            if (behalfTalk is not null)
            {
                writer.WriteStartObject("on_behalf_of");
                writer.WriteString("conversation_id", behalfTalk);
                writer.WriteString("message_id", behalfMessage);
                writer.WriteEndObject();
            }

            writer.WriteEndObject();
        }

        return new(id, ConversationOf(conversation, findings), body.WrittenMemory);
    }

    private static (string ConversationId, string MessageId) OnBehalfOf(ReadOnlySpan<byte> message)
    {
        var (conversation, id) = ("", "");
        var reader = new ProtobufReader(message);
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 1: conversation = reader.Text(); break;
                case 2: id = reader.Text(); break;
                default: reader.Skip(); break;
            }
        }

        return (conversation, id);
    }

    private static void WriteText(Utf8JsonWriter writer, string name, string? text)
    {
        if (text is not null)
        {
            writer.WriteString(name, text);
        }
    }

    private static void WriteNumber(Utf8JsonWriter writer, string name, int? number)
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

    private static ClientFrame.Acknowledge Acknowledge(ReadOnlySpan<byte> message, Findings findings)
    {
        var (id, conversation, number) = (0, "", 0);
        var reader = new ProtobufReader(message);
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 1: id = reader.Number(); break;
                case 2: conversation = reader.Text(); break;
                case 3: number = reader.Number(); break;
                default: reader.Skip(); break;
            }
        }

        return new(id, ConversationOf(conversation, findings), number);
    }

    private static string ConversationOf(string id, Findings findings)
    {
        if (!DisplayText.IsId(id))
        {
            findings.Malform($"conversation_id does not match {DisplayText.IdPattern}");
        }

        return id;
    }

    private static int Write(int field, IBufferWriter<byte> to, ServerFrame.Listening frame)
    {
        new ProtobufWriter(to).Text(1, frame.NextCursor);
        return field;
    }

    private static int Write(int field, IBufferWriter<byte> to, ServerFrame.Told frame)
    {
        var entry = new ArrayBufferWriter<byte>();
        var writer = new ProtobufWriter(to);
        foreach (var told in frame.Entries)
        {
            entry.ResetWrittenCount();
            Write(new(entry), told);
            writer.Bytes(1, entry.WrittenSpan);
        }

        writer.Text(2, frame.NextCursor);
        return field;
    }

    private static void Write(ProtobufWriter writer, InboxEntryData entry)
    {
        writer.Text(1, entry.ConversationId);
        writer.Number(2, (ulong)entry.Number);
        writer.Text(3, entry.Kind);
        writer.Number(4, (ulong)Timestamps.ToMicros(entry.At));
        writer.Text(5, entry.AgentId);
        writer.Text(6, entry.MessageId);
        writer.Text(7, entry.ContentType);
        if (entry.Content is { } content)
        {
            writer.Bytes(8, content.Utf8.Span);
        }

        writer.Text(9, entry.ReplyTo);
        if (entry.ReplyBy is { } by)
        {
            writer.Present(10, (ulong)Timestamps.ToMicros(by));
        }

        if (entry.Letter is { } letter)
        {
            writer.Present(11, (ulong)letter);
        }

        writer.Number(12, entry.More is true ? 1UL : 0);
        foreach (var agent in entry.Path ?? [])
        {
            writer.Text(13, agent);
        }

        writer.Text(14, entry.RunId);
    }

    private static int Write(int field, IBufferWriter<byte> to, ServerFrame.Said frame)
    {
        var writer = new ProtobufWriter(to);
        writer.Number(1, (ulong)frame.Id);
        writer.Text(2, frame.Data.ConversationId);
        writer.Number(3, (ulong)frame.Data.Number);
        writer.Text(4, frame.Data.MessageId);
        writer.Number(5, frame.Replayed ? 1UL : 0);
        return field;
    }

    private static int Write(int field, IBufferWriter<byte> to, ServerFrame.Acknowledged frame)
    {
        var writer = new ProtobufWriter(to);
        writer.Number(1, (ulong)frame.Id);
        writer.Text(2, frame.Data.ConversationId);
        writer.Number(3, (ulong)frame.Data.Acknowledged);
        return field;
    }

    private static int Write(int field, IBufferWriter<byte> to, ServerFrame.Refused frame)
    {
        var refusal = frame.Rejection;
        var writer = new ProtobufWriter(to);
        writer.Number(1, (ulong)frame.Id);
        writer.Text(2, refusal.Code);
        writer.Text(3, refusal.Message);
        writer.Text(4, Refusals.RetryOf(refusal).Name());
        if (refusal.RetryAfterSeconds is { } seconds)
        {
            writer.Present(5, (ulong)seconds);
        }

        writer.Bytes(6, ReplyWriter.DetailsOf(refusal));
        return field;
    }
}
