using Agora.Api.Tests.Mcp.Hub;
using Agora.Api.Tests.Support;
using Agora.Core.Kernel;
using Agora.Grains.Kernel;
using Agora.Testing;
using Agora.Web;

namespace Agora.Api.Tests.Mcp;

/// <summary>What a client of /mcp has read is no longer counted among what is in memory: of what is counted thrice, not even a third may stay.</summary>
[Collection(nameof(UnreadReplies))]
public sealed class UnreadTests
{
    private const int OutputBytes = 1_000_000;

    [Fact]
    public async Task Large_results_that_are_read_one_after_another_are_all_given()
    {
        await using var api = await RunningApi.Start();
        using var mcp = new McpCaller(api.Client.Address, await api.Client.OpenReady());
        api.Service.Answers = PlayedService.Says($$"""{"summary":"{{new string('a', OutputBytes)}}"}""");
        var run = (await mcp.Call("run_service", """{"service_id":"summary","input":{"text":"A long text."}}""")).Data.GetProperty("run_id").GetString();

        for (var read = 0L; read <= Limits.UnreadBytes; read += 2 * OutputBytes)
        {
            Assert.Equal("succeeded", (await mcp.Call("get_run", $$"""{"run_id":"{{run}}"}""")).Data.GetProperty("state").GetString());
        }
    }

    [Fact]
    public async Task A_list_of_large_schemas_is_refused_while_too_much_is_not_read_and_given_when_it_is()
    {
        await using var hub = await HubApi.Start(static server =>
        {
            server.Tools.Clear();
            server.Tools.AddRange(new[] { "add", "sub" }.Select(static name => ToolServer.Tool(name, properties: $"{{{string.Join(',', Enumerable.Range(0, 1_600).Select(static i => $$"""
                "a{{i}}":{"type":"number"}
                """))}}}")));
        });
        await hub.Approve();
        await hub.Approve("sub");
        using var mcp = new McpCaller(hub.Client.Address, await hub.Session());
        const int Unread = (int)Limits.UnreadBytes - Limits.SmallReplyBytes;

        McpAnswer refused;
        using (UnreadReplies.Begin(new PlaceOwner("others"), Unread))
        {
            refused = await mcp.Ask("tools/list");
        }

        Assert.StartsWith("unavailable: ", refused.Error.GetProperty("message").GetString(), StringComparison.Ordinal);
        Assert.Contains("calc__sub", (await mcp.Ask("tools/list")).Result.GetProperty("tools").EnumerateArray().Select(tool => tool.GetProperty("name").GetString()));
    }
}
