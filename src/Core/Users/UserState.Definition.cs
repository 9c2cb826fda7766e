using Agora.Core.Kernel;

namespace Agora.Core.Users;

/// <summary>What operators put of a user, and what became of it.</summary>
public sealed partial record UserState
{
    /// <summary>Names of the members, as an operator knows them, that have a value; null: nobody has put the user yet.</summary>
    public IEnumerable<string>? Given => Exists ? GivenIn(Profile, DailyCapMicros, MonthlyCapMicros) : null;

    public static IEnumerable<string> GivenIn(KnownProfile? profile, long? dailyCapMicros, long? monthlyCapMicros)
    {
        if (profile is { Known.Count: > 0 }) yield return "attributes";
        if (profile?.Zone is not null) yield return "time_zone";
        if (dailyCapMicros is not null) yield return "daily_cap_cents";
        if (monthlyCapMicros is not null) yield return "monthly_cap_cents";
    }

    public UserInspected Inspected(Context context)
    {
        var (day, month) = AccountsAt(context);
        return new(
            View,
            IsCounted ? Spent.Of(Node(day, null)) : null,
            IsCounted ? Spent.Of(Node(month, null)) : null,
            [.. Grants.Keys.Select(agentId => new GrantSpent(agentId, Spent.Of(Node(AccountKeys.Grant(agentId), null))))]);
    }
}
