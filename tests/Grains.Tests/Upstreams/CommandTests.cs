using System.Diagnostics;
using System.Globalization;
using Agora.Core;
using Agora.Core.Kernel;
using Agora.Core.Upstreams;
using Agora.Grains.Upstreams;
using Agora.Outbound;
using Agora.Outbound.Commands;
using Agora.Testing;
using Microsoft.Extensions.Logging.Abstractions;

namespace Agora.Grains.Tests.Upstreams;

/// <summary>How many processes the upstreams of a tenant have, whatever becomes of the upstreams, and when one is started or ended.</summary>
public sealed class CommandTests
{
    /// <summary>Says by its only tool's name which process it is.</summary>
    private const string Script = """
        while read line; do case "$line" in
          *'"initialize"'*) echo '{"jsonrpc":"2.0","id":1,"result":{"protocolVersion":"2025-11-25","capabilities":{}}}' ;;
          *'"tools/list"'*) echo '{"jsonrpc":"2.0","id":2,"result":{"tools":[{"name":"'$$'","inputSchema":{"type":"object"}}]}}' ;;
        esac; done
        """;

    /// <summary>Says 9,000 things that nobody asked for before each answer.</summary>
    private const string Talkative = """
        n=0; while read line; do case "$line" in *'"id"'*)
          n=$((n+1)); yes '{"jsonrpc":"2.0","method":"notifications/message"}' | head -n 9000
          echo '{"jsonrpc":"2.0","id":'$n',"result":{"protocolVersion":"2025-11-25","capabilities":{},"structuredContent":{"process":'$$'}}}' ;;
        esac; done
        """;

    private static readonly UpstreamAccess Access = new(1, null, "said", null, null, []);

    private static McpServers Servers(TimeProvider time, string script) =>
        new(new NoOutbound(), [new AllowedCommand("said", ["/bin/sh", "-c", script], new Dictionary<string, string>(), null, ["default"])], time, NullLogger<McpServers>.Instance);

    private static ToolRequest Call() => new("any", "{}"u8.ToArray(), Guid.CreateVersion7(), false, new("u1", "a1"), null, TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(5), null, CancellationToken.None);

    [Fact]
    public async Task What_a_process_says_between_two_answers_is_bounded_and_not_what_it_has_said_in_all()
    {
        await using var servers = Servers(TimeProvider.System, Talkative);

        var first = await Called(servers);

        for (var said = 0; said <= Limits.UpstreamMessages; said += 9_000)
        {
            Assert.Equal(first, await Called(servers));
        }

        static async Task<string> Called(McpServers servers) =>
            System.Text.Encoding.UTF8.GetString(Assert.IsType<OutboundResult.Succeeded>((await servers.Call(Tenant.Default.Upstream("u"), Access, Call())).Result).Body.Span);
    }

    [Fact]
    public async Task A_process_that_does_not_speak_is_started_again_after_a_second_and_not_before()
    {
        var time = new SimTimeProvider();
        await using var servers = Servers(time, "read line; read line");

        var first = servers.Call(Tenant.Default.Upstream("u"), Access, Call());
        time.Advance(TimeSpan.FromSeconds(5));
        Assert.IsType<OutboundResult.Failed>((await first).Result);
        var soon = servers.Call(Tenant.Default.Upstream("u"), Access, Call());
        Assert.Equal(OutboundFailure.BreakerOpen, Assert.IsType<OutboundResult.Failed>((await soon.WaitAsync(Hang.Timeout)).Result).Kind);
        time.Advance(Limits.CommandRestartFirst);
        var later = servers.Call(Tenant.Default.Upstream("u"), Access, Call());

        Assert.False(later.IsCompleted); // it was started, and is greeted
        time.Advance(TimeSpan.FromSeconds(5));
        await later;
    }

    /// <summary>What an upstream named while the settings allowed it is still named after they changed.</summary>
    [Fact]
    public async Task A_command_is_run_for_upstreams_of_the_tenants_that_it_is_allowed_to_and_their_tests_and_of_no_other()
    {
        await using var servers = new McpServers(
            new NoOutbound(), [new AllowedCommand("said", ["/bin/sh", "-c", Script], new Dictionary<string, string>(), null, ["other"])], TimeProvider.System, NullLogger<McpServers>.Instance);

        foreach (var (tenant, command, isRun) in ((Tenant, string, bool)[])[(Tenant.Parse("other")!, "said", true), (Tenant.Parse("other")!.Test, "said", true), (Tenant.Parse("other")!.Of(1), "said", true), (Tenant.Parse("other")!, "sh", false), (Tenant.Default, "said", false)])
        {
            var outcome = await servers.List(tenant.Upstream($"u-{command}"), new(1, null, command, null, null, []), CancellationToken.None);
            Assert.Equal((tenant, command, isRun ? null : UpstreamFailures.CommandUnknown), (tenant, command, (outcome as UpstreamOutcome.Failed)?.Code));
        }
    }

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

    private sealed class NoOutbound : IOutbound
    {
        public Task<OutboundResult> Call(OutboundCall call, CancellationToken cancellation) => throw new NotSupportedException();
    }
}
