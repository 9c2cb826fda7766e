using System.Diagnostics;
using System.Text.Json;

namespace Agora.Models.Dialects;

/// <summary>How Responses says that something failed: by itself, or within a response that had begun.</summary>
internal static class ResponsesErrors
{
    private static readonly string[] Own = ["message", "type", "param", "code", "reason"];

    public static int StatusOf(DialectErrorKind kind) => kind switch
    {
        // Of what is final Codex shows the words of 400 alone: of 429 with insufficient_quota it shows its own ("Check your plan and billing details"), and all else it sends five times more.
        DialectErrorKind.InvalidRequest or DialectErrorKind.BudgetExceeded => 400,
        DialectErrorKind.Unauthenticated => 401,
        DialectErrorKind.Forbidden => 403,
        DialectErrorKind.NotFound => 404,
        DialectErrorKind.Conflict => 409,
        DialectErrorKind.TooLarge => 413,
        DialectErrorKind.RateLimited => 429,
        DialectErrorKind.Failed => 500,
        DialectErrorKind.UpstreamFailed => 502,
        DialectErrorKind.Overloaded => 503,
        DialectErrorKind.Timeout => 504,
        _ => throw new UnreachableException(kind.ToString()),
    };

    public static void WriteBody(Utf8JsonWriter writer, DialectFault fault)
    {
        writer.WriteStartObject();
        writer.WriteStartObject("error");
        writer.WriteString("message", fault.Message);
        writer.WriteString("type", TypeOf(fault.Kind));
        writer.WriteString("param", fault.Param);
        writer.WriteString("code", fault.Code);
        WriteFacts(writer, fault);
        writer.WriteEndObject();
        writer.WriteEndObject();
    }

    /// <summary>The member `error` of a response that failed. Its code is one that clients go by: Codex tries no further on insufficient_quota, nor on its own word for overload, and tries again later on server_error. Agora's own is beside it.</summary>
    public static void WriteWithin(Utf8JsonWriter writer, DialectFault fault)
    {
        writer.WriteStartObject();
        writer.WriteString("code", CodeWithin(fault));
        writer.WriteString("message", fault.Message);
        writer.WriteString("reason", fault.Code);
        WriteFacts(writer, fault);
        writer.WriteEndObject();
    }

    /// <summary>What a reply failed of; null: it did not.</summary>
    public static DialectFault? Of(ModelReply reply) => reply.Fault is { } fault
        ? new(KindOf(fault.Kind), fault.Code ?? "provider_failed", fault.Message, fault.Param)
        : reply.Finish is null ? new(DialectErrorKind.UpstreamFailed, "cut_off", "The reply was cut off before its end.") : null;

    private static string CodeWithin(DialectFault fault) => fault.Kind switch
    {
        DialectErrorKind.InvalidRequest or DialectErrorKind.TooLarge => fault.Code is "context_length_exceeded" ? fault.Code : "invalid_prompt",
        DialectErrorKind.RateLimited => "rate_limit_exceeded",
        DialectErrorKind.BudgetExceeded => "insufficient_quota",
        _ => "server_error",
    };

    private static DialectErrorKind KindOf(FaultKind kind) => kind switch
    {
        FaultKind.InvalidRequest or FaultKind.ContentFilter => DialectErrorKind.InvalidRequest,
        FaultKind.TooLarge => DialectErrorKind.TooLarge,
        FaultKind.NotFound => DialectErrorKind.NotFound,
        FaultKind.RateLimited => DialectErrorKind.RateLimited,
        FaultKind.Overloaded => DialectErrorKind.Overloaded,
        // The operator's key and money are no matter of the client's.
        FaultKind.Unauthorized or FaultKind.OutOfQuota or FaultKind.Failed => DialectErrorKind.UpstreamFailed,
        _ => throw new UnreachableException(kind.ToString()),
    };

    private static string TypeOf(DialectErrorKind kind) => kind switch
    {
        DialectErrorKind.Unauthenticated => "authentication_error",
        DialectErrorKind.Forbidden => "permission_error",
        DialectErrorKind.RateLimited => "rate_limit_error",
        DialectErrorKind.BudgetExceeded => "insufficient_quota",
        DialectErrorKind.Failed or DialectErrorKind.UpstreamFailed or DialectErrorKind.Overloaded or DialectErrorKind.Timeout => "server_error",
        _ => "invalid_request_error",
    };

    private static void WriteFacts(Utf8JsonWriter writer, DialectFault fault)
    {
        foreach (var (name, json) in fault.Facts ?? [])
        {
            if (!Own.Contains(name))
            {
                writer.Raw(name, json);
            }
        }
    }
}
