using Agora.Core.Access;
using Agora.Core.Kernel;

namespace Agora.Core.Users;

/// <summary>What a grant makes of a request: auth may only narrow it.</summary>
internal static class GrantTerms
{
    private static readonly Scopes Nothing = new([], [], [], []);

    /// <summary>The first of the request's lists that goes beyond the grant, as a refusal; null: none does.</summary>
    public static Rejection? Beyond(Scopes granted, RequestedScopes requested) =>
        Exceeding(granted, requested) is { } beyond ? UserRejection.BeyondScope(beyond.List, beyond.Value) : null;

    /// <summary>The first of the lists that goes beyond what is granted, and with what; null: none does.</summary>
    public static (string List, string Value)? Exceeding(Scopes granted, RequestedScopes requested) =>
        Exceeding("allowed_task_types", granted.TaskTypes, requested.TaskTypes)
        ?? Exceeding("allowed_data_types", granted.DataTypes, requested.DataTypes)
        ?? Exceeding("allowed_categories", granted.Categories, requested.Categories)
        ?? Exceeding("allowed_consents", granted.Consents, requested.Consents)
        ?? Exceeding("allowed_payees", granted.Payees ?? [], requested.Payees)
        ?? Exceeding("allowed_peers", granted.Peers ?? [], requested.Peers)
        ?? ModelAllowance.Exceeding(granted.Models, requested.Models)
        ?? (requested.AskWhenSpent == true && !granted.AskWhenSpent ? ("ask_when_spent", "true") : null);

    /// <param name="granted">Null: there is no grant, and what is not asked for is not allowed, but for what the allowed data types imply.</param>
    public static Scopes Narrowed(Scopes? granted, RequestedScopes requested)
    {
        var most = granted ?? Nothing with { Consents = ScopeRules.ConsentsImplied(requested.DataTypes ?? []) };
        return new(requested.TaskTypes ?? most.TaskTypes, requested.DataTypes ?? most.DataTypes, requested.Categories ?? most.Categories, requested.Consents ?? most.Consents,
            requested.Payees ?? most.Payees, requested.Peers ?? most.Peers, ModelAllowance.Narrowed(most.Models, requested.Models), requested.AskWhenSpent ?? most.AskWhenSpent);
    }

    /// <summary>Records with lists do not compare by content.</summary>
    public static bool Same(Grant one, Grant other) => one with { Scopes = Nothing } == other with { Scopes = Nothing } && Same(one.Scopes, other.Scopes);

    /// <summary>What both allow; the first itself where it allows no more than the other.</summary>
    public static Scopes Both(Scopes one, Scopes other)
    {
        var both = new Scopes(
            Both(one.TaskTypes, other.TaskTypes), Both(one.DataTypes, other.DataTypes), Both(one.Categories, other.Categories, StringComparer.OrdinalIgnoreCase), Both(one.Consents, other.Consents),
            one.Payees is null ? null : Both(one.Payees, other.Payees ?? []), one.Peers is null ? null : Both(one.Peers, other.Peers ?? []), ModelAllowance.Both(one.Models, other.Models),
            one.AskWhenSpent && other.AskWhenSpent);
        return Same(both, one) ? one : both;
    }

    public static bool Same(Scopes one, Scopes other) =>
        one.TaskTypes.SequenceEqual(other.TaskTypes, StringComparer.Ordinal) && one.DataTypes.SequenceEqual(other.DataTypes, StringComparer.Ordinal)
        && one.Categories.SequenceEqual(other.Categories, StringComparer.Ordinal) && one.Consents.SequenceEqual(other.Consents, StringComparer.Ordinal)
        && (one.Payees ?? []).SequenceEqual(other.Payees ?? [], StringComparer.Ordinal) && (one.Peers ?? []).SequenceEqual(other.Peers ?? [], StringComparer.Ordinal) && one.Models == other.Models && one.AskWhenSpent == other.AskWhenSpent;

    private static IReadOnlyList<string> Both(IReadOnlyList<string> one, IReadOnlyList<string> other, StringComparer? comparer = null) =>
        other.Contains(ScopeRules.All, StringComparer.Ordinal) ? one
        : one.Contains(ScopeRules.All, StringComparer.Ordinal) ? other
        : [.. one.Where(value => other.Contains(value, comparer ?? StringComparer.Ordinal))];

    private static (string List, string Value)? Exceeding(string list, IReadOnlyList<string> granted, IReadOnlyList<string>? requested) =>
        granted.Contains(ScopeRules.All, StringComparer.Ordinal) || requested?.FirstOrDefault(r => !granted.Contains(r, StringComparer.Ordinal)) is not { } beyond ? null : (list, beyond);
}
