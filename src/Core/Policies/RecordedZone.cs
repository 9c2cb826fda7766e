using Agora.Core.Kernel;
using Agora.Core.Users;

namespace Agora.Core.Policies;

/// <summary>
/// Whose time zone was erased: the lines that were recorded still say in whose day a run was. Every zone lies from UTC−12 to UTC+14, so one
/// of the two ends, or UTC, is in that day as well.
/// </summary>
internal static class RecordedZone
{
    private static readonly Personal Nobody = Personal.Of(new Profile([], null));

    private static readonly TimeZoneInfo[] Zones =
    [
        TimeZoneInfo.Utc,
        TimeZoneInfo.CreateCustomTimeZone("UTC+14", TimeSpan.FromHours(14), null, null),
        TimeZoneInfo.CreateCustomTimeZone("UTC-12", TimeSpan.FromHours(-12), null, null),
    ];

    /// <returns>Null: the profile is known, or no day or month was counted, and nothing says otherwise than UTC.</returns>
    public static KnownProfile? Of(UserState state, UserEvent.HoldReserved e, DateTimeOffset at)
    {
        if (state.Profile is not null)
        {
            return null;
        }

        var accounts = e.Lines.Select(l => l.Account).ToList();
        var period = accounts.Find(AccountKeys.IsDay) ?? accounts.Find(AccountKeys.IsMonth);
        var zone = Array.Find(Zones, z => TimeZoneInfo.ConvertTime(at, z) is var local && (AccountKeys.Day(local) == period || AccountKeys.Month(local) == period));
        return zone is null ? null : new(Nobody, Nobody, [], zone);
    }
}
