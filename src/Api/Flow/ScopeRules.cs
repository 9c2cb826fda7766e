using Agora.Core.Campaigns;
using Agora.Core.Sessions;

namespace Agora.Api.Flow;

/// <summary>Whether something lies within a session's scopes, for showing and offering it; the session's stream decides again.</summary>
internal static class ScopeRules
{
    public static bool Admits(this Scopes scopes, SponsorTask task) =>
        Covers(scopes.TaskTypes, task.Type)
        && task.DataTypes.All(type => Covers(scopes.DataTypes, type))
        && task.Consents.All(type => Covers(scopes.Consents, type));

    public static bool AdmitsCategory(this Scopes scopes, string category) => Covers(scopes.Categories, category);

    public static bool IsAll(IReadOnlyList<string> allowed) => allowed.Contains("*", StringComparer.Ordinal);

    private static bool Covers(IReadOnlyList<string> allowed, string value) => allowed.Contains(value, StringComparer.Ordinal) || IsAll(allowed);
}
