namespace Agora.Core.Campaigns;

/// <summary>Whom a campaign is for.</summary>
public static class Targeting
{
    /// <summary>
    /// Every rule's attribute must have one of its values, compared exactly (ordinal). Without rules a campaign is for everyone,
    /// also for a user whose attributes were erased (<paramref name="attributes"/> null), who fits no rule.
    /// </summary>
    public static bool Admits(IReadOnlyList<TargetingRule> rules, IReadOnlyList<UserAttribute>? attributes) =>
        rules.Count == 0 || AdmitsAll(rules, attributes);

    private static bool AdmitsAll(IReadOnlyList<TargetingRule> rules, IReadOnlyList<UserAttribute>? attributes) =>
        rules.All(rule => attributes?.Any(a =>
            string.Equals(a.Name, rule.Attribute, StringComparison.Ordinal)
            && a.Values.Intersect(rule.Values, StringComparer.Ordinal).Any()) ?? false);
}
