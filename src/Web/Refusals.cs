using System.Collections.Frozen;
using Agora.Core.Kernel;

namespace Agora.Web;

/// <summary>What HTTP says about a refusal besides its code's status (<see cref="Codes.StatusOf"/>).</summary>
internal static class Refusals
{
    /// <summary>Codes after which the same request may succeed unchanged, unless the rejection itself says never.</summary>
    private static readonly FrozenSet<string> Passing =
        new[] { Codes.RateLimited, Codes.Unavailable, Codes.IdempotencyInFlight, Codes.UpstreamFailed, Codes.UpstreamTimeout }.ToFrozenSet(StringComparer.Ordinal);

    /// <summary>Every documented code, read off the constants themselves.</summary>
    public static IReadOnlyList<string> AllCodes { get; } =
        [.. typeof(Codes).GetFields().Where(f => f.IsLiteral).Select(f => (string)f.GetRawConstantValue()!).Order(StringComparer.Ordinal)];

    /// <summary>Older and coarser than <see cref="RetryOf"/>: it does not say with which key. The two never contradict each other.</summary>
    public static bool MayRetry(Rejection rejection) => RetryOf(rejection) != RetryWith.Never && (Passes(rejection) || Passing.Contains(rejection.Code));

    public static RetryWith RetryOf(Rejection rejection) =>
        rejection.RetryWith ?? (Codes.RetryOf(rejection.Code) is var usual && usual == RetryWith.Never && Passes(rejection) ? RetryWith.SameKey : usual);

    /// <summary>The service refused the input of the run, so the same input is not sent again.</summary>
    public static bool IsOfInput(Rejection rejection) => rejection.Code == Codes.UpstreamFailed && RetryOf(rejection) == RetryWith.Never;

    /// <summary>A refusal with a time to come again may be sent again at that time.</summary>
    private static bool Passes(Rejection rejection) => rejection.Retry || rejection.RetryAfterSeconds is not null;
}
