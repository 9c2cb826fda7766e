using System.Text.Json;
using Agora.Core.Access;
using Agora.Core.Kernel;
using Agora.Web.Identity;

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
    [InlineData("realm_access.roles", """{"realm_access":{"roles":["offline_access","viewer"]}}""", Role.Viewer)]
    [InlineData("realm_access.roles", """{"realm_access.roles":["viewer"],"realm_access":{"roles":["admin"]}}""", Role.Viewer)]
    [InlineData("resource_access.my.app.roles", """{"resource_access":{"my.app":{"roles":["viewer"]}}}""", Role.Viewer)]
    [InlineData("https://example.com/roles", """{"https://example.com/roles":["viewer"]}""", Role.Viewer)]
    [InlineData("realm_access.roles", """{"realm_access":["viewer"]}""", Role.None)]
    [InlineData("realm_access.roles", """{"realm_access":{"roles":{"viewer":true}}}""", Role.None)]
    public void Roles_stand_in_their_claim_by_their_own_names_and_a_scope_has_several(string claim, string claims, Role role) => Assert.Equal(role, RolesOf(claim, ByOwnNames, claims));

    /// <summary>Whoever may name groups at the issuer makes nobody an admin by the name of one.</summary>
    [Theory]
    [InlineData("""{"groups":"admin"}""", Role.None)]
    [InlineData("""{"groups":["admin","support"]}""", Role.Viewer)]
    [InlineData("""{"groups":"Agora-Admins"}""", Role.None)]
    [InlineData("""{"groups":["agora-admins"]}""", Role.Admin)]
    public void Where_groups_are_mapped_to_roles_a_roles_own_name_says_nothing(string claims, Role role) => Assert.Equal(role, RolesOf("groups", Mapped, claims));

    [Theory]
    [InlineData("ann", "ann")]
    [InlineData("f1f0c3c2-0000-4000-8000-000000000001", "f1f0c3c2-0000-4000-8000-000000000001")]
    [InlineData("auth0|5f7c", "esc:auth0_7C5f7c")]
    [InlineData("ann+ads@example.com", "esc:ann_2Bads_40example.com")]
    [InlineData("_x", "esc:_5Fx")]
    [InlineData("-x", "esc:-x")]
    [InlineData("esc:-x", "esc:esc_3A-x")]
    [InlineData("sha256:00", "esc:sha256_3A00")]
    public void A_subject_is_an_owners_id_that_no_other_subject_has(string subject, string owner) => Assert.Equal(owner, OwnerOf(subject));

    /// <summary>All subjects of up to 255 ASCII characters, of which those that the mapping itself writes are the dangerous ones.</summary>
    [Fact]
    public void Subjects_are_mapped_to_ids_one_to_one()
    {
        var random = new Random(30);
        string[] parts = ["esc:", "sha256:", "_7C", "_", "|", "a", "A", ".", "-", ":", " ", "%", "/", "@", new('x', 120)];
        HashSet<string> subjects = [.. Enumerable.Range(0, 95).Select(static n => $"{(char)(' ' + n)}"), new('|', 255), new('|', 254)];
        while (subjects.Count < 20_000)
        {
            var subject = string.Concat(Enumerable.Range(0, random.Next(1, 6)).Select(_ => parts[random.Next(parts.Length)]));
            if (subject.Length <= 255)
            {
                subjects.Add(subject);
            }

            if (subject.Length <= 200)
            {
                subjects.Add(OwnerOf(subject)!);
            }
        }

        var owners = subjects.Select(OwnerOf).ToList();

        Assert.All(owners, static owner => Assert.True(Agora.Application.Values.DisplayText.IsId(owner), owner));
        Assert.Equal(subjects.Count, owners.Distinct(StringComparer.Ordinal).Count());
    }

    private static string? OwnerOf(string subject) =>
        TokenRules.OwnerOf(new("corp", "https://login.example", TokenHolders.Operators, Tenant.Default, "agora", null, "roles", ByOwnNames, "sub", null), JsonElement.Parse(JsonSerializer.Serialize(new { sub = subject })));

    private static Role RolesOf(string claim, IReadOnlyDictionary<string, Role> roles, string claims) =>
        TokenRules.RolesOf(new("corp", "https://login.example", TokenHolders.Operators, Tenant.Default, "agora", null, claim, roles, "sub", null), JsonElement.Parse(claims));
}
