using Agora.Core.Kernel;
using Agora.Grains.Kernel;

namespace Agora.Grains.Tests.Kernel;

/// <summary>That a period ends when the next begins, in zones that change their clocks at midnight, is of PeriodTests.</summary>
public sealed class SystemTimeZonesTests
{
    private static readonly DateTimeOffset Start = new(2026, 3, 1, 14, 59, 59, TimeSpan.Zero);
    private readonly SystemTimeZones _zones = new();

    [Fact]
    public void A_day_is_another_in_the_minute_in_which_it_begins()
    {
        Assert.Equal(new LocalDay("Asia/Tokyo", new(2026, 3, 1), Start.AddDays(-1).AddSeconds(1), Start.AddSeconds(1), new(2026, 2, 28, 15, 0, 0, TimeSpan.Zero), new(2026, 3, 31, 15, 0, 0, TimeSpan.Zero)), _zones.At("Asia/Tokyo", Start));
        Assert.Equal(new DateTime(2026, 3, 2), _zones.At("Asia/Tokyo", Start.AddSeconds(1))!.Date);
        Assert.Equal(new DateTime(2026, 3, 1), _zones.At("Asia/Tokyo", Start)!.Date);
    }

    [Fact]
    public void What_is_kept_of_a_minute_is_what_is_found_anew()
    {
        for (var at = Start; at < Start.AddDays(1); at += TimeSpan.FromSeconds(37))
        {
            Assert.Equal(new SystemTimeZones().At("America/Havana", at), _zones.At("America/Havana", at));
        }
    }

    [Fact]
    public void UTC_is_the_same_by_its_name_and_without_one() => Assert.Equal(LocalDay.Utc(Start), _zones.At("UTC", Start));

    [Fact]
    public void A_zone_that_is_unknown_has_no_day() => Assert.Null(_zones.At("Atlantis/Capital", Start));
}
