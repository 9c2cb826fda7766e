using System.Globalization;
using Agora.Silo.Verbs;
using Microsoft.AspNetCore.Builder;

namespace Agora.Silo.Tests.Verbs;

public sealed class HealthCheckTests
{
    [Theory]
    [InlineData("http://0.0.0.0:8080", "http://127.0.0.1:8080/healthz")]
    [InlineData("http://[::]:8080", "http://[::1]:8080/healthz")]
    [InlineData("http://10.1.2.3:81/", "http://10.1.2.3:81/healthz")]
    [InlineData("https://agora.example", "https://agora.example/healthz")]
    public void An_address_is_asked_and_one_for_all_interfaces_becomes_the_loopback_one(string listens, string asked) =>
        Assert.Equal(asked, HealthCheck.Address(listens).ToString());

    /// <summary>Only the first address is asked.</summary>
    [Theory]
    [InlineData("http://unix:{0}/agora.sock")]
    [InlineData("http://unix:{0}/agora.sock;http://127.0.0.1:1")]
    public async Task A_server_on_a_Unix_socket_is_asked_there_0_while_it_answers_and_1_when_it_is_gone(string urls)
    {
        var folder = Directory.CreateTempSubdirectory("agora-health-").FullName;
        var args = new[] { "--urls", string.Format(CultureInfo.InvariantCulture, urls, folder) };
        try
        {
            var builder = WebApplication.CreateSlimBuilder();
            await using (var server = builder.Build())
            {
                server.Urls.Add($"http://unix:{folder}/agora.sock");
                server.MapGet("/healthz", static () => "ok");
                await server.StartAsync();

                Assert.Equal(0, await HealthCheck.Run(args));
            }

            Assert.Equal(1, await HealthCheck.Run(args));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
