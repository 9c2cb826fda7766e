using System.Collections.Immutable;
using Agora.Core.Kernel;

namespace Agora.Core.Runs;

/// <summary>
/// A cap of a user, a grant, or a session above that refused a run, and when it was last said. An agent may try on as often as it likes; who watches is told once a day (UTC) of each session and cap. The refusal is
/// journaled anyway, so that costs no row.
/// </summary>
/// <param name="Cap">Whose limit, which, and of which service or category.</param>
public sealed record CapHit(string Cap, DateTimeOffset At)
{
    /// <returns>Null: it was no cap that refused.</returns>
    public static string? Of(Rejection reason) => reason.Code == Codes.BudgetExceeded && reason.FactOf("asked_cents") is not null && reason.Node() is var (kind, id)
        ? string.Join(' ', new[] { kind, id, reason.FactOf("limit"), reason.FactOf("service_id") ?? reason.FactOf("category") }.OfType<string>())
        : null;

    /// <summary>It is to be said. Of more caps than <see cref="Limits.CapsHit"/> nothing is said.</summary>
    public static bool IsFirst(ImmutableArray<CapHit> hits, Rejection reason, DateTimeOffset now) =>
        Of(reason) is { } cap && (hits.FirstOrDefault(hit => hit.Cap == cap) is { } before ? before.At.UtcDateTime.Date < now.UtcDateTime.Date : hits.Length < Limits.CapsHit);

    public static ImmutableArray<CapHit> With(ImmutableArray<CapHit> hits, Rejection reason, DateTimeOffset at)
    {
        var cap = Of(reason)!;
        return [.. hits.Where(hit => hit.Cap != cap), new(cap, at)];
    }
}
