using Agora.Application.Values;
using Agora.Core.Kernel;
using Agora.Core.Users;

namespace Agora.Api.Admin.Headroom;

/// <summary>A limit as it is enforced now.</summary>
/// <param name="Limit">As refusals name it.</param>
/// <param name="Part">The service or category that it is of; null: all that is spent.</param>
/// <param name="LimitCents">While it is raised, the raised one. Null: none is set.</param>
/// <param name="FreeCents">Null: as much as anybody asks for.</param>
internal sealed record LimitData(
    string Kind, string Id, string Limit, string? Part, Cents? LimitCents, Cents SpentCents, Cents HeldCents, Cents? FreeCents, DateTimeOffset? RaisedUntil, DateTimeOffset? ProjectedAt)
{
    public const string Example =
        """{"kind":"user","id":"user-1","limit":"daily_cap","part":null,"limit_cents":500,"spent_cents":480,"held_cents":10,"free_cents":10,"raised_until":null,"projected_at":"2030-01-01T20:00:00.000000Z"}""";

    public static LimitData Of(string kind, string id, string limit, Account account) =>
        new(kind, id, limit, null, Cents.Of(account.Limit), new(account.Posted), new(account.Held), account.Limit is null ? null : new(account.Remaining), null, null);

    /// <param name="own">What is set; null: nothing is.</param>
    /// <param name="raised">What is in its place until a time; null: nothing is.</param>
    public static LimitData Of(string kind, string id, string limit, string? part, long? own, (long? Micros, DateTimeOffset Until)? raised, Spent? spent)
    {
        var inForce = raised?.Micros ?? own;
        var used = (spent?.Micros ?? 0) + (spent?.HeldMicros ?? 0);
        return new(
            kind, id, limit, part, Cents.Of(inForce), new(spent?.Micros ?? 0), new(spent?.HeldMicros ?? 0), inForce is { } most ? new(Math.Max(0, most - used)) : null,
            raised is { Micros: not null, Until: var until } ? until : null, spent?.Cap?.At);
    }
}

/// <summary>What is held for one run, wherever it is held.</summary>
/// <param name="SessionId">Whose run it is: it alone posts or voids it.</param>
/// <param name="AskedAt">From then on whoever holds it asks that session what became of it.</param>
internal sealed record HoldData(string RunId, string SessionId, Cents AmountCents, DateTimeOffset OpenedAt, int AgeSeconds, DateTimeOffset AskedAt, IReadOnlyList<HolderData> HeldBy)
{
    public const string Example =
        """{"run_id":"0198c0de-0000-7000-8000-000000000001","session_id":"0198c0de","amount_cents":2,"opened_at":"2030-01-01T00:00:00.000000Z","age_seconds":3,"asked_at":"2030-01-01T00:01:00.000000Z","held_by":[{"kind":"user","id":"user-1"}]}""";
}

internal sealed record HolderData(string Kind, string Id);
