using Agora.Hosting;
using Agora.X402;
using Microsoft.Extensions.Configuration;

namespace Agora.Silo.Tests.Settings;

public sealed class SettingsTests : IDisposable
{
    private const string PayTo = "0x209693Bc6afc0C5328bA36FaF03C514EF312287C";
    private const string Key = "a-key-of-at-least-32-characters-";
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("agora-settings-");

    public static TheoryData<string, string> KeySettings => new() { { "AGENT_API_KEY", nameof(AgoraSettings.PlatformKey) }, { "AGORA_ADMIN_KEY", nameof(AgoraSettings.AdminKey) } };

    public void Dispose() => _directory.Delete(recursive: true);

    [Theory]
    [MemberData(nameof(KeySettings))]
    public void A_key_in_a_file_is_read_without_the_line_end_behind_it(string name, string property)
    {
        var settings = Read(($"{name}_FILE", Write("key", Key + "\n")));
        Assert.Equal(Key, typeof(AgoraSettings).GetProperty(property)!.GetValue(settings));
    }

    [Fact]
    public void A_key_given_twice_is_refused() =>
        Refused("AGENT_API_KEY and AGENT_API_KEY_FILE: only one of them can be set.", ("AGENT_API_KEY", Key), ("AGENT_API_KEY_FILE", Write("key", Key)));

    [Fact]
    public void A_file_of_a_key_that_is_not_there_is_refused() =>
        Refused("AGORA_ADMIN_KEY_FILE: '/nowhere/key' cannot be read.", ("AGORA_ADMIN_KEY_FILE", "/nowhere/key"));

    [Fact]
    public void An_empty_file_of_a_key_is_refused()
    {
        var file = Write("key", "\n");
        Refused(KeyLine("AGORA_ADMIN_KEY"), ("AGORA_ADMIN_KEY_FILE", file));
    }

    [Fact]
    public void What_a_file_holds_is_checked_like_the_setting_itself() =>
        Refused(KeyLine("AGORA_ADMIN_KEY"), ("AGORA_ADMIN_KEY_FILE", Write("key", "short")));

    [Theory]
    [MemberData(nameof(KeySettings))]
    public void A_key_is_taken_from_32_characters_on_and_a_shorter_one_is_refused_in_a_line_that_names_the_setting(string name, string property)
    {
        Refused(KeyLine(name), (name, Key[..31]));
        Refused(KeyLine(name), (name, Key[..31] + " "));
        Assert.Equal(Key, typeof(AgoraSettings).GetProperty(property)!.GetValue(Read((name, Key))));
    }

    [Fact]
    public void A_short_key_that_somebody_put_into_the_data_directory_is_refused_in_a_line_that_names_the_file()
    {
        var data = new DataDirectory(Read(("data", _directory.FullName)));
        Write("admin.access", "short\n");
        Assert.Equal(
            $"{data.FileOf("admin")} must hold 32 to 512 visible ASCII characters, as from: openssl rand -hex 24; or make another: ./run rotate-key admin",
            Assert.Throws<SettingException>(() => data.AccessKey("admin")).Message);
        Assert.Equal(data.Rotate("admin"), data.AccessKey("admin").Key);
    }

    [Theory]
    [InlineData("AGORA_CHECKPOINT_SINK", "/nowhere/chain.txt", "AGORA_CHECKPOINT_SINK must be an http:// or https:// address, or a file's path in a directory that exists.")]
    [InlineData("AGORA_CHECKPOINT_SINK", "/", "AGORA_CHECKPOINT_SINK must be an http:// or https:// address, or a file's path in a directory that exists.")]
    [InlineData("AGORA_CHECKPOINT_SINK", "ftp://witness.example/", "AGORA_CHECKPOINT_SINK: The endpoint must be an https or http URI.")]
    [InlineData("AGORA_CHECKPOINT_SECONDS", "0", "AGORA_CHECKPOINT_SECONDS must be a whole number from 1 to 3600.")]
    [InlineData("AGORA_ISSUER", "two words", "AGORA_ISSUER must be a name or a URI of at most 200 visible ASCII characters, such as https://agora.example.")]
    [InlineData("AGORA_ISSUER", ":nothing", "AGORA_ISSUER must be a name or a URI of at most 200 visible ASCII characters, such as https://agora.example.")]
    public void What_receipts_and_checkpoints_cannot_use_is_refused(string name, string value, string refusal) => Refused(refusal, (name, value));

