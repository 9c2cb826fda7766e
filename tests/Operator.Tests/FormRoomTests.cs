using System.Net.Sockets;
using System.Text;

namespace Agora.Operator.Tests;

/// <summary>Forms are counted among the bodies that are read, for the person who sends them.</summary>
public sealed class FormRoomTests(ConsoleWorld console) : IClassFixture<ConsoleWorld>
{
    private const int FormBytes = 512 * 1_024;

    /// <summary>A server that begins to read a form says 100 first (RFC 9110 section 10.1.1).</summary>
    [Fact]
    public async Task However_many_forms_one_operator_sends_at_once_there_is_room_for_some_and_another_operators_form_is_read()
    {
        var (many, other) = (await console.SignIn(ConsoleWorld.Admin), await console.SignIn(ConsoleWorld.Viewer));
        var open = new List<TcpClient>();
        var answer = "";
        while (open.Count < 200 && (answer = await Begin(many.Cookie!, open)) == "HTTP/1.1 100 Continue")
        {
        }

        var another = await Begin(other.Cookie!, open);
        open.ForEach(static one => one.Dispose());

        Assert.Equal("HTTP/1.1 503 Service Unavailable", answer);
        Assert.Equal("HTTP/1.1 100 Continue", another);
    }

    /// <summary>A fifth of it is sent, so that it is not too slow.</summary>
    private async Task<string?> Begin(string cookie, List<TcpClient> open)
    {
        var (client, address) = (new TcpClient(), console.Http.BaseAddress!);
        open.Add(client);
        await client.ConnectAsync(address.Host, address.Port);
        var stream = client.GetStream();
        await stream.WriteAsync(Encoding.ASCII.GetBytes(
            $"POST /console/acts HTTP/1.1\r\nHost: {address.Authority}\r\nCookie: __Host-agora={cookie}\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: {FormBytes}\r\nExpect: 100-continue\r\n\r\n"));
        var line = await new StreamReader(stream).ReadLineAsync();
        if (line == "HTTP/1.1 100 Continue")
        {
            await stream.WriteAsync(Enumerable.Repeat((byte)'a', FormBytes / 5).ToArray());
        }

        return line;
    }
}
