using System.Buffers;
using System.Diagnostics;
using System.Text.Json;

namespace Agora.Models.Dialects;

/// <summary>Errors as Anthropic types them. The SDK tries 408, 409, 429 and 5xx again, so a budget that has no room is 402.</summary>
internal static class MessagesErrors
{
    public static int StatusOf(DialectErrorKind kind) => Of(kind).Status;

    public static void Write(DialectFault fault, IBufferWriter<byte> into)
    {
        using var json = new Utf8JsonWriter(into, MessagesReplyWriter.Options);
        Write(json, fault);
    }

    /// <summary>The same body is an error's answer, and the last event of a stream that failed. details.error_code is where the SDK looks for a code.</summary>
    public static void Write(Utf8JsonWriter json, DialectFault fault)
    {
        json.WriteStartObject();
        json.WriteString("type"u8, "error"u8);
        json.WriteStartObject("error"u8);
        json.WriteString("type"u8, Of(fault.Kind).Type);
        json.WriteString("message"u8, fault.Message);
        json.WriteString("code"u8, fault.Code);
        if (fault.Param is not null)
        {
            json.WriteString("param"u8, fault.Param);
        }

        json.WriteStartObject("details"u8);
        json.WriteString("error_code"u8, fault.Code);
        json.WriteEndObject();
        foreach (var (name, value) in fault.Facts ?? [])
        {
            if (name is "type" or "message" or "code" or "param" or "details") continue;

            json.WritePropertyName(name);
            json.WriteRawValue(value);
        }

        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static (string Type, int Status) Of(DialectErrorKind kind) => kind switch
    {
        DialectErrorKind.InvalidRequest => ("invalid_request_error", 400),
        DialectErrorKind.Unauthenticated => ("authentication_error", 401),
        DialectErrorKind.BudgetExceeded => ("billing_error", 402),
        DialectErrorKind.Forbidden => ("permission_error", 403),
        DialectErrorKind.NotFound => ("not_found_error", 404),
        DialectErrorKind.Conflict => ("conflict_error", 409),
        DialectErrorKind.TooLarge => ("request_too_large", 413),
        DialectErrorKind.RateLimited => ("rate_limit_error", 429),
        DialectErrorKind.Failed => ("api_error", 500),
        DialectErrorKind.UpstreamFailed => ("api_error", 502),
        DialectErrorKind.Timeout => ("timeout_error", 504),
        DialectErrorKind.Overloaded => ("overloaded_error", 529),
        _ => throw new UnreachableException(kind.ToString()),
    };
}
