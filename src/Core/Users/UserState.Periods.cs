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

    /// <summary>Open holds of the agent's sessions, or of those below them, that were reserved when it had no grant.</summary>
    public bool HasUngranted(string agentId) => Holds.Open.Values.Any(hold => IsUngranted(hold, agentId));

    /// <summary>The user's own, or UTC where no zone was given, or the one given is not known where this is decided.</summary>
    public LocalDay DayAt(Context context) => context.DayIn(Profile?.Zone) ?? LocalDay.Utc(context.Now);

    public Periods PeriodsAt(Context context) => Periods.After(Begun, context.Now, DayAt(context));

    /// <summary>As <see cref="PeriodsAt"/>, by name only: what each run asks.</summary>
    public (string Day, string Month) AccountsAt(Context context)
    {
        var (now, date) = (context.Now, Profile?.Zone is { } zone && context.DayIn(zone) is { } there ? there.Date : context.Now.UtcDateTime);
        return Begun is not { } begun
            ? (AccountKeys.Day(date), AccountKeys.Month(date))
            : (now < begun.DayEnds ? begun.Day : AccountKeys.Day(date), now < begun.MonthEnds ? begun.Month : AccountKeys.Month(date));
    }

    /// <param name="periods">Null: the zone stays, and every open hold is counted.</param>
    private UserState In(Periods? periods)
    {
        if (periods is null) return this;

        var state = this with { Begun = periods };
        return IsCounted ? Holds.Open.Values.Where(IsUncounted).Aggregate(state, (counted, hold) => counted.Count(hold, periods)) : state;
    }

    private UserState Count(Hold hold, Periods periods) => Count(hold, periods.Day, periods.Month);

    private UserState CountUngranted(string agentId) =>
        Holds.Open.Values.Where(hold => IsUngranted(hold, agentId)).Aggregate(this, (counted, hold) => counted.Count(hold, AccountKeys.Grant(agentId)));

    /// <summary>It stands already, so it is held whatever the limits say; they find it there.</summary>
    private UserState Count(Hold hold, params ReadOnlySpan<string> keys)
    {
        var (amount, accounts, lines) = (hold.AmountMicros!.Value, Accounts, hold.Lines);
        foreach (var key in keys)
        {
            accounts = accounts.SetItem(key, Node(key, null).Reserve(amount));
            lines = lines.Add(new(key, amount));
        }

        return this with { Accounts = accounts, Holds = Holds with { Open = Holds.Open.SetItem(hold.Id, hold with { Lines = lines }) } };
    }

    /// <summary>Kept with the hold where no grant counts it: its session may be gone when there is one.</summary>
    private string? Ungranted(string owner, string agentId, long amount, IReadOnlyList<HoldLine> lines) =>
        amount == 0 || (lines.Count > 0 && AccountKeys.IsGrant(lines[0].Account)) ? null : AnswersFor(StreamId.Parse(owner).Id, agentId);

    private static bool IsUngranted(Hold hold, string agentId) =>
        hold.Grantee == agentId && hold.AmountMicros > 0 && !hold.Lines.Any(line => AccountKeys.IsGrant(line.Account));

    private static bool IsUncounted(Hold hold) => hold.AmountMicros > 0 && !hold.Lines.Any(line => AccountKeys.IsDay(line.Account));
}
