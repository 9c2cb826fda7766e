using System.Buffers;
using System.Globalization;
using System.Text.Json;
using Agora.Application.Operations;
using Agora.Application.Values;
using Agora.Core.Kernel;
using Agora.Web;
using Microsoft.AspNetCore.Http;
using ModelContextProtocol;
using ModelContextProtocol.Protocol;

namespace Agora.Api.Mcp;

/// <summary>Why a request does not come in: nothing was called, and nothing changed. A status of HTTP, and an error of JSON-RPC that names our own code beside its own.</summary>
/// <param name="Requested">Of a version that is not spoken here: it.</param>
internal sealed record DoorRefusal(int Status, int Error, string Code, string Message, string? Requested = null)
{
    private const int Other = -32000;

    /// <summary>The revisions that the request may name instead of <see cref="Requested"/>.</summary>
    private IReadOnlyList<string> Supported { get; init; } = [];

    /// <summary>What the code's own details are, and when to come again; null: nothing.</summary>
    private Rejection? Reason { get; init; }

    public static DoorRefusal Of(int status, string code, string message) => new(status, Other, code, message);

    public static DoorRefusal Of(Rejection rejection) => Of(Codes.StatusOf(rejection.Code), rejection.Code, rejection.Message) with { Reason = rejection };

    public static DoorRefusal Protocol(McpErrorCode error, string message, int status = StatusCodes.Status400BadRequest) => new(status, (int)error, Codes.MalformedRequest, message);

    public static DoorRefusal Unsupported(string version, IReadOnlyList<string> supported) =>
        new(StatusCodes.Status400BadRequest, (int)McpErrorCode.UnsupportedProtocolVersion, Codes.MalformedRequest, $"{Revisions.Header} names a revision that is not spoken here.", version) { Supported = supported };

    /// <param name="id">Of the request; default: it could not be read, or has none.</param>
    public async Task Write(HttpContext http, RequestId id = default)
    {
        var buffer = new ArrayBufferWriter<byte>(256);
        using (var writer = new Utf8JsonWriter(buffer, ApiJson.WriterOptions))
        {
            writer.WriteStartObject();
            writer.WriteString("jsonrpc", "2.0");
            WriteId(writer, id);
            writer.WriteStartObject("error");
            writer.WriteNumber("code", Error);
            writer.WriteString("message", Languages.Of(http.Request)?.Of(Message) ?? Message);
            WriteData(writer);
            writer.WriteEndObject();
            writer.WriteEndObject();
        }

        var response = http.Response;
        (response.StatusCode, response.ContentType, response.ContentLength) = (Status, MediaTypes.Json, buffer.WrittenCount);
        if (Status == StatusCodes.Status401Unauthorized)
        {
            var (name, value) = SignedRequests.Wanted(http);
            (response.Headers.WWWAuthenticate, response.Headers[name]) = ("Bearer", value);
        }

        if (Reason?.RetryAfterSeconds is { } seconds)
        {
            response.Headers.RetryAfter = seconds.ToString(CultureInfo.InvariantCulture);
        }

        await response.Body.WriteAsync(buffer.WrittenMemory, CancellationToken.None);
    }

    private static void WriteId(Utf8JsonWriter writer, RequestId id)
    {
        switch (id.Id)
        {
            case string text:
                writer.WriteString("id", text);
                break;
            case long number:
                writer.WriteNumber("id", number);
                break;
        }
    }

    private void WriteData(Utf8JsonWriter writer)
    {
        writer.WriteStartObject("data");
        if (Requested is null)
        {
            writer.WriteString("code", Code);
            if (Reason?.Facts is { Count: > 0 } facts)
            {
                writer.WritePropertyName("details");
                ReplyJson.WriteFacts(writer, facts);
            }
        }
        else
        {
            writer.WriteStartArray("supported");
            foreach (var revision in Supported) writer.WriteStringValue(revision);
            writer.WriteEndArray();
            writer.WriteString("requested", Requested);
        }

        writer.WriteEndObject();
    }
}
