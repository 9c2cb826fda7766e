using System.Text.Json.Serialization;

namespace Agora.Core.Kernel;

/// <summary>
/// The documented codes of refusals and failures; each has one HTTP status. Never renamed, never reused.
/// </summary>
public static class Codes
{
    public const string MalformedRequest = "malformed_request";
    public const string Unauthorized = "unauthorized";
    public const string SessionExpired = "session_expired";
    public const string SessionRevoked = "session_revoked";
    public const string PaymentRequired = "payment_required";
    public const string ScopeViolation = "scope_violation";
    public const string GrantExceeded = "grant_exceeded";
    public const string SessionSuspended = "session_suspended";
    public const string NotEligible = "not_eligible";
    public const string BudgetExceeded = "budget_exceeded";
    public const string NotFound = "not_found";
    public const string MethodNotAllowed = "method_not_allowed";
    public const string DuplicateRequest = "duplicate_request";
    public const string TaskAlreadyCompleted = "task_already_completed";
    public const string RewardsExhausted = "rewards_exhausted";
    public const string IdempotencyConflict = "idempotency_conflict";
    public const string IdempotencyInFlight = "idempotency_in_flight";
    public const string ApprovalDecided = "approval_decided";
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
        MalformedRequest => 400,
        Unauthorized or SessionExpired or SessionRevoked => 401,
        PaymentRequired => 402,
        ScopeViolation or GrantExceeded or SessionSuspended or NotEligible or BudgetExceeded => 403,
        NotFound => 404,
        MethodNotAllowed => 405,
        DuplicateRequest or TaskAlreadyCompleted or RewardsExhausted or IdempotencyConflict or IdempotencyInFlight or ApprovalDecided => 409,
        PayloadTooLarge => 413,
        UnsupportedMediaType => 415,
        ValidationFailed => 422,
        RateLimited => 429,
        Internal => 500,
        UpstreamFailed => 502,
        Unavailable => 503,
        UpstreamTimeout => 504,
        _ => throw new System.Diagnostics.UnreachableException(code),
    };
}

/// <summary>One thing wrong with a request's content.</summary>
/// <param name="Path">JSON Pointer (RFC 6901) into the body, or the name of a parameter.</param>
public sealed record Detail(string Path, string Keyword, string Message);

/// <summary>
/// A refusal: a state of affairs, not an exception.
/// </summary>
/// <param name="Message">A sentence an agent can act on; server text only.</param>
/// <param name="Details">What is wrong, one entry a violation; for <c>validation_failed</c> never empty.</param>
/// <param name="Facts">Named values that belong to the code (<c>run_id</c>, <c>resume_at</c>, <c>remaining_cents</c>), in order.</param>
/// <param name="RetryAfterSeconds">When trying again makes sense, or null.</param>
/// <param name="Retry">The same request may succeed later, without a change.</param>
public sealed record Rejection(
    string Code,
    string Message,
    IReadOnlyList<Detail>? Details = null,
    IReadOnlyList<Fact>? Facts = null,
    long? RetryAfterSeconds = null,
    bool Retry = false)
{
    public Rejection With(string name, string value) => this with { Facts = [.. Facts ?? [], new Fact(name, value)] };

    /// <param name="json">Written as it is.</param>
    public Rejection WithRaw(string name, string json) => this with { Facts = [.. Facts ?? [], new Fact(name, json, Raw: true)] };

    /// <summary>Which node of the tree of limits refused. Kinds and limits are ours, and an id has no character that JSON escapes.</summary>
    public Rejection AtNode(string kind, string id, string? limit) =>
        WithRaw("node", limit is null ? $$"""{"kind":"{{kind}}","id":"{{id}}"}""" : $$"""{"kind":"{{kind}}","id":"{{id}}","limit":"{{limit}}"}""");
}

/// <summary>A value that a refusal names. <paramref name="Raw"/>: already JSON (a number, or null for a string).</summary>
public sealed record Fact(string Name, string Value, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] bool Raw = false)
{
    /// <summary>Of a scope violation: what the scopes do not allow, in the words of a third party.</summary>
    public const string OutOfScope = "value";
}

/// <summary>What a command came to: a reply or a rejection, never both.</summary>
/// <param name="Replayed">The command had been decided before; this is the stored outcome.</param>
public sealed record Answer(object? Reply, Rejection? Rejection, bool Replayed = false)
{
    public static Answer Of(object reply) => new(reply, null);

    public static Answer No(Rejection rejection) => new(null, rejection);
}

/// <summary>The answer of a command that has nothing to say.</summary>
public sealed record Nothing
{
    public static readonly Nothing Value = new();
}
