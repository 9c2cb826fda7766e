using Agora.Core.Kernel;

namespace Agora.Core.Access;

/// <summary>Whoever a token of an issuer lets in.</summary>
public enum TokenHolders
{
    /// <summary>People, and programs, who operate a tenant.</summary>
    Operators = 1,

    /// <summary>Platforms, which vouch for any agent and user of a tenant.</summary>
    Platforms = 2,
}

/// <summary>An issuer of signed tokens (OpenID Connect Discovery 1.0) that is believed, and what its tokens open.</summary>
/// <param name="Name">1 to 64 characters; it begins the names of those who come with its tokens.</param>
/// <param name="Issuer">As tokens name it (<c>iss</c>), character by character.</param>
/// <param name="Audience">One of a token's <c>aud</c>; null: <paramref name="ClientId"/> is asked for.</param>
/// <param name="ClientId">A token's <c>client_id</c>, whose <c>token_use</c> is then <c>access</c>: issuers whose tokens of access have no audience.</param>
/// <param name="RolesClaim">Names a text, or a list of texts.</param>
/// <param name="Roles">From what stands there to a role; empty: roles stand there by their own names.</param>
/// <param name="OwnerClaim">Names the id by which campaigns and agents know their owner.</param>
/// <param name="OwnerPrefix">Stands before what that claim says: two issuers may both have an alice.</param>
/// <param name="SignIn">By which people sign in at the console; null: they do not.</param>
/// <param name="KeysAt">The issuer's JWK Set; null: its discovery document says where that is.</param>
public sealed record TrustedIssuer(
    string Name, string Issuer, TokenHolders For, Tenant Tenant, string? Audience, string? ClientId, string RolesClaim, IReadOnlyDictionary<string, Role> Roles, string OwnerClaim, Uri? KeysAt, string OwnerPrefix = "", SignInClient? SignIn = null)
{
    /// <summary>Its tokens may say that somebody owns something.</summary>
    public bool NamesOwners => For == TokenHolders.Operators && (Roles.Count == 0 || Roles.Values.Any(role => (role & (Role.Sponsor | Role.Principal)) != Role.None));
}
