using System.Text.Json;
using Agora.Api.Identity;
using Agora.Core.Access;
using Agora.Core.Kernel;

namespace Agora.Api.Tests.Identity;

/// <summary>Which role a token's claims say.</summary>
public sealed class TokenRulesTests
{
    private static readonly Dictionary<string, Role> ByOwnNames = [];
    private static readonly Dictionary<string, Role> Mapped = new() { ["agora-admins"] = Role.Admin, ["support"] = Role.Viewer };

    [Theory]
    [InlineData("roles", """{"roles":"viewer"}""", Role.Viewer)]
    [InlineData("roles", """{"roles":["nobody","viewer"]}""", Role.Viewer)]
    [InlineData("roles", """{"roles":"openid viewer"}""", Role.None)]
    [InlineData("roles", """{"roles":{"viewer":true}}""", Role.None)]
    [InlineData("roles", """{"scope":"viewer"}""", Role.None)]
    [InlineData("scope", """{"scope":"openid viewer"}""", Role.Viewer)]
    public void Roles_stand_in_their_claim_by_their_own_names_and_a_scope_has_several(string claim, string claims, Role role) => Assert.Equal(role, RolesOf(claim, ByOwnNames, claims));

    /// <summary>Whoever may name groups at the issuer makes nobody an admin by the name of one.</summary>
    [Theory]
    [InlineData("""{"groups":"admin"}""", Role.None)]
    [InlineData("""{"groups":["admin","support"]}""", Role.Viewer)]
    [InlineData("""{"groups":"Agora-Admins"}""", Role.None)]
    [InlineData("""{"groups":["agora-admins"]}""", Role.Admin)]
    public void Where_groups_are_mapped_to_roles_a_roles_own_name_says_nothing(string claims, Role role) => Assert.Equal(role, RolesOf("groups", Mapped, claims));

    private static Role RolesOf(string claim, IReadOnlyDictionary<string, Role> roles, string claims) =>
        TokenRules.RolesOf(new("corp", "https://login.example", TokenHolders.Operators, Tenant.Default, "agora", null, claim, roles, "sub", null), JsonElement.Parse(claims));
}
