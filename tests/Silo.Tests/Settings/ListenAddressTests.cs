using System.Net;
using System.Net.Sockets;
using Agora.Hosting;
using Microsoft.Extensions.Configuration;

namespace Agora.Silo.Tests.Settings;

/// <summary>An address that the web server would read otherwise than its author did is refused: the server listens on all interfaces for a host that it does not know.</summary>
public sealed class ListenAddressTests
{
    private const string Form = "must be http:// or https:// addresses, separated by ';'.";
    private const string User = "must have no user name and no password: write http://HOST:PORT.";
    private const string Path = "must have no path and no query: write http://HOST:PORT.";
    private const string NoPort = "must have a port from 0 to 65535 after the colon: there is none.";
    private const string Host = "must have an IP address or a name as its host, such as 127.0.0.1 or localhost; 0.0.0.0 stands for all interfaces.";

    [Theory]
    [InlineData("http://127.0.0.1:", NoPort)]
    [InlineData("http://127.0.0.1:/", NoPort)]
    [InlineData("http://[::1]:", NoPort)]
    [InlineData("http://127.0.0.1:8080;http://127.0.0.1:", NoPort)]
    [InlineData("http://127.0.0.1:+1", "must have a port from 0 to 65535, not '+1'.")]
    [InlineData("http://127.0.0.1:99999", "must have a port from 0 to 65535, not '99999'.")]
    [InlineData("http://user:x@127.0.0.1:8080", User)]
    [InlineData("http://user:S3CRET@h:99999", User)]
    [InlineData("http://@127.0.0.1:8080", User)]
    [InlineData("http://127.0.0.1:8080/path", Path)]
    [InlineData("http://127.0.0.1:8080?query", Path)]
    [InlineData("http://127.0.0.1:8080/?query", Path)]
    [InlineData("http://127.0.0.1:8080#fragment", Path)]
    [InlineData("http://127.0.0.1:8080\\path", Path)]
    [InlineData("http://loopback:8080", Host)]
    [InlineData("http://*:8080", Host)]
    [InlineData("http://+:8080", Host)]
    [InlineData("http://:8080", Host)]
    [InlineData("http://", Host)]
    [InlineData("http://[127.0.0.1]:8080", Host)]
    [InlineData("http://localhost:0", "must have a port other than 0 where the host is localhost: for a free port write http://127.0.0.1:0.")]
    [InlineData("http://unix:", NoPort)]
    [InlineData("ftp://127.0.0.1:8080", Form)]
    [InlineData("127.0.0.1:8080", Form)]
    [InlineData(" http://127.0.0.1:8080", Form)]
    [InlineData("http://127.0.0.1:8080;", Form)]
    public void An_address_that_the_web_server_would_read_otherwise_is_refused_in_a_line_that_names_the_setting_and_no_user(string urls, string rule)
    {
        Assert.Equal($"--urls / AGORA_URLS {rule}", Refusal(("urls", urls)));
        Assert.Equal($"--urls / AGORA_URLS {rule}", Refusal(("AGORA_URLS", urls)));
    }

    [Theory]
    [InlineData("http://127.0.0.1:0")]
    [InlineData("http://127.0.0.1")]
    [InlineData("http://127.0.0.1:8080/")]
    [InlineData("HTTP://localhost:8080")]
    [InlineData("http://0.0.0.0:8080;http://[::1]:8081;http://[::]:8082")]
    [InlineData("http://agora.internal:8080")]
    [InlineData("http://unix:/run/agora.sock")]
    public void What_the_web_server_reads_as_it_stands_is_taken(string urls) => Assert.Equal(urls, Read(("urls", urls)).Urls);

    [Theory]
    [InlineData("http://user:S3CRET@127.0.0.1:9464")]
    [InlineData("http://127.0.0.1:")]
    [InlineData("http://127.0.0.1:9464/path")]
    [InlineData("http://loopback:9464")]
    [InlineData("http://127.0.0.1:0")]
    [InlineData("http://127.0.0.1")]
    [InlineData("https://127.0.0.1:9464")]
    [InlineData("http://unix:/run/metrics.sock")]
    public void The_address_of_metrics_is_held_to_the_same_and_has_a_port_of_its_own(string url) =>
        Assert.Equal("AGORA_METRICS_URL must be an http:// address with a port of its own, such as http://127.0.0.1:9464.", Refusal(("AGORA_METRICS_URL", url)));

