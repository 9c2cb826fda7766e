using System.Diagnostics;
using System.Globalization;
using Agora.Core;
using Agora.Core.Kernel;
using Agora.Core.Upstreams;
using Agora.Grains.Upstreams;
using Agora.Outbound;
using Agora.Outbound.Commands;
using Microsoft.Extensions.Logging.Abstractions;

namespace Agora.Grains.Tests.Upstreams;

/// <summary>How many processes the upstreams of a tenant have, whatever becomes of the upstreams.</summary>
public sealed class CommandTests
{
    /// <summary>Says by its only tool's name which process it is.</summary>
    private const string Script = """
        while read line; do case "$line" in
          *'"initialize"'*) echo '{"jsonrpc":"2.0","id":1,"result":{"protocolVersion":"2025-11-25","capabilities":{}}}' ;;
          *'"tools/list"'*) echo '{"jsonrpc":"2.0","id":2,"result":{"tools":[{"name":"'$$'","inputSchema":{"type":"object"}}]}}' ;;
        esac; done
        """;

    [Fact]
    public async Task Of_upstreams_that_were_put_and_deleted_no_more_processes_are_left_than_upstreams_may_be()
    {
        using var outbound = new HttpOutbound(AllowList.Parse("127.0.0.0/8"), TimeProvider.System);
        await using var servers = new McpServers(
            outbound, [new AllowedCommand("said", ["/bin/sh", "-c", Script], new Dictionary<string, string>(), null, ["default", "other"])], TimeProvider.System, NullLogger<McpServers>.Instance);
        var others = await Listed(Tenant.Parse("other")!, "u");
        var processes = new List<Process>();
        for (var i = 0; i <= Limits.Upstreams; i++)
        {
            processes.Add(await Listed(Tenant.Default, $"u{i}"));
        }

        Assert.True(processes[0].WaitForExit(10_000));
        Assert.DoesNotContain(processes.Skip(1).Append(others), process => process.HasExited);

        await servers.DisposeAsync();
        Assert.All(processes.Append(others), process => Assert.True(process.WaitForExit(10_000)));

        async Task<Process> Listed(Tenant tenant, string id)
        {
            var listed = Assert.IsType<UpstreamOutcome.Listed>(await servers.List(tenant.Upstream(id), new(1, null, "said", null, null, []), CancellationToken.None));
            return Process.GetProcessById(int.Parse(Assert.Single(listed.Tools).Name, CultureInfo.InvariantCulture));
        }
    }
}
