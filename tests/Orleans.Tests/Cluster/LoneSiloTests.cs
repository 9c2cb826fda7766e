using System.Net;
using System.Net.Sockets;
using Agora.Testing;

namespace Agora.Orleans.Tests.Cluster;

/// <summary>A server without PostgreSQL. Within it no call is signed or checked, so nothing outside may reach its grains.</summary>
public sealed class LoneSiloTests
{
    [Fact]
    public async Task A_silo_that_is_alone_does_not_listen_on_the_port_of_its_name()
    {
        var (directory, port) = (Directory.CreateTempSubdirectory("agora-lone-").FullName, FreePort.Next());
        try
        {
            await using var silo = await RealCluster.Build(new()
            {
                ["urls"] = $"http://127.0.0.1:{FreePort.Next()}",
                ["data"] = directory,
                ["AGORA_ADMIN_KEY"] = RealCluster.AdminKey,
                ["AGORA_SILO_PORT"] = $"{port}",
            });
            await silo.StartAsync();

            using var stranger = new TcpClient();
            var refused = await Assert.ThrowsAsync<SocketException>(() => stranger.ConnectAsync(IPAddress.Loopback, port));

            Assert.Equal(SocketError.ConnectionRefused, refused.SocketErrorCode);
            await silo.StopAsync();
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }
}
