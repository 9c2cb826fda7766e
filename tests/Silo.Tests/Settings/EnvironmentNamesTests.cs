using Agora.Hosting;

namespace Agora.Silo.Tests.Settings;

/// <summary>A name in the environment that looks like a setting is one, or is refused.</summary>
public sealed class EnvironmentNamesTests
{
    [Theory]
    [InlineData("AGORA_ANOMALY_LIMTI", "AGORA_ANOMALY_LIMIT")]
    [InlineData("AGORA_ADMINKEY", "AGORA_ADMIN_KEY")]
    [InlineData("AGORA_MASTER_KEY_FLIE", "AGORA_MASTER_KEY_FILE")]
    [InlineData("agora_x402_payto", "AGORA_X402_PAY_TO")]
    [InlineData("AGORA_RATE_LIMIT", "AGORA_RATE_LIMIT_PER_MINUTE")]
    [InlineData("AGENT_API_KEYS", "AGENT_API_KEY")]
    public void A_misspelt_setting_is_refused_with_the_nearest_name(string given, string nearest) =>
        Assert.Equal($"{given} is not a setting; did you mean {nearest}?", Assert.Throws<SettingException>(() => EnvironmentNames.Check([given])).Message);

    [Fact]
    public void A_setting_that_does_not_exist_is_refused_however_far_it_is_from_any() =>
        Assert.StartsWith("AGORA_MAKE_ME_RICH is not a setting", Assert.Throws<SettingException>(() => EnvironmentNames.Check(["AGORA_MAKE_ME_RICH"])).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("AGORA_URLS")]
    [InlineData("AGORA_MASTER_KEY_FILE")]
    [InlineData("AGENT_API_KEY")]
    [InlineData("AGORA_X402_ASSET_DECIMALS")]
    [InlineData("AGORA_SERVICE_HOST")]
    [InlineData("AGORA_SERVICE_PORT_HTTP")]
    [InlineData("AGORA_PORT")]
    [InlineData("AGORA_API_PORT_8080_TCP_ADDR")]
    [InlineData("AGORA_VERSION")]
    [InlineData("AGORA_URL")]
    [InlineData("AGORA_TOKEN")]
    [InlineData("AGORA_PROFILE")]
    [InlineData("AGORA_GPT_KEY")]
    [InlineData("AGENT_NAME")]
    [InlineData("PATH")]
    public void Settings_and_names_of_the_platform_pass(string given) => EnvironmentNames.Check([given]);
}
