using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Agora.Crash.Support;

namespace Agora.Crash;

/// <summary>How the program starts: settings are refused in one line, TLS is served, the demo walks the whole flow.</summary>
public sealed class StartTests
{
    [Theory]
    [InlineData("--nope", "'--nope' is not known; see ./run --help.")]
    [InlineData("--once", "--once goes with --demo.")]
    [InlineData("--urls=ftp://127.0.0.1", "--urls / AGORA_URLS must be http:// or https:// addresses, separated by ';'.")]
    [InlineData("--urls=https://127.0.0.1:0", "--urls / AGORA_URLS: an https:// address needs --tls-cert and --tls-key.")]
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
    public async Task The_demo_walks_the_whole_flow_twice_on_one_data_directory_and_exits_0()
    {
        using var directory = new DataDirectory();
        for (var walk = 0; walk < 2; walk++)
        {
            var (exitCode, output) = await ServerProcess.Run("--demo", "--once", "--data", directory.Path, "--urls", ServerProcess.FreeAddress().ToString().TrimEnd('/'));
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
