using System.Collections.Frozen;
using Agora.Core.Kernel;

namespace Agora.Api.Http;

/// <summary>What HTTP says about a refusal besides its code's status (<see cref="Codes.StatusOf"/>).</summary>
internal static class Refusals
{
    /// <summary>Codes after which the same request may succeed unchanged, whatever the rejection itself says.</summary>
    private static readonly FrozenSet<string> Passing =
        new[] { Codes.RateLimited, Codes.Unavailable, Codes.IdempotencyInFlight, Codes.UpstreamFailed, Codes.UpstreamTimeout }.ToFrozenSet(StringComparer.Ordinal);

    /// <summary>Every documented code, read off the constants themselves.</summary>
    public static IReadOnlyList<string> AllCodes { get; } =
        [.. typeof(Codes).GetFields().Where(f => f.IsLiteral).Select(f => (string)f.GetRawConstantValue()!).Order(StringComparer.Ordinal)];

    public static bool MayRetry(Rejection rejection) => rejection.Retry || Passing.Contains(rejection.Code);
}
