using Agora.Api.Http;
using Agora.Api.Tests.Support;
using Agora.Core.Kernel;

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
}
