using System.Net.Sockets;
using System.Text;
using Agora.Api.Tests.Support;
using Agora.Core.Kernel;

namespace Agora.Api.Tests.A2a;

/// <summary>The method of JSON-RPC stands in the body, which is read only for a caller that is known.</summary>
public sealed class UnreadBodyTests
{
    /// <summary>Only the head of the request is sent: whoever waits for the body keeps in memory what came of it.</summary>
    [Theory]
    [InlineData("")]
    [InlineData("Authorization: Bearer none\r\n")]
    [InlineData("Authorization: Bearer agt_none\r\n")]
    public async Task A_message_of_an_unknown_caller_is_refused_before_its_body_is_read(string credential)
    {
        await using var api = await RunningApi.Start();
        using var tcp = new TcpClient();
        await tcp.ConnectAsync(api.Client.Address.Host, api.Client.Address.Port);
        await using var stream = tcp.GetStream();
        await stream.WriteAsync(Encoding.ASCII.GetBytes($"POST /a2a/a HTTP/1.1\r\nHost: x\r\n{credential}Content-Type: application/json\r\nContent-Length: {Limits.BodyBytes}\r\n\r\n"));

        using var reader = new StreamReader(stream);
        Assert.Equal("HTTP/1.1 401 Unauthorized", await reader.ReadLineAsync());
    }
}
