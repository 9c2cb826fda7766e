using System.Text.Json;

namespace Agora.Models.Wires;

/// <summary>What OpenAI says instead of a reply, or within one.</summary>
internal static class ResponsesWireErrors
{
    /// <summary>Beginnings of words that name the operator's key, organisation or project: OpenAI puts them into messages, and they are no matter of the client's.</summary>
    private static readonly string[] Secrets = ["sk-", "org-", "proj_"];

    public static ProviderFault Read(int status, ReadOnlyMemory<byte> body, int? retryAfter)
    {
        string? message = null, code = null, type = null, param = null;
        try
        {
            using var document = ResponsesWireJson.Parse(body);
            var error = document.RootElement.TryGetProperty("error", out var inner) && inner.ValueKind == JsonValueKind.Object ? inner : document.RootElement;
            (message, code, type, param) = Members(error);
        }
        catch (InvalidDataException)
        {
            // A gateway in front of the provider answers in HTML or not at all: the status says enough.
        }

        var kind = KindOf(status, code ?? type, type);
        message = kind == FaultKind.Unauthorized ? "The provider does not accept the operator's key for this." : message ?? $"The provider answered with status {status}.";
        return new(kind, Shown(message), Short(code ?? type), Short(param), retryAfter is >= 0 ? retryAfter : null);
    }

    /// <summary>A response that failed.</summary>
    public static ProviderFault Within(JsonElement response) =>
        ResponsesWireJson.ObjectOrNull(response, "error") is { } error ? Event(error) : new(FaultKind.Failed, "The provider failed and does not say why.");

    /// <summary>An error that came as an event.</summary>
    public static ProviderFault Event(JsonElement error)
    {
        var (message, code, type, param) = Members(error);
        if (type == "error")
        {
            type = null;
        }

        return new(KindOf(code ?? type) ?? FaultKind.Failed, Shown(message ?? "The provider failed and does not say why."), Short(code ?? type), Short(param));
    }

    private static (string? Message, string? Code, string? Type, string? Param) Members(JsonElement error) =>
        (ResponsesWireJson.TextOrNull(error, "message", isStrict: false), ResponsesWireJson.TextOrNull(error, "code", isStrict: false),
         ResponsesWireJson.TextOrNull(error, "type", isStrict: false), ResponsesWireJson.TextOrNull(error, "param", isStrict: false));

    private static FaultKind KindOf(int status, string? code, string? type) => status switch
    {
        401 or 403 => FaultKind.Unauthorized,
        402 => FaultKind.OutOfQuota,
        404 => FaultKind.NotFound,
        413 => FaultKind.TooLarge,
        429 => KindOf(code) is FaultKind.OutOfQuota || KindOf(type) is FaultKind.OutOfQuota ? FaultKind.OutOfQuota : FaultKind.RateLimited,
        503 or 529 => FaultKind.Overloaded,
        >= 500 => KindOf(code) is FaultKind.Overloaded ? FaultKind.Overloaded : FaultKind.Failed,
        >= 400 and not 408 and not 409 => KindOf(code) is FaultKind.ContentFilter ? FaultKind.ContentFilter : FaultKind.InvalidRequest,
        _ => FaultKind.Failed,
    };

    private static FaultKind? KindOf(string? code) => code switch
    {
        "insufficient_quota" or "billing_hard_limit_reached" or "billing_not_active" => FaultKind.OutOfQuota,
        "rate_limit_exceeded" or "rate_limit_error" => FaultKind.RateLimited,
        "server_is_overloaded" or "slow_down" => FaultKind.Overloaded,
        "content_filter" or "content_policy_violation" or "image_content_policy_violation" or "bio_policy" or "cyber_policy" => FaultKind.ContentFilter,
        "invalid_prompt" or "context_length_exceeded" or "invalid_request_error" or "invalid_encrypted_content" => FaultKind.InvalidRequest,
        "invalid_image" or "invalid_image_format" or "invalid_base64_image" or "invalid_image_url" or "image_too_large" or "image_too_small" or "image_parse_error" or "invalid_image_mode" or "image_file_too_large"
            or "unsupported_image_media_type" or "empty_image_file" or "failed_to_download_image" or "image_file_not_found" => FaultKind.InvalidRequest,
        _ => null,
    };

    private static string? Short(string? word) => word is { Length: > 0 and <= ModelLimits.NameLength } ? Shown(word) : null;

    private static string Shown(string message)
    {
        // Cut before it is searched, and with room, so that no secret is cut in two at the last character that is shown.
        message = Excerpt.Of(message, 2 * ModelLimits.ErrorLength);
        foreach (var secret in Secrets)
        {
            for (var at = message.IndexOf(secret, StringComparison.Ordinal); at >= 0; at = message.IndexOf(secret, at + 1, StringComparison.Ordinal))
            {
                if (at > 0 && char.IsAsciiLetterOrDigit(message[at - 1])) continue;
                var end = at;
                while (end < message.Length && (char.IsAsciiLetterOrDigit(message[end]) || message[end] is '-' or '_' or '*'))
                {
                    end++;
                }

                message = string.Concat(message.AsSpan(0, at), "…", message.AsSpan(end));
            }
        }

        return Excerpt.Of(message, ModelLimits.ErrorLength);
    }
}
