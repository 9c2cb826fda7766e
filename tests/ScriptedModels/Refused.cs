namespace Agora.ScriptedModels;

/// <summary>The request is answered with an error of its maker's shape.</summary>
internal sealed class RefusedException(int status, string message, string? code = null, string? param = null) : Exception(message)
{
    public int Status { get; } = status;

    public string? Code { get; } = code;

    public string? Param { get; } = param;
}

/// <summary>Errors as each maker says them.</summary>
internal static class Errors
{
    /// <param name="message">Null: the usual words for this status.</param>
    public static string Of(Maker maker, int status, string? message, string? code = null, string? param = null, int? retryAfterSeconds = null) => maker switch
    {
        Maker.OpenAi => $$$"""{"error":{{{OfOpenAi(status, message ?? Usual(status), code, param)}}}}""",
        Maker.Anthropic => $$"""{"type":"error","error":{"type":"{{TypeOfAnthropic(status)}}","message":{{Json.Quote(message ?? Usual(status))}}},"request_id":"req_scripted"}""",
        _ => $$$"""{"error":{"code":{{{status}}},"message":{{{Json.Quote(message ?? Usual(status))}}},"status":"{{{StatusOfGoogle(status)}}}"{{{DetailsOfGoogle(code, retryAfterSeconds)}}}}}""",
    };

    /// <summary>Without the object around it: a stream of chat completions has it so, too.</summary>
    private static string OfOpenAi(int status, string message, string? code, string? param)
    {
        var (type, usual) = status switch
        {
            401 => ("invalid_request_error", "invalid_api_key"),
            403 => ("invalid_request_error", "unsupported_country_region_territory"),
            404 => ("invalid_request_error", "model_not_found"),
            429 => ("requests", "rate_limit_exceeded"),
            >= 500 => ("server_error", null),
            _ => ("invalid_request_error", (string?)null),
        };
        return $$"""{"message":{{Json.Quote(message)}},"type":"{{(code == "insufficient_quota" ? code : type)}}","param":{{Json.QuoteOrNull(param)}},"code":{{Json.QuoteOrNull(code ?? usual)}}}""";
    }

    private static string TypeOfAnthropic(int status) => status switch
    {
        401 => "authentication_error",
        402 => "billing_error",
        403 => "permission_error",
        404 => "not_found_error",
        413 => "request_too_large",
        429 => "rate_limit_error",
        504 => "timeout_error",
        529 => "overloaded_error",
        >= 500 => "api_error",
        _ => "invalid_request_error",
    };

    private static string StatusOfGoogle(int status) => status switch
    {
        401 => "UNAUTHENTICATED",
        403 => "PERMISSION_DENIED",
        404 => "NOT_FOUND",
        429 => "RESOURCE_EXHAUSTED",
        503 or 529 => "UNAVAILABLE",
        504 => "DEADLINE_EXCEEDED",
        >= 500 => "INTERNAL",
        _ => "INVALID_ARGUMENT",
    };

    private static string DetailsOfGoogle(string? reason, int? retryAfterSeconds)
    {
        if (reason is not null)
        {
            return $$$""","details":[{"@type":"type.googleapis.com/google.rpc.ErrorInfo","reason":"{{{reason}}}","domain":"googleapis.com","metadata":{"service":"generativelanguage.googleapis.com"}}]""";
        }

        return retryAfterSeconds is { } seconds ? $$""","details":[{"@type":"type.googleapis.com/google.rpc.RetryInfo","retryDelay":"{{seconds}}s"}]""" : "";
    }

    private static string Usual(int status) => status switch
    {
        400 => "The request is not valid.",
        401 => "Incorrect API key provided.",
        403 => "You are not allowed to do this.",
        404 => "There is no such thing here.",
        413 => "The request is larger than may be.",
        429 => "Too many requests: slow down.",
        503 or 529 => "Overloaded",
        _ => "The server had an error while processing your request.",
    };
}
