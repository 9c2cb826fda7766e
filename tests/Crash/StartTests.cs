using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using Agora.Crash.Support;
using Agora.Testing.Postgres;

namespace Agora.Crash;

/// <summary>How the program starts: settings are refused in one line, TLS is served, the demo walks the whole flow.</summary>
public sealed class StartTests
{
    private static readonly Surroundings Demo = new(new Dictionary<string, string>()) { Program = "Samples.Demo" };

    [Theory]
    [InlineData("--nope", "'--nope' is not known; see ./run --help.")]
    [InlineData("--once", "--once goes with --demo.")]
    [InlineData("--demo", "--demo is another program: ./run --demo starts it.")]
    [InlineData("--urls=ftp://127.0.0.1", "--urls / AGORA_URLS must be http:// or https:// addresses, separated by ';'.")]
    [InlineData("--urls=https://127.0.0.1:0", "--urls / AGORA_URLS: an https:// address needs --tls-cert and --tls-key.")]
    [InlineData("--urls=http://127.0.0.1:99999", "--urls / AGORA_URLS must have a port from 0 to 65535, not '99999'.")]
    [InlineData("--tls-cert=/nowhere.pem", "--tls-cert: there is no file '/nowhere.pem'.")]
    [InlineData("--postgres=sqlite://x", "--postgres / AGORA_POSTGRES must be a connection string of PostgreSQL, such as Host=127.0.0.1;Username=agora;Password=…;Database=agora.")]
    public async Task A_setting_that_is_not_allowed_stops_the_start_with_one_line(string argument, string line)
    {
        using var directory = new DataDirectory();
        var (exitCode, output) = await ServerProcess.Run("--data", directory.Path, argument);
        Assert.Equal((2, line), (exitCode, output));
        Assert.Empty(Directory.EnumerateFileSystemEntries(directory.Path));
    }

    [Fact]
    public async Task A_port_that_is_taken_stops_the_start_with_one_line_and_makes_nothing()
    {
        using var directory = new DataDirectory();
        using var other = new System.Net.Sockets.TcpListener(IPAddress.Loopback, 0);
        other.Start();
        var url = $"http://{other.LocalEndpoint}";

        var (exitCode, output) = await ServerProcess.Run(NoKeys, "--data", Path.Combine(directory.Path, "data"), "--urls", url);

        Assert.Equal((2, $"--urls / AGORA_URLS: {url}: Address already in use."), (exitCode, output));
        Assert.Empty(Directory.EnumerateFileSystemEntries(directory.Path));
    }

