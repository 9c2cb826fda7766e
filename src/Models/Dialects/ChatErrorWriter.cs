using System.Diagnostics;
using System.Text.Json;

namespace Agora.Models.Dialects;

/// <summary>{"error":{…}}: a body, and an event of a stream.</summary>
internal static class ChatErrorWriter
{
    public static void Write(DialectFault fault, Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteStartObject("error"u8);
        json.WriteString("message"u8, fault.Message);
        json.WriteString("type"u8, TypeOf(fault.Kind));
        json.WriteString("param"u8, string.IsNullOrEmpty(fault.Param) ? null : fault.Param);
        json.WriteString("code"u8, fault.Code);
        foreach (var (name, value) in fault.Facts ?? [])
        {
            json.WritePropertyName(name);
            json.WriteRawValue(OneLine(value), skipInputValidation: true);
        }

        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static string TypeOf(DialectErrorKind kind) => kind switch
    {
        DialectErrorKind.InvalidRequest or DialectErrorKind.NotFound or DialectErrorKind.TooLarge or DialectErrorKind.Conflict => "invalid_request_error",
        DialectErrorKind.Unauthenticated => "authentication_error",
        DialectErrorKind.Forbidden => "permission_error",
        DialectErrorKind.RateLimited => "rate_limit_error",
        DialectErrorKind.BudgetExceeded => "insufficient_quota",
        DialectErrorKind.Failed or DialectErrorKind.UpstreamFailed => "server_error",
        DialectErrorKind.Overloaded => "overloaded_error",
        DialectErrorKind.Timeout => "timeout_error",
        _ => throw new UnreachableException(kind.ToString()),
    };

    /// <summary>A line's end would end the event; in JSON it can only stand between two tokens.</summary>
    private static string OneLine(string json) => json.AsSpan().IndexOfAny('\n', '\r') < 0 ? json : json.Replace('\n', ' ').Replace('\r', ' ');
}
