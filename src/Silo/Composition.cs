using System.Security.Cryptography;
using Agora.Api.Admin.Checks;
using Agora.Contracts;
using Agora.Grains;
using Agora.Grains.Clocks;
using Agora.Grains.Conversations;
using Agora.Grains.Kernel;
using Agora.Grains.Payments;
using Agora.Grains.Services;
using Agora.Grains.Upstreams;
using Agora.Grains.Webhooks;
using Agora.Hosting;
using Agora.Journal;
using Agora.Journal.Personal;
using Agora.Outbound;
using Agora.Proof.Calls;
using Agora.Proof.Checkpoints;

namespace Agora.Silo;

/// <summary>Builds the product from its parts: journal, committer, what grains touch. The engine that carries them is added beside it. What lives as long as the process is made here, once.</summary>
public static class Composition
{
    public static IServiceCollection AddAgora(this IServiceCollection services, AgoraSettings settings, DataDirectory data)
    {
        services.AddSingleton(settings);
        services.AddSingleton(data);
        services.AddSingleton(TimeProvider.System);
        // Start-up, before anyone waits for this thread.
        services.AddSingleton(_ => Store.Open(settings, data).GetAwaiter().GetResult());
        services.AddSingleton(p => new GroupCommitter(p.GetRequiredService<IJournal>(), Store.Committer(settings), TaskScheduler.Default, TimeProvider.System));
        services.AddSingleton(p => new PersonalKeys(p.GetRequiredService<IJournal>(), data.MasterKey, RandomNumberGenerator.Fill, TimeProvider.System, timeToLive: Store.KeysLive(settings)));
        services.AddSingleton<ICallSigner, CallSigner>();
        services.AddSingleton<IOutbound>(p => new HttpOutbound(OutboundRules.Of(settings), TimeProvider.System, signer: p.GetRequiredService<ICallSigner>(), connections: new ConnectionPlaces().Take));
        services.AddSingleton<ITables>(p => p.GetRequiredService<IJournal>()).AddSingleton<IFeed>(p => p.GetRequiredService<IJournal>());
        services.AddSingleton<CheckpointMaker>();
        services.AddSingleton(p => new CheckpointTeller(p.GetRequiredService<IJournal>(), Sink(settings, p.GetRequiredService<IOutbound>())));
        services.AddSingleton<RunProgress>();
        services.AddSingleton<IToolServers>(p => new McpServers(p.GetRequiredService<IOutbound>(), settings.McpCommands, TimeProvider.System, p.GetRequiredService<ILogger<McpServers>>()));
        services.AddSingleton<ToolCaller>().AddSingleton<UpstreamLists>();
        services.AddSingleton<Replies>().AddSingleton<AgentCaller>().AddSingleton<SkillCaller>().AddSingleton<AgentBreakers>();
        services.AddSingleton<IServiceCaller, ServiceCaller>();
        if (settings.X402 is { } x402)
        {
            services.AddSingleton<IFacilitator>(p => new Facilitator(x402.Facilitator, x402.FacilitatorKey, p.GetRequiredService<IOutbound>()));
        }

        services.AddSingleton<IWebhookPost>(p => new WebhookPost(p.GetRequiredService<IOutbound>(), TimeProvider.System));
        services.AddSingleton(p => new Teller(p.GetRequiredService<Entities>(), p.GetRequiredService<IFeed>(), p.GetRequiredService<IJournal>(), p.GetRequiredService<PersonalKeys>(), p.GetRequiredService<IWebhookPost>(), p.GetRequiredService<TenantTimes>()));
        services.AddKeyedSingleton<IOutbound>(OutboundRules.AgentSetting, (_, _) => new HttpOutbound(OutboundRules.OfAgents(settings), TimeProvider.System, connections: new ConnectionPlaces().Take)); // its connections are none of the other's
        services.AddSingleton(p => new InboxTeller(p.GetRequiredService<Entities>(), p.GetRequiredService<IInboxPages>(), new WebhookPost(p.GetRequiredKeyedService<IOutbound>(OutboundRules.AgentSetting), TimeProvider.System), p.GetRequiredService<TenantTimes>()));
        services.AddSingleton<IStepRunner>(p => OutsideHandlers.Runner(
            p.GetRequiredService<Entities>(), p.GetRequiredService<ITables>(), p.GetRequiredService<IServiceCaller>(), p.GetRequiredService<TenantTimes>(), p.GetService<IFacilitator>(), p.GetRequiredService<Teller>(), p.GetRequiredService<UpstreamLists>(), p.GetRequiredService<InboxTeller>()));
        services.AddSingleton<ICheckup>(p => new FacilitatorCheckup(settings.X402, p.GetService<IFacilitator>(), TimeProvider.System)).AddSingleton<ICheckup>(_ => new DiskCheckup(data));
        services.AddSingleton<Entities>();
        services.AddSingleton<TestClocks>();
        services.AddSingleton(p => new TenantTimes(p.GetRequiredService<Entities>(), TimeProvider.System, settings.IsAlone));
        services.AddSingleton<IEntities>(p => p.GetRequiredService<Entities>());
        services.AddSingleton<EntityPorts>(p => new(
            p.GetRequiredService<IJournal>(),
            p.GetRequiredService<GroupCommitter>(),
            p.GetRequiredService<PersonalKeys>(),
            new SnapshotCodes(data.MasterKey),
            p.GetRequiredService<IStepRunner>(),
            TimeProvider.System,
            p.GetRequiredService<ILoggerFactory>().CreateLogger("Agora.Grains"),
            Guid.CreateVersion7) { Times = p.GetRequiredService<TenantTimes>() });
        return services;
    }

    private static ICheckpointSink? Sink(AgoraSettings settings, IOutbound outbound) => settings.CheckpointSink switch
    {
        null => null,
        var url when url.Contains("://", StringComparison.Ordinal) => new CheckpointUrl(outbound, new Uri(url)),
        var file => new CheckpointFile(file),
    };
}
