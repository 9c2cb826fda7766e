using System.Globalization;
using System.Text.Json;

namespace Agora.Models.Wires;

/// <summary>
/// Errors: {"error":{message, type, param, code}} of OpenAI, {"error":"…"}, {"object":"error", message, …} of vLLM, {"detail":…}, and a list of one of them (Google). Never throws: an error that says nothing is one all the same.
/// </summary>
internal static class ChatErrors
{
    public static bool IsError(JsonElement body) =>
        ChatReading.Member(body, "error"u8).ValueKind != JsonValueKind.Undefined || (ChatReading.Member(body, "object"u8) is { ValueKind: JsonValueKind.String } kind && kind.ValueEquals("error"u8));

    /// <param name="status">Null: it came within a stream, or with 200. What the body says is then all there is.</param>
    /// <param name="body">Undefined: it is no JSON.</param>
    public static ProviderFault Read(int? status, JsonElement body, int? retryAfter)
    {
        if (body.ValueKind == JsonValueKind.Array && body.GetArrayLength() > 0) return Read(status, body[0], retryAfter);

        var inner = ChatReading.Member(body, "error"u8);
        var error = inner.ValueKind == JsonValueKind.Object ? inner : body;
        var (code, type) = (Word(error, "code"u8), Word(error, "type"u8));
        var said = int.TryParse(code, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number is >= 400 and <= 599 ? number : (int?)null;
        var kind = KindOf(status ?? said, code, type);
        // What is said of the operator's key may have it, or parts of it, in the words.
        var message = kind == FaultKind.Unauthorized ? "The provider does not take the operator's key for this."
            : inner.ValueKind == JsonValueKind.String ? WireText.Whole(inner)
            : Words(error, "message"u8) ?? Words(error, "detail"u8);
        return new(kind, ChatSecrets.Hide(string.IsNullOrWhiteSpace(message) ? Unsaid(status) : message), code ?? type, Word(error, "param"u8), retryAfter is >= 0 ? retryAfter : null);
    }

    private static string Unsaid(int? status) => status is { } number ? $"The provider answered {number}." : "The provider says that it failed.";

    private static FaultKind KindOf(int? status, string? code, string? type)
    {
        if (IsAny(code, type, "insufficient_quota", "billing_hard_limit_reached", "billing_not_active", "insufficient_balance"))
        {
            return FaultKind.OutOfQuota;
        }

        if (IsAny(code, type, "content_filter", "content_policy_violation", "ResponsibleAIPolicyViolation")) return FaultKind.ContentFilter;
        if (IsAny(code, type, "invalid_api_key", "authentication_error")) return FaultKind.Unauthorized;

        return status switch
        {
            401 or 403 => FaultKind.Unauthorized,
            402 => FaultKind.OutOfQuota,
            404 => FaultKind.NotFound,
            413 => FaultKind.TooLarge,
            429 => FaultKind.RateLimited,
            503 or 529 => FaultKind.Overloaded,
            408 or 409 or 425 => FaultKind.Failed,
            >= 400 and < 500 => FaultKind.InvalidRequest,
            null => KindOf(code, type),
            _ => FaultKind.Failed,
        };
    }

    private static FaultKind KindOf(string? code, string? type)
    {
        if (IsAny(code, type, "rate_limit_exceeded", "rate_limit_error", "requests", "tokens")) return FaultKind.RateLimited;
        if (IsAny(code, type, "overloaded", "overloaded_error", "service_unavailable", "service_unavailable_error")) return FaultKind.Overloaded;
        if (IsAny(code, type, "model_not_found", "not_found_error", "NotFoundError")) return FaultKind.NotFound;

        return IsAny(code, type, "invalid_request_error", "BadRequestError", "context_length_exceeded") ? FaultKind.InvalidRequest : FaultKind.Failed;
    }

    private static bool IsAny(string? code, string? type, params ReadOnlySpan<string> words) => words.Contains(code) || words.Contains(type);

    private static string? Words(JsonElement error, ReadOnlySpan<byte> name) => ChatReading.Member(error, name) is { ValueKind: JsonValueKind.String } text ? WireText.Whole(text) : null;

    /// <summary>A text, or a number as some have for a code.</summary>
    private static string? Word(JsonElement error, ReadOnlySpan<byte> name)
    {
        var member = ChatReading.Member(error, name);
        var word = member.ValueKind switch
        {
            JsonValueKind.String => WireText.Whole(member),
            JsonValueKind.Number => member.GetRawText(),
            _ => null,
        };
        return word is { Length: > 0 and <= ModelLimits.NameLength } ? word : null;
    }
}
