using System.Text;
using System.Text.Json;
using Agora.Core;
using Agora.Core.Kernel;
using Agora.Core.Upstreams;
using Agora.Grains.Upstreams;
using Agora.Outbound;
using Agora.Testing;
using Microsoft.Extensions.Logging.Abstractions;

namespace Agora.Grains.Tests.Upstreams;

/// <summary>What a call of a tool repeats in headers (SEP-2243).</summary>
public sealed class MirroredHeadersTests
{
    private static readonly UpstreamAccess Server = new(1, ["https://maps.example/mcp"], null, null, null, []);

    [Theory]
    [InlineData("""{"city":"Berlin","trip":{"day":5}}""", "Mcp-Param-City: Berlin|Mcp-Param-Day: 5")]
    [InlineData("""{"city":"New York","trip":{"day":true}}""", "Mcp-Param-City: New York|Mcp-Param-Day: true")]
    [InlineData("""{"city":null,"day":5,"trip":{}}""", "")]
    [InlineData("""{"city":{"name":"Berlin"},"trip":5}""", "")]
    [InlineData("""{"trip":{"day":"Monday"}}""", "Mcp-Param-Day: Monday")]
    public async Task Arguments_that_are_there_are_repeated_as_they_are(string arguments, string headers) => Assert.Equal(headers, await HeadersOf(arguments));

    /// <summary>Nothing of an argument ends its header, or begins another.</summary>
    [Theory]
    [InlineData("東京")]
    [InlineData("a\r\nAuthorization: Bearer b")]
    [InlineData(" a")]
    [InlineData("a ")]
    [InlineData("=?base64?YQ==?=")]
    public async Task What_is_no_text_of_a_header_is_repeated_in_base64(string city) =>
        Assert.Equal($"Mcp-Param-City: =?base64?{Convert.ToBase64String(Encoding.UTF8.GetBytes(city))}?=", await HeadersOf(JsonSerializer.Serialize(new { city })));

    private static async Task<string> HeadersOf(string arguments)
    {
        var outbound = new Stateless();
        await using var servers = new McpServers(outbound, [], new SimTimeProvider(), NullLogger<McpServers>.Instance);
        var request = new ToolRequest("route", Encoding.UTF8.GetBytes(arguments), Guid.CreateVersion7(), false, new("u1", "a1"), null, TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(10), null, CancellationToken.None)
        {
            Mirrored = [new(["city"], "City"), new(["trip", "day"], "Day")],
        };
        Assert.IsType<OutboundResult.Succeeded>((await servers.Call(Tenant.Default.Upstream("maps"), Server, request)).Result);
        return string.Join('|', outbound.Called!.Headers.Where(static header => header.Name.StartsWith("Mcp-Param-", StringComparison.Ordinal)).Select(static header => $"{header.Name}: {header.Value}"));
    }

    /// <summary>A server of the stateless revision.</summary>
    private sealed class Stateless : IOutbound
    {
        /// <summary>The call of the tool.</summary>
        public OutboundCall? Called { get; private set; }

        public Task<OutboundResult> Call(OutboundCall call, CancellationToken cancellation)
        {
            using var message = JsonDocument.Parse(call.Body!.Value);
            var isDiscovery = message.RootElement.GetProperty("method").GetString() == "server/discover";
            Called = isDiscovery ? Called : call;
            var result = isDiscovery ? """{"supportedVersions":["2026-07-28"],"capabilities":{}}""" : """{"content":[]}""";
            return Task.FromResult<OutboundResult>(new OutboundResult.Succeeded(200, Encoding.UTF8.GetBytes($$"""{"jsonrpc":"2.0","id":{{message.RootElement.GetProperty("id").GetRawText()}},"result":{{result}}}"""), 1));
        }
    }
}
