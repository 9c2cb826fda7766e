using System.Text.Json;
using Agora.Api.Tests.Support;
using Agora.Core.Kernel;
using Agora.Testing;

namespace Agora.Api.Tests.Conversations;

/// <summary>A public client of another maker (npm ws), and a reader of Protocol Buffers that knows our schema alone (npm protobufjs).</summary>
public sealed class SocketInteropTests
{
    private const int Count = 50;

    public static readonly TheoryData<string> Protocols = [SocketClient.Json, ProtobufFrame.Protocol];

    [NodePackagesTheory]
    [MemberData(nameof(Protocols))]
    public async Task A_public_client_speaks_listens_and_is_told_why_it_is_closed(string protocol)
    {
        await using var talk = await Talk.Among("a", "b");
        var id = await talk.Open("a", ["b"]);
        var output = await NodePackages.Run(
            JsonSerializer.Serialize(new
            {
                url = $"ws://{talk.Api.Client.Address.Authority}/agent/inbox", protocol, schema = Repository.File("proto/mcp_v2.proto"), sender = talk.Key("a"), reader = talk.Key("b"), conversation = id, count = Count,
            }),
            "socket.mjs");
        var seen = JsonElement.Parse(output);
        Assert.Equal(Enumerable.Range(0, Count), seen.GetProperty("told").EnumerateArray().Select(content => content.GetProperty("n").GetInt32()));
        Assert.All(seen.GetProperty("told").EnumerateArray(), content => Assert.Equal("naïve 😀", content.GetProperty("words").GetString()));
        Assert.Equal(Enumerable.Range(0, Count), seen.GetProperty("answers").EnumerateArray().Select(answer => answer.GetProperty("id").GetInt32()).Order());
        Assert.Equal((Codes.NotFound, 9000), (seen.GetProperty("refused").GetString(), seen.GetProperty("refusedId").GetInt32()));
        Assert.Equal(seen.GetProperty("last").GetInt64(), seen.GetProperty("upTo").GetInt64());
        Assert.Equal([(true, "q1")], seen.GetProperty("parts").EnumerateArray().Select(part => (part.GetProperty("more").GetBoolean(), part.GetProperty("replyTo").GetString())));
        Assert.Equal(4400, seen.GetProperty("code").GetInt32());
    }
}
