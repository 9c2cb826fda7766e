using Agora.Core.Kernel;
using Agora.Core.Services;
using Service = Agora.Core.Tests.Kernel.Scenario<Agora.Core.Services.ServiceState, Agora.Core.Services.ServiceCommand, Agora.Core.Services.ServiceEvent>;

namespace Agora.Core.Tests.Services;

/// <summary>A service that is a tool of an upstream.</summary>
public sealed class ToolTests
{
    private static readonly ServiceDefinition Plain = new("Route", "Finds a way", "maps", 10_000, "https://maps.example/", "maps-provider", null, null, null, null, 1_000, Active: true);

    [Fact]
    public void Only_its_upstream_puts_it_and_the_newest_stands_whatever_comes_late()
    {
        New().When(new ServiceCommand.PutTool(Tool(2))).ThenAnswered<ServiceView>(view => Assert.Equal(Tool(2), view.Definition))
            .When(new ServiceCommand.PutTool(Tool(1) with { PriceMicros = 99 })).Then()
            .When(new ServiceCommand.PutTool(Tool(2) with { PriceMicros = 99 })).Then()
            .When(new ServiceCommand.PutTool(Tool(3) with { Active = false })).ThenAnswered<ServiceView>(view => Assert.False(view.Definition.Active))
            .When(new ServiceCommand.PutTool(Tool(4) with { Tool = new("another", "route", "h", 4) })).ThenRejected(ServiceRejection.NoTool)
            .When(new ServiceCommand.PutService(Plain, null)).ThenRejected(ServiceRejection.ToolOfAnUpstream)
            .When(new ServiceCommand.Try(Personal.Of("input"))).ThenRejected(ServiceRejection.ToolIsNotTried);
    }

    [Fact]
    public void It_takes_no_service_of_an_operators() => New()
        .When(new ServiceCommand.PutService(Plain, null)).ThenEvents(typeof(ServiceEvent.DefinitionPut))
        .When(new ServiceCommand.PutTool(Tool(1))).ThenRejected(ServiceRejection.NoTool);

    [Fact]
    public void An_operator_makes_none() => New().When(new ServiceCommand.PutService(Tool(1), null)).ThenRejected(ServiceRejection.ToolOfAnUpstream);

    [Fact]
    public void One_that_was_disabled_is_enabled_by_its_upstream() => New()
        .When(new ServiceCommand.PutTool(Tool(1)))
        .When(new ServiceCommand.Disable(Codes.UpstreamFailed)).ThenState(state => Assert.True(state.View!.Disabled))
        .When(new ServiceCommand.PutTool(Tool(2))).ThenState(state => Assert.False(state.View!.Disabled));

    private static ServiceDefinition Tool(long revision) => Plain with { Endpoint = "mcp:maps", Tool = new("maps", "route", "h", revision) };

    private static Service New() => Service.Of(new(StreamId.DefaultTenant, Kinds.Service, "maps__route")).Natural(static _ => true);
}