    [Fact]
    public void A_sink_is_a_URL_as_it_stands_or_the_whole_path_of_a_file()
    {
        Assert.Equal("https://witness.example/agora", Read(("AGORA_CHECKPOINT_SINK", "https://witness.example/agora")).CheckpointSink);
        Assert.Equal(Path.Combine(_directory.FullName, "chain.txt"), Read(("AGORA_CHECKPOINT_SINK", Path.Combine(_directory.FullName, ".", "chain.txt"))).CheckpointSink);
        Assert.Null(Read().CheckpointSink);
    }

    [Fact]
    public void A_key_of_a_settings_file_that_is_no_setting_is_refused_by_name()
    {
        Write("appsettings.json", """{ "AGORA_ANOMALY_LIMIT": 7, "AGORA_ANOMALY_LIMTI": 8 }""");
        var refusal = Assert.Throws<SettingException>(() => SettingsFile.Read(_directory.FullName, "appsettings.json"));
        Assert.Equal("appsettings.json: 'AGORA_ANOMALY_LIMTI' is not a setting.", refusal.Message);
    }

    [Fact]
    public void A_flag_in_a_settings_file_is_refused_for_it_would_not_be_heard()
    {
        Write("appsettings.json", """{ "urls": "http://0.0.0.0:80" }""");
        Assert.Throws<SettingException>(() => SettingsFile.Read(_directory.FullName, "appsettings.json"));
    }

    [Fact]
    public void A_settings_file_that_is_not_JSON_is_refused()
    {
        Write("appsettings.json", "AGORA_ANOMALY_LIMIT=7");
        var refusal = Assert.Throws<SettingException>(() => SettingsFile.Read(_directory.FullName, "appsettings.json"));
        Assert.Equal("appsettings.json is not a JSON object of settings.", refusal.Message);
    }

    [Fact]
    public void A_settings_file_that_is_not_there_sets_nothing() =>
        Assert.Empty(SettingsFile.Read(_directory.FullName, "appsettings.json").AsEnumerable());

    [Theory]
    [InlineData("Development")]
    [InlineData("Staging")]
    [InlineData("Production")]
    public void The_file_of_an_environment_changes_at_least_one_setting_and_is_valid(string environment)
    {
        var name = $"appsettings.{environment}.json";
        Assert.True(File.Exists(Path.Combine(AppContext.BaseDirectory, name)), $"{name} is not beside the program");
        var file = SettingsFile.Read(AppContext.BaseDirectory, name);
        var defaults = AgoraSettings.Read(new ConfigurationBuilder().Build());
        Assert.NotEqual(defaults, AgoraSettings.Read(file) with { TrustedProxies = defaults.TrustedProxies });
    }

    [Fact]
    public void Addresses_come_from_the_environment_when_no_flag_gives_them() =>
        Assert.Equal("http://0.0.0.0:81", Read(("AGORA_URLS", "http://0.0.0.0:81")).Urls);

    [Theory]
    [InlineData("https://app.example", new[] { "https://app.example" })]
    [InlineData("https://app.example, http://localhost:3000", new[] { "https://app.example", "http://localhost:3000" })]
    public void Origins_are_as_browsers_say_them(string set, string[] read) => Assert.Equal(read, Read(("AGORA_CORS_ORIGINS", set)).CorsOrigins);

    [Theory]
    [InlineData("*")]
    [InlineData("null")]
    [InlineData("app.example")]
    [InlineData("https://app.example/")]
    [InlineData("https://app.example:443")]
    [InlineData("https://APP.example")]
    [InlineData("https://*.example")]
    [InlineData("https://user@app.example")]
    [InlineData("https://app.example,")]
    [InlineData("file:///home")]
    public void Anything_else_that_is_set_for_one_is_refused(string set) =>
        Assert.StartsWith("AGORA_CORS_ORIGINS must be ", Assert.Throws<SettingException>(() => Read(("AGORA_CORS_ORIGINS", set))).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("https://agora.example", new[] { "https://agora.example" })]
    [InlineData("http://127.0.0.1:8080/at/", new[] { "http://127.0.0.1:8080/at" })]
    [InlineData("https://agora.example, https://api.example/at/", new[] { "https://agora.example", "https://api.example/at" })]
    public void Public_addresses_are_a_list_without_their_last_slashes(string set, string[] read) => Assert.Equal(read, Read(("AGORA_PUBLIC_URL", set)).PublicUrls);

