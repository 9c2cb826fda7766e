using System.Text.Json.Serialization;
using Agora.Core.Kernel;

namespace Agora.Core.Users;

/// <summary>
/// What is spent counts in its day and month, and in the grant's total, whether these have a limit or not: a cap that is put, or put again, finds
/// what was spent before it. For users who never had a limit or a grant nothing is counted, so that they cost nothing.
/// </summary>
public sealed partial record UserState
{
    /// <summary>A limit or a grant was put for this user once.</summary>
    public bool IsCounted { get; init; }

    /// <summary>The periods that had begun when the zone was last changed, or counting began; null: it never was. What is over is the zone's again.</summary>
    public Periods? Begun { get; init; }

    /// <summary>Open holds that no day counts: the user had no limit when they were reserved, or they are of an earlier release.</summary>
    public bool HasUncounted => Holds.Open.Values.Any(IsUncounted);

    /// <summary>UTC where none is known.</summary>
    [JsonIgnore]
    public TimeZoneInfo Zone => Profile?.Zone ?? TimeZoneInfo.Utc;

    public Periods PeriodsAt(DateTimeOffset now) => Periods.After(Begun, now, Zone);

    /// <summary>As <see cref="PeriodsAt"/>, by name only: what each run asks.</summary>
    public (string Day, string Month) AccountsAt(DateTimeOffset now)
    {
        var local = TimeZoneInfo.ConvertTime(now, Zone);
        return Begun is not { } begun
            ? (AccountKeys.Day(local), AccountKeys.Month(local))
            : (now < begun.DayEnds ? begun.Day : AccountKeys.Day(local), now < begun.MonthEnds ? begun.Month : AccountKeys.Month(local));
    }

    /// <param name="periods">Null: the zone stays, and every open hold is counted.</param>
    private UserState In(Periods? periods)
    {
        if (periods is null)
        {
            return this;
        }

        var state = this with { Begun = periods };
        return IsCounted ? Holds.Open.Values.Where(IsUncounted).Aggregate(state, (counted, hold) => counted.Count(hold, periods)) : state;
    }

    /// <summary>It stands already, so it is held whatever the limits say; they find it there.</summary>
    private UserState Count(Hold hold, Periods periods)
    {
        var amount = hold.AmountMicros!.Value;
        HoldLine[] lines = [new(periods.Day, amount), new(periods.Month, amount)];
        return this with
        {
            Accounts = lines.Aggregate(Accounts, (accounts, line) => accounts.SetItem(line.Account, Node(line.Account, null).Reserve(amount))),
            Holds = Holds with { Open = Holds.Open.SetItem(hold.Id, hold with { Lines = hold.Lines.AddRange(lines) }) },
        };
    }

    private static bool IsUncounted(Hold hold) => hold.AmountMicros > 0 && !hold.Lines.Any(line => AccountKeys.IsDay(line.Account));
}
