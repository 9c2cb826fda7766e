using Agora.Core.Access;
using Agora.Core.Kernel;
using Agora.Hosting;
using Microsoft.Extensions.Configuration;

namespace Agora.Silo.Tests.Settings;

public sealed class TenantKeyTests
{
    private const string One = "a-key-of-at-least-32-characters-";
    private const string Other = "one-more-of-at-least-32-characters";

    [Theory]
    [InlineData("AGORA_OPERATOR_KEYS")]
    [InlineData("AGORA_PLATFORM_KEYS")]
    public void A_key_without_a_tenant_is_the_default_ones(string name)
    {
        var settings = Read((name, $"root:{One},acme-2/root:{Other}"));
        Assert.Equal(
            [new(Tenant.Default, "root", One), new TenantKey(Tenant.Parse("acme-2")!, "root", Other)],
            name == "AGORA_OPERATOR_KEYS" ? settings.OperatorKeys : settings.PlatformKeys);
    }

    [Fact]
    public void An_operators_key_says_its_role_and_without_one_is_an_admins()
    {
        var keys = Read(("AGORA_OPERATOR_KEYS", $"a:{One},acme/b:{One}:viewer,c:{One}:operator,d:{One}:admin,e:{One}:sponsor=acme:1,f:{One}:principal=acme.2")).OperatorKeys;
        Assert.Equal([(Role.Admin, null), (Role.Viewer, null), (Role.Operator, null), (Role.Admin, null), (Role.Sponsor, "acme:1"), (Role.Principal, "acme.2")], keys.Select(key => (key.Roles, key.Owner)));
    }

    [Theory]
    [InlineData(":")]
    [InlineData(":root")]
    [InlineData(":Viewer")]
    [InlineData(":viewer=acme")]
    [InlineData(":sponsor")]
    [InlineData(":sponsor=")]
    [InlineData(":sponsor=-acme")]
    [InlineData(":viewer:operator")]
    public void What_is_no_role_is_refused(string role)
    {
        Assert.StartsWith("AGORA_OPERATOR_KEYS must be ", Assert.Throws<SettingException>(() => Read(("AGORA_OPERATOR_KEYS", $"a:{One}{role}"))).Message, StringComparison.Ordinal);
        Assert.StartsWith("AGORA_PLATFORM_KEYS must be ", Assert.Throws<SettingException>(() => Read(("AGORA_PLATFORM_KEYS", $"a:{One}:viewer"))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void None_is_none() => Assert.Empty(Read().OperatorKeys.Concat(Read().PlatformKeys));

    [Theory]
    [InlineData("root")]
    [InlineData("root:short")]
    [InlineData($"Acme/root:{One}")]
    [InlineData($"/root:{One}")]
    [InlineData($"acme/:{One}")]
    [InlineData($"acme/x/root:{One}")]
    [InlineData($"ac~me/root:{One}")]
    [InlineData($"a23456789012345678901234567890123/root:{One}")]
    public void What_is_no_key_of_a_tenant_is_refused(string entry) =>
        Assert.StartsWith("AGORA_OPERATOR_KEYS must be NAME:KEY, TENANT/NAME:KEY or either with :ROLE", Assert.Throws<SettingException>(() => Read(("AGORA_OPERATOR_KEYS", entry))).Message, StringComparison.Ordinal);

    [Fact]
    public void A_name_twice_in_a_tenant_is_refused() =>
        Assert.Equal("AGORA_PLATFORM_KEYS: 'acme/a' stands there twice.", Assert.Throws<SettingException>(() => Read(("AGORA_PLATFORM_KEYS", $"acme/a:{One},acme/a:{Other}"))).Message);

    [Theory]
    [InlineData("AGORA_OPERATOR_KEYS")]
    [InlineData("AGORA_PLATFORM_KEYS")]
    [InlineData("AGORA_GPT_KEYS")]
    public void A_wrong_entry_is_named_by_its_number_and_no_key_is_repeated(string name)
    {
        var line = Assert.Throws<SettingException>(() => Read((name, $"root:{One},acme/:{Other},c:{One}"))).Message;
        Assert.EndsWith(" Entry 2 is not.", line, StringComparison.Ordinal);
        Assert.DoesNotContain(Other, line, StringComparison.Ordinal);
    }

    private static AgoraSettings Read(params (string Name, string Value)[] settings) =>
        AgoraSettings.Read(new ConfigurationBuilder().AddInMemoryCollection(settings.Select(s => KeyValuePair.Create(s.Name, (string?)s.Value))).Build());
}