    [Theory]
    [InlineData("text-service")]
    [InlineData("against")]
    public void No_address_of_a_flag_is_repeated_with_its_user(string flag)
    {
        foreach (var url in (string[])["http://user:S3CRET@h:99999", "http://user:S3CRET@h:8080"])
        {
            Assert.Equal($"--{flag} {User}", Refusal((flag, url)));
        }
    }

    [Theory]
    [InlineData("http://127.0.0.1:9464", "http://127.0.0.1:9464")]
    [InlineData("http://127.0.0.1:8080;http://127.0.0.2:9464", "http://127.0.0.1:9464")]
    public void A_port_of_metrics_that_an_address_of_the_API_has_is_refused(string urls, string metrics) =>
        Assert.Equal("AGORA_METRICS_URL must have a port that no address of --urls / AGORA_URLS has; 9464 is there.", Refusal(("urls", urls), ("AGORA_METRICS_URL", metrics)));

    [Theory]
    [InlineData("http://127.0.0.1:8080", "http://127.0.0.1:8080")]
    [InlineData("http://127.0.0.1:8080", "http://0.0.0.0:8080")]
    [InlineData("http://localhost:8080", "http://[::1]:8080")]
    [InlineData("http://[::]:8080", "http://agora.internal:8080")]
    public void Two_addresses_of_which_one_could_be_listened_on_are_refused(string one, string other) =>
        Assert.Equal($"--urls / AGORA_URLS: {one} and {other} overlap: leave one of them out.", Refusal(("urls", $"{one};{other}")));

    [Theory]
    [InlineData("http://127.0.0.1:8080;http://[::1]:8080")]
    [InlineData("http://127.0.0.1:0;http://127.0.0.1:0")]
    public void Addresses_that_stand_side_by_side_are_taken(string urls) => Assert.Equal(urls, Read(("urls", urls)).Urls);

    [Fact]
    public void What_only_serving_needs_is_not_asked_for_where_nothing_is_served()
    {
        (string, string)[] set = [("AGORA_URLS", "https://0.0.0.0:8443"), ("AGORA_METRICS_URL", "http://127.0.0.1:8443"), ("AGORA_ADVERTISED_ADDRESS", "a b"), ("AGORA_CLUSTER_TLS_CERT", "/nowhere.pem")];

        Assert.Equal("https://0.0.0.0:8443", AgoraSettings.Read(Configuration(set), serves: false).Urls);
        Assert.NotNull(Refusal(set));
    }

    [Fact]
    public void A_port_that_is_taken_is_blamed_on_the_setting_that_names_it()
    {
        using var other = new TcpListener(IPAddress.Loopback, 0);
        other.Start();
        var taken = $"http://{other.LocalEndpoint}";

        Assert.Equal($"--urls / AGORA_URLS: {taken}: Address already in use.", Blamed(("urls", taken)));
        Assert.Equal($"AGORA_METRICS_URL: {taken}: Address already in use.", Blamed(("urls", "http://127.0.0.1:0"), ("AGORA_METRICS_URL", taken)));
    }

    [Fact]
    public void A_socket_of_a_file_that_is_there_is_taken()
    {
        var file = System.IO.Path.GetTempFileName();
        try
        {
            Assert.Equal($"--urls / AGORA_URLS: http://unix:{file}: the file is there already. Remove it if no server uses it.", Blamed(("urls", $"http://unix:{file}")));
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Fact]
    public void A_socket_that_cannot_be_made_is_refused_and_one_that_can_leaves_no_file()
    {
        var folder = Directory.CreateTempSubdirectory("agora-socket-").FullName;
        try
        {
            foreach (var file in (string[])[$"{folder}/none/agora.sock", $"{folder}/{new string('a', 120)}"])
            {
                Assert.StartsWith($"--urls / AGORA_URLS: http://unix:{file}: a socket cannot be made there. ", Blamed(("urls", $"http://unix:{file}")), StringComparison.Ordinal);
            }

            ListenAddresses.CheckFree(Read(("urls", $"http://unix:{folder}/agora.sock")));
            Assert.Empty(Directory.EnumerateFileSystemEntries(folder));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static string Blamed(params (string Name, string Value)[] set) => Assert.Throws<SettingException>(() => ListenAddresses.CheckFree(Read(set))).Message;

    private static string Refusal(params (string Name, string Value)[] set) => Assert.Throws<SettingException>(() => Read(set)).Message;

    private static AgoraSettings Read(params (string Name, string Value)[] set) => AgoraSettings.Read(Configuration(set));

    private static IConfigurationRoot Configuration((string Name, string Value)[] set) =>
        new ConfigurationBuilder().AddInMemoryCollection(set.Select(static s => KeyValuePair.Create(s.Name, (string?)s.Value))).Build();
}
