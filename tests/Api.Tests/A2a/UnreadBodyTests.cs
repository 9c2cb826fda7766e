using System.Net.Sockets;
using System.Text;
using Agora.Api.Tests.Conversations;
using Agora.Api.Tests.Support;
using Agora.Api.Tests.Tenants;
using Agora.Core;
using Agora.Core.Kernel;
using Agora.Web;
using Microsoft.Extensions.DependencyInjection;

namespace Agora.Api.Tests.A2a;

/// <summary>The JSON-RPC method is in the body, which is read only for a known caller.</summary>
public sealed class UnreadBodyTests
{
    /// <summary>Sends only the head of the request: a server that waits for the body keeps in memory what has come of it.</summary>
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

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_long_message_of_a_known_caller_is_read_while_strangers_have_all_of_their_places(bool isInSession)
    {
        await using var asking = await Asking.Begin();
        var api = asking.Talk.Api;
        var credential = !isInSession ? asking.Talk.Key("a") : (await api.Client.Post("/agent/auth", RunningApi.PlatformKey, """{"agent_id":"a","user_id":"user-1","scopes":{"allowed_peers":["b"],"budget_limit_cents":1}}""")).Expect(201).Data.GetProperty("token").GetString()!;
        var bodies = api.Services.GetRequiredService<BodyPlaces>();
        using var strangers = bodies.Begin(new(""), Limits.LongBodyBytesOfTenant);

        var sent = await asking.Send(HttpMethod.Post, $"/a2a/{Asking.Agent}", $$"""{"jsonrpc":"2.0","id":"1","method":"SendMessage","params":{{Asking.AtOnce(new string('a', 2 * Limits.SmallBodyBytes), "m-1")}}}""", credential);

        Assert.NotNull(strangers);
        Assert.Equal("TASK_STATE_SUBMITTED", sent.Json.GetProperty("result").GetProperty("task").GetProperty("status").GetProperty("state").GetString());
    }

    [Fact]
    public async Task The_agents_stream_is_asked_once_for_a_request_by_its_key()
    {
        SeenEntities seen = null!;
        await using var asking = await Asking.Over(await Talk.Of(await RunningApi.Start(edge: entities => seen = new(entities)), "a", "b"));
        seen.Asked.Clear();

        Assert.Equal("TASK_NOT_FOUND", (await asking.Rpc("GetTask", """{"id":"none"}""")).Reason);

        Assert.Single(seen.Asked, static stream => stream.Kind == Kinds.Agent && stream.Id == "a");
    }
}
