using System.Buffers;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;
using Agora.Core.Kernel;
using Agora.Core.Upstreams;
using Agora.Outbound;

namespace Agora.Grains.Upstreams;

/// <summary>Messages of the Model Context Protocol, as a client writes and reads them.</summary>
internal static class McpMessages
{
    /// <summary>Revisions with a handshake that are spoken, the one that is asked for first.</summary>
    public static readonly IReadOnlyList<string> Handshakes = ["2025-11-25", "2025-06-18", "2025-03-26", "2024-11-05"];

    /// <summary>Without a handshake and without sessions: each request says all that there is to know of it.</summary>
    public const string Stateless = "2026-07-28";

    public const string Initialize = "initialize";
    public const string Initialized = "notifications/initialized";

    /// <summary>In <see cref="Stateless"/>: asks which revisions the server supports.</summary>
    public const string Discover = "server/discover";

    public const string ListTools = "tools/list";
    public const string CallTool = "tools/call";
    public const string Cancelled = "notifications/cancelled";
    public const int MethodNotFound = -32601;
    public const int InvalidParams = -32602;
    public const int UnsupportedVersion = -32022;

    private const string Progress = "notifications/progress";
    private const string ListChanged = "notifications/tools/list_changed";
    private const string RunKey = "agora/run_id";

    private static readonly JsonDocumentOptions Depth = new() { MaxDepth = Limits.OutputDepth + 8 };

