using System.Text.Json.Serialization;

namespace Agora.Core.Access;

/// <summary>How often something may be asked for (settings of the process).</summary>
/// <param name="FloodFactor">More than so many times <paramref name="PerMinute"/> in one minute is a flood; 0: nothing is.</param>
/// <param name="FloodMinutes">Minutes of flood in a row that suspend.</param>
public sealed record RateRule(
    int PerMinute,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] int FloodFactor = 0,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] int FloodMinutes = 0)
{
    /// <summary>This very request makes its minute a flood: it is the only one of its minute that does.</summary>
    public bool BeginsFlood(long count) => FloodFactor > 0 && count == ((long)FloodFactor * PerMinute) + 1;
}

/// <summary>Requests in the current minute. Soft: it is not journaled, so a restart grants at most one fresh window.</summary>
public sealed record RateWindow(DateTimeOffset Since, long Count)
{
    public static readonly RateWindow Fresh = new(DateTimeOffset.UnixEpoch, 0);

    public RateWindow Take(DateTimeOffset now) => IsOver(now) ? new(now, 1) : this with { Count = Count + 1 };

    public bool IsOver(DateTimeOffset now) => now - Since >= TimeSpan.FromMinutes(1);

    /// <summary>Until the next window, rounded up: 0 to 60.</summary>
    public int SecondsLeft(DateTimeOffset now) => Math.Clamp((int)Math.Ceiling((Since.AddMinutes(1) - now).TotalSeconds), 0, 60);
}
