using System.Collections.Concurrent;
using Agora.Core.Kernel;

namespace Agora.Grains.Kernel;

/// <summary>
/// Time zones as this machine's database has them. What was last found of a zone is kept for its minute: no clock changes within one, and no run of the
/// minute looks again. Kept of known zones only, so there are no more than the database has.
/// </summary>
public sealed class SystemTimeZones : ITimeZones
{
    private readonly ConcurrentDictionary<string, Found> _last = new(StringComparer.Ordinal);

    public static SystemTimeZones Instance { get; } = new();

    public LocalDay? At(string zone, DateTimeOffset now)
    {
        var minute = now.UtcTicks / TimeSpan.TicksPerMinute;
        if (_last.TryGetValue(zone, out var last) && last.Minute == minute) return last.Day;
        if (!TimeZoneInfo.TryFindSystemTimeZoneById(zone, out var known)) return null;

        var found = new Found(minute, DayIn(known, now));
        _last[zone] = found;
        return found.Day;
    }

    private static LocalDay DayIn(TimeZoneInfo zone, DateTimeOffset now)
    {
        var date = TimeZoneInfo.ConvertTime(now, zone).Date;
        var first = date.AddDays(1 - date.Day);
        return new(zone.Id, date, Midnight(date, zone), Midnight(date.AddDays(1), zone), Midnight(first, zone), Midnight(first.AddMonths(1), zone));
    }

    private static DateTimeOffset Midnight(DateTime date, TimeZoneInfo zone) =>
        new DateTimeOffset(date, zone.IsAmbiguousTime(date) ? zone.GetAmbiguousTimeOffsets(date).Max() : zone.GetUtcOffset(date)).ToUniversalTime();

    private sealed record Found(long Minute, LocalDay Day);
}
