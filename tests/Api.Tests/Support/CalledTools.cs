using Agora.Contracts;
using Agora.Core.Kernel;
using Agora.Core.Services;
using Agora.Grains.Conversations;
using Agora.Grains.Services;
using Agora.Grains.Upstreams;
using Agora.Journal;
using Agora.Outbound;
using Agora.Outbound.Commands;
using Microsoft.Extensions.Logging;

namespace Agora.Api.Tests.Support;

/// <summary>Services and tools of upstreams, really called on loopback addresses: what the product composes, for tests that have servers of their own.</summary>
internal sealed class CalledTools : IServiceCaller, IAsyncDisposable
{
    private readonly HttpOutbound _outbound = new(AllowList.Parse("127.0.0.0/8"), TimeProvider.System);
    private readonly ILoggerFactory _log;
    private ServiceCaller? _caller;

    public CalledTools(IReadOnlyList<AllowedCommand> commands, ILoggerProvider? log)
    {
        _log = LoggerFactory.Create(logging =>
        {
            if (log is not null)
            {
                logging.AddProvider(log);
            }
        });
        Servers = new(_outbound, commands, TimeProvider.System, _log.CreateLogger<McpServers>());
    }

    public McpServers Servers { get; }

    public RunProgress Progress { get; } = new();

    public void Begin(IEntities entities, IFeed feed, ConversationLog log, SkillChooser chooser)
    {
        var agents = new AgentCaller(entities, new(feed, log, TimeProvider.System), log, TimeProvider.System);
        _caller = new(
            entities, _outbound, new(entities, TimeProvider.System, alone: true), _log.CreateLogger<ServiceCaller>(), new(entities, Servers, Progress, TimeProvider.System), agents,
            new(agents, chooser, TimeProvider.System, new(TimeProvider.System)));
    }

    public Task<StepOutcome> Call(Tenant tenant, ServiceCall call, string? trace) => _caller!.Call(tenant, call, trace);

    public Task Cancel(Tenant tenant, ServiceCancel cancelled, string? trace) => _caller!.Cancel(tenant, cancelled, trace);

    public async ValueTask DisposeAsync()
    {
        await Servers.DisposeAsync();
        _outbound.Dispose();
        _log.Dispose();
    }
}
