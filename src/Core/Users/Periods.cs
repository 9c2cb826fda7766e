namespace Agora.Core.Users;

/// <summary>
/// The day and the month in which a user's spending counts, by the names of their accounts, and when each is over. A period that has begun is
/// seen to its end: another time zone begins with the next one, so that a change of zone, or its erasure, gives nobody a second cap. A date has one
/// account, whatever zones it was reached in.
/// </summary>
public sealed record Periods(string Day, DateTimeOffset DayEnds, string Month, DateTimeOffset MonthEnds)
{
    public static Periods At(DateTimeOffset now, TimeZoneInfo zone)
    {
        var local = TimeZoneInfo.ConvertTime(now, zone);
        var month = new DateTime(local.Year, local.Month, 1, 0, 0, 0, DateTimeKind.Unspecified);
        return new(AccountKeys.Day(local), Midnight(local.Date.AddDays(1), zone), AccountKeys.Month(local), Midnight(month.AddMonths(1), zone));
    }

    /// <summary>Those that had begun are carried on; the others are the zone's.</summary>
    public static Periods After(Periods? before, DateTimeOffset now, TimeZoneInfo zone)
    {
        var own = At(now, zone);
        return new(
            now < before?.DayEnds ? before.Day : own.Day, now < before?.DayEnds ? before.DayEnds : own.DayEnds,
            now < before?.MonthEnds ? before.Month : own.Month, now < before?.MonthEnds ? before.MonthEnds : own.MonthEnds);
    }

    /// <summary>The first moment of a date: where clocks go back over midnight, the earlier of the two.</summary>
    private static DateTimeOffset Midnight(DateTime date, TimeZoneInfo zone) =>
        new DateTimeOffset(date, zone.IsAmbiguousTime(date) ? zone.GetAmbiguousTimeOffsets(date).Max() : zone.GetUtcOffset(date)).ToUniversalTime();
}
