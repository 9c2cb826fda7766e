using Agora.Core;
using Agora.Core.Kernel;
using Agora.Core.Upstreams;
using Agora.Grains.Upstreams;
using Agora.Outbound;
using Agora.Testing;
using Microsoft.Extensions.Logging.Abstractions;

namespace Agora.Grains.Tests.Upstreams;

/// <summary>The breaker of one instance stops no other one, of whichever upstream.</summary>
public sealed class InstanceBreakerTests
{
    private static readonly UpstreamAccess Two = new(1, ["https://down.example/mcp", "https://well.example/mcp"], null, null, null, []);

    [Fact]
    public async Task While_one_instances_breaker_is_open_another_one_is_asked()
    {
        var outbound = new Breaking();
        await using var servers = new McpServers(outbound, [], new SimTimeProvider(), NullLogger<McpServers>.Instance);

        for (var i = 0; i < 3; i++)
        {
            Assert.IsType<OutboundResult.Succeeded>((await servers.Call(Tenant.Default.Upstream("maps"), Two, Call())).Result);
        }

        Assert.Equal(["well.example"], outbound.Answered.Distinct());
    }

    [Fact]
    public async Task What_one_upstream_met_at_an_address_keeps_no_other_from_it()
    {
        var outbound = new Breaking();
        await using var servers = new McpServers(outbound, [], new SimTimeProvider(), NullLogger<McpServers>.Instance);
        foreach (var upstream in new[] { Tenant.Default.Upstream("maps"), Tenant.Default.Upstream("routes"), Tenant.Parse("acme")!.Upstream("maps") })
        {
            await servers.Call(upstream, Two with { Urls = ["https://down.example/mcp"] }, Call());
        }

        Assert.Equal(3, outbound.Opened.Count);
    }

    [Fact]
    public async Task Upstreams_of_the_same_id_in_two_tenants_are_each_called_at_their_own_address()
    {
        var outbound = new Breaking();
        await using var servers = new McpServers(outbound, [], new SimTimeProvider(), NullLogger<McpServers>.Instance);

        await servers.Call(Tenant.Default.Upstream("maps"), Two with { Urls = ["https://first.example/mcp"] }, Call());
        await servers.Call(Tenant.Parse("acme")!.Upstream("maps"), Two with { Urls = ["https://second.example/mcp"] }, Call());

        Assert.Equal(["first.example", "second.example"], outbound.Answered.Distinct());
    }

    private static ToolRequest Call() => new("route", "{}"u8.ToArray(), Guid.CreateVersion7(), false, new("u1", "a1"), null, TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(10), null, CancellationToken.None);

    /// <summary>Nobody is reached at <c>down.example</c>, and one failure opens a breaker for good.</summary>
    private sealed class Breaking : IOutbound
    {
        public HashSet<string> Opened { get; } = [];

        public List<string> Answered { get; } = [];

        public Task<OutboundResult> Call(OutboundCall call, CancellationToken cancellation)
        {
            if (Opened.Contains(call.ServiceId)) return Failed(OutboundFailure.BreakerOpen);
            if (call.Endpoint.Host == "down.example")
            {
                Opened.Add(call.ServiceId);
                return Failed(OutboundFailure.Connection);
            }

            Answered.Add(call.Endpoint.Host);
            return Task.FromResult<OutboundResult>(new OutboundResult.Succeeded(200, Reply(call.Body!.Value), 1));
        }

        private static Task<OutboundResult> Failed(OutboundFailure kind) => Task.FromResult<OutboundResult>(new OutboundResult.Failed(kind, null, 0));

        private static byte[] Reply(ReadOnlyMemory<byte> asked)
        {
            using var message = System.Text.Json.JsonDocument.Parse(asked);
            var id = message.RootElement.TryGetProperty("id", out var said) ? said.GetRawText() : "0";
            return System.Text.Encoding.UTF8.GetBytes($$$"""{"jsonrpc":"2.0","id":{{{id}}},"result":{"protocolVersion":"2025-11-25","capabilities":{},"content":[]}}""");
        }
    }
}