    [Theory]
    [InlineData("agora.example")]
    [InlineData("https://agora.example,")]
    [InlineData("https://a.example,https://b.example,https://c.example,https://d.example,https://e.example,https://f.example,https://g.example,https://h.example,https://i.example")]
    [InlineData("ftp://agora.example")]
    [InlineData("https://agora.example/?a=b")]
    [InlineData("https://agora.example/?")]
    [InlineData("https://agora.example/#a")]
    [InlineData("https://user:word@agora.example")]
    public void A_public_address_that_is_none_is_refused_by_name(string set) =>
        Assert.StartsWith("AGORA_PUBLIC_URL must be ", Assert.Throws<SettingException>(() => Read(("AGORA_PUBLIC_URL", set))).Message, StringComparison.Ordinal);

    [Fact]
    public void Without_any_setting_of_it_x402_is_off() => Assert.Null(Read().X402);

    [Fact]
    public void On_a_network_whose_USDC_is_known_three_settings_are_enough()
    {
        var x402 = Read(X402()).X402!;
        Assert.Equal(new("https://x402.example/facilitator"), x402.Facilitator);
        Assert.Equal(new PaymentTerms("eip155:8453", "0x833589fCD6eDb6E08f4c7C32D4f71b54bdA02913", PayTo, "USD Coin", "2", 6), x402.Terms);
    }

    [Fact]
    public void Any_other_asset_is_described_in_full()
    {
        var x402 = Read(X402(
            ("AGORA_X402_NETWORK", "eip155:10"), ("AGORA_X402_ASSET", PayTo), ("AGORA_X402_ASSET_NAME", "Euro"), ("AGORA_X402_ASSET_VERSION", "1"), ("AGORA_X402_ASSET_DECIMALS", "18"),
            ("AGORA_X402_FACILITATOR_KEY", Key))).X402!;
        Assert.Equal(new PaymentTerms("eip155:10", PayTo, PayTo, "Euro", "1", 18), x402.Terms);
        Assert.Equal(Key, x402.FacilitatorKey);
    }

    [Theory]
    [InlineData("AGORA_X402_FACILITATOR", null, "AGORA_X402_FACILITATOR, AGORA_X402_PAY_TO and AGORA_X402_NETWORK go together: AGORA_X402_FACILITATOR is missing.")]
    [InlineData("AGORA_X402_PAY_TO", null, "AGORA_X402_FACILITATOR, AGORA_X402_PAY_TO and AGORA_X402_NETWORK go together: AGORA_X402_PAY_TO is missing.")]
    [InlineData("AGORA_X402_NETWORK", null, "AGORA_X402_FACILITATOR, AGORA_X402_PAY_TO and AGORA_X402_NETWORK go together: AGORA_X402_NETWORK is missing.")]
    [InlineData("AGORA_X402_FACILITATOR", "x402.example", "AGORA_X402_FACILITATOR must be an http:// or https:// address without query, user name and fragment.")]
    [InlineData("AGORA_X402_FACILITATOR", "https://me:secret@x402.example", "AGORA_X402_FACILITATOR must be an http:// or https:// address without query, user name and fragment.")]
    [InlineData("AGORA_X402_FACILITATOR", "https://x402.example/?a=b", "AGORA_X402_FACILITATOR must be an http:// or https:// address without query, user name and fragment.")]
    [InlineData("AGORA_X402_PAY_TO", "merchant", "AGORA_X402_PAY_TO must be an address: 0x and 40 hexadecimal digits.")]
    [InlineData("AGORA_X402_NETWORK", "base", "AGORA_X402_NETWORK must be a CAIP-2 network of the namespace eip155, such as eip155:8453.")]
    [InlineData("AGORA_X402_NETWORK", "eip155:10", "AGORA_X402_ASSET is missing: no asset of eip155:10 is known.")]
    [InlineData("AGORA_X402_ASSET", "USDC", "AGORA_X402_ASSET must be an address: 0x and 40 hexadecimal digits.")]
    [InlineData("AGORA_X402_ASSET", PayTo, "AGORA_X402_ASSET goes with AGORA_X402_ASSET_NAME, AGORA_X402_ASSET_VERSION (of its EIP-712 domain) and AGORA_X402_ASSET_DECIMALS: this asset is not known.")]
    [InlineData("AGORA_X402_ASSET_NAME", "USDC", "AGORA_X402_ASSET_NAME, AGORA_X402_ASSET_VERSION and AGORA_X402_ASSET_DECIMALS are for assets that are not known: of USDC on eip155:8453 they are.")]
    [InlineData("AGORA_X402_ASSET_DECIMALS", "19", "AGORA_X402_ASSET_DECIMALS must be a whole number from 0 to 18.")]
    [InlineData("AGORA_X402_FACILITATOR_KEY", "short", "AGORA_X402_FACILITATOR_KEY must be 16 to 512 visible ASCII characters.")]
    public void X402_that_is_half_set_or_wrong_is_refused(string name, string? value, string line) => Refused(line, X402((name, value)));

