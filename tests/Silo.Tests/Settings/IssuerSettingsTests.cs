using Agora.Core.Access;
using Agora.Core.Kernel;
using Agora.Hosting;
using Microsoft.Extensions.Configuration;

namespace Agora.Silo.Tests.Settings;

public sealed class IssuerSettingsTests
{
    private const string Least = """{"name":"corp","issuer":"https://login.example","for":"operators","audience":"agora"}""";

    [Fact]
    public void What_is_left_out_has_its_usual_value()
    {
        var issuer = Assert.Single(Read($"[{Least}]"));

        Assert.Equal(("corp", "https://login.example", TokenHolders.Operators, Tenant.Default, "agora", null, "roles", "sub", null), (issuer.Name, issuer.Issuer, issuer.For, issuer.Tenant, issuer.Audience, issuer.ClientId, issuer.RolesClaim, issuer.OwnerClaim, issuer.KeysAt));
        Assert.Empty(issuer.Roles);
        Assert.Empty(Read(null));
    }

    [Fact]
    public void All_of_it_is_read()
    {
        var issuer = Read("""[{"name":"shop","issuer":"https://id.shop.example/a/","for":"platforms","client_id":"app","tenant":"shop","roles_claim":"groups","roles":{"Agora Admins":"admin","b":"principal"},"owner_claim":"org","keys_at":"https://id.shop.example/keys"}]""")[0];

        Assert.Equal(("https://id.shop.example/a/", TokenHolders.Platforms, "shop", null, "app", "groups", "org", new Uri("https://id.shop.example/keys")), (issuer.Issuer, issuer.For, issuer.Tenant.Name, issuer.Audience, issuer.ClientId, issuer.RolesClaim, issuer.OwnerClaim, issuer.KeysAt));
        Assert.Equal([("Agora Admins", Role.Admin), ("b", Role.Principal)], issuer.Roles.Select(role => (role.Key, role.Value)));
    }

    [Fact]
    public void How_people_sign_in_is_read_and_its_secret_is_printed_nowhere()
    {
        var whole = Read($$$"""[{{{Least[..^1]}}},"sign_in":{"client_id":"console","client_secret":"hush","scopes":"profile openid"}}]""")[0];
        var least = Read($$$"""[{{{Least[..^1]}}},"sign_in":{"client_id":"console"}}]""")[0].SignIn!;

        Assert.Equal(("console", "hush", "profile openid"), (whole.SignIn!.ClientId, whole.SignIn.ClientSecret, whole.SignIn.Scopes));
        Assert.Equal(("console", null, "openid"), (least.ClientId, least.ClientSecret, least.Scopes));
        Assert.DoesNotContain("hush", whole.ToString(), StringComparison.Ordinal);
        Assert.Null(Read($"[{Least}]")[0].SignIn);
    }

