using System.Diagnostics;

namespace Agora.Core.Kernel;

/// <summary>How a request that was refused is sent again, as it was. What never may be has to be changed first, or cannot succeed.</summary>
public enum RetryWith
{
    /// <summary>Not at all: it would be refused again.</summary>
    Never = 1,

    /// <summary>With the same Idempotency-Key: nothing stands under it yet, or the outcome does.</summary>
    SameKey = 2,

    /// <summary>With another Idempotency-Key: what stands under this one stays.</summary>
    NewKey = 3,
}

public static class RetryNames
{
    /// <summary>As errors and notices of failed runs have it.</summary>
    public static string Name(this RetryWith retry) => retry switch
    {
        RetryWith.SameKey => "same_key",
        RetryWith.NewKey => "new_key",
        _ => "never",
    };
}

/// <summary>
/// The documented codes of refusals and failures; each has one HTTP status and one way to try again. Never renamed, never reused.
/// </summary>
public static class Codes
{
    public const string MalformedRequest = "malformed_request";

    /// <summary>What is asked of a model is refused for what it says.</summary>
    public const string ContentRefused = "content_refused";
    public const string Unauthorized = "unauthorized";
    public const string SessionExpired = "session_expired";
    public const string SessionRevoked = "session_revoked";

    /// <summary>The credential is of a tenant for tests that was reset since.</summary>
    public const string TestReset = "test_reset";

    /// <summary>The request's signature is not taken; what is wrong with it is said in one word.</summary>
    public const string SignatureRefused = "signature_refused";
    public const string PaymentRequired = "payment_required";

    /// <summary>The credential is good, and its role may not do this.</summary>
    public const string Forbidden = "forbidden";

    /// <summary>It is for tests, and the credential is not.</summary>
    public const string TestOnly = "test_only";
    public const string ScopeViolation = "scope_violation";
    public const string GrantExceeded = "grant_exceeded";
    public const string SessionSuspended = "session_suspended";
    public const string NotEligible = "not_eligible";
    public const string BudgetExceeded = "budget_exceeded";
    public const string NotFound = "not_found";
    public const string MethodNotAllowed = "method_not_allowed";
    public const string NotAcceptable = "not_acceptable";
    public const string DuplicateRequest = "duplicate_request";
    public const string TaskAlreadyCompleted = "task_already_completed";
    public const string RewardsExhausted = "rewards_exhausted";
    public const string IdempotencyConflict = "idempotency_conflict";
    public const string IdempotencyInFlight = "idempotency_in_flight";
    public const string ApprovalDecided = "approval_decided";

    /// <summary>What became of a run that was taken back; a repeat of its key is answered so.</summary>
    public const string RunCancelled = "run_cancelled";

    /// <summary>It is too late to take the run back.</summary>
    public const string RunDecided = "run_decided";

    /// <summary>The key is not the one that is bound, or is bound no more.</summary>
    public const string KeyMismatch = "key_mismatch";

    /// <summary>Nothing more is said in it.</summary>
    public const string ConversationClosed = "conversation_closed";

    /// <summary>Nobody who was invited has joined yet.</summary>
    public const string NotAccepted = "not_accepted";
    public const string PreconditionFailed = "precondition_failed";
    public const string PayloadTooLarge = "payload_too_large";
    public const string UnsupportedMediaType = "unsupported_media_type";
    public const string ValidationFailed = "validation_failed";
    public const string RateLimited = "rate_limited";
    public const string Internal = "internal";
    public const string UpstreamFailed = "upstream_failed";
    public const string Unavailable = "unavailable";
    public const string UpstreamTimeout = "upstream_timeout";

    /// <summary>The HTTP status (RFC 9110) of a code; audit entries record it too.</summary>
    public static int StatusOf(string code) => code switch
    {
        MalformedRequest or ContentRefused => 400,
        Unauthorized or SessionExpired or SessionRevoked or TestReset or SignatureRefused => 401,
        PaymentRequired => 402,
        Forbidden or TestOnly or ScopeViolation or GrantExceeded or SessionSuspended or NotEligible or BudgetExceeded => 403,
        NotFound => 404,
        MethodNotAllowed => 405,
        NotAcceptable => 406,
        DuplicateRequest or TaskAlreadyCompleted or RewardsExhausted or IdempotencyConflict or IdempotencyInFlight or ApprovalDecided or RunCancelled or RunDecided or KeyMismatch or ConversationClosed or NotAccepted => 409,
        PreconditionFailed => 412,
        PayloadTooLarge => 413,
        UnsupportedMediaType => 415,
        ValidationFailed => 422,
        RateLimited => 429,
        Internal => 500,
        UpstreamFailed => 502,
        Unavailable => 503,
        UpstreamTimeout => 504,
        _ => throw new UnreachableException(code),
    };

    /// <summary>How to try again after a code; a rejection that is another case than its code's usual one says so itself (<see cref="Rejection.RetryWith"/>).</summary>
    public static RetryWith RetryOf(string code) => code switch
    {
        // Its cause passes, or can be taken away, and nothing stands under the key. Of internal it is not known whether anything does: the same key finds out, and does nothing twice.
        PaymentRequired or BudgetExceeded or SessionSuspended or RewardsExhausted or IdempotencyInFlight or RateLimited or Unavailable or Internal or NotAccepted => RetryWith.SameKey,

        // The outcome stands under the key, or another request does.
        UpstreamFailed or UpstreamTimeout or RunCancelled or IdempotencyConflict => RetryWith.NewKey,

        MalformedRequest or ContentRefused or Unauthorized or SessionExpired or SessionRevoked or TestReset or SignatureRefused or Forbidden or TestOnly or ScopeViolation or GrantExceeded or NotEligible or NotFound or MethodNotAllowed or NotAcceptable
            or DuplicateRequest or TaskAlreadyCompleted or ApprovalDecided or RunDecided or KeyMismatch or ConversationClosed or PreconditionFailed or PayloadTooLarge or UnsupportedMediaType or ValidationFailed => RetryWith.Never,
        _ => throw new UnreachableException(code),
    };
}
