using Agora.Core.Access;
using Agora.Core.Kernel;
using Agora.Web.Identity;

namespace Agora.Web;

/// <summary>Knows operators by what they present: a key of the settings, or a token of an issuer that is believed.</summary>
internal sealed class OperatorIdentities(ApiOptions options, WrongKeys wrongKeys, Identities identities)
{
    private static readonly RequiredCredential Required = new("An operator's key is required: Authorization: Bearer …");

    /// <returns>Who it is, and when what was presented ends (null: a key does not); or why nobody.</returns>
    public async Task<(Actor? Actor, DateTimeOffset? Ends, Rejection? Refused)> Identify(Request request, string presented)
    {
        if (Credentials.Find(presented, options.OperatorKeys) is { } key) return (key.Actor, null, null);
        if (!identities.IsToken(presented)) return (null, null, await wrongKeys.Refuse(request, "operator", presented, Required));

        var (issuer, claims, refused) = await identities.Identify(presented, TokenHolders.Operators);
        if (issuer is null) return (null, null, refused);

        var roles = TokenRules.RolesOf(issuer, claims);
        return roles == Role.None
            ? (null, null, new(Codes.Forbidden, $"The token has no role here: its claim {issuer.RolesClaim} is missing, or names no role that AGORA_ISSUERS knows."))
            : (new(issuer.Tenant, TokenRules.NameOf(issuer, claims), roles, TokenRules.OwnerOf(issuer, claims), TokenRules.OwnerNameOf(issuer, claims)), TokenRules.EndOf(claims), null);
    }
}
