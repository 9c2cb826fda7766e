using Agora.Contracts;
using Agora.Core.Kernel;
using Agora.Core.Services;
using Agora.Core.Upstreams;
using Agora.Grains.Services;
using Agora.Grains.Upstreams;
using Agora.Outbound;
using Agora.Testing;
using Microsoft.Extensions.Logging.Abstractions;

namespace Agora.Grains.Tests.Upstreams;

/// <summary>What is called of an upstream is what its stream says may be, whatever a catalogue still has.</summary>
public sealed class ToolCallerTests
{
    private static readonly ToolOf Route = new("maps", "route", "hash", 1);
    private readonly SimTimeProvider _time = new();
    private readonly SimScheduler _scheduler;
    private readonly Servers _servers = new();
    private static readonly Tenant Second = Tenant.Parse("second")!;
    private Answer _access = Approved("hash");

    public ToolCallerTests() => _scheduler = new(new Random(1), _time);

    [Fact]
    public void A_tool_of_an_upstream_that_was_deleted_is_called_for_a_second_at_most()
    {
        var tools = Tools();
        Assert.IsType<OutboundResult.Succeeded>(Call(tools));
        _access = Answer.No(UpstreamRejection.NotFound);

        Later();

        Assert.Equal(OutboundFailure.Refused, Assert.IsType<OutboundResult.Failed>(Call(tools)).Kind);
        Assert.Equal(1, _servers.Calls);
    }

    [Fact]
    public void Another_tool_under_the_same_name_is_not_called()
    {
        var tools = Tools();
        Assert.IsType<OutboundResult.Succeeded>(Call(tools));
        _access = Approved("another hash");

        Later();

        Assert.Equal(OutboundFailure.Refused, Assert.IsType<OutboundResult.Failed>(Call(tools)).Kind);
        Assert.Equal(1, _servers.Calls);
    }

    [Fact]
    public void A_tool_that_one_tenant_approved_is_refused_in_another_tenant_whose_upstream_of_the_same_id_approved_none()
    {
        var tools = Tools();
        Assert.IsType<OutboundResult.Succeeded>(Call(tools));
        _access = Answer.No(UpstreamRejection.NotFound);

        Assert.Equal(OutboundFailure.Refused, Assert.IsType<OutboundResult.Failed>(Call(tools, Second)).Kind);
        Assert.IsType<OutboundResult.Succeeded>(Call(tools)); // the first tenant's access is still fresh
        Assert.Equal(2, _servers.Calls);
    }

    [Fact]
    public void In_a_tenant_for_tests_no_upstream_is_called()
    {
        var caller = new ServiceCaller(new OneUpstream(this), new Nobody(), new(new Agora.Contracts.Entities(null!), _time, alone: true), NullLogger<ServiceCaller>.Instance, Tools());

        Assert.IsType<ServiceOutcome.Output>(_scheduler.Run(() => caller.Call(Tenant.Default.Test.Of(1), Run(), null)));

        Assert.Equal(0, _servers.Calls);
    }

    private static Answer Approved(string hash) => Answer.Of(new UpstreamAccess(1, ["https://maps.example/mcp"], null, null, null, [new("route", hash)]));

    private static ServiceCall Run() => new("maps__route", "u1", "a1", "{}"u8.ToArray(), Guid.CreateVersion7(), TimeSpan.FromSeconds(20));

    private ToolCaller Tools() => new(new OneUpstream(this), _servers, new(), _time);

    private OutboundResult Call(ToolCaller tools, Tenant? tenant = null) => _scheduler.Run(() => tools.Call(tenant ?? Tenant.Default, Route, Run(), TimeSpan.FromSeconds(10), null, CancellationToken.None));

    private void Later() => _scheduler.Run(async () =>
    {
        await Task.Delay(TimeSpan.FromSeconds(1), _time);
        return 0;
    });

    private sealed class Servers : IToolServers
    {
        public int Calls { get; private set; }

        public Task<UpstreamOutcome> List(StreamId upstream, UpstreamAccess access, CancellationToken ending) => throw new NotSupportedException();

        public Task Listen(StreamId upstream, UpstreamAccess access, TimeSpan pause, CancellationToken ending) => throw new NotSupportedException();

        public Task<ToolAnswer> Call(StreamId upstream, UpstreamAccess access, ToolRequest request)
        {
            Calls++;
            return Task.FromResult(new ToolAnswer(new OutboundResult.Succeeded(200, "{}"u8.ToArray(), 1), false));
        }
    }

    private sealed class Nobody : IOutbound
    {
        public Task<OutboundResult> Call(OutboundCall call, CancellationToken cancellation) => throw new NotSupportedException();
    }

    private sealed class OneUpstream(ToolCallerTests test) : IEntities
    {
        private static readonly ServiceDefinition Service = new("route", "", "maps", 1, "mcp:maps", "provider", null, null, null, null, 5_000, true) { Tool = Route };

        public EntityRef<TCommand> Of<TCommand>(StreamId stream)
            where TCommand : class => new(stream, (_, envelope, _) => Task.FromResult(envelope.Answered(envelope.Body switch
        {
            UpstreamCommand.GetAccess => test._access,
            ServiceCommand.GetSecret => Answer.Of(new ServiceSecret(null, null, new("maps__route", Service, false, DateTimeOffset.UnixEpoch), [new(null, "{}", null, 0, null)])),
            _ => new OperatingFailure(FailureKind.Unavailable),
        })));
    }
}
