using Agora.Core.Kernel;

namespace Agora.Core.Users;

/// <summary>What operators put of a user, and what became of it.</summary>
public sealed partial record UserState
{
    /// <summary>Names of the members, as an operator knows them, that have a value; null: nobody has put the user yet.</summary>
    public IReadOnlyList<string>? Given => Exists ? GivenIn(Profile, DailyCapMicros, MonthlyCapMicros, Parts) : null;

    public static IReadOnlyList<string> GivenIn(KnownProfile? profile, long? dailyCapMicros, long? monthlyCapMicros, IReadOnlyList<PartCap>? parts) => Replacing.Given(
        ("attributes", profile is { Known.Count: > 0 }),
        ("time_zone", profile?.Zone is not null),
        ("daily_cap_cents", dailyCapMicros is not null),
        ("monthly_cap_cents", monthlyCapMicros is not null),
        ("per_service", parts?.Any(cap => cap.Kind == PartCap.OfService) == true),
        ("per_category", parts?.Any(cap => cap.Kind == PartCap.OfCategory) == true));

    /// <summary>Null: there is no grant to the agent.</summary>
    public string? EtagOf(string agentId) => Grants.TryGetValue(agentId, out var grant) ? new GrantView(agentId, grant).Etag : null;

    public UserInspected Inspected(Context context)
    {
        var (day, month) = AccountsAt(context);
        var (ofDay, ofMonth) = PeriodsAt(context).Lasting(DayAt(context), context.Now);
        var raise = RaiseAt(context.Now);
        return new(
            View,
            IsCounted ? SpentIn(day, new(DailyCapMicros, raise?.DailyCapMicros, raise?.Until ?? default), ofDay, context.Now) : null,
            IsCounted ? SpentIn(month, new(MonthlyCapMicros, raise?.MonthlyCapMicros, raise?.Until ?? default), ofMonth, context.Now) : null,
            [.. Grants.Keys.Select(agentId => new GrantSpent(agentId, SpentInAll(agentId, context.Now), RaiseAt(agentId, context.Now)))],
            Parts is null ? null : [.. Parts.Select(cap => new PartSpent(
                cap.Kind,
                cap.Name,
                SpentIn(AccountKeys.Of(day, cap.Part()), new(cap.DailyCapMicros), ofDay, context.Now),
                SpentIn(AccountKeys.Of(month, cap.Part()), new(cap.MonthlyCapMicros), ofMonth, context.Now)))],
            raise,
            LinkGeneration,
            LinksUntil);
    }

    private Spent SpentIn(string account, RaisedCap cap, Period period, DateTimeOffset now)
    {
        var spent = Spent.Of(Node(account, null));
        return spent with { Cap = Projection.Of(spent, cap, period, now) };
    }

    private Spent SpentInAll(string agentId, DateTimeOffset now)
    {
        var spent = Spent.Of(Node(AccountKeys.Grant(agentId), null));
        return spent with { Cap = Projection.OfTotal(spent, TotalLimitAt(agentId, now)) };
    }
}
