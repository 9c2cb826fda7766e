using System.Text.Json;

namespace Agora.Client.Http;

/// <summary>A refusal. Each code of docs/errors.md is of one family, and each family is a class.</summary>
public class AgoraException : Exception
{
    internal AgoraException(int status, Refusal refusal, string? requestId, string? key, Exception? cause = null)
        : base($"{refusal.Code}: {refusal.Message}", cause) =>
        (Status, Code, Details, Retry, RetryAfter, NextActions, RequestId, Key) = (
            status, refusal.Code, refusal.Details, refusal.Retry, refusal.RetryAfterSeconds is { } seconds ? TimeSpan.FromSeconds(seconds) : null, refusal.NextActions ?? [], requestId, key);

    public int Status { get; }

    public string Code { get; }

    /// <summary>Of <c>validation_failed</c> the list of violations, else the facts of the refusal; null: there are none.</summary>
    public JsonElement? Details { get; }

    /// <summary>same_key, new_key or never.</summary>
    public string Retry { get; }

    /// <summary>Before which the same is not sent again; null: what refused it has to change first.</summary>
    public TimeSpan? RetryAfter { get; }

    /// <summary>What would help, the best first.</summary>
    public IReadOnlyList<NextAction> NextActions { get; }

    public string? RequestId { get; }

    /// <summary>The Idempotency-Key that the request had.</summary>
    public string? Key { get; }

    internal static AgoraException Of(int status, Refusal refusal, string? requestId, string? key) => refusal.Code switch
    {
        "unauthorized" or "session_expired" or "session_revoked" or "test_reset" or "signature_refused" => new AuthenticationException(status, refusal, requestId, key),
        "forbidden" or "test_only" or "scope_violation" or "grant_exceeded" or "session_suspended" or "not_eligible" => new NotAllowedException(status, refusal, requestId, key),
        "budget_exceeded" => new LimitReachedException(status, refusal, requestId, key),
        "payment_required" or "rewards_exhausted" => new PaymentRequiredException(status, refusal, requestId, key),
        "not_found" => new NotFoundException(status, refusal, requestId, key),
        "malformed_request" or "content_refused" or "method_not_allowed" or "not_acceptable" or "payload_too_large" or "unsupported_media_type" or "validation_failed" => new InvalidRequestException(status, refusal, requestId, key),
        "duplicate_request" or "task_already_completed" or "idempotency_conflict" or "idempotency_in_flight" or "approval_decided" or "run_cancelled" or "run_decided" or "key_mismatch" or "conversation_closed" or "not_accepted" or "precondition_failed" =>
            new ConflictException(status, refusal, requestId, key),
        "rate_limited" => new RateLimitedException(status, refusal, requestId, key),
        "upstream_failed" or "upstream_timeout" => new ServiceFailedException(status, refusal, requestId, key),
        "unavailable" or "internal" => new UnavailableException(status, refusal, requestId, key),
        _ => new AgoraException(status, refusal, requestId, key),
    };
}

/// <summary>The key or the session is not taken, or not any more.</summary>
public class AuthenticationException : AgoraException
{
    internal AuthenticationException(int status, Refusal refusal, string? requestId, string? key, Exception? cause = null)
        : base(status, refusal, requestId, key, cause)
    {
    }
}

/// <summary>
/// The session ended while a request waited for its answer. Keys belong to a session, so asking in a new one could do it twice: look first at what the old one did.
/// </summary>
public sealed class SessionLostException : AuthenticationException
{
    internal SessionLostException(AgoraException error)
        : base(error.Status, new(error.Code, "The session has ended, and an earlier try of this request had no answer: look at what it did before you send it in a new session.", error.Details, "never", null, error.NextActions), error.RequestId, error.Key, error)
    {
    }
}

/// <summary>Role, scope, grant, suspension or campaign do not allow it.</summary>
public sealed class NotAllowedException : AgoraException
{
    internal NotAllowedException(int status, Refusal refusal, string? requestId, string? key)
        : base(status, refusal, requestId, key)
    {
    }
}

/// <summary>A limit has not enough left: details say which, and what would pass.</summary>
public sealed class LimitReachedException : AgoraException
{
    internal LimitReachedException(int status, Refusal refusal, string? requestId, string? key)
        : base(status, refusal, requestId, key)
    {
    }
}

/// <summary>Nobody pays for it.</summary>
public sealed class PaymentRequiredException : AgoraException
{
    internal PaymentRequiredException(int status, Refusal refusal, string? requestId, string? key)
        : base(status, refusal, requestId, key)
    {
    }
}

/// <summary>There is no such thing here.</summary>
public sealed class NotFoundException : AgoraException
{
    internal NotFoundException(int status, Refusal refusal, string? requestId, string? key)
        : base(status, refusal, requestId, key)
    {
    }
}

/// <summary>The request has to be mended.</summary>
public sealed class InvalidRequestException : AgoraException
{
    internal InvalidRequestException(int status, Refusal refusal, string? requestId, string? key)
        : base(status, refusal, requestId, key)
    {
    }
}

/// <summary>It was done, decided or changed before.</summary>
public sealed class ConflictException : AgoraException
{
    internal ConflictException(int status, Refusal refusal, string? requestId, string? key)
        : base(status, refusal, requestId, key)
    {
    }
}

/// <summary>Too many requests, for longer than the client was told to wait.</summary>
public sealed class RateLimitedException : AgoraException
{
    internal RateLimitedException(int status, Refusal refusal, string? requestId, string? key)
        : base(status, refusal, requestId, key)
    {
    }
}

/// <summary>The service that was run has failed. It cost nothing.</summary>
public class ServiceFailedException : AgoraException
{
    internal ServiceFailedException(int status, Refusal refusal, string? requestId, string? key)
        : base(status, refusal, requestId, key)
    {
    }
}

/// <summary>A run that was waited for has failed, or was cancelled. It cost nothing.</summary>
public sealed class RunFailedException : ServiceFailedException
{
    internal RunFailedException(Reply<RunData> reply)
        : base(reply.Status, new(reply.Data.Failure?.Code ?? "upstream_failed", $"Run {reply.Data.RunId} has failed.", null, reply.Data.Failure?.Retry ?? "new_key", null, reply.NextActions), reply.RequestId, null) => Run = reply.Data;

    public RunData Run { get; }
}

/// <summary>The request was not decided, or nobody knows whether it was. The same key finds out.</summary>
public sealed class UnavailableException : AgoraException
{
    internal UnavailableException(int status, Refusal refusal, string? requestId, string? key)
        : base(status, refusal, requestId, key)
    {
    }
}

/// <summary>No answer came within the deadline. What the request asked for may have been done: sent again under the same key, it is done once.</summary>
public sealed class NoAnswerException : AgoraException
{
    internal NoAnswerException(string why, string? key, Exception? cause)
        : base(0, new("no_answer", $"There was no answer: {why}", null, "same_key", null, null), null, key, cause)
    {
    }
}

/// <summary>A receipt, a key set or a signature is not what it says it is.</summary>
public sealed class ReceiptInvalidException(string why) : Exception(why);

/// <summary>As a reply holds it.</summary>
internal sealed record Refusal(string Code, string Message, JsonElement? Details, string Retry, int? RetryAfterSeconds, IReadOnlyList<NextAction>? NextActions);
