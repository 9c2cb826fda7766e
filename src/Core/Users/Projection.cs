using Agora.Core.Kernel;

namespace Agora.Core.Users;

/// <summary>
/// When a cap would be reached, if as much were spent an hour as in its period so far: what is spent and held, over what has passed of the period. It is read from
/// what is counted anyway, and promises nothing.
/// </summary>
/// <param name="At">Within the period; null: <paramref name="Not"/> says why there is none.</param>
/// <param name="Not">Null: there is a time.</param>
public sealed record Projection(DateTimeOffset? At, string? Not)
{
    public const string NoCap = "no_cap";
    public const string NothingSpent = "nothing_spent";
    public const string IsReached = "reached";
    public const string NotInPeriod = "not_in_this_period";

    /// <summary>Of a total, which has no period over which there were a rate.</summary>
    public const string NoPeriod = "no_period";

    public static Projection Of(Spent spent, RaisedCap cap, Period period, DateTimeOffset now)
    {
        var used = spent.Micros + spent.HeldMicros;
        if (WithoutRate(used, cap.InForce) is { } not) return new(null, not);

        var at = Reaches(cap.InForce!.Value);
        if (cap.RaisedMicros is not null && at >= cap.Until)
        {
            var own = Reaches(cap.OwnMicros ?? Limits.MaxMicros);
            at = own > cap.Until ? own : cap.Until;
        }

        return at < period.Ends ? new(at, null) : new(null, NotInPeriod);

        DateTimeOffset Reaches(long limit)
        {
            var ticks = (Int128)Math.Max(1, (now - period.Began).Ticks) * limit / used;
            return ticks < (period.Ends - period.Began).Ticks ? period.Began.AddTicks((long)ticks) : period.Ends;
        }
    }

    public static Projection OfTotal(Spent spent, long? limit) => new(null, WithoutRate(spent.Micros + spent.HeldMicros, limit) ?? NoPeriod);

    private static string? WithoutRate(long used, long? limit) => limit is null ? NoCap : used >= limit ? IsReached : used == 0 ? NothingSpent : null;
}

/// <summary>From when, and until when, something counts.</summary>
public readonly record struct Period(DateTimeOffset Began, DateTimeOffset Ends);

/// <summary>A cap, and what is in its place until a time.</summary>
/// <param name="RaisedMicros">Null: it is not raised.</param>
public readonly record struct RaisedCap(long? OwnMicros, long? RaisedMicros = null, DateTimeOffset Until = default)
{
    public long? InForce => RaisedMicros ?? OwnMicros;
}