    [Fact]
    public void One_setting_of_x402_alone_is_refused() =>
        Refused("AGORA_X402_FACILITATOR, AGORA_X402_PAY_TO and AGORA_X402_NETWORK go together: AGORA_X402_FACILITATOR is missing.", ("AGORA_X402_ASSET_DECIMALS", "6"));

    private static string KeyLine(string name) => $"{name} must be 32 to 512 visible ASCII characters, as from: openssl rand -hex 24.";

    [Fact]
    public void It_is_development_until_something_says_that_others_reach_it()
    {
        Assert.True(Read().IsDevelopment);
        Assert.True(Read(("urls", "http://localhost:9090;http://[::1]:9091")).IsDevelopment);
        Assert.Null(OutboundRules.Refusal(Read(), "http://127.0.0.1:9000/"));
        Assert.All(
            ((string Name, string Value)[])[("urls", "http://127.0.0.1:8080;http://0.0.0.0:8081"), ("urls", "http://agora.internal:8080"), ("AGORA_OUTBOUND_ALLOW", "10.0.0.0/8"), ("AGORA_AGENT_OUTBOUND_ALLOW", "10.0.0.0/8"), ("AGORA_PUBLIC_URL", "https://agora.example"), ("AGORA_TRUSTED_PROXIES", "127.0.0.1/32"), ("AGORA_POSTGRES", "Host=127.0.0.1;Database=agora")],
            set => Assert.Contains("AGORA_OUTBOUND_ALLOW has to name 127.0.0.1:9000", OutboundRules.Refusal(Read(set), "http://127.0.0.1:9000/"), StringComparison.Ordinal));
    }

    [Fact]
    public void What_operators_let_services_be_at_is_open_to_no_agent_and_the_reverse()
    {
        var settings = Read(("AGORA_OUTBOUND_ALLOW", "10.0.0.0/8"), ("AGORA_AGENT_OUTBOUND_ALLOW", "10.1.0.0/16"));

        Assert.Null(OutboundRules.Refusal(settings, "http://10.2.0.1/"));
        Assert.Contains("AGORA_AGENT_OUTBOUND_ALLOW has to name 10.2.0.1:80", OutboundRules.AgentRefusal(settings, "http://10.2.0.1/"), StringComparison.Ordinal);
        Assert.Null(OutboundRules.AgentRefusal(settings, "http://10.1.0.1/"));
        Assert.Contains("AGORA_OUTBOUND_ALLOW has to name 10.1.0.1:80", OutboundRules.Refusal(Read(("AGORA_AGENT_OUTBOUND_ALLOW", "10.1.0.0/16")), "http://10.1.0.1/"), StringComparison.Ordinal);
    }

    private static (string Name, string? Value)[] X402(params (string Name, string? Value)[] others) =>
    [
        .. new (string Name, string? Value)[] { ("AGORA_X402_FACILITATOR", "https://x402.example/facilitator"), ("AGORA_X402_PAY_TO", PayTo), ("AGORA_X402_NETWORK", "eip155:8453") }.Where(s => others.All(o => o.Name != s.Name)),
        .. others,
    ];

    private static AgoraSettings Read(params (string Name, string? Value)[] values) =>
        AgoraSettings.Read(new ConfigurationBuilder().AddInMemoryCollection(values.Select(v => KeyValuePair.Create(v.Name, v.Value))).Build());

    private static void Refused(string line, params (string Name, string? Value)[] values) =>
        Assert.Equal(line, Assert.Throws<SettingException>(() => Read(values)).Message);

    private string Write(string name, string content)
    {
        var path = Path.Combine(_directory.FullName, name);
        File.WriteAllText(path, content);
        return path;
    }
}
