using Agora.Api.Desk;
using Agora.Core.Access;

namespace Agora.Operator;

/// <summary>What somebody sees who owns something and runs nothing: a sponsor its campaigns, a principal its agents, a user what is spent in its name.</summary>
public static class OwnPages
{
    /// <summary>Parts of the first page, the first the most urgent.</summary>
    public static IEnumerable<(string Title, string Path, string Query)> Cards(DeskOperator who)
    {
        if (who.Roles.HasFlag(Role.User) && who.Owner is { } user)
        {
            var (own, id) = ($"?user_id={Uri.EscapeDataString(user)}", Uri.EscapeDataString(user));
            yield return ("Runs that wait for your approval", "/admin/approvals", own);
            yield return ("What may be spent, and what was", $"/admin/users/{id}/limits", "");
            yield return ("Paid last", "/admin/payments", $"{own}&limit=8");
            yield return ("Refused last", "/admin/refusals", $"{own}&limit=8");
            yield return ("Sessions", "/admin/sessions", $"{own}&state=live&limit=8");
            yield return ("Tasks that were done", "/admin/completions", $"{own}&limit=8");
            yield return ("Consents", $"/admin/users/{id}/consents", "");
        }

        if (who.Roles.HasFlag(Role.Sponsor))
        {
            yield return ("Campaigns", "/admin/campaigns", "");
        }

        if (who.Roles.HasFlag(Role.Principal))
        {
            yield return ("Agents", "/admin/agents", "");
        }
    }

    /// <summary>Of whom the first page says what can be done: a user is asked about itself.</summary>
    public static string? Self(DeskOperator who) => who.IsOwner && who.Roles.HasFlag(Role.User) && who.Owner is { } user ? $"/admin/users/{Uri.EscapeDataString(user)}" : null;
}
