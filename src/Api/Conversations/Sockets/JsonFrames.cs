using System.Buffers;
using System.Diagnostics;
using System.Net.WebSockets;
using System.Text.Json;
using Agora.Application.Operations;
using Agora.Application.Values;
using Agora.Core.Conversations;
using Agora.Core.Kernel;
using Agora.Web;

namespace Agora.Api.Conversations.Sockets;

/// <summary>Frames as JSON objects with a <c>type</c>, in text messages.</summary>
internal sealed class JsonFrames : IFrames
{
    private const string Id = "id";
    private const string ConversationId = "conversation_id";
    private const string Credits = "credits";

    [ThreadStatic]
    private static Utf8JsonWriter? _writer;

    private static readonly IReadOnlyList<string> Types = ["listen", "credit", "say", "acknowledge"];

    public string Protocol => InboxProtocols.Json;

    public WebSocketMessageType Type => WebSocketMessageType.Text;

    public ClientFrame? Read(ReadOnlyMemory<byte> message, Findings findings)
    {
        using var document = StrictJson.Parse(message, findings);
        if (document is null) return null;

        var fields = new Fields(document.RootElement, "", findings);
        ClientFrame? frame = fields.OneOf("type", "What it is.", Types, required: true) switch
        {
            "listen" => new ClientFrame.Listen(
                fields.Formatted("after", "As of the inbox.", Limits.CursorLength, static _ => true, "", required: false), Number(fields, Credits, 1, TalkLimits.Credits)),
            "credit" => new ClientFrame.Credit(Number(fields, Credits, 1, TalkLimits.Credits)),
            "say" => new ClientFrame.Say(Number(fields, Id), ConversationOf(fields), fields.Any("message", "As the body of the route.", required: true) is { } body ? StrictJson.Raw(body) : default),
            "acknowledge" => new ClientFrame.Acknowledge(Number(fields, Id), ConversationOf(fields), Number(fields, "number")),
            _ => null,
        };
        fields.Finish();
        return findings.Refusal is null ? frame : null;
    }

    public void Write(IBufferWriter<byte> to, ServerFrame frame)
    {
        var writer = _writer ??= new(to, ApiJson.WriterOptions);
        writer.Reset(to);
        writer.WriteStartObject();
        switch (frame)
        {
            case ServerFrame.Listening f:
                writer.WriteString("type", "listening");
                writer.WriteString("next_cursor", f.NextCursor);
                writer.WriteStartArray("untrusted_fields");
                foreach (var field in InboxEntryData.Untrusted) writer.WriteStringValue(field.AsSpan("data.".Length));
                writer.WriteEndArray();
                break;
            case ServerFrame.Told f:
                writer.WriteString("type", "entries");
                writer.WriteStartArray("entries");
                foreach (var entry in f.Entries) JsonSerializer.Serialize(writer, entry, ApiJson.Options);
                writer.WriteEndArray();
                writer.WriteString("next_cursor", f.NextCursor);
                break;
            case ServerFrame.Said f:
                writer.WriteString("type", "said");
                writer.WriteNumber(Id, f.Id);
                writer.WriteString(ConversationId, f.Data.ConversationId);
                writer.WriteNumber("number", f.Data.Number);
                writer.WriteString("message_id", f.Data.MessageId);
                writer.WriteBoolean("replayed", f.Replayed);
                break;
            case ServerFrame.Acknowledged f:
                writer.WriteString("type", "acknowledged");
                writer.WriteNumber(Id, f.Id);
                writer.WriteString(ConversationId, f.Data.ConversationId);
                writer.WriteNumber("acknowledged", f.Data.Acknowledged);
                break;
            case ServerFrame.Refused f:
                writer.WriteString("type", "refused");
                writer.WriteNumber(Id, f.Id);
                writer.WritePropertyName("error");
                ReplyJson.WriteRefusal(writer, f.Rejection);
                break;
            default:
                throw new UnreachableException();
        }

        writer.WriteEndObject();
        writer.Flush();
    }

    private static int Number(Fields fields, string name, int least = 0, int most = int.MaxValue) => fields.Integer(name, "A number.", least, most, absent: null, required: true) ?? 0;

    private static string ConversationOf(Fields fields) => fields.Id(ConversationId, "Where.") ?? "";
}
