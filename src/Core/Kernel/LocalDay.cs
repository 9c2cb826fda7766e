namespace Agora.Core.Kernel;

/// <summary>The day that it is in a time zone. It comes in with whoever decides, as the time does: what clocks are set to somewhere is looked up in a database that differs between machines and years.</summary>
/// <param name="Zone">The zone's own name, whichever name it was asked for by.</param>
/// <param name="Date">Without a time.</param>
/// <param name="DayBegan">Its first moment: where clocks go back over midnight, the earlier of the two.</param>
/// <param name="DayEnds">The first moment of the next date, likewise.</param>
/// <param name="MonthBegan">The first moment of the month, likewise.</param>
/// <param name="MonthEnds">The first moment of the next month, likewise.</param>
public sealed record LocalDay(string Zone, DateTime Date, DateTimeOffset DayBegan, DateTimeOffset DayEnds, DateTimeOffset MonthBegan, DateTimeOffset MonthEnds)
{
    public static LocalDay Utc(DateTimeOffset now)
    {
        var date = now.UtcDateTime.Date;
        var first = date.AddDays(1 - date.Day);
        return new("UTC", date, new(date), new(date.AddDays(1)), new(first), new(first.AddMonths(1)));
    }
}

/// <summary>Of the host: which day it is where.</summary>
public interface ITimeZones
{
    /// <param name="zone">As the IANA database names it.</param>
    /// <returns>Null: no zone of that name is known.</returns>
    LocalDay? At(string zone, DateTimeOffset now);
}
