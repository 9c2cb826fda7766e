using System.Globalization;
using Agora.Core.Kernel;
using Agora.Journal.Postgres;

namespace Agora.Hosting;

/// <summary>Processes of a cluster need clocks that agree: each compares its own with the database's before it joins (<see cref="Limits.ClockApartMost"/>).</summary>
public static class SharedClock
{
    /// <exception cref="SettingException">This machine's clock is too far from the database's.</exception>
    public static async Task Check(string postgres, TimeProvider time)
    {
        var ahead = await ClusterClock.Ahead(new() { ConnectionString = postgres, ReadOnly = true }, time);
        if (ahead.Duration() <= Limits.ClockApartMost) return;

        var (seconds, side) = (ahead.Duration().TotalSeconds, ahead > TimeSpan.Zero ? "ahead of" : "behind");
        throw new SettingException(string.Create(CultureInfo.InvariantCulture, $"This machine's clock is {seconds:F0} s {side} the database's. Set both clocks, for example by NTP, and start again."));
    }
}
