using System.Collections.Frozen;
using Agora.Core.Kernel;

namespace Agora.Api.Http;

/// <summary>The one place where a documented code gets its HTTP status.</summary>
internal static class Statuses
{
    public static readonly FrozenDictionary<string, int> ByCode = new Dictionary<string, int>
    {
        [Codes.MalformedRequest] = 400,
        [Codes.Unauthorized] = 401,
        [Codes.SessionExpired] = 401,
        [Codes.SessionRevoked] = 401,
        [Codes.PaymentRequired] = 402,
        [Codes.ScopeViolation] = 403,
        [Codes.GrantExceeded] = 403,
        [Codes.SessionSuspended] = 403,
        [Codes.NotEligible] = 403,
        [Codes.BudgetExceeded] = 403,
        [Codes.NotFound] = 404,
        [Codes.MethodNotAllowed] = 405,
        [Codes.DuplicateRequest] = 409,
        [Codes.TaskAlreadyCompleted] = 409,
        [Codes.IdempotencyConflict] = 409,
        [Codes.IdempotencyInFlight] = 409,
        [Codes.PayloadTooLarge] = 413,
        [Codes.UnsupportedMediaType] = 415,
        [Codes.ValidationFailed] = 422,
        [Codes.RateLimited] = 429,
        [Codes.Internal] = 500,
        [Codes.UpstreamFailed] = 502,
        [Codes.Unavailable] = 503,
        [Codes.UpstreamTimeout] = 504,
    }.ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>Codes after which the same request may succeed unchanged, whatever the rejection itself says.</summary>
    private static readonly FrozenSet<string> Passing =
        new[] { Codes.RateLimited, Codes.Unavailable, Codes.IdempotencyInFlight, Codes.UpstreamFailed, Codes.UpstreamTimeout }.ToFrozenSet(StringComparer.Ordinal);

    /// <exception cref="InvalidOperationException">The code is not documented: a programmer's error, never a silent 500.</exception>
    public static int Of(string code) => ByCode.TryGetValue(code, out var status) ? status : throw new InvalidOperationException($"The code '{code}' has no status.");

    public static bool MayRetry(Rejection rejection) => rejection.Retry || Passing.Contains(rejection.Code);
}