    /// <param name="id">Null: a notification.</param>
    /// <param name="parameters">Writes members of the parameters; null: there are none.</param>
    /// <param name="meta">Writes members of their <c>_meta</c>; null: there are none.</param>
    public static byte[] Write(string method, long? id, bool isStateless, Action<Utf8JsonWriter>? parameters, Action<Utf8JsonWriter>? meta = null)
    {
        var buffer = new ArrayBufferWriter<byte>(512);
        using var writer = new Utf8JsonWriter(buffer);
        writer.WriteStartObject();
        writer.WriteString("jsonrpc", "2.0");
        if (id is { } number)
        {
            writer.WriteNumber("id", number);
        }

        writer.WriteString("method", method);
        if (parameters is not null || meta is not null || isStateless)
        {
            writer.WriteStartObject("params");
            parameters?.Invoke(writer);
            if (meta is not null || isStateless)
            {
                writer.WriteStartObject("_meta");
                meta?.Invoke(writer);
                if (isStateless)
                {
                    writer.WriteString("io.modelcontextprotocol/protocolVersion", Stateless);
                    writer.WritePropertyName("io.modelcontextprotocol/clientInfo");
                    WriteClient(writer);
                    writer.WriteStartObject("io.modelcontextprotocol/clientCapabilities");
                    writer.WriteEndObject();
                }

                writer.WriteEndObject();
            }

            writer.WriteEndObject();
        }

        writer.WriteEndObject();
        writer.Flush();
        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>No capability is offered, so no server has anything to ask; whoever asks all the same is told that there is no such method.</summary>
    public static void WriteInitialize(Utf8JsonWriter writer)
    {
        writer.WriteString("protocolVersion", Handshakes[0]);
        writer.WriteStartObject("capabilities");
        writer.WriteEndObject();
        writer.WritePropertyName("clientInfo");
        WriteClient(writer);
    }

    /// <summary>The run's id is the same however often it is called: a tool that knows it does nothing twice.</summary>
    public static void WriteRun(Utf8JsonWriter writer, Guid runId, bool wantsProgress)
    {
        writer.WriteString(RunKey, runId.ToString("D"));
        if (wantsProgress)
        {
            writer.WriteString("progressToken", runId.ToString("D"));
        }
    }

    /// <param name="asked">A request of the server's.</param>
    public static byte[] Answer(JsonElement asked)
    {
        var buffer = new ArrayBufferWriter<byte>(128);
        using var writer = new Utf8JsonWriter(buffer);
        writer.WriteStartObject();
        writer.WriteString("jsonrpc", "2.0");
        writer.WritePropertyName("id");
        asked.GetProperty("id").WriteTo(writer);
        if (TextOf(asked, "method") == "ping")
        {
            writer.WriteStartObject("result");
            writer.WriteEndObject();
        }
        else
        {
            writer.WriteStartObject("error");
            writer.WriteNumber("code", MethodNotFound);
            writer.WriteString("message", "This client answers no requests.");
            writer.WriteEndObject();
        }

        writer.WriteEndObject();
        writer.Flush();
        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>The messages of what came; older revisions put several in one list. None: it is none that can be read.</summary>
    public static IReadOnlyList<JsonElement> Read(ReadOnlyMemory<byte> bytes)
    {
        if (bytes.Span.TrimStart(" \t\r\n"u8) is not [(byte)'{' or (byte)'[', ..] || !Utf8.IsValid(bytes.Span)) return [];

        try
        {
            if (HasTooManyValues(bytes.Span)) return [];

            CheckNames(bytes.Span);
            using var document = JsonDocument.Parse(bytes, Depth);
            var root = document.RootElement.Clone();
            return root.ValueKind switch
            {
                JsonValueKind.Object => [root],
                JsonValueKind.Array => [.. root.EnumerateArray().Where(one => one.ValueKind == JsonValueKind.Object)],
                _ => [],
            };
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return [];
        }
    }

    /// <summary>One whose id is no text cannot be answered, and one whose id is long is not: its answer, in which the id is escaped, could be several times as long as all that it sent.</summary>
    public static bool IsRequest(JsonElement message) =>
        message.TryGetProperty("id", out var id) && JsonMarshal.GetRawUtf8Value(id).Length <= Limits.IdLength && (id.ValueKind == JsonValueKind.Number || TextOf(message, "id") is not null) && message.TryGetProperty("method", out _);

    /// <summary>Whether a list of revisions names <see cref="Stateless"/>.</summary>
    /// <param name="holder">The result of <c>server/discover</c>, or the data of the error <see cref="UnsupportedVersion"/>.</param>
    /// <param name="name">The name of the list.</param>
    public static bool Speaks(JsonElement holder, string name) =>
        holder.ValueKind == JsonValueKind.Object && holder.TryGetProperty(name, out var revisions) && revisions.ValueKind == JsonValueKind.Array && revisions.EnumerateArray().Any(static one => one.ValueKind == JsonValueKind.String && one.ValueEquals(Stateless));

    public static bool IsListChanged(JsonElement message) => TextOf(message, "method") == ListChanged;

    /// <summary>The answer to a request; null: it is something else, or another's.</summary>
    public static McpReply? ReplyTo(long id, JsonElement message)
    {
        if (!message.TryGetProperty("id", out var said) || said.ValueKind != JsonValueKind.Number || !said.TryGetInt64(out var number) || number != id)
        {
            return null;
        }

        if (message.TryGetProperty("result", out var result) && result.ValueKind == JsonValueKind.Object) return new McpReply.Result(result);

        return message.TryGetProperty("error", out var error) && error.ValueKind == JsonValueKind.Object
            ? new McpReply.Error(error.TryGetProperty("code", out var code) && code.ValueKind == JsonValueKind.Number && code.TryGetInt32(out var which) ? which : 0, TextOf(error, "message"), error.TryGetProperty("data", out var data) ? data : default)
            : null;
    }

    /// <summary>Null: it says nothing of this run's progress.</summary>
    public static ProgressNote? ProgressOf(Guid runId, JsonElement message)
    {
        if (TextOf(message, "method") != Progress || !message.TryGetProperty("params", out var told) || told.ValueKind != JsonValueKind.Object || TextOf(told, "progressToken") != runId.ToString("D"))
        {
            return null;
        }

        return NumberOf(told, "progress") is { } progress ? new(progress, NumberOf(told, "total")) : null;
    }

    /// <summary>The text blocks of a tool's result, a line each, or else its structured content as JSON.</summary>
    public static string SaidIn(JsonElement result)
    {
        var texts = result.TryGetProperty("content", out var content) && content.ValueKind == JsonValueKind.Array
            ? content.EnumerateArray().Where(static block => block.ValueKind == JsonValueKind.Object).Select(static block => TextOf(block, "text")).OfType<string>()
            : [];
        return string.Join('\n', texts) is { Length: > 0 } said ? said
            : result.TryGetProperty("structuredContent", out var structured) && structured.ValueKind == JsonValueKind.Object ? structured.GetRawText() : "";
    }

    public static string? TextOf(JsonElement holder, string name) => holder.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? Decoded(value) : null;

    /// <summary>A text as a header's value: as it is if it is visible ASCII with blanks only inside, else in base64 (SEP-2243).</summary>
    public static string HeaderOf(string text) =>
        text.AsSpan().ContainsAnyExceptInRange(' ', '~') || text.StartsWith("=?base64?", StringComparison.Ordinal) || text is [' ', ..] or [.., ' '] ? $"=?base64?{Convert.ToBase64String(Encoding.UTF8.GetBytes(text))}?=" : text;

    /// <summary>The headers of those arguments that are present and not null (SEP-2243). An argument that is too long for a header is left out; the server refuses the call then.</summary>
    public static IReadOnlyList<AuthHeader> HeadersOf(IReadOnlyList<MirroredArgument> mirrored, ReadOnlyMemory<byte> arguments)
    {
        using var given = JsonDocument.Parse(arguments, Depth);
        return
        [
            .. from one in mirrored
               let text = TextAt(given.RootElement, one.Path)
               where text is not null
               let header = new AuthHeader($"Mcp-Param-{one.Header}", HeaderOf(text))
               where header.Value.Length <= OutboundLimits.MaxAuthValueCharacters
               select header,
        ];
    }

    private static string? TextAt(JsonElement value, IReadOnlyList<string> path)
    {
        foreach (var name in path)
        {
            if (value.ValueKind != JsonValueKind.Object || !value.TryGetProperty(name, out value)) return null;
        }

        return value.ValueKind switch
        {
            JsonValueKind.String => Decoded(value),
            JsonValueKind.Number or JsonValueKind.True or JsonValueKind.False => value.GetRawText(),
            _ => null,
        };
    }

    /// <summary>Each has a byte at least, so most messages need not be looked at.</summary>
    private static bool HasTooManyValues(ReadOnlySpan<byte> json)
    {
        if (json.Length <= Limits.UpstreamValues) return false;

        var values = 0;
        var reader = new Utf8JsonReader(json, new() { MaxDepth = Depth.MaxDepth });
        while (reader.Read())
        {
            if (reader.TokenType is not (JsonTokenType.EndObject or JsonTokenType.EndArray) && ++values > Limits.UpstreamValues) return true;
        }

        return false;
    }

    // Whoever looks for a member reads the names beside it: half a surrogate pair in one of them is met by whoever looks first.
    private static void CheckNames(ReadOnlySpan<byte> json)
    {
        if (json.IndexOf("\\ud"u8) < 0 && json.IndexOf("\\uD"u8) < 0) return;

        var reader = new Utf8JsonReader(json, new() { MaxDepth = Depth.MaxDepth });
        while (reader.Read())
        {
            if (reader.TokenType == JsonTokenType.PropertyName && reader.ValueIsEscaped)
            {
                _ = reader.GetString();
            }
        }
    }

    // Half a surrogate pair can be escaped in JSON, and is no text.
    private static string? Decoded(JsonElement value)
    {
        try
        {
            return value.GetString();
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }

    // As clients are told it: what is finite there.
    private static double? NumberOf(JsonElement holder, string name) =>
        holder.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number && double.TryParse(value.GetRawText(), NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && float.IsFinite((float)number) ? number : null;

    private static void WriteClient(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteString("name", "agora");
        writer.WriteString("version", "1");
        writer.WriteEndObject();
    }
}

/// <summary>Closed: how a request ended.</summary>
internal abstract record McpReply
{
    private McpReply()
    {
    }

    public sealed record Result(JsonElement Value) : McpReply;

    /// <param name="Message">The server's own words; null if there are none.</param>
    public sealed record Error(int Code, string? Message, JsonElement Data) : McpReply;

    /// <summary>No answer that could be read.</summary>
    /// <param name="IsSent">The request may have been delivered.</param>
    public sealed record Lost(OutboundFailure Kind, int? Status, bool IsSent) : McpReply;
}
