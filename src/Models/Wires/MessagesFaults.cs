using System.Text.Json;

namespace Agora.Models.Wires;

/// <summary>Anthropic's errors: by status where there is one, and in a stream, where there is none, by type.</summary>
internal static class MessagesFaults
{
    private const int Overloaded = 529;

    /// <summary>Whatever was sent: what is no JSON has no words to pass on.</summary>
    public static ProviderFault Read(int status, ReadOnlyMemory<byte> body, int? retryAfter)
    {
        var (type, message) = ("", (string?)null);
        try
        {
            (type, message) = MessagesWireJson.Read(body, TypeAndMessage);
        }
        catch (InvalidDataException)
        {
            // A gateway's page, or nothing: the status says enough.
        }

        var kind = KindByWords(type, message) ?? KindOf(status);
        return new(kind, MessagesWireJson.Words(message, $"The provider answered {status}."), type.Length > 0 ? type : null, RetryAfterSeconds: retryAfter is >= 0 ? retryAfter : null);
    }

    /// <param name="body">An error's body, which is also the data of an error event.</param>
    public static ProviderFault Of(JsonElement body)
    {
        var (type, message) = TypeAndMessage(body);
        return new(KindByWords(type, message) ?? KindOf(type), MessagesWireJson.Words(message, "The provider failed."), type.Length > 0 ? type : null);
    }

    private static (string Type, string? Message) TypeAndMessage(JsonElement body)
    {
        if (MessagesWireJson.Object(body, "error"u8) is not { } error) return ("", null);

        var type = MessagesWireJson.Text(error, "type"u8) ?? "";
        return (type.Length <= ModelLimits.NameLength ? type : "", MessagesWireJson.Text(error, "message"u8));
    }

    /// <summary>What Anthropic answers as invalid_request_error although it is about something else.</summary>
    private static FaultKind? KindByWords(string type, string? message)
    {
        if (type != "invalid_request_error" || message is null) return null;
        if (message.Contains("credit balance", StringComparison.OrdinalIgnoreCase)) return FaultKind.OutOfQuota;

        return message.Contains("content filtering policy", StringComparison.OrdinalIgnoreCase) ? FaultKind.ContentFilter : null;
    }

    private static FaultKind KindOf(int status) => status switch
    {
        401 or 403 => FaultKind.Unauthorized,
        402 => FaultKind.OutOfQuota,
        404 => FaultKind.NotFound,
        408 => FaultKind.Failed,
        413 => FaultKind.TooLarge,
        429 => FaultKind.RateLimited,
        503 or Overloaded => FaultKind.Overloaded,
        >= 400 and < 500 => FaultKind.InvalidRequest,
        _ => FaultKind.Failed,
    };

    private static FaultKind KindOf(string type) => type switch
    {
        "invalid_request_error" => FaultKind.InvalidRequest,
        "authentication_error" or "permission_error" => FaultKind.Unauthorized,
        "billing_error" => FaultKind.OutOfQuota,
        "not_found_error" => FaultKind.NotFound,
        "request_too_large" => FaultKind.TooLarge,
        "rate_limit_error" => FaultKind.RateLimited,
        "overloaded_error" => FaultKind.Overloaded,
        _ => FaultKind.Failed,
    };
}
