using Agora.Core.Campaigns;
using Agora.Core.Kernel;

namespace Agora.Core.Access;

/// <summary>
/// Whether something lies within a session's scopes. The session's stream decides; what only shows or offers asks the same rules.
/// Values are compared as they are written, but for categories, which ignore case as the search does.
/// </summary>
public static class ScopeRules
{
    public static bool Admits(this Scopes scopes, SponsorTask task) =>
        Covers(scopes.TaskTypes, task.Type) && CoversAll(scopes.DataTypes, task.DataTypes) && CoversAll(scopes.Consents, task.Consents);

    public static bool AdmitsCategory(this Scopes scopes, string category) => Covers(scopes.Categories, category, StringComparer.OrdinalIgnoreCase);

    public static bool AdmitsPayee(this Scopes scopes, string wallet) => scopes.Payees is { } payees && Covers(payees, wallet);

    /// <summary>Null: it may talk to all of them, and to somebody at all.</summary>
    public static Rejection? Beyond(this Scopes scopes, IReadOnlyList<string> peers) => scopes.Peers is not { Count: > 0 } allowed ? AccessRejection.NoPeers
        : peers.FirstOrDefault(peer => !Covers(allowed, peer)) is { } other ? AccessRejection.OutOfScope("agent", other)
        : null;

    /// <summary>
    /// What a list of consents that nobody wrote means: data of the allowed types may be shared, as tasks of those types ask. To be contacted, or to have data
    /// kept, is more than the allowed data types say, and wants a word of its own.
    /// </summary>
    public static IReadOnlyList<string> ConsentsImplied(IReadOnlyList<string> dataTypes) => dataTypes.Count == 0 ? [] : [ConsentTypes.DataSharing];

    /// <summary>In a list of what is allowed: whatever there is of its kind, and whoever there will be.</summary>
    public const string All = "*";

    public static bool IsAll(IReadOnlyList<string> allowed) => Has(allowed, All, StringComparer.Ordinal);

    public static bool Covers(IReadOnlyList<string> allowed, string value, StringComparer? comparer = null) =>
        Has(allowed, value, comparer ?? StringComparer.Ordinal) || IsAll(allowed);

    private static bool CoversAll(IReadOnlyList<string> allowed, IReadOnlyList<string> values)
    {
        for (var i = 0; i < values.Count; i++)
        {
            if (!Covers(allowed, values[i])) return false;
        }

        return true;
    }

    // By index: a search asks this of every campaign that might pay for what it found, and an enumerator would be made each time.
    private static bool Has(IReadOnlyList<string> list, string value, StringComparer comparer)
    {
        for (var i = 0; i < list.Count; i++)
        {
            if (comparer.Equals(list[i], value)) return true;
        }

        return false;
    }
}
