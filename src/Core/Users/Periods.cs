using Agora.Core.Kernel;

namespace Agora.Core.Users;

/// <summary>
/// The day and the month in which a user's spending counts, by the names of their accounts, and when each is over. A period that has begun is
/// seen to its end: another time zone begins with the next one, so that a change of zone, or its erasure, gives nobody a second cap. A date has one
/// account, whatever zones it was reached in.
/// </summary>
public sealed record Periods(string Day, DateTimeOffset DayEnds, string Month, DateTimeOffset MonthEnds)
{
    public static Periods Of(LocalDay day) => new(AccountKeys.Day(day.Date), day.DayEnds, AccountKeys.Month(day.Date), day.MonthEnds);

    /// <summary>From when on they count. One that is carried on from another zone is taken for a day of 24 hours, or a month of 30 such days, before its end.</summary>
    /// <param name="day">The zone's own.</param>
    public (Period Day, Period Month) Lasting(LocalDay day, DateTimeOffset now)
    {
        return (
            new(DayEnds == day.DayEnds ? day.DayBegan : Earlier(DayEnds.AddDays(-1)), DayEnds),
            new(MonthEnds == day.MonthEnds ? day.MonthBegan : Earlier(MonthEnds.AddDays(-30)), MonthEnds));

        DateTimeOffset Earlier(DateTimeOffset began) => began < now ? began : now;
    }

    /// <summary>Those that had begun are carried on; the others are the zone's.</summary>
    public static Periods After(Periods? before, DateTimeOffset now, LocalDay day)
    {
        var own = Of(day);
        return new(
            now < before?.DayEnds ? before.Day : own.Day, now < before?.DayEnds ? before.DayEnds : own.DayEnds,
            now < before?.MonthEnds ? before.Month : own.Month, now < before?.MonthEnds ? before.MonthEnds : own.MonthEnds);
    }
}
