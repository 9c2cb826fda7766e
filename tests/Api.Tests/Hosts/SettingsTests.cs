using Agora.Hosting;
using Microsoft.Extensions.Configuration;

namespace Agora.Api.Tests.Hosts;

/// <summary>Settings are checked at the start, each refusal in one line that names the setting and what is allowed.</summary>
public sealed class SettingsTests : IDisposable
{
    private const string Key = "0123456789abcdef0123456789abcdef";
    private readonly string _file = Path.GetTempFileName();

    [Theory]
    [InlineData("AGORA_MASTER_KEY", "c2hvcnQ=", "AGORA_MASTER_KEY must be 32 bytes in base64, as from: openssl rand -base64 32.")]
    [InlineData("AGORA_TOKEN_KEY", "%", "AGORA_TOKEN_KEY must be 32 bytes in base64, as from: openssl rand -base64 32.")]
    [InlineData("AGORA_CLUSTER_ID", "a b", "AGORA_CLUSTER_ID must be 1 to 64 letters, digits, '.', '_' or '-'.")]
    [InlineData("AGORA_SERVICE_ID", "-", "AGORA_SERVICE_ID must be 1 to 64 letters, digits, '.', '_' or '-'.")]
    [InlineData("AGORA_SILO_PORT", "0", "AGORA_SILO_PORT must be a whole number from 1 to 65535.")]
    [InlineData("AGORA_GATEWAY_PORT", "65536", "AGORA_GATEWAY_PORT must be a whole number from 1 to 65535.")]
    [InlineData("AGORA_ADVERTISED_ADDRESS", "a b", "AGORA_ADVERTISED_ADDRESS must be an IP address, or a name that can be resolved; 'a b' is not.")]
    [InlineData("AGORA_DASHBOARD", "yes", "AGORA_DASHBOARD must be true or false.")]
    [InlineData("AGORA_CLUSTER_TLS_CERT", "/nowhere.pem", "AGORA_CLUSTER_TLS_CERT: there is no file '/nowhere.pem'.")]
    [InlineData("AGORA_ADMIN_KEY_FILE", "/nowhere", "AGORA_ADMIN_KEY_FILE: '/nowhere' cannot be read.")]
    [InlineData("AGORA_SERVICE_KEYS", $"silo:{Key}", "AGORA_SERVICE_KEYS: the name 'silo' is the cluster's own.")]
    [InlineData("AGORA_SERVICE_KEYS", $"a:{Key},a:{Key}", "AGORA_SERVICE_KEYS: 'a' stands there twice.")]
    [InlineData("urls", "http://127.0.0.1:99999", "--urls / AGORA_URLS must have a port from 0 to 65535, not '99999'.")]
    [InlineData("AGORA_URLS", "http://127.0.0.1:1;https://[::1]:-1", "--urls / AGORA_URLS must have a port from 0 to 65535, not '-1'.")]
    [InlineData("AGORA_URLS", "127.0.0.1:8080", "--urls / AGORA_URLS must be http:// or https:// addresses, separated by ';'.")]
    [InlineData("text-service", "http://127.0.0.1:70000", "--text-service must have a port from 0 to 65535, not '70000'.")]
    [InlineData("against", "http://127.0.0.1:1", "--against goes with --demo --once, and with AGORA_ADMIN_KEY and AGENT_API_KEY as the server there has them.")]
    public void A_setting_that_is_not_allowed_is_refused_in_one_line(string name, string value, string line) =>
        Assert.Equal(line, Assert.Throws<SettingException>(() => Read((name, value))).Message);

    [Theory]
    [InlineData("a")]
    [InlineData("a:short")]
    [InlineData("a:0123456789abcdef0123456789abcde")]
    [InlineData($"a b:{Key}")]
    [InlineData($"a:{Key}:nothing")]
    [InlineData($"a:{Key}:campaign+")]
    [InlineData($"a:{Key}:campaign:session")]
    public void Keys_of_services_are_name_key_and_kinds(string value) =>
        Assert.StartsWith("AGORA_SERVICE_KEYS must be NAME:KEY or NAME:KEY:KIND+KIND", Assert.Throws<SettingException>(() => Read(("AGORA_SERVICE_KEYS", value))).Message, StringComparison.Ordinal);

    [Fact]
    public void Keys_of_services_are_read()
    {
        var keys = Read(("AGORA_SERVICE_KEYS", $"all:{Key},some:{Key}:campaign+session")).Cluster.ServiceKeys;
        Assert.Equal(["all", "some"], keys.Select(k => k.Name));
        Assert.Null(keys[0].Kinds);
        Assert.Equal(["campaign", "session"], keys[1].Kinds);
    }

    [Fact]
    public void A_setting_can_be_the_content_of_a_file_but_not_both()
    {
        File.WriteAllText(_file, $"{Key}\n");
        Assert.Equal(Key, Read(("AGORA_ADMIN_KEY_FILE", _file)).AdminKey);
        Assert.Equal(
            "AGORA_ADMIN_KEY and AGORA_ADMIN_KEY_FILE: only one of them can be set.",
            Assert.Throws<SettingException>(() => Read(("AGORA_ADMIN_KEY_FILE", _file), ("AGORA_ADMIN_KEY", Key))).Message);
    }

    [Fact]
    public void The_files_of_the_clusters_TLS_go_together()
    {
        Assert.StartsWith("AGORA_CLUSTER_TLS_CERT, AGORA_CLUSTER_TLS_KEY and AGORA_CLUSTER_TLS_CA go together", Assert.Throws<SettingException>(() => Read(("AGORA_CLUSTER_TLS_CA", _file))).Message, StringComparison.Ordinal);
        Assert.Equal((_file, _file, _file), Read(("AGORA_CLUSTER_TLS_CERT", _file), ("AGORA_CLUSTER_TLS_KEY", _file), ("AGORA_CLUSTER_TLS_CA", _file)).Cluster.Tls);
    }

    /// <summary>Else the API is served without TLS, and nothing says so.</summary>
    [Theory]
    [InlineData(null, AgoraSettings.UrlsDefault)]
    [InlineData("urls", "http://127.0.0.1:8443")]
    [InlineData("AGORA_URLS", "http://127.0.0.1:1;http://127.0.0.1:2")]
    public void A_certificate_that_no_address_uses_is_refused(string? setting, string urls)
    {
        (string, string)[] given = [("tls-cert", _file), ("tls-key", _file), (setting ?? "AGORA_URLS", setting is null ? "" : urls)];

        Assert.Equal(
            $"--tls-cert and --tls-key need an https:// address: set --urls / AGORA_URLS, which is {urls}, to one such as https://127.0.0.1:8080.",
            Assert.Throws<SettingException>(() => Read(given)).Message);
    }

    [Theory]
    [InlineData("https://127.0.0.1:8443")]
    [InlineData("http://127.0.0.1:8080;HTTPS://127.0.0.1:8443")]
    public void A_certificate_that_one_address_uses_is_taken(string urls) => Assert.Equal(_file, Read(("AGORA_URLS", urls), ("tls-cert", _file), ("tls-key", _file)).TlsCertificate);

    public void Dispose() => File.Delete(_file);

    private static AgoraSettings Read(params (string Name, string Value)[] given) =>
        AgoraSettings.Read(new ConfigurationBuilder().AddInMemoryCollection(given.ToDictionary(g => g.Name, g => (string?)g.Value)).Build());
}
