using Agora.Core.Users;

namespace Agora.Core.Tests.Users;

/// <summary>An account of a day or a month is forgotten when that is over everywhere on Earth, and not before.</summary>
public sealed class AccountKeysTests
{
    [Theory]
    [InlineData("day:2030-01-31", "2030-02-01T00:00:00Z", false)]
    [InlineData("day:2030-01-31", "2030-02-02T11:59:59Z", false)]
    [InlineData("day:2030-01-31", "2030-02-02T12:00:00Z", true)]
    [InlineData("month:2030-01", "2030-01-31T23:59:59Z", false)]
    [InlineData("month:2030-01", "2030-02-01T00:00:00Z", false)]
    [InlineData("month:2030-01", "2030-02-01T11:59:59Z", false)]
    [InlineData("month:2030-01", "2030-02-02T11:59:59Z", false)]
    [InlineData("month:2030-01", "2030-02-02T12:00:00Z", true)]
    [InlineData("month:2029-12", "2030-01-02T11:59:59Z", false)]
    [InlineData("month:2029-12", "2030-01-02T12:00:00Z", true)]
    [InlineData("month:2030-02", "2030-01-31T00:00:00Z", false)]
    [InlineData("grant:a1", "2099-01-01T00:00:00Z", false)]
    public void A_period_is_past_when_it_is_over_in_every_zone(string key, string at, bool isPast) => Assert.Equal(isPast, AccountKeys.IsPast(key, DateTimeOffset.Parse(at, System.Globalization.CultureInfo.InvariantCulture)));
}
