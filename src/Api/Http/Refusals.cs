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

    /// <summary>Older and coarser than <see cref="RetryOf"/>: it does not say with which key.</summary>
    public static bool MayRetry(Rejection rejection) => rejection.Retry || Passing.Contains(rejection.Code);

    public static RetryWith RetryOf(Rejection rejection) =>
        rejection.RetryWith ?? (Codes.RetryOf(rejection.Code) is var usual && usual == RetryWith.Never && rejection.Retry ? RetryWith.SameKey : usual);

    public static string Name(RetryWith retry) => retry switch
    {
        RetryWith.SameKey => "same_key",
        RetryWith.NewKey => "new_key",
        _ => "never",
    };
}
