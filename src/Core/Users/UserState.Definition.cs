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
        return new(
            View,
            IsCounted ? Spent.Of(Node(day, null)) : null,
            IsCounted ? Spent.Of(Node(month, null)) : null,
            [.. Grants.Keys.Select(agentId => new GrantSpent(agentId, Spent.Of(Node(AccountKeys.Grant(agentId), null)), RaiseAt(agentId, context.Now)))],
            Parts is null ? null : [.. Parts.Select(cap => new PartSpent(cap.Kind, cap.Name, Spent.Of(Node(AccountKeys.Of(day, cap.Part()), null)), Spent.Of(Node(AccountKeys.Of(month, cap.Part()), null))))],
            RaiseAt(context.Now));
    }
}