    [Theory]
    [InlineData()]
    [InlineData("rebuild")]
    [InlineData("verify-journal")]
    [InlineData("rotate-key", "night")]
    [InlineData("rotate-signing-key")]
    public async Task A_data_directory_that_cannot_be_used_stops_every_verb_with_one_line(params string[] verb)
    {
        using var directory = new DataDirectory();
        var file = Path.Combine(directory.Path, "file");
        await File.WriteAllTextAsync(file, "");

        var (exitCode, output) = await ServerProcess.Run(NoKeys, [.. verb, "--data", Path.Combine(file, "data"), "--urls", Free()]);

        Assert.True(exitCode == 2, output);
        Assert.Contains(file, Assert.Single(output.Split('\n')), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("rebuild")]
    [InlineData("rotate-signing-key")]
    [InlineData("rotate-key", "night")]
    public async Task A_verb_on_the_wrong_directory_is_refused_with_one_line_and_makes_nothing(params string[] verb)
    {
        using var directory = new DataDirectory();
        var wrong = Path.Combine(directory.Path, "wrong");

        var (exitCode, output) = await ServerProcess.Run(NoKeys, [.. verb, "--data", wrong]);

        Assert.True(exitCode == 2, output);
        Assert.Contains(wrong, Assert.Single(output.Split('\n')), StringComparison.Ordinal);
        Assert.False(Directory.Exists(wrong));
    }

    [Fact]
    public async Task A_master_key_that_is_lost_is_not_made_anew_beside_its_journal()
    {
        using var directory = new DataDirectory();
        Assert.Equal(0, (await ServerProcess.Run(Demo, "--demo", "--once", "--data", directory.Path, "--urls", Free())).ExitCode);
        var key = Path.Combine(directory.Path, "master.key");
        File.Delete(key);
        foreach (string[] verb in (string[][])[[], ["rebuild"]])
        {
            var (exitCode, output) = await ServerProcess.Run([.. verb, "--data", directory.Path, "--urls", Free()]);
            Assert.Equal((2, $"The master key of this journal is missing: set AGORA_MASTER_KEY, or restore master.key in {directory.Path}."), (exitCode, output));
            Assert.False(File.Exists(key));
        }
    }

    [Fact]
    public async Task A_key_that_is_made_is_said_and_so_is_what_the_server_is()
    {
        using var directory = new DataDirectory();
        await using var server = await ServerProcess.Start(directory.Path, ServerProcess.FreeAddress(), surroundings: NoKeys);

        Assert.Contains($"A new admin key was made: {Path.Combine(directory.Path, "admin.access")}", server.Output, StringComparison.Ordinal);
        Assert.Matches($@"Agora \d[^,]*, SQLite, data directory {directory.Path}\n", server.Output);
    }

    [Theory]
    [InlineData("admin", "AGORA_ADMIN_KEY is set, and the server takes the key 'admin' from there: change it there, and restart the server.")]
    [InlineData("platform", "AGENT_API_KEY is set, and the server takes the platform key from there: change it there, and restart the server.")]
    public async Task A_key_of_the_environment_is_not_rotated_in_the_directory(string name, string line)
    {
        using var directory = new DataDirectory();

        var (exitCode, output) = await ServerProcess.Run("rotate-key", name, "--data", directory.Path);

        Assert.Equal((2, line), (exitCode, output));
        Assert.Empty(Directory.EnumerateFileSystemEntries(directory.Path));
    }

    [Fact]
    public async Task A_signing_key_is_replaced_vouched_for_and_taken_away_by_its_verbs()
    {
        using var directory = new DataDirectory();
        var former = Assert.Single(await Keys());

        var (exitCode, output) = await ServerProcess.Run("rotate-signing-key", "--data", directory.Path);
        Assert.True(exitCode == 0, output);
        var newest = Assert.Single(output.Split('\n')).Split(' ')[1];
        Assert.Equal(new[] { former, newest }.Order(StringComparer.Ordinal), (await Keys()).Order(StringComparer.Ordinal));

        (exitCode, output) = await ServerProcess.Run("keep-signing-key", former, "--data", directory.Path);
        Assert.Equal((0, $"Key {former} is published: the master key vouches for it."), (exitCode, output));
        (exitCode, output) = await ServerProcess.Run("remove-signing-key", newest, "--data", directory.Path);
        Assert.Equal((2, $"'{newest}' is no former signing key; the one that signs is removed after rotate-signing-key."), (exitCode, output));
        (exitCode, output) = await ServerProcess.Run("remove-signing-key", former, "--data", directory.Path);
        Assert.Equal((0, $"Key {former} is no longer published: nothing that it signed verifies any more."), (exitCode, output));
        Assert.Equal([newest], await Keys());

        async Task<IReadOnlyList<string>> Keys()
        {
            var address = ServerProcess.FreeAddress();
            await using var server = await ServerProcess.Start(directory.Path, address);
            using var http = new HttpClient { BaseAddress = address };
            using var published = JsonDocument.Parse(await http.GetStringAsync("/.well-known/jwks.json"));
            return [.. published.RootElement.GetProperty("keys").EnumerateArray().Select(static key => key.GetProperty("kid").GetString()!)];
        }
    }

    [Fact]
    public async Task A_rotated_key_of_the_directory_opens_the_server_and_the_old_one_does_not()
    {
        using var directory = new DataDirectory();
        await using (await ServerProcess.Start(directory.Path, ServerProcess.FreeAddress(), surroundings: NoKeys))
        {
        }

        var file = Path.Combine(directory.Path, "admin.access");
        var before = await File.ReadAllTextAsync(file);
        Assert.Equal(0, (await ServerProcess.Run(NoKeys, "rotate-key", "admin", "--data", directory.Path)).ExitCode);
        await using var server = await ServerProcess.Start(directory.Path, ServerProcess.FreeAddress(), surroundings: NoKeys);

        Assert.Equal(HttpStatusCode.OK, await List(server, await File.ReadAllTextAsync(file)));
        Assert.Equal(HttpStatusCode.Unauthorized, await List(server, before));
    }

    [Fact]
    public async Task A_misspelt_setting_of_the_environment_stops_the_start_with_one_line()
    {
        using var directory = new DataDirectory();
        var misspelt = new Surroundings(new Dictionary<string, string> { ["AGORA_OUTBOUND_ALOW"] = "10.0.0.0/8" });

        var (exitCode, output) = await ServerProcess.Run(misspelt, "--data", directory.Path, "--urls", Free());

        Assert.Equal((2, "AGORA_OUTBOUND_ALOW is not a setting; did you mean AGORA_OUTBOUND_ALLOW?"), (exitCode, output));
    }

    [PostgresFact]
    public async Task Beside_servers_on_PostgreSQL_another_joins_and_rebuild_starts_when_all_are_dead()
    {
        using var directory = new DataDirectory();
        string[] store = ["--postgres", PostgresServer.Shared.CreateDatabase("owned"), "--data", directory.Path];
        var first = await ServerProcess.Start(directory.Path, ServerProcess.FreeAddress(), arguments: store[..2]);

        var second = await ServerProcess.Start(directory.Path, ServerProcess.FreeAddress(), arguments: store[..2]);
        await Refused();
        await first.DisposeAsync(); // kill -9
        await Refused();
        await second.DisposeAsync();
        Assert.Equal(0, (await ServerProcess.Run(["rebuild", .. store])).ExitCode);
        await using var next = await ServerProcess.Start(directory.Path, second.Address, arguments: store[..2]);

        async Task Refused()
        {
            var (exitCode, output) = await ServerProcess.Run(["rebuild", .. store]);
            Assert.True(exitCode == 2, output);
            Assert.EndsWith("is in use: another server, or rebuild, runs on it.", Assert.Single(output.Split('\n')), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task The_demo_walks_the_whole_flow_twice_on_one_data_directory_and_exits_0()
    {
        using var directory = new DataDirectory();
        for (var walk = 0; walk < 2; walk++)
        {
            var (exitCode, output) = await ServerProcess.Run(Demo, "--demo", "--once", "--data", directory.Path, "--urls", ServerProcess.FreeAddress().ToString().TrimEnd('/'));
            Assert.True(exitCode == 0, output);
            Assert.Contains("run_service", output, StringComparison.Ordinal);
            Assert.Contains("The service's output:", output, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Healthcheck_exits_0_while_the_server_answers_and_1_when_it_is_gone()
    {
        using var directory = new DataDirectory();
        var address = ServerProcess.FreeAddress();
        string[] healthcheck = ["healthcheck", "--urls", address.ToString().TrimEnd('/')];
        await using (await ServerProcess.Start(directory.Path, address))
        {
            Assert.Equal((0, ""), await ServerProcess.Run(healthcheck));
        }

        var (exitCode, output) = await ServerProcess.Run(healthcheck);
        Assert.Equal(1, exitCode);
        Assert.StartsWith($"{address}healthz: ", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task With_a_certificate_and_its_key_the_API_is_served_over_TLS()
    {
        using var directory = new DataDirectory();
        var (certificate, key, thumbprint) = SelfSigned(directory.Path);
        var address = new UriBuilder(ServerProcess.FreeAddress()) { Scheme = "https" }.Uri;
        await using var server = await ServerProcess.Start(directory.Path, address, arguments: ["--tls-cert", certificate, "--tls-key", key]);
        using var http = new HttpClient(new HttpClientHandler { ServerCertificateCustomValidationCallback = (_, presented, _, _) => presented?.Thumbprint == thumbprint });

        Assert.Equal(HttpStatusCode.OK, (await http.GetAsync(new Uri(server.Address, "/healthz"))).StatusCode);
    }

    [Fact]
    public async Task A_certificate_without_an_https_address_stops_the_start_with_one_line()
    {
        using var directory = new DataDirectory();
        using var keys = new DataDirectory();
        var (certificate, key, _) = SelfSigned(keys.Path);

        var (exitCode, output) = await ServerProcess.Run("--data", directory.Path, "--urls", "http://127.0.0.1:0", "--tls-cert", certificate, "--tls-key", key);

        Assert.Equal((2, "--tls-cert and --tls-key need an https:// address: set --urls / AGORA_URLS, which is http://127.0.0.1:0, to one such as https://127.0.0.1:8080."), (exitCode, output));
        Assert.Empty(Directory.EnumerateFileSystemEntries(directory.Path));
    }

    /// <summary>Keys are the directory's, not the environment's.</summary>
    private static Surroundings NoKeys => new(new Dictionary<string, string> { ["AGORA_ADMIN_KEY"] = "", ["AGENT_API_KEY"] = "" });

    private static string Free() => ServerProcess.FreeAddress().ToString().TrimEnd('/');

    private static async Task<HttpStatusCode> List(ServerProcess server, string key)
    {
        using var http = new HttpClient();
        http.DefaultRequestHeaders.Authorization = new("Bearer", key.Trim());
        return (await http.GetAsync(new Uri(server.Address, "/admin/campaigns"))).StatusCode;
    }

    private static (string Certificate, string Key, string Thumbprint) SelfSigned(string directory)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var made = new CertificateRequest("CN=127.0.0.1", key, HashAlgorithmName.SHA256).CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        var (certificateFile, keyFile) = (Path.Combine(directory, "cert.pem"), Path.Combine(directory, "key.pem"));
        File.WriteAllText(certificateFile, made.ExportCertificatePem());
        File.WriteAllText(keyFile, key.ExportPkcs8PrivateKeyPem());
        return (certificateFile, keyFile, made.Thumbprint);
    }
}
