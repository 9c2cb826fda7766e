using Agora.Core.Kernel;

namespace Agora.Core.Users;

/// <summary>
/// The user's caps are higher for a while, by the stream's own time: at <paramref name="Until"/> the user's own bind again, whether anybody says so or not.
/// <para>Invariant: it is above the cap that it raises, for a put that changes a cap ends its raise. Bound: <see cref="Limits.RaiseAtMost"/>.</para>
/// </summary>
/// <param name="DailyCapMicros">Null: the day's is not raised.</param>
/// <param name="MonthlyCapMicros">Null: the month's is not raised.</param>
public sealed record CapRaise(DateTimeOffset Until, long? DailyCapMicros, long? MonthlyCapMicros)
{
    public string Etag => EntityTags.Of(this);
}

/// <summary>The same of a grant's total.</summary>
public sealed record GrantRaise(DateTimeOffset Until, long TotalLimitMicros)
{
    public string Etag => EntityTags.Of(this);
}

/// <summary>What stands below raised caps. An event, or a snapshot, has it beside caps that are the raised ones: who does not know of raises takes holds under them for right.</summary>
/// <param name="Until">From when on these bind again.</param>
public sealed record OwnCaps(DateTimeOffset Until, long? DailyCapMicros, long? MonthlyCapMicros)
{
    /// <param name="daily">In force until then.</param>
    /// <param name="monthly">The same.</param>
    public CapRaise Raise(long? daily, long? monthly) =>
        new(Until, daily == DailyCapMicros ? null : daily, monthly == MonthlyCapMicros ? null : monthly);
}

/// <summary>The same of a grant's total, which is limited where it is raised.</summary>
public sealed record OwnTotal(DateTimeOffset Until, long TotalLimitMicros);