    [Theory]
    [InlineData("corp", "a JSON list")]
    [InlineData("{}", "a JSON list")]
    [InlineData("[]", "a JSON list")]
    [InlineData("[1]", "AGORA_ISSUERS[0] must be an object")]
    [InlineData("""[{"name":"corp","issuer":"https://login.example","for":"operators"}]""", "either audience or client_id")]
    [InlineData("""[{"name":"corp","issuer":"https://login.example","for":"operators","audience":"a","client_id":"b"}]""", "either audience or client_id")]
    [InlineData("""[{"name":"corp","issuer":"https://login.example","for":"operators","audience":""}]""", "audience must be a text")]
    [InlineData("""[{"name":"corp","issuer":"https://login.example","for":"operators","audience":["a"]}]""", "audience must be a text")]
    [InlineData("""[{"name":"corp","issuer":"https://login.example","for":"agents","audience":"a"}]""", "for must be operators or platforms")]
    [InlineData("""[{"name":"corp","issuer":"login.example","for":"operators","audience":"a"}]""", "issuer: ")]
    [InlineData("""[{"name":"corp","issuer":"ftp://login.example","for":"operators","audience":"a"}]""", "issuer: ")]
    [InlineData("""[{"name":"corp","for":"operators","audience":"a"}]""", "issuer is missing")]
    [InlineData("""[{"name":"a/b","issuer":"https://login.example","for":"operators","audience":"a"}]""", "name must be")]
    [InlineData("""[{"issuer":"https://login.example","for":"operators","audience":"a"}]""", "name must be")]
    [InlineData("""[{"name":"corp","issuer":"https://login.example","for":"operators","audience":"a","tenant":"A"}]""", "tenant must be")]
    [InlineData("""[{"name":"corp","issuer":"https://login.example","for":"operators","audience":"a","roles":{"x":"root"}}]""", "roles.x must be one of")]
    [InlineData("""[{"name":"corp","issuer":"https://login.example","for":"operators","audience":"a","roles":{}}]""", "roles must map")]
    [InlineData("""[{"name":"corp","issuer":"https://login.example","for":"operators","audience":"a","audiense":"b"}]""", "'audiense' is not known")]
    [InlineData("""[{"name":"corp","issuer":"https://login.example","for":"operators","audience":"a","owner_prefix":"/"}]""", "owner_prefix must be")]
    [InlineData("""[{"name":"corp","issuer":"https://login.example","for":"operators","audience":"a","sign_in":1}]""", "sign_in must be an object")]
    [InlineData("""[{"name":"corp","issuer":"https://login.example","for":"operators","audience":"a","sign_in":{}}]""", "sign_in.client_id is missing")]
    [InlineData("""[{"name":"corp","issuer":"https://login.example","for":"operators","audience":"a","sign_in":{"client_id":""}}]""", "sign_in.client_id must be a text")]
    [InlineData("""[{"name":"corp","issuer":"https://login.example","for":"operators","audience":"a","sign_in":{"client_id":"Ä"}}]""", "sign_in.client_id must be printable ASCII")]
    [InlineData("""[{"name":"corp","issuer":"https://login.example","for":"operators","audience":"a","sign_in":{"client_id":"a","client_secret":7}}]""", "sign_in.client_secret must be a text")]
    [InlineData("""[{"name":"corp","issuer":"https://login.example","for":"operators","audience":"a","sign_in":{"client_id":"a","client_secret":"\n"}}]""", "sign_in.client_secret must be printable ASCII")]
    [InlineData("""[{"name":"corp","issuer":"https://login.example","for":"operators","audience":"a","sign_in":{"client_id":"a","scopes":"profile"}}]""", "openid has to be among them")]
    [InlineData("""[{"name":"corp","issuer":"https://login.example","for":"operators","audience":"a","sign_in":{"client_id":"a","scopes":"openid  profile"}}]""", "one blank between")]
    [InlineData("""[{"name":"corp","issuer":"https://login.example","for":"operators","audience":"a","sign_in":{"client_id":"a","secret":"b"}}]""", "AGORA_ISSUERS[0].sign_in: 'secret' is not known; known are client_id, client_secret, scopes.")]
    [InlineData("""[{"name":"corp","issuer":"https://login.example","for":"platforms","audience":"a","sign_in":{"client_id":"b"}}]""", "people sign in by issuers for operators")]
    [InlineData("""[{"name":"corp","name":"b","issuer":"https://login.example","for":"operators","audience":"a"}]""", "a JSON list")]
    public void What_is_no_issuer_is_refused_by_name(string text, string why) => Assert.Contains(why, Assert.Throws<SettingException>(() => Read(text)).Message, StringComparison.Ordinal);

    [Fact]
    public void A_name_twice_is_refused() => Assert.Equal("AGORA_ISSUERS: 'corp' stands there twice.", Assert.Throws<SettingException>(() => Read($"[{Least},{Least}]")).Message);

    /// <summary>Each has its own alice: what one owns is not the other's.</summary>
    [Theory]
    [InlineData("https://b.example", "operators", "", "", true)]
    [InlineData("https://b.example", "operators", ""","owner_prefix":"b:" """, "", false)]
    [InlineData("https://b.example", "operators", ""","tenant":"shop" """, "", false)]
    [InlineData("https://b.example", "operators", ""","roles":{"x":"viewer"} """, "", false)]
    [InlineData("https://b.example", "operators", ""","roles":{"x":"sponsor"} """, "", true)]
    [InlineData("https://b.example", "operators", ""","owner_prefix":"b:" """, ""","owner_prefix":"b:" """, true)]
    [InlineData("https://b.example", "platforms", "", "", false)]
    [InlineData("https://login.example", "operators", "", "", false)]
    public void Two_issuers_with_owners_of_one_tenant_are_told_apart(string issuer, string holders, string more, string moreOfFirst, bool isRefused)
    {
        var text = $$"""[{"name":"corp","issuer":"https://login.example","for":"operators","audience":"agora"{{moreOfFirst}}},{"name":"other","issuer":"{{issuer}}","for":"{{holders}}","audience":"else"{{more}}}]""";

        if (isRefused)
        {
            Assert.Contains("corp and other have sponsors or principals of one tenant", Assert.Throws<SettingException>(() => Read(text)).Message, StringComparison.Ordinal);
        }
        else
        {
            Assert.Equal(2, Read(text).Count);
        }
    }

    private static IReadOnlyList<TrustedIssuer> Read(string? text) =>
        AgoraSettings.Read(new ConfigurationBuilder().AddInMemoryCollection([KeyValuePair.Create("AGORA_ISSUERS", text)]).Build()).Issuers;
}
